//! No output without its record: what becomes of a host whose log fails.

use std::fs;
use std::path::{Path, PathBuf};

use mpp_host::audit::{Caller, Event, LogError, OutcomeKind, TrustEvidence};
use mpp_host::policy::{OperatorPolicy, Permissions};
use mpp_host::{CallError, LoadError, Outcome, Request};
use serde_json::json;
use tempfile::TempDir;

use crate::support::{Draft, Loaded, Scene, guests};
use crate::wat_tool::WatTool;

/// A tool that writes files, in a directory of its own.
async fn writer(directory: &TempDir) -> Loaded {
    let scene = Scene::of(guests::WRITES_FILES).await.declares(json!({"filesystem": {"write": ["/data"]}}));
    scene.maps("/data", directory.path()).load()
}

fn input(name: &str) -> String {
    json!({"path": format!("/data/{name}"), "text": "x"}).to_string()
}

/// Where the log is put aside: it is whole, and its writer does not find it.
fn aside(tool: &Loaded) -> PathBuf {
    tool.host.log().with_extension("aside")
}

fn break_log(tool: &Loaded) {
    fs::rename(tool.host.log(), aside(tool)).expect("the log has a directory");
}

fn mend_log(tool: &Loaded) {
    fs::rename(aside(tool), tool.host.log()).expect("the log is where it was put");
}

async fn call(tool: &Loaded, input: String) -> Result<mpp_host::Report, CallError> {
    tool.tool.call(Request::new("write", input)).await
}

#[tokio::test]
async fn output_whose_record_cannot_be_written_is_withheld() {
    let directory = tempfile::tempdir().expect("a directory");
    let tool = writer(&directory).await;
    break_log(&tool);
    let refused = call(&tool, input("file")).await;
    assert!(matches!(refused, Err(CallError::Audit(LogError::Poisoned { .. }))), "{refused:?}");
}

/// The first failure is the last call: no code of any tool runs after it, and
/// nothing is tried again.
#[tokio::test]
async fn after_a_record_was_lost_no_tool_runs() {
    let directory = tempfile::tempdir().expect("a directory");
    let tool = writer(&directory).await;
    call(&tool, input("before")).await.expect("the log is well");
    break_log(&tool);
    call(&tool, input("meanwhile")).await.expect_err("its record has nowhere to go");
    mend_log(&tool);

    let refused = call(&tool, input("after")).await;
    assert!(matches!(refused, Err(CallError::Audit(LogError::Poisoned { .. }))), "{refused:?}");
    assert!(directory.path().join("before").exists());
    assert!(!directory.path().join("meanwhile").exists(), "the tool wrote");
    assert!(!directory.path().join("after").exists(), "the tool ran");

    // Nor is anything refused, for a refusal is a record too.
    let policy = OperatorPolicy::approving(Permissions::none());
    let refused = tool.host.load(b"not a package".to_vec(), &policy);
    assert!(matches!(refused, Err(LoadError::Audit(LogError::Poisoned { .. }))), "{:?}", refused.err());
    assert_eq!(tool.host.calls().len(), 1, "what was on record is as it was");
}

/// Whatever a tool, its input and its caller say, a record is one line.
#[tokio::test]
async fn nothing_that_is_said_can_end_a_line_of_the_log() {
    let tool = Scene::of(guests::PANICS).await.load();
    let forged = "\n{\"v\":1,\"seq\":9}\r\n\u{2028}\0\u{1b}[2K\"}";
    let caller = Caller { agent: Some(forged.to_owned()), ..Caller::NOBODY };
    let request = Request { caller, ..Request::new("panic", json!({ "message": forged })) };
    let ended = tool.call_as(request).await;
    assert_eq!(ended.record.outcome.kind, OutcomeKind::Trap);
    assert_eq!(ended.record.caller.agent.as_deref(), Some(forged));
    assert!(ended.log().iter().any(|line| line.contains(forged)), "{:?}", ended.log());
    let log = fs::read(tool.host.log().join("log.jsonl")).expect("the log can be read");
    assert_eq!(log.iter().filter(|byte| **byte == b'\n').count(), 3, "a header, an intent and an outcome");
    assert!(log.iter().all(|byte| *byte == b'\n' || !byte.is_ascii_control()));
}

/// A tool name that no package has is the caller's text, and as long as it
/// likes.
#[tokio::test]
async fn a_name_of_any_length_is_on_record_cut_and_counted() {
    let tool = Scene::of_draft(Draft::of_component(WatTool::IDLE.component())).load();
    let report = tool.tool.call(Request::new("x".repeat(1 << 20), "{}")).await.expect("it is on record");
    assert!(matches!(report.outcome, Outcome::Refused(_)));
    let record = tool.record(report.receipt);
    assert!(record.tool.len() < 512, "{} bytes", record.tool.len());
    assert!(record.cut_bytes > 1_000_000, "{}", record.cut_bytes);
}

/// A claim has no evidence, and a package that was verified always has.
#[tokio::test]
async fn a_record_says_what_its_package_was_verified_against() {
    let draft = Draft::of_component(WatTool::IDLE.component());
    let tool = Scene::of_draft(draft.clone()).load();
    let package = tool.call("tool", json!({})).await.record.package;
    let evidence = TrustEvidence { sequence: 1, root_version: None, index_version: None, lapse: None };
    assert_eq!(package.trust, Some(evidence));

    let policy = OperatorPolicy::approving(Permissions::none());
    assert!(tool.host.load(draft.unsigned(), &policy).is_err());
    let Some(Event::Refusal(refusal)) = tool.host.events().pop() else { panic!("it is a refusal") };
    let claimed = refusal.package.expect("it says who it is");
    assert_eq!((claimed.digest, claimed.trust), (package.digest, None));
}

/// The values that a tool may read are not in its record, unless it says them.
#[tokio::test]
async fn the_value_of_a_variable_is_not_on_record() {
    let secret = "canary-5ca1ab1e";
    let scene = Scene::of(guests::READS_ENVIRONMENT).await.declares(json!({"env": ["TOKEN"]}));
    let tool = scene.environment("TOKEN", "canary-5ca1ab1e").load();
    tool.call("std-var", json!({"name": "OTHER"})).await.completed();
    let mut seen = 0;
    for file in files(&tool.host.log()) {
        let text = String::from_utf8_lossy(&fs::read(&file).expect("it can be read")).into_owned();
        assert!(!text.contains(secret), "{}", file.display());
        seen += 1;
    }
    assert!(seen > 0);
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).expect("it can be listed");
    let paths = entries.map(|entry| entry.expect("it can be listed").path());
    paths.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}
