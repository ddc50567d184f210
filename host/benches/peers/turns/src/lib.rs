//! How a library is measured: by a process of its own that has loaded it, and calls
//! it when it is told to.
//!
//! ```text
//! standard output   ANSWER                         the first call's, in one line
//! standard input    CALLS                          a line: how many calls to make now
//! standard output   NANOSECONDS NANOSECONDS …      a line: how long each of them took
//! ```
//!
//! The process ends with its input. Every answer is held against the first one, outside
//! of what is timed.

use std::error::Error;
use std::fmt::Display;
use std::io::{self, Write as _};
use std::time::{Duration, Instant};

/// Makes the calls of this process's turns. A call is timed with everything that it
/// makes and lets go of.
///
/// # Errors
///
/// The error of a call, an answer that is not the first one, or pipes that broke.
pub fn take<A: PartialEq + Display>(
    mut call: impl FnMut() -> Result<A, Box<dyn Error>>,
) -> Result<(), Box<dyn Error>> {
    let first = call()?;
    say(&first.to_string())?;
    for line in io::stdin().lines() {
        let calls = line?.parse()?;
        let times = turn(calls, &first, &mut call)?;
        let words: Vec<String> = times.iter().map(|time| time.as_nanos().to_string()).collect();
        say(&words.join(" "))?;
    }
    Ok(())
}

fn turn<A: PartialEq + Display>(
    calls: usize,
    first: &A,
    call: &mut impl FnMut() -> Result<A, Box<dyn Error>>,
) -> Result<Vec<Duration>, Box<dyn Error>> {
    let mut times = Vec::with_capacity(calls);
    for _ in 0..calls {
        let began = Instant::now();
        let answer = call()?;
        times.push(began.elapsed());
        if answer != *first {
            return Err(format!("answered {answer} after {first}").into());
        }
    }
    Ok(times)
}

fn say(line: &str) -> io::Result<()> {
    let mut output = io::stdout().lock();
    writeln!(output, "{line}")?;
    output.flush()
}
