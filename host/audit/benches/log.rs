//! How fast the log is, beside what the disk under it can do.
//!
//! `fdatasync` is measured in the same run on the same file system: an append is
//! one of them and little more. `MPP_AUDIT_BENCH_RECORDS` sets the length of the
//! log that is opened, proven from and verified (default 10⁶).

use std::fs::File;
use std::hint::black_box;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use mpp_audit::policy::Policy;
use mpp_audit::{
    Allowed, Bodies, Caller, Ended, Event, Expected, Log, NewCall, OutcomeKind, PackageIdentity, Settings,
    Subject, SystemClock, Timestamp, TrustAction, TrustChange, TrustSubject, Usage, check_proof, prove,
    verify_log,
};

fn event() -> Event {
    Event::TrustChange(TrustChange {
        action: TrustAction::Pin,
        publisher: Some("com.example".to_owned()),
        subject: TrustSubject::Key { id: "sha256:".to_owned() + &"00".repeat(32) },
        replaced_version: None,
        actor: None,
    })
}

/// Something done to a log.
type Deed = fn(&Arc<Log>);

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
    let count = |resource: &str| Allowed {
        permission: "filesystem.read".to_owned(),
        resource: resource.to_owned(),
        count: 3,
    };
    Ended {
        output: Some("y".repeat(512)),
        allowed: vec![count("/data/a.csv"), count("/data/b.csv")],
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

/// A call that computes only: one wait for the disk.
fn pure_call(log: &Arc<Log>) {
    let call = log.begin(new_call()).expect("it begins");
    black_box(call.end(ended()).expect("it ends"));
}

/// A call with an effect, which waits for its intent.
fn call_with_effect(log: &Arc<Log>) {
    let call = log.begin(new_call()).expect("it begins");
    call.durable().expect("it becomes durable");
    black_box(call.end(ended()).expect("it ends"));
}

fn append_many(log: &Log, times: u64) {
    for _ in 0..times {
        black_box(log.append(&event()).expect("it is recorded"));
    }
}

fn settings() -> Settings {
    Settings { heartbeat_every: None, ..Settings::default() }
}

/// A write of one line and its sync.
fn fdatasync(c: &mut Criterion) {
    let dir = tempfile::tempdir().expect("a directory");
    let mut file = File::create(dir.path().join("file")).expect("a file");
    c.bench_function("disk: write 512 bytes and fdatasync", |bench| {
        bench.iter(|| file.write_all(&[0; 512]).and_then(|()| file.sync_data()).expect("the disk is well"));
    });
}

/// A sync and what the log makes of it, by turns, so that both see the same disk:
/// the median of the one beside the median of the other. A call has two records.
fn beside_the_disk(_: &mut Criterion) {
    const ROUNDS: usize = 15;
    let kinds: [(&str, usize, Deed); 5] = [
        ("1 append", 1, |log| append_many(log, 1)),
        ("1 pure call", 1, pure_call),
        ("1 call with an effect", 1, call_with_effect),
        ("64 appends", 64, |log| append_many(log, 1)),
        ("64 pure calls", 64, pure_call),
    ];
    let mut report = std::io::stderr();
    for (name, callers, deed) in kinds {
        let dir = tempfile::tempdir().expect("a directory");
        let mut file = File::create(dir.path().join("file")).expect("a file");
        let log = Arc::new(
            Log::open_with(&dir.path().join("log"), SystemClock, settings()).expect("the log opens"),
        );
        let (mut syncs, mut deeds) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            syncs.extend((0..20).map(|_| {
                time(|| file.write_all(&[0; 512]).and_then(|()| file.sync_data()).expect("the disk is well"))
            }));
            deeds.extend(std::thread::scope(|scope| {
                let caller = || (0..20).map(|_| time(|| deed(&log))).collect::<Vec<_>>();
                let callers: Vec<_> = (0..callers).map(|_| scope.spawn(caller)).collect();
                callers
                    .into_iter()
                    .flat_map(|caller| caller.join().expect("no caller panics"))
                    .collect::<Vec<_>>()
            }));
        }
        let (sync, deed) = (median(syncs), median(deeds));
        writeln!(
            report,
            "{name}: median {deed:.1?}, fdatasync {sync:.1?}, ratio {:.2}, {:.0} of them a second",
            deed.as_secs_f64() / sync.as_secs_f64(),
            callers as f64 / deed.as_secs_f64()
        )
        .expect("it can be said");
    }
}

