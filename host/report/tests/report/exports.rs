//! What the formats say, whole files of it, and where each line points.

use std::fs;
use std::path::Path;

use mpp_audit::view::Item;
use mpp_report::{Format, Payloads, Point, Window};
use serde_json::Value;

use crate::{FORMATS, export, scene};

/// Compares with a file beside the tests. What was found instead is left where
/// the message says, to be looked at.
pub fn assert_golden(name: &str, found: &str, same: impl Fn(&str, &str) -> bool) {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    let expected = fs::read_to_string(&golden).unwrap_or_default();
    if !same(&expected, found) {
        let instead = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::write(&instead, found).unwrap();
        panic!("{} is not what was written: compare it with {}", golden.display(), instead.display());
    }
}

fn json_lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn every_format_says_what_its_golden_file_says() {
    let items = scene::items();
    for (format, name) in FORMATS {
        let found = export(format, Payloads::Withheld, &items);
        // The order of keys in a JSON object is nobody's promise.
        assert_golden(name, &found, |expected, found| match format {
            Format::Csv => expected == found,
            Format::Otel | Format::Ocsf => json_lines(expected) == json_lines(found),
        });
    }
}

/// Number and leaf hash of every record that the lines of a format are about.
fn references(format: Format, text: &str) -> Vec<(u64, String)> {
    match format {
        Format::Csv => {
            let mut reader = csv::Reader::from_reader(text.as_bytes());
            reader
                .records()
                .map(|row| row.unwrap())
                .map(|row| (row[0].parse().unwrap(), row[1].to_owned()))
                .collect()
        }
        Format::Ocsf => json_lines(text)
            .iter()
            .map(|event| {
                let unmapped = &event["unmapped"];
                (unmapped["audit_seq"].as_u64().unwrap(), unmapped["audit_leaf"].as_str().unwrap().to_owned())
            })
            .collect(),
        Format::Otel => {
            let lines = json_lines(text);
            let records = lines
                .iter()
                .flat_map(|line| line["resourceLogs"][0]["scopeLogs"][0]["logRecords"].as_array().unwrap());
            records
                .map(|record| {
                    let seq =
                        attribute(record, "mpp.audit.seq")["intValue"].as_str().unwrap().parse().unwrap();
                    let leaf =
                        attribute(record, "mpp.audit.leaf")["stringValue"].as_str().unwrap().to_owned();
                    (seq, leaf)
                })
                .collect()
        }
    }
}

/// The value of an attribute of OTLP, of which there must be exactly one.
fn attribute<'a>(record: &'a Value, key: &str) -> &'a Value {
    let attributes = record["attributes"].as_array().unwrap();
    let found: Vec<&Value> = attributes.iter().filter(|pair| pair["key"] == key).collect();
    assert_eq!(found.len(), 1, "{key}");
    &found[0]["value"]
}

#[test]
fn every_line_points_to_its_record() {
    let items = scene::items();
    let mut expected = Vec::new();
    for item in &items {
        match item {
            Item::Call(call) => {
                expected.push((call.seq, call.leaf.to_string()));
                expected.extend(call.denials.iter().map(|denial| (denial.seq, denial.leaf.to_string())));
            }
            Item::Other(record) => expected.push((record.seq, record.hash.to_string())),
        }
    }
    for (format, name) in FORMATS {
        let text = export(format, Payloads::Withheld, &items);
        assert_eq!(references(format, &text), expected, "{name}");
    }
}

#[test]
fn no_attribute_of_otlp_is_there_twice() {
    let items = [scene::items(), scene::filled(100, "name", "payload")].concat();
    for line in json_lines(&export(Format::Otel, Payloads::Included, &items)) {
        for record in line["resourceLogs"][0]["scopeLogs"][0]["logRecords"].as_array().unwrap() {
            let attributes = record["attributes"].as_array().unwrap();
            let keys: std::collections::BTreeSet<_> =
                attributes.iter().map(|pair| pair["key"].as_str().unwrap()).collect();
            assert_eq!(keys.len(), attributes.len(), "{record}");
        }
    }
}

#[test]
fn a_call_is_linked_to_the_callers_span_only_where_it_named_one() {
    let text = export(Format::Otel, Payloads::Withheld, &[Item::Call(Box::new(scene::call(1)))]);
    let line = &json_lines(&text)[0];
    let record = &line["resourceLogs"][0]["scopeLogs"][0]["logRecords"][0];
    assert_eq!(record["traceId"], "4bf92f3577b34da6a3ce929d0e0e4736");
    assert_eq!(record["spanId"], "00f067aa0ba902b7");
    assert_eq!(record["flags"], 1);

    let mut call = scene::call(1);
    call.caller.trace = Some("00-00000000000000000000000000000000-00f067aa0ba902b7-01".to_owned());
    let text = export(Format::Otel, Payloads::Withheld, &[Item::Call(Box::new(call))]);
    assert!(!text.contains("traceId") && !text.contains("spanId"), "{text}");
}

#[test]
fn csv_is_what_rfc_4180_says() {
    let mut call = scene::call(1);
    call.tool = "a \"quoted\", name".to_owned();
    let text = export(Format::Csv, Payloads::Withheld, &[Item::Call(Box::new(call))]);
    assert_eq!(text.matches("\r\n").count(), 2, "a line of names, and one line");
    assert!(text.ends_with("\r\n"));
    assert!(text.contains(r#","a ""quoted"", name","#), "{text}");
}

#[test]
fn a_window_is_from_a_place_up_to_another() {
    let items = [3, 6, 9].map(|seq| Item::Call(Box::new(scene::call(seq))));
    let within = |from: Option<&str>, to: Option<&str>| {
        let point = |text: &str| text.parse::<Point>().unwrap();
        let window = Window { from: from.map(point), to: to.map(point) };
        items.each_ref().map(|item| window.contains(item))
    };
    assert_eq!(within(None, None), [true, true, true]);
    assert_eq!(within(Some("6"), None), [false, true, true]);
    assert_eq!(within(None, Some("6")), [true, false, false]);
    assert_eq!(within(Some("4"), Some("9")), [false, true, false]);
    assert_eq!(within(Some("2026-11-22T08:00:06Z"), Some("2026-11-22T08:00:09Z")), [false, true, false]);
    assert_eq!(within(Some("2026-11-22"), Some("2026-11-23")), [true, true, true]);
    for wrong in ["", "-1", "2026-", "yesterday", "2026-11-22T08:00", "1969-12-31"] {
        assert_eq!(wrong.parse::<Point>(), Err(mpp_report::NoPoint), "{wrong}");
    }
}
