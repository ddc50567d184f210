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
//! disk, where one `fdatasync` costs more than everything else together. Every
//! result is asserted, so that no bench measures a failure. The bench `calls` has
//! the distribution, side by side, and throughput.

use std::time::SystemTime;

use criterion::{Criterion, criterion_group, criterion_main};
use mpp_host::audit::Durability;
use mpp_host::package::Package;
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

criterion_group!(benches, before_a_call, a_call);
criterion_main!(benches);
