//! `mpp serve` as clients meet it: the binary itself, both eras of the protocol
//! over both transports, and what is on record of it.

mod calling;
mod cancelling;
mod ending;
mod failing;
mod halt;
mod http;
mod killed;
mod live;
mod many;
mod message;
mod names;
mod nothing_grants;
mod on_record;
mod packages;
mod piped;
mod pool;
mod process;
mod processes;
mod progress;
mod served;
mod spoiled;
mod stopping;
mod token;
mod web;

use std::time::{Duration, Instant};

use self::halt::Halt;
use self::http::{Connection, Post};
use self::piped::Piped;
use self::served::Served;
use super::{Ended, PUBLISHER, User, component, text};

/// How long to wait for what has to come. Whoever waits this long waits in vain.
const PATIENCE: Duration = Duration::from_secs(120);

/// Asks again and again until there is an answer.
#[track_caller]
pub(super) fn until<T>(what: &str, mut probe: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = probe() {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}
