//! Users of `mpp`: the one who publishes the tool, and those who have installed it.

use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};

use crate::invocation::Invocation;
use crate::programs::Programs;
use crate::trouble::{Trouble, Trying as _};
use crate::work::{self, TOOL};

/// The publisher of the samples.
const PUBLISHER: &str = "dev.mpp.samples";

/// What a call waits for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// For nothing: its records are on the disk about a second later.
    Relaxed,
    /// For its records to be on the disk.
    Strict,
}

impl fmt::Display for Durability {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(match self {
            Self::Relaxed => "relaxed",
            Self::Strict => "strict",
        })
    }
}

/// A signed package, and the key that signed it.
pub struct Published {
    /// The package: a file.
    pub package: PathBuf,
    /// The public key: a file.
    pub key: PathBuf,
}

impl Published {
    /// The sample as a user builds and signs it, in `directory`.
    pub fn in_directory(directory: &Path, programs: &Programs) -> Result<Self, Trouble> {
        let mpp = programs.mpp()?.variable("MPP_HOME", directory);
        let (package, key) = (directory.join("signed.mpp"), directory.join("key.pem"));
        mpp.clone().args(["key", "new"]).run()?;
        std::fs::write(&key, mpp.clone().args(["key", "show"]).run()?).trying("the public key")?;
        let source = programs.root().join("sample-tools").join(TOOL);
        let build = mpp.arg("build").arg(source).arg("--sign").arg("--out").arg(&package);
        // This one starts Cargo, which needs what this program was started with.
        build.output(build.command().envs(std::env::vars_os()))?;
        Ok(Self { package, key })
    }
}

/// A user who has installed the tool.
pub struct Home {
    mpp: Invocation,
    directory: PathBuf,
}

impl Home {
    /// A new one in `directory`, whose log is kept as `durability` says.
    pub fn new(
        directory: PathBuf,
        durability: Durability,
        published: &Published,
        programs: &Programs,
    ) -> Result<Self, Trouble> {
        let home = Self { mpp: programs.mpp()?.variable("MPP_HOME", &directory), directory };
        home.mpp(["trust", "add", PUBLISHER]).arg(&published.key).arg("--yes").run()?;
        home.mpp(["install"]).arg(&published.package).arg("--grant").run()?;
        home.mpp(["audit", "settings", "--durability", &durability.to_string()]).run()?;
        Ok(home)
    }

    /// `mpp run`, with the work.
    pub fn run_tool(&self) -> Invocation {
        self.mpp(["run", TOOL, "--input", &work::arguments().to_string()])
    }

    /// `mpp serve`, over HTTP.
    pub fn serve(&self) -> Invocation {
        self.mpp(["serve", "--http", "127.0.0.1:0"])
    }

    /// Lets go of compiled code, so that the next process has to compile again.
    pub fn forget_compiled_code(&self) -> Result<(), Trouble> {
        let cache = self.directory.join("cache/compiled");
        std::fs::remove_dir_all(&cache).trying(cache.display().to_string())
    }

    /// Every record has to hold.
    pub fn verify_log(&self) -> Result<(), Trouble> {
        self.mpp(["audit", "verify"]).run().map(drop)
    }

    fn mpp<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Invocation {
        self.mpp.clone().args(arguments.into_iter().map(|argument| argument.as_ref().to_owned()))
    }
}
