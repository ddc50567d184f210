//! How long a warm call takes beside the engine's own floor, and how many there
//! are in a second, in one run.
//!
//! ```text
//! cargo bench --bench calls
//! ```
//!
//! The tool is `text-stats`, which is pure. In turns, so that whatever else the
//! machine does meets all of them:
//!
//! - *plain floor*: a fresh store, a fresh instance and one typed call, of the same
//!   code linked without arguments, on an engine that pools with plain defaults;
//! - *floor*: the same, linked as `mpp build` does it, on the engine of the host;
//! - *relaxed* and *strict*: the whole call, with its records. The log is on the disk
//!   of the build for the one; for the other it is in memory, so that the pipeline is
//!   measured and not the disk.
//!
//! Then throughput: 64 callers at once on one core and on two, all threads of the
//! process counted. Every answer is asserted. With `--only ROW` one row alone runs, to
//! be looked at with a profiler (`--only callers`: throughput alone); with `--test` everything runs for an instant.

use std::time::{Duration, Instant};

use mpp_host::audit::Durability;
use mpp_host::{Host, Tool};
use rustix::thread::{CpuSet, sched_setaffinity};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;

mod floor;
mod scene;

use floor::{Floor, plain_engine};
use scene::{INPUT, Linked, Place, TOOL, call, component, host, load, package};

/// Calls of each row for the distribution: 300 of them are beyond the 99th percentile.
const TURNS: usize = 30_000;

/// Calls of each row before any is counted.
const WARM_UP: usize = 2_000;

/// How long throughput is measured.
const RUN: Duration = Duration::from_secs(4);

/// Callers at once.
const CALLERS: usize = 64;

/// What is measured.
enum Row {
    Floor(Floor),
    Call { tool: Tool, _log: TempDir },
}

impl Row {
    fn floor(linked: Linked, engine: &wasmtime::Engine) -> Self {
        Self::Floor(Floor::new(engine, &component(linked), TOOL, INPUT))
    }

    fn call(host: &Host, package: &[u8], log: TempDir) -> Self {
        Self::Call { tool: load(host, package), _log: log }
    }

    async fn once(&self) {
        match self {
            Self::Floor(floor) => floor.call().await,
            Self::Call { tool, .. } => call(tool).await,
        }
    }
}

/// Every row with its name, the floor second.
fn rows(package: &[u8]) -> Vec<(&'static str, Row)> {
    let (disk, memory) = (Place::Disk.directory(), Place::Memory.directory());
    let relaxed = host(&disk, Durability::Relaxed, false);
    let strict = host(&memory, Durability::Strict, false);
    vec![
        ("plain floor", Row::floor(Linked::Plainly, &plain_engine())),
        ("floor", Row::floor(Linked::AsTools, relaxed.engine())),
        ("relaxed", Row::call(&relaxed, package, disk)),
        ("strict", Row::call(&strict, package, memory)),
    ]
}

/// The times of `turns` calls of each row, sorted.
fn in_turns(runtime: &Runtime, rows: &[(&str, Row)], turns: usize) -> Vec<Vec<Duration>> {
    let mut times = vec![Vec::with_capacity(turns); rows.len()];
    runtime.block_on(async {
        for turn in 0..turns + turns.min(WARM_UP) {
            for ((_, row), times) in rows.iter().zip(&mut times) {
                let start = Instant::now();
                row.once().await;
                if turn >= turns.min(WARM_UP) {
                    times.push(start.elapsed());
                }
            }
        }
    });
    times.iter_mut().for_each(|times| times.sort_unstable());
    times
}

fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    sorted[(sorted.len() * percent / 100).min(sorted.len() - 1)]
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

fn print_times(rows: &[(&str, Row)], times: &[Vec<Duration>]) {
    let quantile = |row: usize, percent| micros(percentile(&times[row], percent));
    println!("\n{:12} {:>9} {:>7} {:>9} {:>7}   µs, and beside the floor", "", "p50", "", "p99", "");
    for (row, (name, _)) in rows.iter().enumerate() {
        let (median, slow) = (quantile(row, 50), quantile(row, 99));
        println!(
            "{name:12} {median:9.1} {:6.2}x {slow:9.1} {:6.2}x",
            median / quantile(1, 50),
            slow / quantile(1, 99)
        );
    }
}

/// Calls in a second of [`CALLERS`] callers, with every thread on so many cores.
fn throughput(package: &[u8], durability: Durability, cores: usize, run: Duration) -> f64 {
    let measured = std::thread::scope(|scope| {
        // Threads inherit the cores of who starts them: those of the log and the engine, too.
        let thread = scope.spawn(|| {
            let mut allowed = CpuSet::new();
            (0..cores).for_each(|core| allowed.set(core));
            sched_setaffinity(None, &allowed).expect("there are so many cores");
            let runtime =
                Builder::new_multi_thread().worker_threads(cores).enable_all().build().expect("a runtime");
            let _inside = runtime.enter();
            let log = Place::Memory.directory();
            let tool = load(&host(&log, durability, false), package);
            runtime.block_on(callers(&tool, run))
        });
        thread.join()
    });
    measured.expect("no caller panicked")
}

async fn callers(tool: &Tool, run: Duration) -> f64 {
    let start = Instant::now();
    let mut callers = JoinSet::new();
    for _ in 0..CALLERS {
        let tool = tool.clone();
        callers.spawn(async move {
            let mut calls = 0_u32;
            while calls == 0 || start.elapsed() < run {
                call(&tool).await;
                calls += 1;
            }
            calls
        });
    }
    let calls: u32 = callers.join_all().await.into_iter().sum();
    f64::from(calls) / start.elapsed().as_secs_f64()
}

fn print_throughput(package: &[u8], run: Duration) {
    println!("\n{:12} {:>11} {:>11}   calls/s, {CALLERS} callers", "", "1 core", "2 cores");
    for (name, durability) in [("relaxed", Durability::Relaxed), ("strict", Durability::Strict)] {
        let one = throughput(package, durability, 1, run);
        let two = throughput(package, durability, 2, run);
        println!("{name:12} {one:11.0} {two:11.0}   {:.0} % of twice", two / one * 50.0);
    }
    println!();
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let test = arguments.iter().any(|argument| argument == "--test");
    let only = arguments.iter().position(|argument| argument == "--only").map(|at| &arguments[at + 1]);
    let (turns, run) = if test { (3, Duration::ZERO) } else { (TURNS, RUN) };

    let runtime = Runtime::new().expect("a runtime");
    let package = package(&runtime);
    let _inside = runtime.enter();
    let mut rows = rows(&package);
    if let Some(only) = only {
        if only == "callers" {
            print_throughput(&package, run);
            return;
        }
        rows.retain(|(name, _)| name == only);
        let times = in_turns(&runtime, &rows, turns * 3);
        println!("{only}: p50 {:.1} µs", micros(percentile(&times[0], 50)));
        return;
    }
    let times = in_turns(&runtime, &rows, turns);
    print_times(&rows, &times);
    drop(rows);
    print_throughput(&package, run);
}
