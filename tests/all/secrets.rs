//! What the operator chose not to keep is in no file of the log, whichever way
//! a tool tries to get it there.

use std::fs;
use std::path::{Path, PathBuf};

use mpp_host::audit::{Keep, Keeping, OutcomeKind, Settings, verify_dir};
use mpp_host::{Report, Request};
use serde_json::{Value, json};

use crate::support::server::{Answer, Server};
use crate::support::{Loaded, Scene, guests};

/// Found in any file that holds it as it is, and one word to everybody.
const CANARY: &str = "canary5ca1ab1e";

/// Nothing that a caller or a tool says is kept.
fn nothing_kept() -> Settings {
    let keeping = Keeping {
        input: Keep::Commitment,
        output: Keep::Commitment,
        log: Keep::Commitment,
        calls: Keep::Commitment,
        reason: Keep::Commitment,
        denial: Keep::Commitment,
    };
    Settings { keeping, ..Settings::default() }
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).expect("it can be listed");
    let paths = entries.map(|entry| entry.expect("it can be listed").path());
    paths.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// The files of a log in which the canary sits.
fn found(log: &Path) -> Vec<PathBuf> {
    let holds = |file: &PathBuf| {
        let bytes = fs::read(file).expect("it can be read");
        bytes.windows(CANARY.len()).any(|window| window == CANARY.as_bytes())
    };
    let files = files(log);
    assert!(files.len() > 3, "{files:?}");
    files.into_iter().filter(holds).collect()
}

/// Calls a tool on a log that keeps nothing, which verifies all the same.
async fn call(tool: &Loaded, verb: &str, input: Value) -> Report {
    let report = tool.tool.call(Request::new(verb, input)).await.expect("it is on record");
    tool.host.audit.checkpoint().expect("the log is well");
    let summary = verify_dir(&tool.host.log(), &[report.receipt]).expect("the log holds");
    assert_eq!(summary.receipts_checked, 1);
    assert_eq!(found(&tool.host.log()), [""; 0].map(PathBuf::from), "{verb}");
    report
}

/// As `call`, with how it ended.
async fn ends(tool: &Loaded, verb: &str, input: Value, kind: OutcomeKind) -> Report {
    let report = call(tool, verb, input).await;
    assert_eq!(report.outcome.kind(), kind, "{verb}: {:?}", report.outcome);
    report
}

/// The search finds it where it is kept.
#[tokio::test]
async fn a_canary_is_found_where_everything_is_kept() {
    let tool = Scene::of(guests::FLOODS_THE_LOG).await.load();
    tool.call("log", json!({"times": 1, "text": CANARY})).await.completed();
    assert_eq!(found(&tool.host.log()), [tool.host.log().join("payloads/0")]);
}

#[tokio::test]
async fn a_secret_that_a_tool_logs_or_prints_is_not_in_the_log() {
    let tool = Scene::of(guests::FLOODS_THE_LOG).await.log(nothing_kept()).load();
    for verb in ["log", "print"] {
        let report = ends(&tool, verb, json!({"times": 2, "text": CANARY}), OutcomeKind::Ok).await;
        assert!(report.log.iter().any(|line| line.text.contains(CANARY)), "the caller is told");
    }
}

#[tokio::test]
async fn a_secret_that_a_tool_traps_with_is_not_in_the_log() {
    let tool = Scene::of(guests::PANICS).await.log(nothing_kept()).load();
    let report = ends(&tool, "panic", json!({"message": CANARY}), OutcomeKind::Trap).await;
    assert!(report.log.iter().any(|line| line.text.contains(CANARY)), "the caller is told");
}

#[tokio::test]
async fn a_secret_of_the_environment_is_not_in_the_log() {
    let scene = Scene::of(guests::READS_ENVIRONMENT).await.declares(json!({"env": ["TOKEN"]}));
    let tool = scene.environment("TOKEN", CANARY).log(nothing_kept()).load();
    for verb in ["var", "std-var"] {
        ends(&tool, verb, json!({"name": "TOKEN"}), OutcomeKind::Ok).await;
    }
    // Nor is one that a tool asks for by name.
    ends(&tool, "var", json!({"name": CANARY}), OutcomeKind::Denied).await;
}

