//! What a call costs, beside the engine's own floor for the same component in
//! the same run.
//!
//! ```text
//! cargo bench --bench pipeline
//! ```
//!
//! The component is the sample tool `text-stats`. *Floor* is a fresh store, a
//! fresh instance and one typed call on the very engine of the host, with
//! nothing of ours around it; *plain floor* is the same with the code linked without
//! arguments and an engine that pools with plain defaults. *Call* is the whole
//! pipeline: input parsed and checked, sandbox, guest, output checked, records in
//! the audit log: relaxed, strict with the log in memory (`/dev/shm`), and strict on
//! disk, where one `fdatasync` costs more than everything else together. *Stage* is
//! where the time of a call goes, as the pipeline tells it who asks; beside it stands
//! what of the floor is the instance. Every result is asserted, so that no bench
//! measures a failure. The bench `calls` has the distribution, side by side, and
//! throughput; `mpp bench` measures any package.

use std::time::{Duration, SystemTime};

use criterion::{Criterion, criterion_group, criterion_main};
use mpp_host::audit::Durability;
use mpp_host::package::Package;
use mpp_host::{Outcome, Request, Stages, Tool};
use tempfile::TempDir;
use tokio::runtime::Runtime;

mod floor;
mod scene;

use floor::{Floor, plain_engine};
use scene::{INPUT, Linked, Place, TOOL, call, component, host, keyring, load, package};

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
    let place = Place::Memory.directory();
    let compiling = host(&place, Durability::Strict, false);
    let mut group = criterion.benchmark_group("load");
    group.sample_size(10);
    group.bench_function("compile", |bench| bench.iter(|| load(&compiling, &package)));
    drop(compiling);
    let caching = host(&place, Durability::Strict, true);
    load(&caching, &package);
    group.bench_function("cached", |bench| bench.iter(|| load(&caching, &package)));
    group.finish();
}

fn a_call(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let package = package(&runtime);
    let _inside = runtime.enter();
    let mut group = criterion.benchmark_group("call");
    let place = Place::Disk.directory();
    let relaxed = host(&place, Durability::Relaxed, false);
    let floor = Floor::new(relaxed.engine(), &component(Linked::AsTools), TOOL, INPUT);
    let plain = Floor::new(&plain_engine(), &component(Linked::Plainly), TOOL, INPUT);
    group.bench_function("plain floor", |bench| bench.iter(|| runtime.block_on(plain.call())));
    group.bench_function("floor", |bench| bench.iter(|| runtime.block_on(floor.call())));
    let tool = load(&relaxed, &package);
    group.bench_function("relaxed", |bench| bench.iter(|| runtime.block_on(call(&tool))));
    for (name, place) in [("strict, in memory", Place::Memory), ("strict, on disk", Place::Disk)] {
        let place = place.directory();
        let tool = load(&host(&place, Durability::Strict, false), &package);
        group.sample_size(20);
        group.bench_function(name, |bench| bench.iter(|| runtime.block_on(call(&tool))));
    }
    group.finish();
}

/// Which part of a call is measured.
type Part = fn(&Stages) -> Duration;

/// The parts of a call of a tool that asks nothing of its host and waits for nobody.
const PARTS: [(&str, Part); 5] = [
    ("schema checks", |stages| stages.input + stages.output),
    ("instantiate", |stages| stages.instantiate),
    ("guest", |stages| stages.guest),
    ("teardown", |stages| stages.teardown),
    ("audit append", on_record),
];

fn on_record(stages: &Stages) -> Duration {
    stages.intent + stages.outcome
}

fn the_stages_of_a_call(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let package = package(&runtime);
    let _inside = runtime.enter();
    let mut group = criterion.benchmark_group("stage");
    // Of each call a part is measured, and the rest takes its time, too.
    group.measurement_time(Duration::from_secs(1)).sample_size(50);
    let tool = |place: &TempDir, durability| load(&host(place, durability, false), &package);
    let mut stage = |name: &str, tool: &Tool, part: Part| {
        group.bench_function(name, |bench| {
            bench.iter_custom(|calls| runtime.block_on(time_of(calls, tool, part)));
        });
    };
    let place = Place::Disk.directory();
    let relaxed = tool(&place, Durability::Relaxed);
    for (name, part) in PARTS {
        stage(name, &relaxed, part);
    }
    for (name, place) in [("in memory", Place::Memory), ("on disk", Place::Disk)] {
        let place = place.directory();
        stage(&format!("audit append and sync, {name}"), &tool(&place, Durability::Strict), on_record);
    }
    let floor = Floor::of(relaxed.component(), TOOL, INPUT);
    group.bench_function("floor", |bench| bench.iter(|| runtime.block_on(floor.call())));
    group.bench_function("floor, instance", |bench| bench.iter(|| runtime.block_on(floor.instantiate())));
    group.finish();
}

/// What one part of so many calls took.
async fn time_of(calls: u64, tool: &Tool, part: Part) -> Duration {
    let mut sum = Duration::ZERO;
    for _ in 0..calls {
        let request = Request { timed: true, ..Request::new(TOOL, INPUT) };
        let report = tool.call(request).await.expect("it is on record");
        let Outcome::Completed(answer) = report.outcome else { panic!("{:?}", report.outcome) };
        assert_eq!(answer.structured.expect("structured")["words"], 10);
        sum += part(&report.stages.expect("it was asked for"));
    }
    sum
}

criterion_group!(benches, before_a_call, a_call, the_stages_of_a_call);
criterion_main!(benches);
