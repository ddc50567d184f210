//! What the log takes of the processor for one call whose records nobody waits for.
//!
//! The call of a tool that computes only, where durability is relaxed: an intent and an
//! outcome, a small input and a small output. There is no disk in its way, so what it costs
//! is the work of the log, in all of its threads: the caller's, the one that signs, the one
//! that syncs the packs. Measured in memory, where there is room, and on a disk.
//!
//! Then calls that do wait, on a disk: so many tasks of one thread, where durability is strict.
//!
//! `MPP_AUDIT_BENCH_CALLS` sets how many calls there are (default 100,000).

use std::io::Write as _;
use std::path::Path;
use std::pin::Pin;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, LazyLock};
use std::task::{Context, Wake, Waker};
use std::time::{Duration, Instant};

use mpp_audit::{
    Caller, Durability, Ended, Expected, Log, NewCall, OutcomeKind, PackageIdentity, Settings, Subject,
    SystemClock, TrustEvidence, Usage, verify_log,
};
use serde_json::json;

fn main() {
    let mut report = std::io::stderr();
    let memory = tempfile::tempdir_in("/dev/shm");
    let disk = tempfile::tempdir();
    for (place, dir) in [("in memory", memory), ("on disk", disk)] {
        let Ok(dir) = dir else { continue };
        let cost = measure(dir.path(), calls());
        writeln!(report, "a relaxed call, {place}: {cost}").expect("it can be said");
    }
    for (count, each) in [(1, calls() / 256), (64, calls() / 1024)] {
        let dir = tempfile::tempdir().expect("a directory");
        let (rate, processor) = tasks(dir.path(), count, each);
        let cost = Used(processor);
        writeln!(report, "{count} tasks, strict: {rate:.0} calls a second, each {cost}")
            .expect("it can be said");
    }
}

/// Calls of tasks that wait for their outcome, all in this thread: how many a second, and what
/// each takes of the processor.
fn tasks(dir: &Path, tasks: usize, each: u32) -> (f64, Option<Duration>) {
    let settings = Settings { heartbeat_every: None, ..Settings::default() };
    let log = Arc::new(Log::open_with(dir, SystemClock, settings).expect("the log opens"));
    let one = async |task: usize| {
        for number in 0..each {
            let call = log.begin(new_call(&log, task as u32 * each + number)).expect("it begins");
            call.ending(ended(&log)).await.expect("it ends");
        }
    };
    let calls = tasks as u32 * each;
    let (began, before) = (Instant::now(), processor_time());
    run((0..tasks).map(|task| Box::pin(one(task)) as Pin<Box<dyn Future<Output = ()> + '_>>).collect());
    let rate = f64::from(calls) / began.elapsed().as_secs_f64();
    let processor = processor_time().zip(before).map(|(after, before)| (after - before) / calls);
    drop(log);
    let summary = verify_log(dir, &Expected::default()).expect("the log holds").summary;
    assert_eq!(summary.records, 1 + 2 * u64::from(calls));
    (rate, processor)
}

/// Says which task can go on.
struct Wakes(usize, Sender<usize>);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        // Where nobody runs tasks any more, none is left.
        let _ = self.1.send(self.0);
    }
}

/// Runs tasks in this thread, until all are done.
fn run(mut tasks: Vec<Pin<Box<dyn Future<Output = ()> + '_>>>) {
    let (wake, woken) = channel();
    let wakers: Vec<Waker> =
        (0..tasks.len()).map(|task| Arc::new(Wakes(task, wake.clone())).into()).collect();
    wakers.iter().for_each(Waker::wake_by_ref);
    let mut left = tasks.len();
    while left > 0 {
        let task = woken.recv().expect("somebody wakes");
        left -= usize::from(tasks[task].as_mut().poll(&mut Context::from_waker(&wakers[task])).is_ready());
    }
}

fn calls() -> u32 {
    let calls = std::env::var("MPP_AUDIT_BENCH_CALLS").ok().and_then(|text| text.parse().ok());
    calls.unwrap_or(100_000)
}

/// What one call costs.
struct Cost {
    /// Of the processor, in all threads; `None` where the system does not tell.
    processor: Option<Duration>,
    /// The caller's wait, half of the calls below it and half above.
    begin: Duration,
    end: Duration,
}

/// Of the processor.
struct Used(Option<Duration>);

impl std::fmt::Display for Used {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Some(used) => write!(f, "{used:.2?} of the processor"),
            None => write!(f, "nobody knows how much of the processor"),
        }
    }
}

