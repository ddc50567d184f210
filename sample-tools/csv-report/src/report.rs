//! The report as Markdown and as HTML. What comes from the file is escaped: it
//! is data, whatever it looks like.

use crate::number::Summary;
use crate::table::{Group, Table};
use std::io::{self, Write};

/// A table with what stands around it.
pub struct Report<'a> {
    pub title: &'a str,
    pub source: &'a str,
    pub group_by: &'a [String],
    pub table: &'a Table,
}

/// What the columns of one summary are called.
const MEASURES: [&str; 4] = ["sum", "average", "min", "max"];

fn measures(summary: &Summary) -> [Option<f64>; 4] {
    [Some(summary.sum()), summary.average(), summary.min(), summary.max()]
}

impl Report<'_> {
    /// Names of all columns of the report.
    fn header(&self) -> impl Iterator<Item = String> {
        let values = self.table.values.iter();
        let values = values.flat_map(|name| MEASURES.map(|measure| format!("{name} {measure}")));
        let groups = self.group_by.iter().cloned();
        groups.chain(["rows".to_owned()]).chain(values)
    }

    /// The numbers of a group, as text.
    fn numbers(group: &Group) -> impl Iterator<Item = String> {
        let number = |value: Option<f64>| value.map_or(String::new(), |value| value.to_string());
        let summaries = group.summaries.iter();
        let values = summaries.flat_map(move |summary| measures(summary).map(number));
        [group.rows.to_string()].into_iter().chain(values)
    }

    fn summary(&self) -> String {
        let count = |n: u64, one: &str| format!("{n} {one}{}", if n == 1 { "" } else { "s" });
        let rows = count(self.table.total.rows, "row");
        let groups = count(self.table.groups.len() as u64, "group");
        format!("{rows} of {} in {groups}.", self.source)
    }

    /// Writes the first `limit` groups as a Markdown table.
    pub fn markdown_table(&self, out: &mut impl Write, limit: usize) -> io::Result<()> {
        for name in self.header() {
            write!(out, "| {} ", markdown(&name))?;
        }
        out.write_all(b"|\n")?;
        for index in 0..self.header().count() {
            let numeric = index >= self.group_by.len();
            out.write_all(if numeric { b"| ---: " } else { b"| --- " })?;
        }
        out.write_all(b"|\n")?;
        for group in self.table.groups.iter().take(limit) {
            for key in &group.key {
                write!(out, "| {} ", markdown(key))?;
            }
            for number in Self::numbers(group) {
                write!(out, "| {number} ")?;
            }
            out.write_all(b"|\n")?;
        }
        Ok(())
    }

    /// Writes the whole report as Markdown.
    pub fn markdown(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "# {}\n\n{}\n", markdown(self.title), markdown(&self.summary()))?;
        self.markdown_table(out, usize::MAX)?;
        for warning in &self.table.warnings {
            writeln!(out, "\n> {}", markdown(warning))?;
        }
        Ok(())
    }

    /// Writes the whole report as one HTML file that needs no other.
    pub fn html(&self, out: &mut impl Write) -> io::Result<()> {
        let title = html(self.title);
        write!(out, include_str!("head.html"), title = title, summary = html(&self.summary()))?;
        out.write_all(b"<table>\n<thead><tr>")?;
        for name in self.header() {
            write!(out, "<th scope=\"col\">{}</th>", html(&name))?;
        }
        out.write_all(b"</tr></thead>\n<tbody>\n")?;
        for group in &self.table.groups {
            out.write_all(b"<tr>")?;
            for key in &group.key {
                write!(out, "<th scope=\"row\">{}</th>", html(key))?;
            }
            self.html_numbers(group, out)?;
        }
        out.write_all(b"</tbody>\n")?;
        if !self.group_by.is_empty() {
            write!(out, "<tfoot><tr><th scope=\"row\" colspan=\"{}\">Total</th>", self.group_by.len())?;
            self.html_numbers(&self.table.total, out)?;
            out.write_all(b"</tfoot>\n")?;
        }
        out.write_all(b"</table>\n")?;
        for warning in &self.table.warnings {
            writeln!(out, "<p class=\"warning\">{}</p>", html(warning))?;
        }
        out.write_all(b"</body>\n</html>\n")
    }

    fn html_numbers(&self, group: &Group, out: &mut impl Write) -> io::Result<()> {
        for number in Self::numbers(group) {
            write!(out, "<td>{number}</td>")?;
        }
        out.write_all(b"</tr>\n")
    }
}

/// Text as text in a Markdown table.
fn markdown(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '|' | '`' | '*' | '[' | ']' | '#' => escaped.extend(['\\', c]),
            '<' => escaped.push_str("&lt;"),
            '&' => escaped.push_str("&amp;"),
            c if c.is_control() => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Text as text in HTML, between tags and in quoted attributes.
fn html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::{Request, read};

    fn written(csv: &str, write: impl Fn(&Report, &mut Vec<u8>) -> io::Result<()>) -> String {
        let group_by = ["name".to_owned()];
        let request = Request { group_by: &group_by, values: &["v".to_owned()], delimiter: b',' };
        let table = read(csv.as_bytes(), &request).unwrap();
        let report =
            Report { title: "Sales <2024>", source: "/workspace/a.csv", group_by: &group_by, table: &table };
        let mut out = Vec::new();
        write(&report, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_markdown_report_is_a_table() {
        let text = written("name,v\nb,1.5\na,2\nb,\n", |report, out| report.markdown(out));
        let expected = "\
# Sales &lt;2024>

3 rows of /workspace/a.csv in 2 groups.

| name | rows | v sum | v average | v min | v max |
| --- | ---: | ---: | ---: | ---: | ---: |
| b | 2 | 1.5 | 1.5 | 1.5 | 1.5 |
| a | 1 | 2 | 2 | 2 | 2 |
";
        assert_eq!(text, expected);
    }

    #[test]
    fn cells_cannot_leave_their_place() {
        let csv = "name,v\n\"<script>x</script>|\n# y & [z](u)\",1\n";
        let text = written(csv, |report, out| report.markdown(out));
        let cell = r"| &lt;script>x&lt;/script>\| \# y &amp; \[z\](u) | 1 |";
        assert!(text.contains(cell), "{text}");
        let page = written(csv, |report, out| report.html(out));
        assert!(page.contains("<th scope=\"row\">&lt;script&gt;x&lt;/script&gt;|"), "{page}");
        assert!(!page.contains("<script"));
    }

    #[test]
    fn the_html_report_is_whole_and_has_a_total() {
        let page = written("name,v\na,1\nb,2.25\nc,x\n", |report, out| report.html(out));
        assert!(page.starts_with("<!doctype html>"));
        assert!(page.contains("<title>Sales &lt;2024&gt;</title>"));
        assert!(page.contains(">Total</th><td>3</td><td>3.25</td>"), "{page}");
        assert!(page.contains("1 cells of &quot;v&quot; are no numbers"));
        assert!(page.ends_with("</html>\n"));
        assert!(!page.contains("http"));
    }
}
