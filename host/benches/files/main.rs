//! How fast a tool reads files and answers over HTTP, beside programs that do the
//! same without a sandbox, in one run.
//!
//! ```text
//! cargo bench --bench files
//! ```
//!
//! - *one file*: 256 MiB in chunks of 64 KiB, in the cache of the system. The tool
//!   looks at the chunks where they are (`BufRead`), or has them read into a buffer
//!   of its own, by `mpp:tool/fs` or by `std::fs`; natively by `std` and `cap-std`.
//! - *many files*: 10,000 of 1 KiB, in directories of 100, each read at once.
//! - *an answer*: 64 MiB over HTTP from a server on this machine, by the host's
//!   client within the host, and alone.
//!
//! Everybody adds up one word of every 64 bytes that they read, and the sums are
//! asserted: what is measured is reading, and not how fast code of either kind adds.
//! The rows take turns,
//! so that whatever else the machine does meets all of them. The time of a tool is that
//! of the whole call, with its records; the log is in memory, and relaxed. With
//! `--only ROW` one row alone runs, to be looked at with a profiler; with `--test`
//! everything runs once, on little.

use std::time::{Duration, Instant};

use tokio::runtime::Runtime;

mod native;
mod tool;
mod tree;
mod web;

use native::Client;
use tool::{Reader, Requester};
use tree::Tree;
use web::Server;

/// How often each row is measured.
const TURNS: usize = 15;

/// How much there is to read.
#[derive(Clone, Copy)]
struct Size {
    /// Bytes of the one file.
    file: usize,
    /// Directories, and files in each of them.
    many: usize,
    /// Bytes of the answer.
    answer: usize,
}

const MEASURED: Size = Size { file: 256 << 20, many: 100, answer: 64 << 20 };
const TRIED: Size = Size { file: 1 << 20, many: 3, answer: 1 << 20 };

/// One way to read, and the sum that it must come to.
struct Row<'a> {
    name: &'static str,
    sum: u64,
    read: Box<dyn Fn() -> u64 + 'a>,
}

impl<'a> Row<'a> {
    fn new(name: &'static str, sum: u64, read: impl Fn() -> u64 + 'a) -> Self {
        Self { name, sum, read: Box::new(read) }
    }

    fn once(&self) -> Duration {
        let start = Instant::now();
        let sum = (self.read)();
        let took = start.elapsed();
        assert_eq!(sum, self.sum, "{}", self.name);
        took
    }
}

/// Rows that are compared with each other: the first that is named so is what the
/// others are held against.
struct Table<'a> {
    title: &'static str,
    /// What the figure is, of a time.
    unit: &'static str,
    figure: Box<dyn Fn(Duration) -> f64>,
    rows: Vec<Row<'a>>,
}

impl Table<'_> {
    fn measure(&self, turns: usize) -> Vec<Duration> {
        let mut times = vec![Vec::new(); self.rows.len()];
        for turn in 0..=turns {
            for (row, times) in self.rows.iter().zip(&mut times) {
                let took = row.once();
                // The first warms up.
                if turn > 0 || turns == 0 {
                    times.push(took);
                }
            }
        }
        times.into_iter().map(median).collect()
    }

    fn print(&self, turns: usize) {
        if self.rows.is_empty() {
            return;
        }
        let times = self.measure(turns);
        println!("\n{:32} {:>9}   {}, and time beside each native row", self.title, "", self.unit);
        let native: Vec<_> =
            self.rows.iter().zip(&times).filter(|(row, _)| row.name.starts_with("native")).collect();
        for (row, time) in self.rows.iter().zip(&times) {
            let beside = native
                .iter()
                .map(|(_, native)| format!("{:6.2}x", time.as_secs_f64() / native.as_secs_f64()));
            println!("{:32} {:9.1} {}", row.name, (self.figure)(*time), beside.collect::<String>());
        }
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// Bytes in a time, in MB/s.
fn throughput(bytes: usize) -> Box<dyn Fn(Duration) -> f64> {
    Box::new(move |time| bytes as f64 / time.as_secs_f64() / 1e6)
}

fn tables<'a>(
    size: Size,
    tree: &'a Tree,
    reader: &'a Reader,
    server: &'a Server,
    requester: &'a Requester,
    client: &'a Client,
) -> [Table<'a>; 3] {
    let (file, many, answer) = (tree.file_sum(), tree.many_sum(), server.sum());
    let files = (size.many * size.many) as f64;
    [
        Table {
            title: "one file",
            unit: "MB/s",
            figure: throughput(size.file),
            rows: vec![
                Row::new("native std", file, || native::read(tree)),
                Row::new("native cap-std", file, || native::read_beneath(tree)),
                Row::new("mpp:tool/fs, BufRead", file, || reader.file("borrow")),
                Row::new("mpp:tool/fs, Read", file, || reader.file("read")),
                Row::new("std::fs, Read", file, || reader.file("read-by-std")),
            ],
        },
        Table {
            title: "many files",
            unit: "µs for each",
            figure: Box::new(move |time| time.as_secs_f64() * 1e6 / files),
            rows: vec![
                Row::new("native std, each", many, || native::read_each(tree)),
                Row::new("native cap-std, each", many, || native::read_each_beneath(tree)),
                Row::new("mpp:tool/fs, each", many, move || reader.many("read-each", size.many)),
                Row::new("std::fs, each", many, move || reader.many("read-each-by-std", size.many)),
            ],
        },
        Table {
            title: "an answer",
            unit: "MB/s",
            figure: throughput(size.answer),
            rows: vec![
                Row::new("native reqwest", answer, || client.request(server)),
                Row::new("mpp:tool/http", answer, || requester.request(server)),
            ],
        },
    ]
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let test = arguments.iter().any(|argument| argument == "--test");
    let only = arguments.iter().position(|argument| argument == "--only").map(|at| &arguments[at + 1]);
    let (size, turns) = if test { (TRIED, 0) } else { (MEASURED, TURNS) };

    let runtime = Runtime::new().expect("a runtime");
    let _inside = runtime.enter();
    let tree = Tree::new(size.file, size.many);
    let server = Server::start(size.answer);
    let reader = Reader::new(&runtime, &tree);
    let requester = Requester::new(&runtime, &server);
    let client = Client::new();
    for mut table in tables(size, &tree, &reader, &server, &requester, &client) {
        match only {
            None => table.print(turns),
            Some(only) => {
                table.rows.retain(|row| row.name == only);
                table.print(turns * 10);
            }
        }
    }
}
