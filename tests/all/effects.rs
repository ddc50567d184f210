//! Nothing of a call leaves before its record is durable: no effect before the
//! intent, no output before the outcome.

use std::fs;
use std::path::Path;
use std::time::Duration;

use mpp_host::audit::{Durability, Filter, LogError, Settings, show};
use mpp_host::{CallError, Outcome, Request};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::server::{Answer, Server};
use crate::support::{Draft, Guest, Loaded, Scene, guests};
use crate::wat_tool::WatTool;

/// A log that nobody writes to but the calls: that it is gone, they notice first.
fn quiet() -> Settings {
    Settings { checkpoint_every: Duration::from_secs(3600), heartbeat_every: None, ..Settings::default() }
}

/// A guest that may read and write all of a directory.
async fn writing(guest: Guest, directory: &Path) -> Loaded {
    let both = json!({"filesystem": {"read": ["/data"], "write": ["/data"]}});
    Scene::of(guest).await.declares(both).maps("/data", directory).log(quiet()).load()
}

fn take_the_log_away(tool: &Loaded) {
    fs::remove_dir_all(tool.host.log()).expect("the log has a directory");
}

/// Calls a tool whose log is gone: the call is begun, and never on record.
async fn not_on_record(tool: &Loaded, verb: &str, input: Value) -> LogError {
    take_the_log_away(tool);
    match tool.tool.call(Request::new(verb, input)).await {
        Err(CallError::Audit(error)) => error,
        other => panic!("{verb}: {other:?}"),
    }
}

/// A directory with a file and an empty directory in it, and what is in it.
fn furnished() -> (TempDir, Vec<(String, String)>) {
    let directory = tempfile::tempdir().expect("a directory");
    fs::write(directory.path().join("file"), "before").expect("a file");
    fs::create_dir(directory.path().join("empty")).expect("a directory");
    let seen = seen(directory.path());
    (directory, seen)
}

/// The names in a directory, each with its contents and when it was changed.
fn seen(directory: &Path) -> Vec<(String, String)> {
    let entries = fs::read_dir(directory).expect("it can be listed");
    let mut seen: Vec<_> = entries
        .map(|entry| {
            let entry = entry.expect("it can be listed");
            let modified = entry.metadata().and_then(|metadata| metadata.modified()).expect("a time");
            let contents = fs::read_to_string(entry.path()).unwrap_or_default();
            (entry.file_name().to_string_lossy().into_owned(), format!("{contents} {modified:?}"))
        })
        .collect();
    seen.sort();
    seen
}