impl std::fmt::Display for Cost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { processor, begin, end } = self;
        write!(f, "{}; median {begin:.2?} to begin and {end:.2?} to end", Used(*processor))
    }
}

/// Makes a log of so many calls, and sees to it that it holds.
fn measure(dir: &Path, calls: u32) -> Cost {
    let settings = Settings { durability: Durability::Relaxed, heartbeat_every: None, ..Settings::default() };
    let log = Arc::new(Log::open_with(dir, SystemClock, settings).expect("the log opens"));
    let mut times = Vec::with_capacity(calls as usize);
    LazyLock::force(&SUBJECT);
    let before = processor_time();
    for number in 0..calls {
        times.push(call(&log, number));
    }
    // What is left to be written and signed is part of the cost.
    log.checkpoint().expect("it is signed");
    let processor = processor_time().zip(before).map(|(after, before)| (after - before) / calls);
    drop(log);

    let summary = verify_log(dir, &Expected::default()).expect("the log holds").summary;
    assert_eq!(summary.records, 1 + 2 * u64::from(calls));
    assert_eq!(summary.payloads.map(|payloads| payloads.kept), Some(2 * u64::from(calls)));
    let (begin, end) = times.into_iter().unzip();
    Cost { processor, begin: median(begin), end: median(end) }
}

/// One call, and how long its caller waited for its beginning and for its end.
fn call(log: &Arc<Log>, number: u32) -> (Duration, Duration) {
    let (call, ended) = (new_call(log, number), ended(log));
    let began = Instant::now();
    let call = log.begin(call).expect("it begins");
    let begin = began.elapsed();
    let began = Instant::now();
    call.end(ended).expect("it ends");
    (begin, began.elapsed())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// The time that this process has had of all processors, its system calls included. Linux
/// counts it in hundredths of a second, whatever the machine.
fn processor_time() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name of the program, in brackets, can hold anything. Fields 14 and 15, from 1.
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut fields = fields.split(' ').skip(11);
    let (user, system): (u64, u64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some(Duration::from_millis(10 * (user + system)))
}

/// As for a tool that is loaded.
static SUBJECT: LazyLock<Arc<Subject>> = LazyLock::new(|| {
    let digest = || "sha256:".to_owned() + &"5f".repeat(32);
    let permissions = || {
        json!({
            "filesystem": { "read": [], "write": [] },
            "network": { "outbound": [] },
            "env": [],
            "clock": false,
            "random": false,
        })
    };
    Subject::new(
        PackageIdentity {
            publisher: "com.example.tools".to_owned(),
            name: "text-stats".to_owned(),
            version: "1.0.0".to_owned(),
            digest: digest(),
            envelope_digest: Some(digest()),
            key_ids: vec![digest()],
            trust: Some(TrustEvidence {
                sequence: 17,
                root_version: Some(3),
                index_version: Some(41),
                lapse: None,
            }),
        },
        permissions().into(),
        permissions().into(),
        json!({
            "memory_bytes": 67_108_864, "time_ms": 30_000, "fuel": null, "input_bytes": 1_048_576,
            "output_bytes": 1_048_576, "log_bytes": 65_536, "open_files": 16, "http_requests": 16,
            "http_request_bytes": 1_048_576, "http_response_bytes": 16_777_216,
        })
        .into(),
    )
    .expect("it can be recorded")
});

fn new_call(log: &Log, number: u32) -> NewCall {
    NewCall {
        id: format!("019ab0c4-5e30-7000-8000-{number:012x}"),
        subject: Arc::clone(&SUBJECT),
        tool: "text-stats".to_owned(),
        caller: Caller { agent: Some("planner".to_owned()), ..Caller::NOBODY },
        input: r#"{"text":"to be or not to be, that is the question (2 B)"}"#.to_owned(),
        started: log.now(),
    }
}

fn ended(log: &Log) -> Ended {
    let output = r#"{"content":[{"type":"text","text":"13 words"}],"structured":{"words":13,"chars":44,"#;
    Ended {
        output: Some(format!(r#"{output}"lines":1,"longest":"question","mean":3.384}}}}"#)),
        allowed: Vec::new(),
        allowed_unlisted: 0,
        denied: 0,
        log: Vec::new(),
        log_dropped: 0,
        usage: Usage {
            wall_us: 18,
            fuel: Some(40_213),
            peak_memory_bytes: 1_114_112,
            input_bytes: 57,
            output_bytes: 120,
            ..Usage::default()
        },
        kind: OutcomeKind::Ok,
        code: None,
        reason: None,
        ended: log.now(),
        cut_bytes: 0,
    }
}
