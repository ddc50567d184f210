//! How long `mpp serve` takes to be ready with many packages installed.
//!
//! ```text
//! cargo bench --bench packages
//! ```
//!
//! The packages are the sample `text-stats` under as many names, each signed and
//! with a file of its own; every one of their tools has the same name, so that all
//! are served under longer ones. Measured is the time from the start of the process
//! to its first answer, to the last page of its list, and to the answer of a tool
//! that was never called before; once with the files in the system's cache, as a
//! second client finds them. `-- --test` does it with few, and measures nothing.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use mpp_host::package::{
    Digest, Keyring, Manifest, ManifestParts, Package, SignOptions, SigningKey, Timestamp, pack, sign,
};
use mpp_host::policy::LimitsRequest;
use serde_json::{Value, json};
use tempfile::TempDir;
use wit_component::ComponentEncoder;

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

/// Packages, measured and tried.
const MANY: usize = 10_000;
const FEW: usize = 20;

fn main() {
    let test = std::env::args().any(|argument| argument == "--test");
    let packages = if test { FEW } else { MANY };
    let home = home(packages);
    for run in ["first", "again"] {
        let times = Times::of(home.path(), packages);
        if !test {
            println!("{packages} packages, {run}: {times}");
        }
    }
}

/// What a client waits for, each from the start of the process.
struct Times {
    ready: Duration,
    listed: Duration,
    called: Duration,
    resident: String,
}

impl std::fmt::Display for Times {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { ready, listed, called, resident } = self;
        write!(to, "ready {ready:.0?}, listed {listed:.0?}, first call {called:.0?}, {resident}")
    }
}

impl Times {
    fn of(home: &Path, packages: usize) -> Self {
        let began = Instant::now();
        let mut client = Client::start(home);
        client.begin();
        let ready = began.elapsed();
        let names = client.names();
        let listed = began.elapsed();
        assert_eq!(names.len(), packages);
        assert!(names.is_sorted() && names.iter().all(|name| name.ends_with("__text-stats")), "{names:?}");
        let answer =
            client.ask("tools/call", &json!({"name": names[packages / 2], "arguments": {"text": "to be"}}));
        let called = began.elapsed();
        assert_eq!(answer["structuredContent"]["words"], 2, "{answer}");
        Self { ready, listed, called, resident: client.resident() }
    }
}

/// A client in revision 2025-11-25, on the streams of a server of its own.
struct Client {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    asked: u64,
}

impl Client {
    fn start(home: &Path) -> Self {
        let mut command = Command::new(MPP);
        command.arg("serve").env("MPP_HOME", home).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.stderr(Stdio::null()).spawn().expect("the server starts");
        let input = process.stdin.take().expect("a pipe");
        let output = BufReader::new(process.stdout.take().expect("a pipe"));
        Self { process, input, output, asked: 0 }
    }

