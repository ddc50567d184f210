//! What a call costs beside the tool: the server over HTTP, with a tool that does
//! nothing.
//!
//! ```text
//! cargo bench -p mpp-mcp --bench http
//! ```
//!
//! Who is measured, each with 1, 16 and 64 connections that stay open, in turns:
//!
//! - *stateless*: `tools/call` in revision 2026-07-28, where each request stands alone.
//! - *session*: the same in revision 2025-11-25, in one session.
//! - *nothing*: an HTTP server that always gives the same answer. What is left of the
//!   cost without this crate.
//!
//! For each: calls in a second, and the processor's time that the server's threads took
//! for one call, as Linux counts it for each thread. The client has a thread of its own,
//! and holds every answer against the first one, which it looks at.
//!
//! `-- --test` makes a few calls of each and measures nothing.

mod load;
mod server;
mod table;

use std::time::Duration;

use self::load::Load;
use self::server::Server;
use self::table::Table;

/// Connections at once.
const AT_ONCE: [usize; 3] = [1, 16, 64];

/// How often everybody has their turn, and for how long.
const ROUNDS: usize = 5;
const TURN: Duration = Duration::from_secs(1);

/// What comes before each turn and is not counted.
const WARM_UP: Duration = Duration::from_millis(100);

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let only = arguments.iter().find(|argument| !argument.starts_with('-'));
    let everybody = [Load::stateless as fn(&Server) -> Load, Load::session, Load::nothing];
    let server = Server::start();
    let loads = everybody.map(|load| load(&server)).into_iter();
    let loads: Vec<Load> = loads.filter(|load| only.is_none_or(|only| load.name == only)).collect();
    if arguments.iter().any(|argument| argument == "--test") {
        for load in &loads {
            assert!(load.run(2, Duration::ZERO) >= 2);
        }
        return;
    }
    let mut table = Table::default();
    for at_once in AT_ONCE {
        for _ in 0..ROUNDS {
            for load in &loads {
                load.run(at_once, WARM_UP);
                let before = server::processor_time();
                let calls = load.run(at_once, TURN);
                table.add(load.name, at_once, calls, server::processor_time() - before);
            }
        }
    }
    table.print();
}
