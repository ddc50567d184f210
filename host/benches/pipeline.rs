//! What a call costs, beside the engine's own floor for the same component in
//! the same run.
//!
//! ```text
//! cargo bench --bench pipeline
//! ```
//!
//! The component is the sample tool `text-stats`. *Floor* is a fresh store, a
//! fresh instance and one typed call on the very engine of the host, with
//! nothing of ours around it. *Call* is the whole pipeline: input parsed and
//! checked, sandbox, guest, output checked, record in the audit log. The log is
//! kept in memory (`/dev/shm`) for the one and on disk for the other, because
//! one `fdatasync` costs more than everything else together. Every result is
//! asserted, so that no bench measures a failure.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use criterion::{Criterion, criterion_group, criterion_main};
use mpp_host::audit::{Log, SystemClock};
use mpp_host::package::{
    Keyring, Manifest, ManifestParts, Package, SignOptions, SigningKey, Timestamp, Version, pack, sign,
};
use mpp_host::policy::{LimitsRequest, OperatorPolicy, Permissions};
use mpp_host::{CompiledCache, Host, Inspection, Tool};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use wit_component::ComponentEncoder;

mod floor;

/// What the tests' build script built.
mod built {
    #![allow(dead_code, reason = "one of many is measured")]

    pub struct Guest {
        pub name: &'static str,
        pub path: &'static str,
    }

    include!(concat!(env!("OUT_DIR"), "/artifacts.rs"));
}

const TOOL: &str = "text-stats";
const INPUT: &str = r#"{"text":"to be or not to be, that is the question"}"#;

/// Pairs of calls for the ratio: enough for a steady median of each.
const PAIRS: usize = 3_000;

fn component() -> Vec<u8> {
    let module = std::fs::read(built::TEXT_STATS.path).expect("the sample is built");
    let encoder = ComponentEncoder::default().module(&module).expect("the sample is a module");
    encoder.validate(true).encode().expect("the sample becomes a component")
}

fn signing_key() -> SigningKey {
    SigningKey::from_seed(&[7; 32])
}

fn package(runtime: &Runtime) -> Vec<u8> {
    let component = component();
    let inspection = Inspection::of(&component).expect("the sample compiles");
    let manifest = Manifest::new(ManifestParts {
        publisher: "com.example".parse().expect("a name"),
        name: TOOL.parse().expect("a name"),
        version: Version::new(1, 0, 0),
        description: "Measured.".to_owned(),
        permissions: Permissions::none(),
        limits: LimitsRequest::NONE,
        tools: runtime.block_on(inspection.describe()).expect("the sample describes itself"),
        icons: Vec::new(),
    });
    let unsigned = pack(&component, &manifest.expect("a manifest")).expect("a package");
    let issued_at = Timestamp::at(SystemTime::now()).expect("the clock is set");
    let options = SignOptions { sequence: 1, issued_at, not_after: None };
    sign(&unsigned, &signing_key(), &options).expect("a signed package")
}

fn keyring() -> Keyring {
    let mut keyring = Keyring::empty();
    keyring.pin(&"com.example".parse().expect("a name"), signing_key().public_key()).expect("room");
    keyring
}

/// A directory for a log: in memory, or on the disk of the build.
fn place(in_memory: bool) -> TempDir {
    let memory = Path::new("/dev/shm");
    let at = if in_memory && memory.is_dir() { memory } else { Path::new(env!("CARGO_TARGET_TMPDIR")) };
    tempfile::tempdir_in(at).expect("a directory")
}

fn host(place: &TempDir, cached: bool) -> Host {
    let log = Log::open(&place.path().join("audit"), SystemClock).expect("a log");
    let builder = Host::builder().keyring(keyring()).audit(Arc::new(log)).concurrent_calls(8);
    let builder = if cached {
        let directory = place.path().join("compiled");
        std::fs::create_dir_all(&directory).expect("a directory");
        builder.compiled_cache(CompiledCache::new(directory, [9; 32]))
    } else {
        builder
    };
    builder.build().expect("a host")
}

fn load(host: &Host, package: &[u8]) -> Tool {
    let package = Package::parse(package).expect("a package");
    host.load(package, &OperatorPolicy::approving(Permissions::none())).expect("the package loads")
}

async fn call(tool: &Tool) {
    let answer = tool.invoke(TOOL, INPUT).await.expect("the tool answers");
    assert_eq!(answer.structured.expect("structured")["words"], 10);
}

fn before_a_call(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let package = package(&runtime);
    let keyring = keyring();
    let _inside = runtime.enter();
    criterion.bench_function("verify", |bench| {
        bench.iter(|| {
            let parsed = Package::parse(package.as_slice()).expect("a package");
            keyring.verify(parsed, SystemTime::now()).expect("it verifies")
        });
    });
    let place = place(true);
    let compiling = host(&place, false);
    let mut group = criterion.benchmark_group("load");
    group.sample_size(10);
    group.bench_function("compile", |bench| bench.iter(|| load(&compiling, &package)));
    drop(compiling);
    let caching = host(&place, true);
    load(&caching, &package);
    group.bench_function("cached", |bench| bench.iter(|| load(&caching, &package)));
    group.finish();
}

fn a_call(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let package = package(&runtime);
    let _inside = runtime.enter();
    let (memory, disk) = (place(true), place(false));
    let (in_memory, on_disk) = (host(&memory, false), host(&disk, false));
    let (tool, durable) = (load(&in_memory, &package), load(&on_disk, &package));
    let floor = floor::Floor::new(in_memory.engine(), &component(), TOOL, INPUT);
    criterion.bench_function("call/floor", |bench| bench.iter(|| runtime.block_on(floor.call())));
    criterion.bench_function("call/log in memory", |bench| bench.iter(|| runtime.block_on(call(&tool))));
    let mut group = criterion.benchmark_group("call");
    group.sample_size(20);
    group.bench_function("log on disk", |bench| bench.iter(|| runtime.block_on(call(&durable))));
    group.finish();
    ratio(&runtime, &floor, &tool);
}

/// Floor and call in turns, so that whatever else the machine does meets both.
fn ratio(runtime: &Runtime, floor: &floor::Floor, tool: &Tool) {
    let mut times = (Vec::with_capacity(PAIRS), Vec::with_capacity(PAIRS));
    runtime.block_on(async {
        for _ in 0..PAIRS {
            times.0.push(timed(floor.call()).await);
            times.1.push(timed(call(tool)).await);
        }
    });
    let (floor, call) = (median(times.0), median(times.1));
    println!(
        "\nin turns, {PAIRS} of each, medians: floor {floor:?}, call {call:?}, ratio {:.2}\n",
        call.as_secs_f64() / floor.as_secs_f64()
    );
}

async fn timed(work: impl Future<Output = ()>) -> Duration {
    let start = Instant::now();
    work.await;
    start.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

criterion_group!(benches, before_a_call, a_call);
criterion_main!(benches);