fn time<T>(deed: impl FnOnce() -> T) -> Duration {
    let begun = Instant::now();
    black_box(deed());
    begun.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// Appends by so many callers at once; the time is that of one append of each.
fn append(c: &mut Criterion) {
    let mut group = c.benchmark_group("append, callers");
    group.sample_size(10).measurement_time(Duration::from_secs(5));
    for callers in [1_u64, 8, 64] {
        let dir = tempfile::tempdir().expect("a directory");
        let log = Log::open_with(dir.path(), SystemClock, settings()).expect("the log opens");
        group.throughput(Throughput::Elements(callers));
        group.bench_with_input(BenchmarkId::from_parameter(callers), &callers, |bench, &callers| {
            bench.iter_custom(|rounds| {
                let begun = Instant::now();
                std::thread::scope(|scope| {
                    for _ in 0..callers {
                        scope.spawn(|| append_many(&log, rounds));
                    }
                });
                begun.elapsed()
            });
        });
    }
    group.finish();
}

/// Whole calls, with their payloads, by so many callers at once; the time is that
/// of one call of each. A call has two records.
fn calls(c: &mut Criterion) {
    let kinds: [(&str, Deed); 2] = [("pure", pure_call), ("with an effect", call_with_effect)];
    for (name, call) in kinds {
        let mut group = c.benchmark_group(format!("call, {name}, callers"));
        group.sample_size(10).measurement_time(Duration::from_secs(5));
        for callers in [1_u64, 64] {
            let dir = tempfile::tempdir().expect("a directory");
            let log = Arc::new(Log::open_with(dir.path(), SystemClock, settings()).expect("the log opens"));
            group.throughput(Throughput::Elements(2 * callers));
            group.bench_with_input(BenchmarkId::from_parameter(callers), &callers, |bench, &callers| {
                bench.iter_custom(|rounds| {
                    let begun = Instant::now();
                    std::thread::scope(|scope| {
                        for _ in 0..callers {
                            scope.spawn(|| (0..rounds).for_each(|_| call(&log)));
                        }
                    });
                    begun.elapsed()
                });
            });
        }
        group.finish();
    }
}

/// What an append takes of the processor, in a short log and in a long one: in
/// memory, where there is room, a sync is free.
fn grown(c: &mut Criterion) {
    let mut group = c.benchmark_group("append without a disk, records before");
    for records in [1_000, records()] {
        let dir = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a directory");
        long(dir.path(), records);
        let log = Log::open_with(dir.path(), SystemClock, settings()).expect("the log opens");
        group.bench_function(BenchmarkId::from_parameter(records), |bench| {
            bench.iter(|| black_box(log.append(&event()).expect("it is recorded")));
        });
    }
    group.finish();
}

/// The length of a long log.
fn records() -> u64 {
    let records = std::env::var("MPP_AUDIT_BENCH_RECORDS").ok().and_then(|text| text.parse().ok());
    records.unwrap_or(1_000_000)
}

/// A log of so many records, made by many callers in memory if there is room.
fn long(dir: &Path, records: u64) {
    const CALLERS: u64 = 256;
    let log = Log::open_with(dir, SystemClock, settings()).expect("the log opens");
    std::thread::scope(|scope| {
        for _ in 0..CALLERS {
            scope.spawn(|| append_many(&log, records / CALLERS));
        }
    });
}

fn read(c: &mut Criterion) {
    let records = records();
    let dir = tempfile::tempdir().expect("a directory");
    long(dir.path(), records);
    let expected = |bodies| Expected { bodies, ..Expected::default() };
    let verified = verify_log(dir.path(), &expected(Bodies::Skipped)).expect("it holds");
    let policy = Policy::unwitnessed(vec![verified.key.clone()]).expect("one key");
    let records = verified.summary.records;

    let mut group = c.benchmark_group(format!("a log of {records} records"));
    group.sample_size(10);
    group.bench_function("open", |bench| {
        bench.iter(|| Log::open_with(dir.path(), SystemClock, settings()).expect("the log opens"));
    });
    let mut seq = 0;
    group.bench_function("prove one record", |bench| {
        bench.iter(|| {
            seq = (seq + 7919) % records;
            black_box(prove(dir.path(), seq).expect("it is signed"))
        });
    });
    let file = prove(dir.path(), records / 2).expect("it is signed").to_string();
    let mut report = BufWriter::new(std::io::stderr());
    writeln!(report, "a proof has {} bytes", file.len()).expect("it can be said");
    group.bench_function("check a proof", |bench| {
        bench.iter(|| black_box(check_proof(file.as_bytes(), &policy).expect("it holds")));
    });
    group.throughput(Throughput::Elements(records)).measurement_time(Duration::from_secs(20));
    for (name, bodies) in [("verify the evidence", Bodies::Skipped), ("verify all", Bodies::Read)] {
        group.bench_function(name, |bench| {
            bench.iter(|| verify_log(dir.path(), &expected(bodies)).expect("it holds"));
        });
    }
    group.finish();
}

criterion_group!(benches, beside_the_disk, fdatasync, append, calls, grown, read);
criterion_main!(benches);
