//! A user of `mpp` who has installed the sample.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::TOOL;
use crate::server::Server;

/// What the tests' build script built.
mod built {
    #![allow(dead_code, reason = "one of many is measured")]

    pub struct Guest {
        pub name: &'static str,
        pub path: &'static str,
    }

    include!(concat!(env!("OUT_DIR"), "/artifacts.rs"));
}

/// The command, built as this bench is.
const MPP: &str = env!("CARGO_BIN_EXE_mpp-under-test");

/// What calls wait for.
#[derive(Clone, Copy)]
pub enum Durability {
    Strict,
    Relaxed,
}

impl fmt::Display for Durability {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(match self {
            Self::Strict => "strict",
            Self::Relaxed => "relaxed",
        })
    }
}

/// A home directory, on the disk of the build.
pub struct Home {
    directory: TempDir,
    pub durability: Durability,
}

impl Home {
    /// With the sample installed as a user does it, and a log that is kept so.
    pub fn new(durability: Durability) -> Self {
        let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a directory");
        let home = Self { directory, durability };
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sample-tools").join(TOOL);
        let package = home.package();
        home.run(["key", "new"]);
        home.run([
            "build".as_ref(),
            source.as_path(),
            "--component".as_ref(),
            built::TEXT_STATS.path.as_ref(),
            "--sign".as_ref(),
            "--out".as_ref(),
            &package,
        ]);
        let key = home.key();
        home.run(["trust", "add", "dev.mpp.samples", &key, "--yes"]);
        home.run(["install".as_ref(), package.as_path(), "--grant".as_ref()]);
        home.run(["audit", "settings", "--durability", &durability.to_string()]);
        home
    }

    /// A directory in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// The signed package.
    pub fn package(&self) -> PathBuf {
        self.path("signed.mpp")
    }

    /// The public key that signed it: a file.
    fn key(&self) -> String {
        let file = self.path("public-key");
        std::fs::write(&file, self.run(["key", "show"])).expect("the key is written");
        file.to_str().expect("a path of the build").to_owned()
    }

    /// The public key that signed it, as PEM.
    pub fn public_key(&self) -> String {
        self.run(["key", "show"])
    }

    /// The command over HTTP.
    pub fn serve(&self) -> Server {
        Server::start(self.command().args(["serve", "--http", "127.0.0.1:0"]))
    }

    /// Every record has to hold.
    pub fn verify_log(&self) {
        self.run(["audit", "verify"]);
    }

    fn command(&self) -> Command {
        let mut command = Command::new(MPP);
        command.env("MPP_HOME", self.directory.path());
        command
    }

    /// What a command prints that has to do well.
    fn run<A: AsRef<std::ffi::OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> String {
        let output = self.command().args(arguments).output().expect("the command starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("it prints text")
    }
}
