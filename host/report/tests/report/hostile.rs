//! Text of strangers, in every field that they can fill.

use mpp_audit::view::Item;
use mpp_report::html::{Evidence, Report, Verification, Witnesses};
use mpp_report::{Format, Payloads};
use serde_json::Value;

use crate::{FORMATS, export, scene};

/// What somebody might call a tool.
pub const HOSTILE: [&str; 12] = [
    "<script>alert(1)</script>",
    "</style><img src=x onerror=alert(1)>",
    "\"><svg onload=alert(1)>",
    "' onmouseover='alert(1)",
    "{{7*7}}{% include \"/etc/passwd\" %}",
    "=HYPERLINK(\"http://evil.example\",\"x\")",
    "@SUM(1+1)|cmd",
    "a\r\nb,c\n\"d\"",
    "\u{202e}gpj.exe\u{2066}",
    "nul\0esc\u{1b}[2Jbell\u{7}",
    "zero\u{200b}width\u{feff}",
    "<!-- --> ]]> &amp; &#x3c;",
];

fn items(text: &str) -> Vec<Item> {
    [scene::records(0, text), scene::filled(scene::RECORDS, text, text)].concat()
}

fn page(items: &[Item]) -> String {
    let mut report = Report::new(scene::source(), Payloads::Included);
    for item in items {
        report.add(item);
    }
    let mut page = Vec::new();
    report.write(&Verification::Unverified, scene::at(0), &mut page).unwrap();
    String::from_utf8(page).unwrap()
}

#[test]
fn no_text_ends_a_line_of_json() {
    for text in HOSTILE {
        let items = items(text);
        for format in [Format::Otel, Format::Ocsf] {
            let lines = export(format, Payloads::Included, &items);
            let read: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
            // OCSF has a line of its own for the one denial.
            let expected = items.len() + usize::from(format == Format::Ocsf);
            assert_eq!(read.len(), expected, "{text}");
        }
    }
}

#[test]
fn no_cell_is_a_formula_and_each_gives_its_text_back() {
    for text in HOSTILE {
        let table = export(Format::Csv, Payloads::Included, &items(text));
        let mut reader = csv::Reader::from_reader(table.as_bytes());
        let mut found = 0;
        for row in reader.records().map(|row| row.unwrap()) {
            for cell in &row {
                assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']), "{cell}");
                found += usize::from(cell.strip_prefix('\'').unwrap_or(cell) == text);
            }
        }
        assert!(found > 30, "{text} is in {found} cells");
    }
}

/// The elements and attributes of a page, without its text, and without the hashes
/// of records, which differ with it; sorted, for a list may be in its order.
fn markup(page: &str) -> Vec<&str> {
    let tags = page.split('<').skip(1).filter_map(|rest| rest.split('>').next());
    let mut markup: Vec<&str> = tags.filter_map(|tag| tag.split("title=\"").next()).collect();
    markup.sort_unstable();
    markup
}

#[test]
fn no_text_becomes_markup() {
    let harmless = page(&items("harmless"));
    let expected = markup(&harmless);
    for text in HOSTILE {
        let page = page(&items(text));
        let found = markup(&page);
        let differ = expected.iter().zip(&found).find(|(expected, found)| expected != found);
        assert_eq!((differ, found.len()), (None, expected.len()), "{text}");
    }
}

#[test]
fn nothing_on_the_page_hides() {
    for text in HOSTILE {
        let page = page(&items(text));
        let hidden = page.chars().find(|c| {
            matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
                || (c.is_control() && *c != '\n')
        });
        assert_eq!(hidden, None, "{text}");
    }
}

#[test]
fn the_names_of_witnesses_and_of_faults_are_text_too() {
    let name = HOSTILE[0];
    let evidence = Evidence {
        records: 1,
        key: name.to_owned(),
        key_expected: true,
        signed: mpp_audit::tree::CompactTree::new().head(),
        checkpoints: 1,
        epochs: 1,
        unfinished: false,
        witnesses: Witnesses::Seen { size: 1, by: vec![name.to_owned()] },
    };
    for verification in
        [Verification::Holds(evidence), Verification::Broken { seq: 1, reason: name.to_owned() }]
    {
        let mut page = Vec::new();
        Report::new(scene::source(), Payloads::Withheld)
            .write(&verification, scene::at(0), &mut page)
            .unwrap();
        assert!(!String::from_utf8(page).unwrap().contains(name));
    }
}

#[test]
fn what_is_left_of_the_golden_scene_is_the_same_in_every_format() {
    // The scene itself is what the other tests rely on: each format has each item.
    let items = scene::items();
    for (format, name) in FORMATS {
        let lines = export(format, Payloads::Withheld, &items).lines().count();
        let denials = 1;
        let expected = match format {
            Format::Otel => items.len(),
            Format::Ocsf => items.len() + denials,
            Format::Csv => items.len() + denials + 1,
        };
        assert_eq!(lines, expected, "{name}");
    }
}
