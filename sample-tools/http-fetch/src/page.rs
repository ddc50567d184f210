//! An HTML page: from source to Markdown or plain text.

use htmd::{HtmlToMarkdown, Node};
use markup5ever_rcdom::NodeData;
use std::rc::Rc;
use url::Url;

use crate::plain;

/// Bytes of a page that are converted: its tree takes about ten times as much
/// memory. Pages for people are smaller.
pub const MAX_HTML: usize = 3 * 1024 * 1024;

/// Elements that hold nothing to read.
pub const UNREAD: [&str; 9] =
    ["head", "script", "style", "noscript", "template", "svg", "iframe", "object", "canvas"];

/// Nesting that the conversion to Markdown, which recurses, is given. Pages that
/// nest deeper are made to break parsers, and become plain text.
const MAX_DEPTH: usize = 200;

/// A parsed page.
pub struct Page {
    pub title: Option<String>,
    content: Rc<Node>,
    depth: usize,
    /// Keeps the content alive: dropping a document empties all of its nodes.
    _document: Rc<Node>,
}

impl Page {
    /// Parses a page that came from `url`. Its links become absolute. The content
    /// is its `<main>` element if it has exactly one, otherwise all of it.
    pub fn parse(source: &str, url: &Url) -> Self {
        let converter = converter();
        // Parsing from memory cannot fail.
        let document = converter.html_to_tree(source).unwrap_or_else(|_| Node::new(NodeData::Document));
        let mut page =
            Page { title: None, content: Rc::clone(&document), depth: 0, _document: Rc::clone(&document) };
        let mut base = url.clone();
        let mut mains = Vec::new();
        // The tree is walked with a stack of its own, as deep as it may be.
        let mut stack = vec![(document, 1)];
        while let Some((node, depth)) = stack.pop() {
            page.depth = page.depth.max(depth);
            match tag(&node) {
                Some("title") if page.title.is_none() => page.title = title(&node),
                Some("base") => base = link(&node, "href", url).unwrap_or(base),
                Some("main") => mains.push(Rc::clone(&node)),
                Some("a") => absolute(&node, "href", &base),
                Some("img") => absolute(&node, "src", &base),
                _ => {}
            }
            let children = node.children.borrow();
            stack.extend(children.iter().rev().map(|child| (Rc::clone(child), depth + 1)));
        }
        if let [main] = &mains[..] {
            page.content = Rc::clone(main);
        }
        page
    }

    /// The content as Markdown, or as plain text if it nests too deeply.
    pub fn markdown(&self) -> String {
        if self.depth > MAX_DEPTH {
            return self.text();
        }
        converter().tree_to_markdown(&self.content)
    }

    /// The content as plain text.
    pub fn text(&self) -> String {
        plain::text(&self.content)
    }
}

fn converter() -> HtmlToMarkdown {
    HtmlToMarkdown::builder().skip_tags(UNREAD.to_vec()).build()
}

/// The name of an element; none of other nodes.
pub fn tag(node: &Node) -> Option<&str> {
    match &node.data {
        NodeData::Element { name, .. } => Some(&name.local),
        _ => None,
    }
}

fn title(node: &Node) -> Option<String> {
    let children = node.children.borrow();
    let NodeData::Text { contents } = &children.first()?.data else {
        return None;
    };
    let title = contents.borrow().split_whitespace().collect::<Vec<_>>().join(" ");
    (!title.is_empty()).then_some(title)
}

/// The URL that an attribute of an element holds.
fn link(node: &Node, attribute: &str, base: &Url) -> Option<Url> {
    let NodeData::Element { attrs, .. } = &node.data else {
        return None;
    };
    let attrs = attrs.borrow();
    let found = attrs.iter().find(|attr| &*attr.name.local == attribute)?;
    base.join(found.value.trim()).ok()
}

/// Makes a link absolute, or takes it away if it leads nowhere that can be
/// fetched: scripts, and pictures written out as data.
fn absolute(node: &Node, attribute: &str, base: &Url) {
    let url = link(node, attribute, base).filter(|url| ["http", "https", "mailto"].contains(&url.scheme()));
    if let NodeData::Element { attrs, .. } = &node.data {
        let mut attrs = attrs.borrow_mut();
        match url {
            Some(url) => {
                for attr in attrs.iter_mut().filter(|attr| &*attr.name.local == attribute) {
                    attr.value = url.as_str().into();
                }
            }
            None => attrs.retain(|attr| &*attr.name.local != attribute),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(source: &str) -> Page {
        Page::parse(source, &Url::parse("https://a.test/docs/page").unwrap())
    }

    #[test]
    fn a_page_becomes_markdown_with_absolute_links() {
        let page = page(
            "<title> A \n page </title><script>x()</script><h1>Head</h1>\
             <p>Some <b>bold</b> <a href='../x?y'>link</a>.</p><ul><li>one<li>two</ul>",
        );
        assert_eq!(page.title.as_deref(), Some("A page"));
        assert_eq!(
            page.markdown(),
            "# Head\n\nSome **bold** [link](https://a.test/x?y).\n\n*   one\n*   two"
        );
    }

    #[test]
    fn the_main_element_is_the_content_if_there_is_one() {
        let one = page("<nav>menu</nav><main><p>text</p></main><footer>foot</footer>");
        assert_eq!(one.markdown(), "text");
        let two = page("<main>a</main><main>b</main>");
        assert!(two.text().contains('a') && two.text().contains('b'));
    }

    #[test]
    fn a_base_element_moves_the_links() {
        let page = page("<base href='https://b.test/'><a href=x>y</a>");
        assert_eq!(page.markdown(), "[y](https://b.test/x)");
    }

    #[test]
    fn scripts_and_inline_pictures_are_no_links() {
        let page = page("<p><a href='javascript:x()'>go</a> <img src='data:image/png;base64,AAAA' alt=pic>");
        let markdown = page.markdown();
        assert!(markdown.contains("go") && !markdown.contains("javascript"), "{markdown}");
        assert!(!markdown.contains("data:"), "{markdown}");
    }

    #[test]
    fn a_page_that_nests_without_end_becomes_text() {
        let source = format!("{}deep{}", "<div>".repeat(5000), "</div>".repeat(5000));
        assert_eq!(page(&source).markdown(), "deep");
    }

    #[test]
    fn an_empty_page_is_empty() {
        assert_eq!(page("").markdown(), "");
        assert_eq!(page("").title, None);
    }
}
