//! What a call costs by the size of its input, beside the engine's own floor for the
//! same input, in one run.
//!
//! ```text
//! cargo bench --bench inputs
//! ```
//!
//! The tool is `text-stats`, which is pure, and the text is ten words, as long as they
//! have to be. *Floor* is a fresh store, a fresh instance and one typed call on the
//! engine of the host; *call* is the whole call with its records, relaxed, the log in
//! memory. Both get a text of their own, as a caller makes one. Of both there is the
//! slope: nanoseconds for each byte more than in the row before. What is held is how
//! much the memory of the process grows while one runs, as a multiple of the input;
//! what the tool itself holds is in both. `-- --test` runs everything once.

use std::time::{Duration, Instant};

use mpp_host::Tool;
use mpp_host::audit::Durability;
use tokio::runtime::Runtime;

#[allow(dead_code, reason = "not all of it is measured here")]
mod floor;
#[allow(dead_code, reason = "not all of it is measured here")]
mod scene;

use floor::Floor;
use scene::{Linked, Place, TOOL, component, host, load, package};

/// Bytes of the inputs: the largest is what a host takes by default.
const SIZES: [usize; 6] = [1 << 10, 16 << 10, 256 << 10, 1 << 20, 4 << 20, 16 << 20];

/// Bytes that all calls of one size together read, about.
const SUM: usize = 256 << 20;

/// Calls of each size, at most and at least.
const TURNS: (usize, usize) = (2_000, 9);

/// An input of so many bytes.
fn input(bytes: usize) -> String {
    let (before, after) = (r#"{"text":""#, r#""}"#);
    let letters = bytes - before.len() - after.len() - 9;
    let word = |number: usize| "w".repeat(letters / 10 + usize::from(number < letters % 10));
    let words: Vec<String> = (0..10).map(word).collect();
    let input = format!("{before}{}{after}", words.join(" "));
    assert_eq!(input.len(), bytes);
    input
}

async fn call(tool: &Tool, input: &str) {
    let answer = tool.invoke(TOOL, input).await.expect("the tool answers");
    assert_eq!(answer.structured.expect("structured")["words"], 10);
}

/// One row: median times, and what was held beyond what was there before, in bytes.
struct Row {
    bytes: usize,
    floor: Duration,
    call: Duration,
    floor_held: u64,
    call_held: u64,
}

impl Row {
    fn measure(runtime: &Runtime, tool: &Tool, engine: &wasmtime::Engine, bytes: usize, test: bool) -> Self {
        let input = input(bytes);
        let floor = Floor::new(engine, &component(Linked::AsTools), TOOL, &input);
        let turns = if test { 1 } else { (SUM / bytes).clamp(TURNS.1, TURNS.0) };
        let (mut floors, mut calls) = (Vec::new(), Vec::new());
        for _ in 0..turns {
            floors.push(timed(|| runtime.block_on(floor.call())));
            calls.push(timed(|| runtime.block_on(call(tool, &input))));
        }
        let floor_held = held(|| runtime.block_on(floor.call()));
        let call_held = held(|| runtime.block_on(call(tool, &input)));
        Self { bytes, floor: median(floors), call: median(calls), floor_held, call_held }
    }

    fn print(&self, before: Option<&Self>) {
        let slope = |time: fn(&Self) -> Duration| {
            before.map_or(f64::NAN, |before| {
                (time(self).as_secs_f64() - time(before).as_secs_f64()) * 1e9
                    / (self.bytes - before.bytes) as f64
            })
        };
        let times = |held: u64| held as f64 / self.bytes as f64;
        println!(
            "{:9} {:10.1} {:10.1} {:6.2}x {:9.2} {:9.2} {:9.1} {:9.1}",
            self.bytes,
            micros(self.floor),
            micros(self.call),
            micros(self.call) / micros(self.floor),
            slope(|row| row.floor),
            slope(|row| row.call),
            times(self.floor_held),
            times(self.call_held),
        );
    }
}

fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// How much more memory was resident at once while `work` ran than before, in bytes.
fn held(work: impl FnOnce()) -> u64 {
    // Linux sets the high-water mark to what is resident now.
    std::fs::write("/proc/self/clear_refs", "5").expect("Linux resets it");
    let before = resident("VmRSS");
    work();
    resident("VmHWM").saturating_sub(before)
}

fn resident(what: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux tells");
    let line = status.lines().find(|line| line.starts_with(what)).expect("it has memory");
    let kib = line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok());
    kib.expect("a number of KiB") << 10
}

fn main() {
    let test = std::env::args().any(|argument| argument == "--test");
    let runtime = Runtime::new().expect("a runtime");
    let package = package(&runtime);
    let _inside = runtime.enter();
    let log = Place::Memory.directory();
    let host = host(&log, Durability::Relaxed, false);
    let tool = load(&host, &package);
    runtime.block_on(scene::call(&tool));
    println!(
        "\n{:>9} {:>10} {:>10} {:>7} {:>9} {:>9} {:>9} {:>9}",
        "bytes", "floor µs", "call µs", "", "ns/byte", "ns/byte", "floor", "call held"
    );
    let mut before = None;
    for bytes in SIZES {
        let row = Row::measure(&runtime, &tool, host.engine(), bytes, test);
        row.print(before.as_ref());
        before = Some(row);
    }
}
