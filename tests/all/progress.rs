//! Progress: told while a call runs to who listens, on record with what the tool
//! says, and nothing at all where nobody listens.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use mpp_host::audit::{LogError, OutcomeKind, Settings};
use mpp_host::journal::{LogLine, LogSource};
use mpp_host::policy::Limits;
use mpp_host::progress::MAX_MESSAGE_BYTES;
use mpp_host::{CallError, Execution, Need, Outcome, Progress, Request, Step};
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::support::{Ended, Loaded, Scene, guests};

/// What a listener was told, in order.
#[derive(Clone, Default)]
struct Told {
    steps: Arc<Mutex<Vec<Step>>>,
    something: Arc<Notify>,
}

impl Told {
    fn listener(&self) -> Progress {
        let told = self.clone();
        Progress::new(move |step| {
            told.steps.lock().unwrap_or_else(PoisonError::into_inner).push(step);
            told.something.notify_one();
        })
    }

    fn steps(&self) -> Vec<Step> {
        self.steps.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn reporting() -> Loaded {
    Scene::of(guests::REPORTS_PROGRESS).await.load()
}

fn request(verb: &str, input: Value, progress: Progress) -> Request {
    Request { progress: Some(progress), ..Request::new(verb, input) }
}

/// Calls a tool that somebody listens to.
async fn followed(tool: &Loaded, verb: &str, input: Value) -> (Ended, Vec<Step>) {
    let told = Told::default();
    let ended = tool.call_as(request(verb, input, told.listener())).await;
    (ended, told.steps())
}

fn step(done: f64, total: Option<f64>, message: Option<&str>) -> Step {
    Step { done, total, message: message.map(str::to_owned) }
}

/// The lines of a record that came of reports.
fn reported(ended: &Ended) -> Vec<&str> {
    let lines = ended.record.log.iter().filter(|line| line.level == "progress");
    lines.map(|line| line.text.as_str()).collect()
}

#[tokio::test]
async fn who_listens_is_told_each_report_and_each_is_on_record() {
    let tool = reporting().await;
    assert!(tool.tool.imports().iter().any(|import| import.interface() == "mpp:tool/progress"));
    assert!(tool.tool.imports().iter().all(|import| import.need == Need::Nothing));
    let input = json!({"steps": 3, "message": "on the way", "before": 1, "after": 1});
    let (ended, told) = followed(&tool, "steps", input).await;
    assert_eq!(ended.text(), "done");
    let each = |done: f64| step(done, Some(3.0), Some("on the way"));
    assert_eq!(told, [each(1.0), each(2.0), each(3.0)]);
    let reports = ["progress: 1/3 on the way", "progress: 2/3 on the way", "progress: 3/3 on the way"];
    assert_eq!(ended.log(), [&["info: x"][..], &reports, &["info: x"]].concat());
    assert_eq!(ended.record.usage.log_bytes, 3 * "1/3 on the way".len() as u64 + 2);
    assert_eq!(ended.report.log[1].source, LogSource::Progress);
}

#[tokio::test]
async fn where_nobody_listens_there_is_no_record_of_it() {
    let tool = reporting().await;
    let ended =
        tool.call("steps", json!({"steps": 3, "message": "on the way", "before": 1, "after": 1})).await;
    assert_eq!(ended.text(), "done");
    assert_eq!(ended.log(), ["info: x", "info: x"]);
    assert_eq!((ended.record.usage.log_bytes, ended.record.cut_bytes), (2, 0));
}

/// Fuel tells of every instruction: with a listener, without, and with one that is
/// told nothing any more.
#[tokio::test]
async fn a_tool_cannot_tell_whether_anybody_listens() {
    let limits = Limits { log_bytes: 100, ..Limits::DEFAULT };
    let scene = Scene::of(guests::REPORTS_PROGRESS).await.limits(limits);
    let tool = scene.execution(Execution::Deterministic).load();
    let input = json!({"steps": 50, "message": "on the way", "before": 0, "after": 0});
    let alone = tool.call("steps", input.clone()).await;
    let (ended, told) = followed(&tool, "steps", input).await;
    assert!((1..50).contains(&told.len()), "{told:?}");
    assert_eq!(ended.completed(), alone.completed());
    assert_eq!(ended.record.usage.fuel, alone.record.usage.fuel);
    assert_eq!(ended.record.usage.hostcalls, 0);
}

#[tokio::test]
async fn what_a_report_has_is_told_as_it_is_and_no_more_than_there_is_room_for() {
    let tool = reporting().await;
    let long = "ü".repeat(MAX_MESSAGE_BYTES);
    let cases = [
        (json!({"done": "0.5"}), Some((step(0.5, None, None), "0.5"))),
        (json!({"done": "-1", "total": "1e300"}), Some((step(-1.0, Some(1e300), None), "-1/1e300"))),
        (json!({"done": "2", "message": ""}), Some((step(2.0, None, Some("")), "2 "))),
        (json!({"done": "1", "total": "inf"}), Some((step(1.0, None, None), "1"))),
        (
            json!({"done": "1", "message": "\u{1b}[2K\r\n\0"}),
            Some((step(1.0, None, Some("\u{1b}[2K\r\n\0")), "1 \u{1b}[2K\r\n\0")),
        ),
        (
            json!({"done": "1", "message": long}),
            Some((
                step(1.0, None, Some(&long[..MAX_MESSAGE_BYTES])),
                &*format!("1 {}", &long[..MAX_MESSAGE_BYTES]),
            )),
        ),
        (json!({"done": "NaN", "total": "1", "message": "x"}), None),
        (json!({"done": "inf"}), None),
        (json!({"done": "-inf"}), None),
    ];
    for (input, expected) in cases {
        let (ended, told) = followed(&tool, "report", input.clone()).await;
        assert_eq!(ended.text(), "reported");
        let expected: (Vec<Step>, Vec<&str>) = expected.into_iter().unzip();
        assert_eq!((told, reported(&ended)), expected, "{input}");
        let cut =
            input["message"].as_str().map_or(0, |message| message.len().saturating_sub(MAX_MESSAGE_BYTES));
        assert_eq!(ended.record.cut_bytes, cut as u64, "{input}");
    }
}

#[tokio::test]
async fn a_report_beyond_the_log_limit_is_not_told_and_counted_as_dropped() {
    let limits = Limits { log_bytes: 20, ..Limits::DEFAULT };
    let tool = Scene::of(guests::REPORTS_PROGRESS).await.limits(limits).load();
    let (ended, told) =
        followed(&tool, "steps", json!({"steps": 9, "message": "step", "before": 1, "after": 1})).await;
    assert_eq!(told, [step(1.0, Some(9.0), Some("step")), step(2.0, Some(9.0), Some("step"))]);
    assert_eq!(ended.log(), ["info: x", "progress: 1/9 step", "progress: 2/9 step", "info: x"]);
    assert_eq!(ended.record.cut_bytes, 7 * "3/9 step".len() as u64);
}

/// The record of a call keeps the first lines and the last of what it logs. What
/// was told is among the first, however large the operator makes the log limit.
#[tokio::test]
async fn whatever_else_a_tool_says_all_that_was_told_is_on_record() {
    let limits = Limits { log_bytes: 1 << 30, time: Duration::from_secs(300), ..Limits::DEFAULT };
    let tool = Scene::of(guests::REPORTS_PROGRESS).await.limits(limits).load();
    let input = json!({"steps": 20_000, "message": "\0", "before": 40_000, "after": 0});
    let (ended, told) = followed(&tool, "steps", input).await;
    assert_eq!(ended.text(), "done");
    assert_eq!((told.len(), reported(&ended).len()), (0, 0), "what is logged first left no room");

    let input = json!({"steps": 20_000, "message": "\0", "before": 2_000, "after": 60_000});
    let (ended, told) = followed(&tool, "steps", input).await;
    assert!((2_000..20_000).contains(&told.len()), "{}", told.len());
    let told: Vec<String> = told.iter().map(Step::to_string).collect();
    assert_eq!(reported(&ended), told);
    let dropped = ended.report.log.len() - ended.record.log.len();
    assert!(dropped > 10_000, "the record has all but {dropped} lines, so nothing was pushed out");
}

/// The log is gone, and what is waited for does not come.
#[tokio::test]
async fn nobody_is_told_of_a_call_whose_intent_is_not_durable() {
    let quiet = Settings {
        checkpoint_every: Duration::from_secs(3600),
        heartbeat_every: None,
        ..Settings::default()
    };
    let tool = Scene::of(guests::REPORTS_PROGRESS).await.log(quiet).load();
    std::fs::remove_dir_all(tool.host.log()).expect("the log has a directory");
    let told = Told::default();
    let call = tool.tool.call(request("report", json!({"done": "1"}), told.listener())).await;
    assert!(matches!(call, Err(CallError::Audit(LogError::Poisoned { .. }))), "{call:?}");
    assert_eq!(told.steps(), []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_is_cancelled_has_what_was_told_on_record() {
    let tool = reporting().await;
    let told = Told::default();
    let call = tool.tool.call(request("report-and-stay", json!({}), told.listener()));
    tokio::select! {
        report = call => panic!("it came back: {report:?}"),
        () = told.something.notified() => {}
    }
    let calls = loop {
        let calls = tool.host.calls();
        if !calls.is_empty() {
            break calls;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(calls[0].outcome.kind, OutcomeKind::Cancelled);
    assert_eq!(told.steps(), [step(1.0, Some(2.0), Some("staying"))]);
    let lines: Vec<_> = calls[0].log.iter().map(|line| (line.level.as_str(), line.text.as_str())).collect();
    assert_eq!(lines, [("progress", "1/2 staying")]);
}

#[tokio::test]
async fn a_listener_that_panics_is_a_fault_of_the_host_and_on_record() {
    let tool = reporting().await;
    let ended = tool
        .call_as(request("report", json!({"done": "1"}), Progress::new(|_| panic!("the listener is broken"))))
        .await;
    let Outcome::HostFault(why) = &ended.report.outcome else { panic!("{:?}", ended.report.outcome) };
    assert!(why.contains("the listener is broken"), "{why}");
    assert_eq!(ended.record.outcome.kind, OutcomeKind::HostFault);
    let line = LogLine { source: LogSource::Progress, text: "1".to_owned() };
    assert_eq!(ended.report.log, [line]);
}
