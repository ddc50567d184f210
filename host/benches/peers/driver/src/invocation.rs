//! A command line, to be started any number of times.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::trouble::{Trouble, Trying as _};

/// A program, what it is told, and nothing else: it inherits no variable, and starts in
/// the root directory, where no file can be taken for what it is told.
#[derive(Clone)]
pub struct Invocation {
    /// Where it is.
    pub program: PathBuf,
    /// What it is told.
    pub arguments: Vec<OsString>,
    variables: Vec<(&'static str, OsString)>,
}

impl Invocation {
    /// Of this program, without arguments.
    pub fn of(program: &Path) -> Self {
        Self { program: program.to_owned(), arguments: Vec::new(), variables: Vec::new() }
    }

    /// With one more argument.
    #[must_use]
    pub fn arg(mut self, argument: impl Into<OsString>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// With several.
    #[must_use]
    pub fn args<A: Into<OsString>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    /// With a variable in its environment.
    #[must_use]
    pub fn variable(mut self, name: &'static str, value: impl Into<OsString>) -> Self {
        self.variables.push((name, value.into()));
        self
    }

    /// Its environment.
    pub fn variables(&self) -> impl Iterator<Item = (&'static str, &OsString)> {
        self.variables.iter().map(|(name, value)| (*name, value))
    }

    /// To be started.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(&self.arguments)
            .env_clear()
            .envs(self.variables())
            .current_dir("/")
            .stdin(Stdio::null());
        command
    }

    /// Runs it to its end, and gives what it printed. It has to end well.
    pub fn run(&self) -> Result<String, Trouble> {
        self.output(&mut self.command())
    }

    /// As [`run`](Self::run), for a command that was changed.
    pub fn output(&self, command: &mut Command) -> Result<String, Trouble> {
        let output = command.output().trying(self.name())?;
        if !output.status.success() {
            return Err(Trouble::Failed {
                program: self.name(),
                status: output.status.to_string(),
                said: String::from_utf8_lossy(&output.stderr).trim_end().to_owned(),
            });
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Starts it, with pipes for what it reads and prints.
    pub fn start(&self) -> Result<Child, Trouble> {
        let mut command = self.command();
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        command.spawn().trying(self.name())
    }

    /// As messages name it.
    pub fn name(&self) -> String {
        self.program.display().to_string()
    }
}
