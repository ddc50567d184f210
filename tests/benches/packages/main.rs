//! What `mpp serve` takes with many packages installed: time and memory.
//!
//! ```text
//! cargo bench --bench packages
//! ```
//!
//! The packages are the sample `text-stats` under as many names, each signed and
//! with a file of its own; every one of their tools has the same name, so that all
//! are served under longer ones. For 10 to 10,000 of them a table says
//!
//! - **ready**, **listed**, **first call**: from the start of the process to its first
//!   answer, to the last page of its list, and to the answer of a tool that was never
//!   called before;
//! - **warm call**: the median of calls of that tool, one after the other over the same
//!   connection;
//! - **idle**: memory that is resident once the client has the list, before anything is called;
//! - **called**: the same once so many different packages were called.
//!
//! Each is measured of a second process: the files are in the system's cache, as
//! the second client of a day finds them. Below the table stand the slopes: bytes of
//! each package that is installed and not loaded, and of each that is loaded.
//! `-- --test` does it with few, and measures nothing.

mod client;
mod home;

use std::path::Path;
use std::time::{Duration, Instant};

use client::Client;
use home::home;

/// Packages, measured and tried.
const MANY: [usize; 4] = [10, 100, 1_000, 10_000];
const FEW: [usize; 2] = [3, 6];

/// Different packages that are called, if there are as many.
const CALLED: usize = 50;

/// Calls of one tool, measured and tried.
const CALLS: usize = 300;
const FEW_CALLS: usize = 3;

fn main() {
    let test = std::env::args().any(|argument| argument == "--test");
    let (numbers, calls) = if test { (&FEW[..], FEW_CALLS) } else { (&MANY[..], CALLS) };
    let rows: Vec<Row> = numbers.iter().map(|packages| Row::of(*packages, calls)).collect();
    if !test {
        print(&rows);
    }
}

fn print(rows: &[Row]) {
    println!(
        "{:>8} {:>8} {:>8} {:>10} {:>10} {:>10} {:>10}",
        "packages", "ready", "listed", "first call", "warm call", "idle", "called"
    );
    for row in rows {
        println!("{row}");
    }
    let [least, .., most] = rows else { return };
    let unloaded = slope((least.packages, least.idle), (most.packages, most.idle));
    println!("each package that is not loaded: {unloaded:.0} bytes");
    let loaded = slope((1, most.first), (most.called, most.resident));
    println!("each package that is loaded: {:.0} KiB", loaded / 1024.0);
}

/// Bytes for each more, of two numbers with as many bytes.
fn slope(from: (usize, usize), to: (usize, usize)) -> f64 {
    (to.1 as f64 - from.1 as f64) / (to.0 as f64 - from.0 as f64)
}

/// What a client waits for, and what the server holds.
struct Row {
    packages: usize,
    ready: Duration,
    listed: Duration,
    first_call: Duration,
    warm_call: Duration,
    /// Bytes before anything is asked for.
    idle: usize,
    /// Bytes once one package is loaded.
    first: usize,
    /// Different packages that were called.
    called: usize,
    /// Bytes then.
    resident: usize,
}

impl std::fmt::Display for Row {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { packages, ready, listed, first_call, warm_call, idle, first: _, called: _, resident } =
            self;
        let milliseconds = |time: &Duration| format!("{:.0} ms", time.as_secs_f64() * 1e3);
        let [ready, listed, first_call] = [ready, listed, first_call].map(milliseconds);
        let warm_call = format!("{:.0} \u{b5}s", warm_call.as_secs_f64() * 1e6);
        let [idle, resident] =
            [idle, resident].map(|bytes| format!("{:.1} MiB", *bytes as f64 / 1_048_576.0));
        write!(
            to,
            "{packages:>8} {ready:>8} {listed:>8} {first_call:>10} {warm_call:>10} {idle:>10} {resident:>10}"
        )
    }
}

impl Row {
    /// Of the second process that serves so many.
    fn of(packages: usize, calls: usize) -> Self {
        let home = home(packages);
        Self::once(home.path(), packages, calls);
        Self::once(home.path(), packages, calls)
    }

    fn once(home: &Path, packages: usize, calls: usize) -> Self {
        let began = Instant::now();
        let mut client = Client::start(home);
        client.begin();
        let ready = began.elapsed();
        let names = client.names();
        let listed = began.elapsed();
        let idle = client.resident();
        assert_eq!(names.len(), packages);
        assert!(names.is_sorted() && names.iter().all(|name| name.ends_with("__text-stats")), "{names:?}");
        client.count_words(&names[0]);
        let first_call = began.elapsed();
        let first = client.resident();
        let mut times: Vec<_> = (0..calls).map(|_| client.count_words(&names[0])).collect();
        times.sort();
        let called = packages.min(CALLED);
        let apart = packages / called;
        names.iter().step_by(apart).take(called).for_each(|name| {
            client.count_words(name);
        });
        let resident = client.resident();
        Self {
            packages,
            ready,
            listed,
            first_call,
            warm_call: times[calls / 2],
            idle,
            first,
            called,
            resident,
        }
    }
}
