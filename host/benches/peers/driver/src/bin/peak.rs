//! `peak PROGRAM ARGUMENT…`: runs a program and prints how much memory it had
//! resident at most, in KiB.
//!
//! Linux counts in what its parent had when it was started, so the parent is this and
//! not who measures: as small as a program can be.

use std::error::Error;
use std::process::{Command, Stdio};

use nix::sys::resource::{UsageWho, getrusage};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let program = arguments.next().ok_or("usage: peak PROGRAM ARGUMENT…")?;
    let status = Command::new(program).args(arguments).stdout(Stdio::null()).status()?;
    if !status.success() {
        return Err(format!("it ended with {status}").into());
    }
    println!("{}", getrusage(UsageWho::RUSAGE_CHILDREN)?.max_rss());
    Ok(())
}
