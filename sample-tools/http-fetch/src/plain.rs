//! Plain text of an HTML tree: paragraphs and lines as a browser would break
//! them, nothing else. Walks with a stack of its own, so that no page is too
//! deep for it.

use htmd::Node;
use markup5ever_rcdom::NodeData;
use std::rc::Rc;

use crate::page::{UNREAD, tag};

/// What is still to be written.
enum Step {
    Node(Rc<Node>),
    /// The end of an element that ends a line or a paragraph.
    Break(Gap),
    /// The end of a `<pre>`.
    Flow,
}

/// White space that is due before the next text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    None,
    Space,
    Line,
    Paragraph,
}

impl Gap {
    fn as_str(self) -> &'static str {
        match self {
            Gap::None => "",
            Gap::Space => " ",
            Gap::Line => "\n",
            Gap::Paragraph => "\n\n",
        }
    }
}

/// The text below `root`.
pub fn text(root: &Rc<Node>) -> String {
    let mut writer = Writer { text: String::new(), due: Gap::None, preformatted: 0 };
    let mut stack = vec![Step::Node(Rc::clone(root))];
    while let Some(step) = stack.pop() {
        match step {
            Step::Node(node) => visit(&node, &mut writer, &mut stack),
            Step::Break(gap) => writer.due(gap),
            Step::Flow => writer.preformatted -= 1,
        }
    }
    writer.text
}

fn visit(node: &Rc<Node>, writer: &mut Writer, stack: &mut Vec<Step>) {
    if let NodeData::Text { contents } = &node.data {
        writer.text(&contents.borrow());
        return;
    }
    if let Some(tag) = tag(node) {
        if UNREAD.contains(&tag) {
            return;
        }
        let gap = gap(tag);
        writer.due(gap);
        stack.push(Step::Break(gap));
        match tag {
            "pre" => {
                writer.preformatted += 1;
                stack.push(Step::Flow);
            }
            "li" => writer.text("- "),
            _ => {}
        }
    }
    let children = node.children.borrow();
    stack.extend(children.iter().rev().map(|child| Step::Node(Rc::clone(child))));
}

/// The white space around an element.
fn gap(tag: &str) -> Gap {
    match tag {
        "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "pre" | "blockquote" | "ul" | "ol" | "dl"
        | "table" | "section" | "article" | "figure" | "hr" => Gap::Paragraph,
        "br" | "div" | "li" | "tr" | "dt" | "dd" | "header" | "footer" | "nav" | "main" | "aside"
        | "form" | "option" | "figcaption" | "caption" | "address" => Gap::Line,
        "td" | "th" => Gap::Space,
        _ => Gap::None,
    }
}

struct Writer {
    text: String,
    due: Gap,
    /// How many `<pre>` elements are open.
    preformatted: usize,
}

impl Writer {
    fn due(&mut self, gap: Gap) {
        self.due = self.due.max(gap);
    }

    fn text(&mut self, text: &str) {
        if self.preformatted > 0 {
            self.piece(text);
            return;
        }
        if text.starts_with(char::is_whitespace) {
            self.due(Gap::Space);
        }
        for (index, word) in text.split_whitespace().enumerate() {
            if index > 0 {
                self.due(Gap::Space);
            }
            self.piece(word);
        }
        if text.ends_with(char::is_whitespace) {
            self.due(Gap::Space);
        }
    }

    fn piece(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        if !self.text.is_empty() {
            self.text.push_str(self.due.as_str());
        }
        self.due = Gap::None;
        self.text.push_str(text);
    }
}

#[cfg(test)]
mod tests {
    use crate::page::Page;
    use url::Url;

    fn text(source: &str) -> String {
        Page::parse(source, &Url::parse("https://a.test/").unwrap()).text()
    }

    #[test]
    fn lines_and_paragraphs_are_kept_and_white_space_is_not() {
        let source = "<h1>Head</h1>\n<p>Some\n  <b>bold</b>, text.</p><p>More<br>lines</p>\
                      <ul><li>one</li><li><b>two</b></li></ul>";
        assert_eq!(text(source), "Head\n\nSome bold, text.\n\nMore\nlines\n\n- one\n- two");
    }

    #[test]
    fn preformatted_text_is_kept_as_it_is() {
        assert_eq!(text("a<pre>x\n  y</pre>b  c"), "a\n\nx\n  y\n\nb c");
    }

    #[test]
    fn what_is_not_for_readers_is_left_out() {
        let source = "<title>t</title><style>s</style><p>p</p><script>j</script><!-- c -->";
        assert_eq!(text(source), "p");
    }

    #[test]
    fn cells_of_a_table_do_not_run_together() {
        let source = "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>";
        assert_eq!(text(source), "a b\nc");
    }
}
