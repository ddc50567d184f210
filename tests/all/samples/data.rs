//! Text and JSON.

use std::time::Duration;

use mpp_host::Outcome;
use mpp_host::audit::OutcomeKind;
use mpp_host::outcome::ToolError;
use mpp_host::policy::Limits;
use serde_json::{Value, json};

use super::{sample, texts};
use crate::support::guests;

/// What data of ten megabytes needs.
const LARGE: Limits = Limits { memory_bytes: 768 << 20, time: Duration::from_secs(120), ..Limits::DEFAULT };

#[tokio::test]
async fn text_stats_counts_the_files_of_this_repository() {
    let tool = sample(guests::TEXT_STATS).await.load();
    let texts = texts();
    for (path, text) in &texts {
        let answer = tool.tool.invoke("text-stats", json!({"text": text})).await.expect("it answers");
        let counted = answer.structured.expect("numbers");
        let expected = [
            ("bytes", text.len()),
            ("characters", text.chars().count()),
            ("words", text.split_whitespace().count()),
            ("lines", text.lines().count()),
        ];
        for (what, count) in expected {
            assert_eq!(counted[what], json!(count), "{what} of {}", path.display());
        }
    }
    let calls = tool.host.calls();
    assert_eq!(calls.len(), texts.len());
    for call in calls {
        assert_eq!((call.outcome.kind, call.checks.len()), (OutcomeKind::Ok, 0));
    }
}

#[tokio::test]
async fn text_stats_gives_the_same_answer_on_both_targets() {
    let unknown = sample(guests::TEXT_STATS).await.load();
    let draft = crate::support::Draft::of_guest(guests::TEXT_STATS_WASIP2).await;
    let wasip2 = crate::support::Scene::of_draft(draft).load();
    for (path, text) in texts().into_iter().step_by(10) {
        let input = json!({"text": text, "top_words": 50});
        let one = unknown.call("text-stats", input.clone()).await;
        let other = wasip2.call("text-stats", input).await;
        assert_eq!(one.completed(), other.completed(), "{}", path.display());
    }
}

/// What the engine clears by writing rather than by giving pages back: see `engine.rs` of the host.
const KEPT_RESIDENT: u64 = 256 << 10;

#[tokio::test]
async fn a_small_call_stays_within_the_memory_that_a_tool_is_linked_with() {
    let as_built = sample(guests::TEXT_STATS).await.load();
    let draft = crate::support::Draft::of_guest(guests::TEXT_STATS_PLAIN).await;
    let plainly = crate::support::Scene::of_draft(draft).load();
    let input = json!({"text": "to be or not to be"});
    let one = as_built.call("text-stats", input.clone()).await;
    let other = plainly.call("text-stats", input).await;
    assert_eq!(one.completed(), other.completed());
    let (one, other) = (one.record.usage.peak_memory_bytes, other.record.usage.peak_memory_bytes);
    assert!(one <= KEPT_RESIDENT, "{one} bytes");
    assert!(other > KEPT_RESIDENT, "{other} bytes");
}

/// Orders, some ten megabytes of them, and what they add up to.
fn orders() -> (String, i64) {
    let regions = ["north", "south", "east", "west"];
    let mut total = 0;
    let mut text = String::from("[");
    for number in 0..90_000_i64 {
        let amount = number * 7 % 1000;
        total += amount;
        if number > 0 {
            text.push(',');
        }
        let order = json!({
            "id": number,
            "region": regions[usize::try_from(number % 4).unwrap_or_default()],
            "amount": amount,
            "customer": {"name": format!("Customer {}", number % 977), "tags": ["a", "b\n\"c\"", "ü"]},
        });
        text.push_str(&order.to_string());
    }
    text.push(']');
    (text, total)
}

#[tokio::test]
async fn json_query_works_through_ten_megabytes() {
    let (text, total) = orders();
    assert!((9_000_000..14_000_000).contains(&text.len()), "{} bytes", text.len());
    let tool = sample(guests::JSON_QUERY).await.limits(LARGE).load();
    let filter = "{orders: length, total: (map(.amount) | add), \
                  regions: (group_by(.region) | map({(.[0].region): length}) | add)}";
    let ended = tool.call("json-query", json!({"filter": filter, "text": text})).await;
    let expected = json!({
        "orders": 90_000, "total": total,
        "regions": {"north": 22_500, "south": 22_500, "east": 22_500, "west": 22_500},
    });
    assert_eq!(ended.structured()["results"], json!([expected]));
    assert!(ended.record.usage.input_bytes > 9_000_000);
}

/// What cargo says of this repository, which is JSON of some size that nobody
/// made for a test.
#[tokio::test]
async fn json_query_reads_what_cargo_says_of_this_repository() {
    let output = std::process::Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--no-deps", "--offline"])
        .current_dir(super::repository())
        .output()
        .expect("cargo runs");
    let metadata = String::from_utf8(output.stdout).expect("cargo writes UTF-8");
    let tool = sample(guests::JSON_QUERY).await.load();
    let filter = "[.packages[] | select(.name | startswith($prefix)) | .name] | sort";
    let input = json!({"filter": filter, "text": metadata, "variables": {"prefix": "mpp-"}});
    let ended = tool.call("json-query", input).await;
    let names: Vec<String> = serde_json::from_value(ended.structured()["results"][0].clone()).expect("names");
    for name in ["mpp-audit", "mpp-cli", "mpp-guest", "mpp-host", "mpp-package", "mpp-policy", "mpp-tests"] {
        assert!(names.iter().any(|found| found == name), "{name} is not in {names:?}");
    }
}

#[tokio::test]
async fn json_query_sees_nothing_but_its_input() {
    let tool = sample(guests::JSON_QUERY).await.environment("SECRET", "a secret").load();
    for filter in [
        "env",
        "$ENV",
        "now",
        "input",
        "inputs",
        "input_filename",
        "import \"a\" as a; 1",
        "include \"a\"; 1",
    ] {
        let ended = tool.call("json-query", json!({"filter": filter, "json": null})).await;
        match &ended.report.outcome {
            Outcome::ToolError(ToolError::InvalidInput(_) | ToolError::Failed(_)) => {}
            Outcome::Completed(response) => {
                let results = response.structured.as_ref().map(|answer| answer["results"].clone());
                let nothing = [json!([]), json!([null]), json!([{}])];
                assert!(
                    results.is_some_and(|results: Value| nothing.contains(&results)),
                    "{filter}: {response:?}"
                );
            }
            other => panic!("{filter}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn json_query_that_never_ends_is_stopped() {
    let limits = Limits { time: Duration::from_millis(500), ..Limits::DEFAULT };
    let tool = sample(guests::JSON_QUERY).await.limits(limits).load();
    let ended = tool.call("json-query", json!({"filter": "last(repeat(1))", "json": 1})).await;
    assert!(matches!(ended.report.outcome, Outcome::Stopped(_)), "{:?}", ended.report.outcome);
}