#[tokio::test]
async fn a_secret_in_a_path_is_not_in_the_log() {
    let directory = tempfile::tempdir().expect("a directory");
    for guest in [guests::READS_FILES, guests::READS_FILES_BY_STD] {
        let scene = Scene::of(guest).await.declares(json!({"filesystem": {"read": ["/data"]}}));
        let tool = scene.maps("/data", directory.path()).log(nothing_kept()).load();
        for path in [format!("/data/{CANARY}"), format!("/{CANARY}"), format!("../{CANARY}")] {
            let report = call(&tool, "read", json!({"path": path})).await;
            assert_ne!(report.outcome.kind(), OutcomeKind::Ok, "{path}");
        }
    }
}

/// Nor what is written to a file, which is in the file.
#[tokio::test]
async fn a_secret_in_a_file_is_not_in_the_log() {
    let directory = tempfile::tempdir().expect("a directory");
    let both = json!({"filesystem": {"read": ["/data"], "write": ["/data"]}});
    for guest in [guests::WRITES_FILES, guests::WRITES_FILES_BY_STD] {
        let scene = Scene::of(guest).await.declares(both.clone());
        let tool = scene.maps("/data", directory.path()).log(nothing_kept()).load();
        ends(&tool, "write", json!({"path": "/data/file", "text": CANARY}), OutcomeKind::Ok).await;
        let written = fs::read_to_string(directory.path().join("file")).expect("a file");
        assert_eq!(written, CANARY);
        // A file does not lie below a file: the tool fails, and says which.
        let below = json!({"path": format!("/data/file/{CANARY}"), "text": CANARY});
        ends(&tool, "write", below, OutcomeKind::ToolError).await;
    }
}

#[tokio::test]
async fn a_secret_in_a_request_or_its_answer_is_not_in_the_log() {
    let server = Server::http(|_| Answer::page("text/plain", CANARY));
    let outbound = format!("127.0.0.1:{}", server.address().port());
    let scene = Scene::of(guests::DIALS).await.declares(json!({"network": {"outbound": [outbound]}}));
    let tool = scene.allows_network("127.0.0.0/8").log(nothing_kept()).load();
    let input = json!({
        "url": format!("http://{outbound}/{CANARY}?{CANARY}"),
        "post": true,
        "headers": [["authorization", CANARY], [CANARY, "x"]],
        "body": CANARY,
    });
    ends(&tool, "dial", input, OutcomeKind::Ok).await;
    assert_eq!(server.received()[0].header("authorization"), Some(CANARY));
    // What is refused names it too.
    for url in
        [format!("http://{CANARY}.example/"), format!("http://{CANARY}@{outbound}/"), CANARY.to_owned()]
    {
        let report = call(&tool, "dial", json!({"url": url})).await;
        assert_ne!(report.outcome.kind(), OutcomeKind::Ok, "{url}");
    }
}

#[tokio::test]
async fn a_secret_in_an_input_that_is_refused_is_not_in_the_log() {
    let tool = Scene::of(guests::FLOODS_THE_LOG).await.log(nothing_kept()).load();
    ends(&tool, "log", json!({"times": CANARY, "text": "x"}), OutcomeKind::Refused).await;
    ends(&tool, "log", json!({ CANARY: 1 }), OutcomeKind::Refused).await;
    let report = tool.tool.call(Request::new("log", CANARY)).await.expect("it is on record");
    assert_eq!(report.outcome.code(), Some("not-json"));
    assert_eq!(found(&tool.host.log()), [""; 0].map(PathBuf::from));
}

#[tokio::test]
async fn a_secret_in_an_answer_that_is_withheld_is_not_in_the_log() {
    let tool = Scene::of(guests::ANSWERS_BADLY).await.log(nothing_kept()).load();
    for structured in [json!({"result": CANARY}).to_string(), format!("{{{CANARY}")] {
        ends(&tool, "answer", json!({"structured": structured}), OutcomeKind::BadOutput).await;
    }
}
