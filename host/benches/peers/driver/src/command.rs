//! A peer that is a command: a process for each call.

use std::time::{Duration, Instant};

use crate::invocation::Invocation;
use crate::memory::{self, Bytes};
use crate::peer::Peer;
use crate::trouble::Trouble;
use crate::work;

/// A command that prints the answer.
pub struct PerProcess {
    invocation: Invocation,
    /// The program that measures memory.
    peak: Invocation,
}

impl PerProcess {
    /// One that has answered once.
    pub fn ready(invocation: Invocation, peak: Invocation) -> Result<Self, Trouble> {
        call(&invocation)?;
        Ok(Self { invocation, peak })
    }
}

impl Peer for PerProcess {
    fn calls(&mut self, count: usize) -> Result<Vec<Duration>, Trouble> {
        (0..count).map(|_| call(&self.invocation)).collect()
    }

    fn memory(&mut self) -> Result<Bytes, Trouble> {
        memory::of_started(&self.peak, &self.invocation)
    }
}

/// From before the process is started until it has ended and all it printed is read.
pub fn call(invocation: &Invocation) -> Result<Duration, Trouble> {
    let began = Instant::now();
    let answer = invocation.run()?;
    let elapsed = began.elapsed();
    work::check(&invocation.name(), &answer)?;
    Ok(elapsed)
}
