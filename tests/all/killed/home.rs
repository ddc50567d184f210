//! A home to be spoiled, with all that a command is given lying in it.

use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::LazyLock;

use tempfile::TempDir;

use super::releases::{ONE, TWO, stranger};
use crate::support::signing_key;

/// What a home has after both have run: their code, and the key to it.
static COMPILED: LazyLock<Vec<(PathBuf, Vec<u8>)>> = LazyLock::new(|| {
    let run = |release| ["run", release, "--grant", "--input", "{}"];
    let home = Home::new().after(TRUST).after(&run("one.mpp")).after(&run("two.mpp"));
    let is_code = |path: &PathBuf| path.starts_with("cache") || path.ends_with("compiled.key");
    let read = |path: PathBuf| {
        let bytes = fs::read(home.path().join(&path)).expect("it was just written");
        (path, bytes)
    };
    files(home.path(), Path::new("")).into_iter().filter(is_code).map(read).collect()
});

const TRUST: &[&str] = &["trust", "add", "com.example", "public.pem", "--yes"];
const INSTALL: &[&str] = &["install", "one.mpp", "--grant"];
const REVOKE: &[&str] = &["--revoke", "guest@1.0.0", "--reason", "it is wrong"];

/// A directory that is `MPP_HOME`, and the working directory of the command.
pub struct Home(TempDir);

/// How a command ended.
#[derive(Debug)]
pub struct Ended {
    /// The exit status, or else the signal.
    pub status: Result<i32, i32>,
    pub out: String,
    pub err: String,
}

impl Home {
    /// Nobody is trusted and nothing is installed. `one.mpp`, `two.mpp` and
    /// the key of their publisher, `public.pem` and `secret.pem`, lie there.
    pub fn new() -> Self {
        let home = Self::empty();
        let (key, write) = (signing_key(), |name, bytes: &[u8]| home.write(name, bytes));
        write("one.mpp", &ONE);
        write("two.mpp", &TWO);
        write("public.pem", key.public_key().to_pem().expect("a key can be written").as_bytes());
        write("secret.pem", key.to_pem().expect("a key can be written").as_str().as_bytes());
        home
    }

    /// The publisher's key is trusted.
    pub fn that_trusts() -> Self {
        Self::new().compiled().after(TRUST)
    }

    /// Release 1 is installed.
    pub fn with_one() -> Self {
        Self::that_trusts().after(INSTALL)
    }

    /// As [`with_one`](Self::with_one), and the publisher has a root and an
    /// index, both of version 1. Version 2 of each lies there: the root takes
    /// the key of release 1 away, and the index revokes it.
    pub fn with_one_under_a_root() -> Self {
        let key = "./secret.pem";
        let home = Self::new().compiled();
        home.write("other.pem", stranger().public_key().to_pem().expect("a key can be written").as_bytes());
        let rotate = ["trust", "rotate", "root-1.json", "--remove", "release=./secret.pem"];
        let publish =
            |rest: &[&'static str]| [&["trust", "publish", "root-1.json", "--key", key], rest].concat();
        home.after(&["trust", "init", "com.example", "--root", key, "--release", key, "--index", key])
            .after(&[&rotate[..], &["--add", "release=other.pem", "--key", key]].concat())
            .after(&publish(&["one.mpp", "two.mpp", "--out", "index-1.json"]))
            .after(&publish(&[&["--previous", "index-1.json", "--out", "index-2.json"][..], REVOKE].concat()))
            .after(&["trust", "add", "com.example", "root-1.json", "--yes"])
            .after(&["trust", "refresh", "com.example", "index-1.json"])
            .after(INSTALL)
    }

    /// The releases need not be compiled to run.
    fn compiled(self) -> Self {
        for (path, bytes) in COMPILED.iter() {
            self.write(path, bytes);
        }
        self
    }

    /// This home after a command that does what it is asked.
    #[track_caller]
    pub fn after(self, arguments: &[&str]) -> Self {
        let ended = self.run(arguments);
        assert_eq!(ended.status, Ok(0), "{arguments:?}: {}", ended.err);
        self
    }

    /// A home with the same in it.
    pub fn copy(&self) -> Self {
        let copy = Self::empty();
        copy_directory(self.path(), copy.path()).expect("a home can be copied");
        copy
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn log(&self) -> PathBuf {
        self.path().join("data/audit/log.jsonl")
    }

    /// Writes a file, and makes the directories that it is in.
    pub fn write(&self, name: impl AsRef<Path>, bytes: &[u8]) {
        let path = self.path().join(name);
        let directory = path.parent().expect("it is below the home");
        fs::create_dir_all(directory)
            .and_then(|()| fs::write(&path, bytes))
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }

    pub fn run(&self, arguments: &[&str]) -> Ended {
        let mut command = Command::new(MPP);
        command.args(arguments);
        self.end(command)
    }

    /// Runs a program in this home, with nobody at a terminal.
    pub fn end(&self, mut command: Command) -> Ended {
        command.env("MPP_HOME", self.path()).env_remove("NO_COLOR").current_dir(self.path());
        let program = command.get_program().to_owned();
        let output = command.stdin(Stdio::null()).output();
        Ended::of(output.unwrap_or_else(|error| {
            panic!("{} cannot be started: {error}; these tests need it", program.display())
        }))
    }

    fn empty() -> Self {
        // In memory: thousands of syncs of a real disk would take minutes.
        let memory = Path::new("/dev/shm");
        let room = if memory.is_dir() { memory } else { Path::new(env!("CARGO_TARGET_TMPDIR")) };
        Self(TempDir::new_in(room).expect("there is room for a home"))
    }
}

/// The command under test.
pub const MPP: &str = env!("CARGO_BIN_EXE_mpp-under-test");

impl Ended {
    fn of(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("what is printed is UTF-8");
        let Output { status, stdout, stderr } = output;
        let status = status.code().ok_or_else(|| status.signal().unwrap_or_default());
        Self { status, out: text(stdout), err: text(stderr) }
    }
}

/// Every file below `root` and `below`, relative to `root`.
pub fn files(root: &Path, below: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(root.join(below)).expect("a directory of ours can be listed") {
        let path = below.join(entry.expect("a directory of ours can be listed").file_name());
        match root.join(&path).is_dir() {
            true => found.extend(files(root, &path)),
            false => found.push(path),
        }
    }
    found
}

fn copy_directory(from: &Path, to: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            fs::create_dir(&to)?;
            // The log refuses a directory that others can write to.
            fs::set_permissions(&to, fs::metadata(&from)?.permissions())?;
            copy_directory(&from, &to)?;
        } else {
            fs::copy(&from, &to)?;
        }
    }
    Ok(())
}
