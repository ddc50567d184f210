//! The tools that read, and a host that runs them.

use std::path::Path;
use std::time::SystemTime;

use mpp_host::audit::{Durability, Log, Settings, SystemClock};
use mpp_host::package::{
    Keyring, Manifest, ManifestParts, Package, SignOptions, SigningKey, Timestamp, Version, pack, sign,
};
use mpp_host::policy::{
    DeclaredPermissions, GuestPath, IpNet, Limits, LimitsRequest, OperatorPolicy, PathMapping, Permissions,
};
use mpp_host::response::Content;
use mpp_host::{Host, Inspection, Tool};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::tree::Tree;
use crate::web::Server;

/// What the tests' build script built.
mod built {
    #![allow(dead_code, reason = "two of many are measured")]

    pub struct Guest {
        pub name: &'static str,
        pub path: &'static str,
    }

    include!(concat!(env!("OUT_DIR"), "/artifacts.rs"));
}

use built::Guest;

/// Room for an answer of 64 MiB, which a tool gets whole.
const LIMITS: Limits = Limits { memory_bytes: 256 << 20, http_response_bytes: 128 << 20, ..Limits::DEFAULT };

/// A tool that was granted what it declares.
struct Granted {
    tool: Tool,
    runtime: tokio::runtime::Handle,
    _log: TempDir,
}

impl Granted {
    fn new(runtime: &Runtime, guest: &Guest, declared: Value, policy: OperatorPolicy) -> Self {
        let declared: DeclaredPermissions = serde_json::from_value(declared).expect("permissions");
        let package = package(runtime, guest, declared.into());
        let log = in_memory();
        let approved = package.manifest().permissions().clone();
        let tool = host(&log).load(package, &OperatorPolicy { approved, ..policy }).expect("it loads");
        Self { tool, runtime: runtime.handle().clone(), _log: log }
    }

    /// The sum that a call of `tool` answers with.
    fn call(&self, tool: &str, input: Value) -> u64 {
        let answer = self.runtime.block_on(self.tool.invoke(tool, input)).expect("the tool answers");
        let [Content::Text(sum)] = answer.content.as_slice() else { panic!("{answer:?}") };
        sum.parse().expect("a number")
    }
}

/// The tool that reads files.
pub struct Reader(Granted);

impl Reader {
    /// One that may read `tree`, as `/data`.
    pub fn new(runtime: &Runtime, tree: &Tree) -> Self {
        let data = GuestPath::parse("/data").expect("a path");
        let mappings = vec![PathMapping::new(data, tree.path()).expect("an absolute path")];
        let declared = json!({"filesystem": {"read": ["/data"]}});
        Self(Granted::new(runtime, &built::SUMS_FILES, declared, OperatorPolicy { mappings, ..policy() }))
    }

    /// Reads the large file.
    pub fn file(&self, tool: &str) -> u64 {
        self.0.call(tool, json!({"path": "/data/file"}))
    }

    /// Reads the small files.
    pub fn many(&self, tool: &str, many: usize) -> u64 {
        self.0.call(tool, json!({"path": "/data/many", "directories": many, "files": many}))
    }
}

/// The tool that sends requests.
pub struct Requester(Granted);

impl Requester {
    /// One that may ask `server`.
    pub fn new(runtime: &Runtime, server: &Server) -> Self {
        let this_machine: IpNet = "127.0.0.0/8".parse().expect("a network");
        let declared = json!({"network": {"outbound": [server.address().to_string()]}});
        let policy = OperatorPolicy { allowed_networks: vec![this_machine], ..policy() };
        Self(Granted::new(runtime, &built::DIALS, declared, policy))
    }

    /// Has the whole answer.
    pub fn request(&self, server: &Server) -> u64 {
        self.0.call("sum", json!({"url": server.url()}))
    }
}

fn policy() -> OperatorPolicy {
    OperatorPolicy { limits: LIMITS, ..OperatorPolicy::approving(Permissions::none()) }
}

/// A directory that is no disk.
fn in_memory() -> TempDir {
    let memory = Path::new("/dev/shm");
    let at = if memory.is_dir() { memory } else { Path::new(env!("CARGO_TARGET_TMPDIR")) };
    tempfile::tempdir_in(at).expect("a directory")
}

fn host(log: &TempDir) -> Host {
    let settings = Settings { durability: Durability::Relaxed, ..Settings::default() };
    let log = Log::open_with(&log.path().join("audit"), SystemClock, settings).expect("a log");
    let mut keyring = Keyring::empty();
    keyring.pin(&"com.example".parse().expect("a name"), signing_key().public_key()).expect("room");
    let host = Host::builder().keyring(keyring).audit(log).concurrent_calls(1).largest_limits(LIMITS);
    host.build().expect("a host")
}

fn signing_key() -> SigningKey {
    SigningKey::from_seed(&[7; 32])
}

fn package(runtime: &Runtime, guest: &Guest, permissions: Permissions) -> Package {
    let component = std::fs::read(guest.path).expect("the guest is built");
    let inspection = Inspection::of(&component).expect("the guest compiles");
    let manifest = Manifest::new(ManifestParts {
        publisher: "com.example".parse().expect("a name"),
        name: guest.name.replace('_', "-").parse().expect("a name"),
        version: Version::new(1, 0, 0),
        description: "Measured.".to_owned(),
        permissions,
        limits: LimitsRequest::NONE,
        tools: runtime.block_on(inspection.describe()).expect("the guest describes itself"),
        icons: Vec::new(),
    });
    let unsigned = pack(&component, &manifest.expect("a manifest")).expect("a package");
    let issued_at = Timestamp::at(SystemTime::now()).expect("the clock is set");
    let options = SignOptions { sequence: 1, issued_at, not_after: None };
    Package::parse(sign(&unsigned, &signing_key(), &options).expect("a signature")).expect("a package")
}
