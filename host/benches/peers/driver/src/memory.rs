//! How much memory a process had resident at most.

use std::fmt;
use std::process::{Child, Command};

use crate::invocation::Invocation;
use crate::trouble::{Trouble, Trying as _};

/// A number of bytes.
#[derive(Clone, Copy)]
pub struct Bytes(u64);

impl fmt::Display for Bytes {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{:.1} MB", self.0 as f64 / 1e6)
    }
}

/// Of a process that runs.
pub fn of_running(process: &Child) -> Result<Bytes, Trouble> {
    let path = format!("/proc/{}/status", process.id());
    let status = std::fs::read_to_string(&path).trying(path.as_str())?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    kibibytes(&path, peak.unwrap_or_default())
}

/// Of a process that is started for this and ends.
pub fn of_started(peak: &Invocation, program: &Invocation) -> Result<Bytes, Trouble> {
    let mut command: Command = peak.command();
    let said =
        peak.output(command.arg(&program.program).args(&program.arguments).envs(program.variables()))?;
    kibibytes("peak", &said)
}

fn kibibytes(who: &str, said: &str) -> Result<Bytes, Trouble> {
    let number = said.trim().trim_end_matches(" kB").parse::<u64>();
    number.map(|kibibytes| Bytes(kibibytes << 10)).map_err(|_| Trouble::Babble {
        program: who.to_owned(),
        said: said.to_owned(),
        wanted: "a number of KiB",
    })
}
