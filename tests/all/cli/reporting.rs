//! `mpp audit export` and `mpp audit report`: the log as it is handed on.

mod spoiled;
mod undelivered;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use mpp_audit::Hash;
use serde_json::{Value, json};

use super::{Ended, PUBLISHER, User, text};
use crate::support::guests;

/// Stands in everything that is said in the calls of these tests, and in no name.
const CANARY: &str = "canary-0ddba11";

const FORMATS: [&str; 3] = ["otel", "ocsf", "csv"];

/// Reads the files below /data, and no others.
static READER: LazyLock<PathBuf> = LazyLock::new(|| {
    PUBLISHER.make("reader", guests::READS_FILES, "permissions: { filesystem: { read: [/data] } }\n")
});

impl User {
    /// Somebody with three calls on record: one was answered, one was denied what
    /// it asked for, one failed.
    fn with_three_calls() -> Self {
        let user = Self::who_trusts();
        user.write("files/here", CANARY);
        user.reads("/data/here").done();
        user.reads(&format!("/secret/{CANARY}")).failed(4, &["not granted"]);
        user.reads(&format!("/data/{CANARY}")).failed(5, &["returned an error"]);
        user
    }

    fn reads(&self, path: &str) -> Ended {
        let map = format!("/data={}", text(&self.path("files")));
        // Beside the path, which the denial and the failure repeat.
        let input = json!({ "path": path }).to_string();
        let package = text(&READER);
        let arguments = ["run", &package, "--grant", "--agent", "ada", "--tool", "read", "--map", &map];
        let mut command = self.mpp(arguments);
        Ended::of(command.args(["--input", &input]).output().expect("the command can be started"))
    }

    fn exports(&self, format: &str) -> String {
        self.run(["audit", "export", "--format", format]).done().out
    }

    fn page(&self) -> String {
        self.run(["audit", "report", "--html"]).done().out
    }

    /// The calls as `mpp audit show` gives them.
    fn calls_shown(&self) -> Vec<Value> {
        let shown = self.run(["audit", "show", "--all", "--json"]).done().json();
        let items = shown["items"].as_array().expect("there are items");
        items.iter().filter_map(|item| item.get("call").cloned()).collect()
    }

    /// Each record that a projection has to name: number and leaf hash.
    fn references(&self) -> BTreeSet<(u64, String)> {
        let log = fs::read_to_string(self.log()).expect("there is a log");
        let leaves = log.lines().map(|line| Hash::of_record(line.as_bytes()).to_string());
        (0..).zip(leaves).collect()
    }
}

/// What a call of `mpp audit show` refers to: its intent, its denials, its end.
fn references_of(call: &Value) -> BTreeSet<(u64, String)> {
    let denials = call["denials"].as_array().expect("there is a list");
    let parts = denials.iter().chain([call, &call["end"]]);
    parts.map(|part| (number(&part["record"]), part["hash"].as_str().expect("text").to_owned())).collect()
}

fn number(value: &Value) -> u64 {
    value.as_u64().expect("it is a number")
}

fn lines_of_json(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect()
}

/// The attributes of every record in an export for OpenTelemetry, by their names.
fn otel_records(export: &str) -> Vec<Value> {
    let logs = |line: &Value| line["resourceLogs"][0]["scopeLogs"][0]["logRecords"].clone();
    let lines = lines_of_json(export);
    let records = lines.iter().flat_map(|line| logs(line).as_array().expect("there are records").clone());
    records
        .map(|record| record["attributes"].as_array().expect("it has some").iter().map(attribute).collect())
        .collect()
}

fn attribute(attribute: &Value) -> (String, Value) {
    let value = attribute["value"].as_object().and_then(|value| value.values().next());
    let value = value.expect("an attribute has a value").clone();
    (attribute["key"].as_str().expect("it has a name").to_owned(), value)
}

/// What an export refers to: the numbers and leaf hashes of records.
fn references_in(format: &str, export: &str) -> BTreeSet<(u64, String)> {
    let text = |value: &Value| value.as_str().expect("it is text").to_owned();
    let parsed = |text: String| text.parse().expect("it is a number");
    match format {
        "otel" => {
            let both = |record: &Value, of: &str| {
                let seq = record.get(format!("mpp.audit.{of}seq"))?;
                Some((parsed(text(seq)), text(&record[format!("mpp.audit.{of}leaf")])))
            };
            let of =
                |record: &Value| [both(record, ""), both(record, "end.")].into_iter().flatten().collect();
            otel_records(export).iter().flat_map(|record| -> Vec<_> { of(record) }).collect()
        }
        "ocsf" => {
            let both = |event: &Value, of: &str| {
                let seq = event["unmapped"].get(format!("audit_{of}seq"))?;
                Some((number(seq), text(&event["unmapped"][format!("audit_{of}leaf")])))
            };
            let of = |event: &Value| [both(event, ""), both(event, "end_")].into_iter().flatten().collect();
            lines_of_json(export).iter().flat_map(|event| -> Vec<_> { of(event) }).collect()
        }
        _ => {
            let cell = |cell: Option<&str>| cell.expect("there is a cell").trim_matches('"').to_owned();
            let both = |mut cells: Vec<&str>| {
                let (leaf, seq) = (cell(cells.pop()), cell(cells.pop()));
                (!leaf.is_empty()).then(|| (parsed(seq), leaf))
            };
            let of = |line: &str| {
                let cells: Vec<&str> = line.split(',').collect();
                [both(cells[..2].to_vec()), both(cells)]
            };
            export.lines().skip(1).flat_map(of).flatten().collect()
        }
    }
}

