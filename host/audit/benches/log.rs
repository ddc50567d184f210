//! How fast the log is, beside what the disk under it can do.
//!
//! `fdatasync` is measured in the same run on the same file system: an append is
//! one of them and little more. `MPP_AUDIT_BENCH_RECORDS` sets the length of the
//! log that is opened, proven from and verified (default 10⁶).

use std::fs::File;
use std::hint::black_box;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use mpp_audit::policy::Policy;
use mpp_audit::{
    Bodies, Event, Expected, Log, Settings, SystemClock, TrustAction, TrustChange, TrustSubject, check_proof,
    prove, verify_log,
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
    let records = std::env::var("MPP_AUDIT_BENCH_RECORDS").ok().and_then(|text| text.parse().ok());
    let records = records.unwrap_or(1_000_000);
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

criterion_group!(benches, fdatasync, append, read);
criterion_main!(benches);
