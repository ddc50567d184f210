//! A call of a tool over MCP, beside a server of the official TypeScript SDK that
//! does the same work, in the same run.
//!
//! ```text
//! cargo bench --bench mcp
//! ```
//!
//! The tool is the sample `text-stats`. Who is measured, each with 1, 16 and 64
//! calls at once, in turns, so that whatever else the machine does meets all:
//!
//! - *TypeScript SDK*: `tests/clients/text_stats_server.mjs`. It counts in its own
//!   process: no sandbox, no record. Once as the SDK is fastest, and once as
//!   `mpp serve` always does it, with its output held against a schema.
//! - *mpp serve*: the command over HTTP, with its default limits. Verified package, a
//!   sandbox for each call, both schemas, and two records in a log on disk: strict, so
//!   that nothing leaves before it is on the disk, and relaxed, a second later at most.
//! - *mpp-host*: the library, called in this process. What HTTP and MCP cost is the
//!   difference.
//! - *nothing*: an HTTP server that always gives the same answer. What the generator
//!   of load can do at most, with the others' share of the machine.
//!
//! Both servers are asked in revision 2026-07-28, where each request stands alone,
//! over connections that stay open, and every answer is held against the one expected.
//! In the end both logs have to hold.
//!
//! Node and the SDK are installed by `tests/clients/install`, into `$CLIENTS` or
//! `target/clients`. `-- --test` makes a few calls of each and measures nothing; where
//! Node is not installed, it goes without TypeScript and says so.

mod direct;
mod home;
mod load;
mod nothing;
mod server;
mod table;
mod typescript;

use std::time::Duration;

use serde_json::{Value, json};

use self::direct::Direct;
use self::home::{Durability, Home};
use self::load::{Load, Sample};
use self::nothing::Nothing;
use self::table::Table;

/// The tool that is called.
const TOOL: &str = "text-stats";

/// Calls at once.
const AT_ONCE: [usize; 3] = [1, 16, 64];

/// How often everybody has their turn, and for how long.
const ROUNDS: usize = 5;
const TURN: Duration = Duration::from_secs(2);

/// What comes before each turn and is not counted: connections are opened, and code
/// that is called often is compiled.
const WARM_UP: Duration = Duration::from_millis(300);

/// Whoever can be called again and again.
trait Called {
    /// As the table names it.
    fn name(&self) -> String;
    /// Calls it for `time`, with so many calls at once. Panics at any answer but the
    /// one expected.
    fn call(&self, at_once: usize, time: Duration) -> Sample;
}

/// What the tool is asked.
fn arguments() -> Value {
    json!({"text": "to be or not to be, that is the question"})
}

/// What it has to answer.
fn answer() -> Value {
    json!({
        "bytes": 40, "characters": 40, "words": 10, "unique_words": 8, "lines": 1, "sentences": 1,
        "top_words": [
            {"word": "be", "count": 2}, {"word": "to", "count": 2}, {"word": "is", "count": 1},
            {"word": "not", "count": 1}, {"word": "or", "count": 1}, {"word": "question", "count": 1},
            {"word": "that", "count": 1}, {"word": "the", "count": 1},
        ],
        "reading_seconds": 3, "words_per_minute": 200,
    })
}

fn main() {
    let only_tested = std::env::args().any(|argument| argument == "--test");
    let (rounds, turn, warm_up) =
        if only_tested { (1, Duration::from_millis(50), Duration::ZERO) } else { (ROUNDS, TURN, WARM_UP) };
    let homes = [Durability::Strict, Durability::Relaxed].map(Home::new);
    {
        let called = everybody(&homes, only_tested);
        let mut table = Table::new(called.iter().map(|called| called.name()).collect());
        for round in 0..rounds {
            for at_once in AT_ONCE {
                for (row, called) in called.iter().enumerate() {
                    called.call(at_once, warm_up);
                    table.add(row, at_once, called.call(at_once, turn));
                }
            }
            eprintln!("round {} of {rounds}", round + 1);
        }
        if !only_tested {
            println!("{table}");
        }
    }
    // The servers are gone, and both logs closed.
    homes.iter().for_each(Home::verify_log);
}

fn everybody(homes: &[Home], only_tested: bool) -> Vec<Box<dyn Called>> {
    let mut called: Vec<Box<dyn Called>> = Vec::new();
    for server in typescript::start(only_tested) {
        called.push(Box::new(server));
    }
    for home in homes {
        called.push(Box::new(Load::new(format!("mpp serve, {}", home.durability), home.serve())));
    }
    for home in homes {
        called.push(Box::new(Direct::new(home)));
    }
    called.push(Box::new(Nothing::start()));
    called
}