#[test]
fn every_line_of_an_export_names_its_records_by_the_numbers_and_hashes_of_the_log() {
    let user = User::with_three_calls();
    let calls = user.calls_shown();
    assert_eq!(calls.len(), 3);
    let of_calls: BTreeSet<_> = calls.iter().flat_map(references_of).collect();
    let all = user.references();
    assert!(of_calls.is_subset(&all) && of_calls.len() == 7, "{of_calls:?}");
    for format in FORMATS {
        assert_eq!(references_in(format, &user.exports(format)), all, "{format}");
    }
    let page = user.page();
    for (_, leaf) in all {
        assert!(page.contains(&leaf), "{leaf}");
    }
}

#[test]
fn an_export_says_what_came_of_each_call() {
    let user = User::with_three_calls();
    let ends: Vec<_> = user.calls_shown().iter().map(|call| call["end"]["outcome"].clone()).collect();
    assert_eq!(ends, ["ok", "denied", "tool-error"]);

    let otel = otel_records(&user.exports("otel"));
    let calls: Vec<_> = otel.iter().filter(|record| record.get("mpp.outcome.kind").is_some()).collect();
    assert_eq!(
        calls.iter().map(|call| &call["mpp.outcome.kind"]).collect::<Vec<_>>(),
        ends.iter().collect::<Vec<_>>()
    );
    assert!(calls.iter().all(|call| call["gen_ai.agent.name"] == "ada"));
    let denial = otel.iter().find_map(|record| record.get("mpp.denial.permission"));
    assert_eq!(denial, Some(&json!("filesystem.read")));

    let ocsf = lines_of_json(&user.exports("ocsf"));
    let calls: Vec<_> = ocsf.iter().filter(|event| event["unmapped"].get("usage").is_some()).collect();
    assert_eq!(
        calls.iter().map(|call| &call["status_code"]).collect::<Vec<_>>(),
        ends.iter().collect::<Vec<_>>()
    );
    assert!(ocsf.iter().all(|event| event["class_uid"] == 6003));

    let csv = user.exports("csv");
    let calls: Vec<&str> = csv.split("\r\n").filter(|line| line.contains("\"execute_tool\"")).collect();
    assert_eq!(calls.len(), 3);
    for (call, end) in calls.iter().zip(ends) {
        assert!(call.contains(&format!(",{end},")), "{end} is not in {call}");
    }
}

#[test]
fn l22_what_was_said_leaves_the_log_only_where_it_is_asked_for() {
    let user = User::with_three_calls();
    for format in FORMATS {
        let export = user.exports(format);
        assert!(!export.contains(CANARY), "{format}: {export}");
        assert!(export.contains("whole"), "{format} says that the log has the payloads");
        let told = user.run(["audit", "export", "--format", format, "--with-payloads"]).done().out;
        // As output, in two inputs, in a resource, and in reasons.
        assert!(told.matches(CANARY).count() >= 5, "{format}: {told}");
    }
    assert!(!user.page().contains(CANARY));
    let told = user.run(["audit", "report", "--html", "--with-payloads"]).done().out;
    assert!(told.matches(CANARY).count() >= 5);
}

#[test]
fn the_page_says_what_was_verified_and_what_was_used() {
    let user = User::with_three_calls();
    let page = user.page();
    for part in [
        ">Verified with the key that the log names</h2>",
        r#"<span class="big">3</span> <span class="name">calls</span>"#,
        // Although no payload is told.
        r#"<span class="pill ok">used</span> 2 allowed <span class="pill denied">1 denied</span>"#,
        r#"<span class="pill failed">tool-error</span>"#,
    ] {
        assert!(page.contains(part), "{part} is not on the page");
    }
    let key = user.key();
    let file = text(&user.path("report.html"));
    let written = user.run(["audit", "report", "--html", &file, "--key", &key]).done();
    assert_eq!(written.line(), file);
    let page = fs::read_to_string(file).expect("it was written");
    assert!(page.contains(">Verified, not witnessed</h2>"));
    assert!(page.ends_with("</html>\n"), "{:?}", page.get(page.len() - 20..));
}

#[test]
fn a_part_of_the_log_is_named_by_numbers_or_by_times() {
    let user = User::with_three_calls();
    let calls = user.calls_shown();
    let [from, to] = [1, 2].map(|call| calls[call]["record"].to_string());
    let part = |from: &str, to: &str| {
        let part = user.run(["audit", "export", "--format", "otel", "--from", from, "--to", to]).done().out;
        references_in("otel", &part)
    };
    assert!(references_of(&calls[1]).is_subset(&part(&from, &to)));
    assert!(references_of(&calls[2]).is_disjoint(&part(&from, &to)));
    assert_eq!(part("2001-01-01", "2999-01-01T00:00:00Z"), user.references());
    assert_eq!(part("0", "2001-01-01"), BTreeSet::new());
    user.run(["audit", "export", "--format", "csv", "--from", "monday"])
        .failed(2, &["monday", "2026-11-22T08:00:00Z"]);
}
