//! The `mpp` command as a user runs it: the binary itself, in a home of its own.

mod audit;
mod bench;
mod build;
mod connect;
mod fetching;
mod first_steps;
mod home;
mod openssl;
mod publishing;
mod readme;
mod refused;
mod reporting;
mod serve;
mod source;
mod statuses;
mod streams;
mod telemetry;
mod together;
mod trusting;
mod witness;

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::LazyLock;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Guest, guests};

/// Somebody with a home directory.
struct User {
    home: TempDir,
}

/// How a command ended.
struct Ended {
    status: i32,
    out: String,
    err: String,
}

impl User {
    fn new() -> Self {
        // Below the target directory, because one of them lives until the end.
        let home = TempDir::new_in(env!("CARGO_TARGET_TMPDIR"));
        Self { home: home.expect("there is room for a home") }
    }

    /// Somebody who trusts [`PUBLISHER`].
    fn who_trusts() -> Self {
        let user = Self::new();
        user.run(["trust", "add", "com.example", &text(&PUBLISHER.public_key()), "--yes"]).done();
        user
    }

    /// Somebody who trusts [`PUBLISHER`] and has installed `text-stats`.
    fn with_text_stats() -> Self {
        let user = Self::who_trusts();
        user.run(["install", &text(&PUBLISHER.text_stats()), "--grant"]).done();
        user
    }

    fn path(&self, below: &str) -> PathBuf {
        self.home.path().join(below)
    }

    fn write(&self, below: &str, contents: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(below);
        fs::create_dir_all(path.parent().expect("it is below the home")).expect("a directory can be made");
        fs::write(&path, contents).expect("a file can be written");
        path
    }

    fn log(&self) -> PathBuf {
        self.path("data/audit/log.jsonl")
    }

    /// The command with nobody at a terminal.
    fn mpp<const N: usize>(&self, arguments: [&str; N]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mpp-under-test"));
        command.args(arguments).env("MPP_HOME", self.home.path()).env_remove("NO_COLOR").stdin(Stdio::null());
        command
    }

    fn run<const N: usize>(&self, arguments: [&str; N]) -> Ended {
        Ended::of(self.mpp(arguments).output().expect("the command can be started"))
    }

    /// Runs the command with something to read on standard input.
    fn run_reading<const N: usize>(&self, input: &str, arguments: [&str; N]) -> Ended {
        let mut child = self
            .mpp(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the command can be started");
        let mut stdin = child.stdin.take().expect("it was asked for");
        stdin.write_all(input.as_bytes()).expect("the command reads its input");
        drop(stdin);
        Ended::of(child.wait_with_output().expect("the command ends"))
    }

    /// The records of the log, as `mpp audit show` gives them.
    fn records(&self) -> Vec<Value> {
        let shown = self.run(["audit", "show", "--records", "--all", "--json"]).done().json();
        shown["records"].as_array().expect("there are records").clone()
    }

    /// The record of how the last call began.
    fn last_intent(&self) -> Value {
        let mut records = self.records().into_iter();
        records.rfind(|record| record["kind"] == "intent").expect("there is a call")
    }

    /// The last record of the log.
    fn last_record(&self) -> Value {
        self.records().pop().expect("there is a record")
    }
}

impl Ended {
    fn of(output: Output) -> Self {
        let utf8 = |bytes| String::from_utf8(bytes).expect("what is printed is UTF-8");
        let Output { status, stdout, stderr } = output;
        let ended = Self { status: status.code().unwrap_or(-1), out: utf8(stdout), err: utf8(stderr) };
        // Whatever happens, the command says it in its own words.
        assert!(!ended.err.contains("thread 'main'"), "{}", ended.err);
        ended
    }

    /// The command did what it was asked.
    #[track_caller]
    fn done(self) -> Self {
        self.with_status(0)
    }

    #[track_caller]
    fn with_status(self, status: i32) -> Self {
        assert_eq!(self.status, status, "standard output:\n{}\nstandard error:\n{}", self.out, self.err);
        self
    }

    /// The command failed: it printed no data, and said what, why or what next.
    #[track_caller]
    fn failed(self, status: i32, words: &[&str]) -> Self {
        let ended = self.with_status(status);
        assert_eq!(ended.out, "", "{}", ended.err);
        ended.saying(words)
    }

    /// The command said all of this on standard error.
    #[track_caller]
    fn saying(self, words: &[&str]) -> Self {
        for words in words {
            assert!(self.err.contains(words), "{words:?} is not in:\n{}", self.err);
        }
        self
    }

    /// Standard output as one JSON document.
    #[track_caller]
    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error} in {:?}", self.out))
    }

    /// Standard output as one line.
    #[track_caller]
    fn line(&self) -> &str {
        let line = self.out.strip_suffix('\n').expect("a line has an end");
        assert!(!line.contains('\n'), "{line}");
        line
    }
}

/// A publisher with a key, and packages made with the command.
struct Publisher(User);

/// The publisher that most of these tests need.
static PUBLISHER: LazyLock<Publisher> = LazyLock::new(|| {
    let user = User::new();
    user.run(["key", "new"]).done();
    let public = user.run(["key", "show"]).done().out;
    user.write("public.pem", public);
    let publisher = Publisher(user);
    publisher.make("text-stats", guests::TEXT_STATS, "");
    publisher
});

impl Publisher {
    fn user(&self) -> &User {
        &self.0
    }

    fn public_key(&self) -> PathBuf {
        self.0.path("public.pem")
    }

    fn secret_key(&self) -> PathBuf {
        self.0.path("config/keys/default.pem")
    }

    fn text_stats(&self) -> PathBuf {
        self.0.path("text-stats.mpp")
    }

    /// Makes and signs a package of a component that was built before. `rest`
    /// is what its `mpp.yaml` says beyond its name.
    fn make(&self, name: &str, guest: Guest, rest: &str) -> PathBuf {
        let directory = self.source(name, rest);
        let out = self.0.path(&format!("{name}.mpp"));
        let (directory, out) = (text(&directory), text(&out));
        self.0.run(["build", &directory, "--component", &component(guest), "--sign", "--out", &out]).done();
        PathBuf::from(out)
    }

    /// A directory with an `mpp.yaml`.
    fn source(&self, name: &str, rest: &str) -> PathBuf {
        let yaml =
            format!("publisher: com.example\nname: {name}\nversion: 1.0.0\ndescription: A tool.\n{rest}");
        let file = self.0.write(&format!("source/{name}/mpp.yaml"), yaml);
        file.parent().expect("a file is in a directory").to_owned()
    }
}

/// A file with the component of a guest.
fn component(guest: Guest) -> String {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("components");
    fs::create_dir_all(&directory).expect("a directory can be made");
    let path = directory.join(format!("{}.wasm", guest.name));
    // Whoever reads it meanwhile sees the whole of it.
    let mut file = tempfile::NamedTempFile::new_in(&directory).expect("a file can be made");
    file.write_all(&guest.component()).expect("a file can be written");
    file.persist(&path).expect("a file can be renamed");
    text(&path)
}

/// A path on a command line.
fn text(path: &Path) -> String {
    path.to_str().expect("the paths of these tests are UTF-8").to_owned()
}
