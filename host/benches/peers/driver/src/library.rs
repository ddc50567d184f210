//! A peer that is a library: a process has loaded it, and calls it when it is told to
//! (see `turns`).

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout};
use std::time::{Duration, Instant};

use crate::invocation::Invocation;
use crate::memory::{self, Bytes};
use crate::peer::Peer;
use crate::trouble::{Trouble, Trying as _};
use crate::work;

/// The process, until it is dropped.
pub struct Library {
    name: String,
    process: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    /// From before the process was started until its first answer was there.
    pub first_answer: Duration,
}

impl Library {
    /// Starts it. It has answered once when this returns.
    pub fn start(invocation: &Invocation) -> Result<Self, Trouble> {
        let began = Instant::now();
        let mut process = invocation.start()?;
        let pipes = (process.stdin.take(), process.stdout.take());
        let (input, Some(output)) = pipes else { unreachable!("both were asked for") };
        let output = BufReader::new(output);
        let mut library =
            Self { name: invocation.name(), process, input, output, first_answer: Duration::ZERO };
        let answer = library.line()?;
        library.first_answer = began.elapsed();
        work::check(&library.name, &answer)?;
        Ok(library)
    }

    fn line(&mut self) -> Result<String, Trouble> {
        let mut line = String::new();
        self.output.read_line(&mut line).trying(self.name.as_str())?;
        Ok(line)
    }

    fn turn(&mut self, line: &str) -> Result<Vec<Duration>, Trouble> {
        let times = line.split_whitespace().map(|word| word.parse().map(Duration::from_nanos));
        times.collect::<Result<_, _>>().map_err(|_| self.babble(line))
    }

    fn babble(&self, said: &str) -> Trouble {
        Trouble::Babble { program: self.name.clone(), said: said.to_owned(), wanted: "the times of a turn" }
    }
}

impl Peer for Library {
    fn calls(&mut self, count: usize) -> Result<Vec<Duration>, Trouble> {
        if let Some(input) = &mut self.input {
            writeln!(input, "{count}").trying(self.name.as_str())?;
        }
        let line = self.line()?;
        let times = self.turn(&line)?;
        if times.len() == count { Ok(times) } else { Err(self.babble(&line)) }
    }

    fn memory(&mut self) -> Result<Bytes, Trouble> {
        memory::of_running(&self.process)
    }
}

impl Drop for Library {
    fn drop(&mut self) {
        // The end of its input is the end of the process.
        self.input = None;
        let _ = self.process.wait();
    }
}
