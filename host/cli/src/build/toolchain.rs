//! What of Rust is installed here.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::exit::{Failure, Outcome};
use crate::home::Environment;

/// The programs that build a tool.
#[derive(Debug, Clone)]
pub(crate) struct Toolchain {
    cargo: OsString,
    rustc: OsString,
}

impl Toolchain {
    /// The programs that `CARGO` and `RUSTC` name, or those on the path.
    pub(crate) fn of(environment: &Environment) -> Self {
        let named = |variable, name: &str| {
            environment.variable(variable).map_or_else(|| name.into(), ToOwned::to_owned)
        };
        Self { cargo: named("CARGO", "cargo"), rustc: named("RUSTC", "rustc") }
    }

    /// A cargo command that sees the configuration and the toolchain file of
    /// `directory`.
    pub(crate) fn cargo(&self, directory: &Path) -> Command {
        let mut command = Command::new(&self.cargo);
        command.current_dir(directory);
        command
    }

    /// The first line that `cargo --version` prints; none where cargo does not
    /// run.
    pub(crate) fn cargo_version(&self, directory: &Path) -> Option<String> {
        first_line(self.cargo(directory).arg("--version"))
    }

    /// The first line that `rustc --version` prints; none where it does not
    /// run.
    pub(crate) fn rustc_version(&self, directory: &Path) -> Option<String> {
        first_line(Command::new(&self.rustc).current_dir(directory).arg("--version"))
    }

    /// The version of `cargo component`; none where it is not installed.
    pub(crate) fn cargo_component_version(&self, directory: &Path) -> Option<String> {
        first_line(self.cargo(directory).args(["component", "--version"]))
    }

    /// Whether the standard library for `triple` is installed.
    pub(crate) fn has_target(&self, directory: &Path, triple: &str) -> bool {
        let libraries = first_line(Command::new(&self.rustc).current_dir(directory).args([
            "--print",
            "target-libdir",
            "--target",
            triple,
        ]));
        let Some(entries) = libraries.and_then(|path| PathBuf::from(path).read_dir().ok()) else {
            return false;
        };
        entries
            .filter_map(Result::ok)
            .any(|entry| entry.file_name().to_string_lossy().starts_with("libcore-"))
    }

    /// Checks that `triple` can be built for, and says the one line that
    /// makes it so.
    pub(crate) fn require_target(&self, directory: &Path, triple: &str) -> Outcome {
        if self.rustc_version(directory).is_none() {
            return Err(Failure::host("there is no Rust compiler to build the tool with")
                .because(format!("{} does not run", self.rustc.display()))
                .next("install Rust from https://rustup.rs"));
        }
        if self.has_target(directory, triple) {
            return Ok(());
        }
        Err(Failure::host(format!("the Rust target {triple} is not installed"))
            .because("the compiler has no standard library for it")
            .next(format!("rustup target add {triple}")))
    }
}

fn first_line(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    if !output.status.success() {
        return None;
    }
    let text = String::from_utf8(output.stdout).ok()?;
    text.lines().next().map(str::to_owned)
}