/// Every way of changing files, by the contract and by WASI.
const CHANGES: &[(&str, &str)] = &[
    ("write", r#"{"path": "/data/new", "text": "x"}"#),
    ("write", r#"{"path": "/data/file", "text": "after"}"#),
    ("append", r#"{"path": "/data/new", "text": "x"}"#),
    ("append", r#"{"path": "/data/file", "text": "x"}"#),
    ("fill", r#"{"path": "/data/file", "text": "x"}"#),
    ("create-directory", r#"{"path": "/data/new"}"#),
    ("remove-file", r#"{"path": "/data/file"}"#),
    ("remove-directory", r#"{"path": "/data/empty"}"#),
    ("rename", r#"{"from": "/data/file", "to": "/data/new"}"#),
];

const BY_CONTRACT: &[(&str, &str)] = &[("create-new", r#"{"path": "/data/new", "text": "x"}"#)];

const BY_WASI: &[(&str, &str)] = &[
    ("set-size", r#"{"path": "/data/file", "bytes": 1}"#),
    ("set-size", r#"{"path": "/data/new", "bytes": 1}"#),
];

#[tokio::test]
async fn no_file_is_changed_by_a_call_whose_intent_is_not_durable() {
    let of_its_own = [(guests::WRITES_FILES, BY_CONTRACT), (guests::WRITES_FILES_BY_STD, BY_WASI)];
    for (guest, own) in of_its_own {
        for (verb, input) in CHANGES.iter().chain(own) {
            let input: Value = serde_json::from_str(input).expect("JSON");
            let (directory, before) = furnished();
            let tool = writing(guest, directory.path()).await;
            let error = not_on_record(&tool, verb, input.clone()).await;
            assert!(matches!(error, LogError::Poisoned { .. }), "{verb}: {error:?}");
            assert_eq!(seen(directory.path()), before, "{} {verb} {input}", guest.name);

            // The same does change something where there is a log.
            let tool = writing(guest, directory.path()).await;
            tool.call(verb, input.clone()).await.completed();
            assert_ne!(seen(directory.path()), before, "{} {verb} {input}", guest.name);
        }
    }
}

#[tokio::test]
async fn no_request_is_sent_by_a_call_whose_intent_is_not_durable() {
    let server = Server::http(|_| Answer::page("text/plain", "hello"));
    let outbound = format!("127.0.0.1:{}", server.address().port());
    let scene = Scene::of(guests::DIALS).await.declares(json!({"network": {"outbound": [outbound]}}));
    let tool = scene.allows_network("127.0.0.0/8").log(quiet()).load();
    let input = json!({"url": format!("http://{outbound}/")});
    tool.call("dial", input.clone()).await.completed();
    let connections = server.connections();
    assert_eq!(connections, 1);
    let error = not_on_record(&tool, "dial", input).await;
    assert!(matches!(error, LogError::Poisoned { .. }), "{error:?}");
    assert_eq!(server.connections(), connections);
}

/// A tool that can do nothing but answer: its intent and its outcome share a
/// commit, and that is waited for before the answer is released.
#[tokio::test]
async fn no_answer_is_released_whose_outcome_is_not_durable() {
    let tool = Scene::of_draft(Draft::of_component(WatTool::IDLE.component())).log(quiet()).load();
    let error = not_on_record(&tool, "tool", json!({})).await;
    assert!(matches!(error, LogError::Poisoned { .. }), "{error:?}");
}

/// A refusal says what the host knows, and is a call too.
#[tokio::test]
async fn a_call_that_is_refused_is_not_answered_before_it_is_on_record() {
    let tool = Scene::of_draft(Draft::of_component(WatTool::IDLE.component())).log(quiet()).load();
    let error = not_on_record(&tool, "no such tool", json!({})).await;
    assert!(matches!(error, LogError::Poisoned { .. }), "{error:?}");
}

/// The kinds of the records, in the order of the log.
fn kinds(tool: &Loaded) -> Vec<&'static str> {
    let shown = show(&tool.host.log(), &Filter::default()).expect("the log can be read");
    shown.records.iter().map(|record| record.entry.kind()).collect()
}

#[tokio::test]
async fn a_call_is_on_record_by_its_intent_its_denials_and_its_outcome() {
    let scene = Scene::of(guests::READS_ENVIRONMENT).await.declares(json!({"env": ["TOKEN"]}));
    let tool = scene.log(quiet()).load();
    tool.call("flood", json!({"name": "N", "names": 2, "times": 6})).await.completed();
    assert_eq!(kinds(&tool), ["header", "intent", "denial", "denial", "outcome"]);
    let ended = tool.call("var", json!({"name": "SECRET"})).await;
    let denied = &ended.record.checks[0].denial.as_ref().expect("it was denied");
    assert_eq!((denied.code.as_str(), denied.resource.as_str()), ("not-declared", "SECRET"));
    assert_eq!(ended.record.host_calls, (0, 1, 0));
    assert_eq!(kinds(&tool)[5..], ["intent", "denial", "outcome"]);
}

#[tokio::test]
async fn a_call_that_is_refused_has_an_intent_and_an_outcome() {
    let tool = Scene::of_draft(Draft::of_component(WatTool::IDLE.component())).log(quiet()).load();
    for (name, input) in [("no such tool", "{}"), ("tool", "no JSON")] {
        let ended = tool.call_as(Request::new(name, input)).await;
        assert!(matches!(ended.report.outcome, Outcome::Refused(_)), "{:?}", ended.report.outcome);
        assert_eq!(ended.record.input, input);
    }
    assert_eq!(kinds(&tool), ["header", "intent", "outcome", "intent", "outcome"]);
}

/// Every intent says what its call waited for.
#[tokio::test]
async fn where_durability_is_relaxed_the_record_says_so() {
    let (directory, before) = furnished();
    for durability in [Durability::Strict, Durability::Relaxed] {
        let scene =
            Scene::of(guests::WRITES_FILES).await.declares(json!({"filesystem": {"write": ["/data"]}}));
        let settings = Settings { durability, ..quiet() };
        let tool = scene.maps("/data", directory.path()).log(settings).load();
        let input = json!({"path": "/data/new", "text": "x"});
        let report = tool.tool.call(Request::new("write", input)).await.expect("it is queued");
        assert!(matches!(report.outcome, Outcome::Completed(_)), "{:?}", report.outcome);
        tool.host.audit.flush().expect("the log is well");
        assert_eq!(tool.record(report.receipt).durability, durability);
    }
    assert_ne!(seen(directory.path()), before);
}