    fn begin(&mut self) {
        let client = json!({"name": "bench", "version": "1"});
        let hello = json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client});
        self.ask("initialize", &hello);
        self.send(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}));
    }

    /// Every name, page after page.
    fn names(&mut self) -> Vec<String> {
        let (mut names, mut cursor) = (Vec::new(), None);
        loop {
            let page =
                self.ask("tools/list", &cursor.map_or(json!({}), |cursor: Value| json!({"cursor": cursor})));
            let tools = page["tools"].as_array().expect("a list");
            names.extend(tools.iter().filter_map(|tool| tool["name"].as_str().map(str::to_owned)));
            cursor = page.get("nextCursor").cloned();
            if cursor.is_none() {
                return names;
            }
        }
    }

    fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.asked += 1;
        self.send(&json!({"jsonrpc": "2.0", "id": self.asked, "method": method, "params": params}));
        loop {
            let mut line = String::new();
            assert_ne!(self.output.read_line(&mut line).expect("a line"), 0, "the server went away");
            let message: Value = serde_json::from_str(&line).expect("a message");
            if message["id"] == self.asked {
                return message["result"].clone();
            }
        }
    }

    fn send(&mut self, message: &Value) {
        writeln!(self.input, "{message}").expect("the server reads");
    }

    /// How much memory the server holds.
    fn resident(&self) -> String {
        let status = format!("/proc/{}/status", self.process.id());
        let status = std::fs::read_to_string(status).expect("Linux tells");
        let line = status.lines().find(|line| line.starts_with("VmRSS")).expect("it has memory");
        line.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A home where `packages` are installed, as the command leaves it.
fn home(packages: usize) -> TempDir {
    let home = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a directory");
    let key = SigningKey::from_seed(&[7; 32]);
    let component = component();
    let tools = tools(&component);
    let mut keyring = Keyring::empty();
    keyring.pin(&"dev.example".parse().expect("a name"), key.public_key()).expect("room for a key");
    let bytes_in = home.path().join("data/packages");
    std::fs::create_dir_all(&bytes_in).expect("room");
    let mut entries = Vec::new();
    for number in 0..packages {
        let package = signed(&component, tools.clone(), number, &key);
        let (digest, manifest) = (package.digest(), package.manifest().clone());
        std::fs::write(bytes_in.join(format!("{}.mpp", digest.to_hex())), package_file(&package))
            .expect("room");
        let verified = keyring.verify(package, SystemTime::now()).expect("it was just signed");
        keyring.accept(&verified).expect("room to remember it");
        entries.push(entry(&manifest, digest));
    }
    entries.sort_by_key(|entry| entry["name"].to_string());
    let installed = json!({"version": 1, "packages": entries});
    std::fs::write(home.path().join("data/installed.json"), installed.to_string()).expect("room");
    std::fs::create_dir_all(home.path().join("config")).expect("room");
    std::fs::write(home.path().join("config/trust.json"), keyring.to_json().expect("JSON")).expect("room");
    home
}

/// The sample, as `mpp build` makes it.
fn component() -> Vec<u8> {
    let module = std::fs::read(built::TEXT_STATS.path).expect("it was built");
    let mut encoder = ComponentEncoder::default().validate(true).module(&module).expect("a tool");
    encoder.encode().expect("a component")
}

/// The tools that it describes.
fn tools(component: &[u8]) -> Vec<mpp_host::package::ToolEntry> {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let inspection = mpp_host::Inspection::of(component).expect("it is a component");
    runtime.block_on(inspection.describe()).expect("it describes itself")
}

fn signed(
    component: &[u8],
    tools: Vec<mpp_host::package::ToolEntry>,
    number: usize,
    key: &SigningKey,
) -> Package {
    let manifest = Manifest::new(ManifestParts {
        publisher: "dev.example".parse().expect("a name"),
        name: format!("stats-{number:05}").parse().expect("a name"),
        version: "1.0.0".parse().expect("a version"),
        description: "Counts words.".to_owned(),
        permissions: mpp_host::policy::Permissions::none(),
        limits: LimitsRequest::NONE,
        tools,
        icons: Vec::new(),
    });
    let bytes = pack(component, &manifest.expect("a manifest")).expect("a package");
    let issued_at = Timestamp::at(SystemTime::now()).expect("a time");
    let options = SignOptions { sequence: 1, issued_at, not_after: None };
    Package::parse(sign(&bytes, key, &options).expect("a signature")).expect("a package")
}

/// The whole file, its signature in it.
fn package_file(package: &Package) -> Vec<u8> {
    mpp_host::package::embed(package, package.envelope().expect("it was signed")).expect("a file")
}

/// What the list of installed packages says of one.
fn entry(manifest: &Manifest, digest: Digest) -> Value {
    json!({
        "publisher": manifest.publisher(), "name": manifest.name(), "version": manifest.version(),
        "digest": digest, "granted": manifest.permissions(), "installed": "2026-11-22T08:00:00Z",
    })
}
