//! What it costs to put calls on record through another process.
//!
//! The same calls, by as many callers, into a log of this process, into one that it shares, and
//! through another process that has it; each with one wait for the disk, and with two. The rounds
//! take turns, so that all see the same disk. Time of the processor is that of both processes; it
//! tells more than calls a second where others use the machine.

use std::hint::black_box;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use mpp_audit::{
    Allowed, Caller, Ended, Log, NewCall, OutcomeKind, PackageIdentity, Settings, Subject, SystemClock,
    Timestamp, Usage, Writer, open_shared,
};

/// Says which directory the other process has a log in.
const DIRECTORY: &str = "MPP_AUDIT_BENCH_DIRECTORY";

const ROUNDS: usize = 9;
const ROUND: Duration = Duration::from_millis(400);

fn settings() -> Settings {
    Settings { heartbeat_every: None, ..Settings::default() }
}

fn share(dir: &Path) -> Writer {
    open_shared(dir, SystemClock, settings(), Duration::from_secs(10)).expect("the log opens")
}

/// As for a tool that is loaded.
static SUBJECT: LazyLock<Arc<Subject>> = LazyLock::new(|| {
    Subject::new(
        PackageIdentity {
            publisher: "com.example".to_owned(),
            name: "csv-report".to_owned(),
            version: "1.0.0".to_owned(),
            digest: "sha256:".to_owned() + &"00".repeat(32),
            envelope_digest: None,
            key_ids: vec!["sha256:".to_owned() + &"00".repeat(32)],
            trust: None,
        },
        serde_json::json!({"filesystem": {"read": ["/data"], "write": []}}).into(),
        serde_json::json!({"filesystem": {"read": ["/data"], "write": []}}).into(),
        serde_json::json!({"memory": 67_108_864, "time": 30_000}).into(),
    )
    .expect("it can be recorded")
});

fn new_call() -> NewCall {
    NewCall {
        id: "0192f0c1-0000-7000-8000-000000000000".to_owned(),
        subject: Arc::clone(&SUBJECT),
        tool: "csv-report".to_owned(),
        caller: Caller::NOBODY,
        input: "x".repeat(512),
        started: Timestamp::from(std::time::SystemTime::UNIX_EPOCH),
    }
}

fn ended() -> Ended {
    let allowed =
        Allowed { permission: "filesystem.read".to_owned(), resource: "/data/a.csv".to_owned(), count: 3 };
    Ended {
        output: Some("y".repeat(512)),
        allowed: vec![allowed],
        allowed_unlisted: 0,
        denied: 0,
        log: Vec::new(),
        log_dropped: 0,
        usage: Usage::default(),
        kind: OutcomeKind::Ok,
        code: None,
        reason: None,
        ended: Timestamp::from(std::time::SystemTime::UNIX_EPOCH),
        cut_bytes: 0,
    }
}

fn call(writer: &Writer, has_effect: bool) {
    let call = writer.begin(new_call()).expect("it begins");
    if has_effect {
        call.durable().expect("it becomes durable");
    }
    black_box(call.end(ended()).expect("it ends"));
}

/// Calls a second, by so many callers.
fn rate(writer: &Writer, callers: usize, has_effect: bool) -> f64 {
    let begun = Instant::now();
    let one = || {
        let mut calls = 0_u32;
        while begun.elapsed() < ROUND {
            call(writer, has_effect);
            calls += 1;
        }
        calls
    };
    let calls: u32 = std::thread::scope(|scope| {
        let callers: Vec<_> = (0..callers).map(|_| scope.spawn(one)).collect();
        callers.into_iter().map(|caller| caller.join().expect("no caller panics")).sum()
    });
    f64::from(calls) / begun.elapsed().as_secs_f64()
}

/// Seconds of processor time that a process has used (`proc(5)`, `stat`: fields 14 and 15, in
/// hundredths).
fn processor(pid: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split(' ');
    fields.skip(12).take(2).filter_map(|field| field.parse::<f64>().ok()).sum::<f64>() / 100.0
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Another process, which has the log of a directory.
fn owner(dir: &Path) -> Child {
    let mut owner = Command::new(std::env::current_exe().expect("it runs"))
        .env(DIRECTORY, dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it can be started");
    let said = owner.stdout.take().expect("piped");
    BufReader::new(said).read_line(&mut String::new()).expect("it has the log");
    owner
}

fn main() {
    if let Some(dir) = std::env::var_os(DIRECTORY) {
        let _writer = share(Path::new(&dir));
        println!("ready");
        let _ = std::io::stdin().read_line(&mut String::new());
        return;
    }
    let home = tempfile::tempdir().expect("a directory");
    let dir = |name: &str| home.path().join(name);
    let alone = Arc::new(Log::open_with(&dir("alone"), SystemClock, settings()).expect("the log opens"));
    let mut other = owner(&dir("remote"));
    let ways = [
        ("a log of its own", Writer::from(alone)),
        ("a log that it shares", share(&dir("shared"))),
        ("through another process", share(&dir("remote"))),
    ];
    let mut report = std::io::stderr();
    for callers in [1, 16, 64] {
        for has_effect in [false, true] {
            let mut rates: [Vec<f64>; 3] = Default::default();
            let mut used = [0.0; 3];
            let processors = || processor(std::process::id()) + processor(other.id());
            for _ in 0..ROUNDS {
                for ((_, writer), (rates, used)) in ways.iter().zip(rates.iter_mut().zip(&mut used)) {
                    let before = processors();
                    rates.push(rate(writer, callers, has_effect));
                    *used += processors() - before;
                }
            }
            let kind = if has_effect { "with an effect" } else { "pure" };
            let alone = median(rates[0].clone());
            for ((way, _), (rates, used)) in ways.iter().zip(rates.into_iter().zip(used)) {
                let calls = rates.iter().sum::<f64>() * ROUND.as_secs_f64();
                let rate = median(rates);
                writeln!(
                    report,
                    "{callers:2} callers, {kind}, {way}: {rate:.0} calls a second ({:.2} of its own), {:.0} µs each, {:.0} µs of processor",
                    rate / alone,
                    callers as f64 / rate * 1e6,
                    used / calls * 1e6,
                )
                .expect("it can be said");
            }
        }
    }
    drop(ways);
    drop(other.stdin.take());
    let _ = other.wait();
}
