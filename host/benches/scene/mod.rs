//! The tool that is measured, and hosts that run it.

use std::path::Path;
use std::time::SystemTime;

use mpp_host::audit::{Durability, Log, Settings, SystemClock};
use mpp_host::package::{
    Keyring, Manifest, ManifestParts, Package, SignOptions, SigningKey, Timestamp, Version, pack, sign,
};
use mpp_host::policy::{LimitsRequest, OperatorPolicy, Permissions};
use mpp_host::{CompiledCache, Host, Inspection, Tool};
use tempfile::TempDir;
use tokio::runtime::Runtime;
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

/// The tool, which is pure.
pub const TOOL: &str = "text-stats";

/// What it is asked.
pub const INPUT: &str = r#"{"text":"to be or not to be, that is the question"}"#;

/// How the tool is linked.
#[derive(Clone, Copy)]
pub enum Linked {
    /// With the arguments that `mpp build` gives to the linker.
    AsTools,
    /// As the compiler does by itself.
    Plainly,
}

/// The component of the tool.
pub fn component(linked: Linked) -> Vec<u8> {
    let path = match linked {
        Linked::AsTools => built::TEXT_STATS.path,
        Linked::Plainly => built::TEXT_STATS_PLAIN.path,
    };
    let module = std::fs::read(path).expect("the sample is built");
    let encoder = ComponentEncoder::default().module(&module).expect("the sample is a module");
    encoder.validate(true).encode().expect("the sample becomes a component")
}

/// A signed package of the tool, and a keyring that trusts its publisher.
pub fn package(runtime: &Runtime) -> Vec<u8> {
    let component = component(Linked::AsTools);
    let inspection = Inspection::of(&component).expect("the sample compiles");
    let manifest = Manifest::new(ManifestParts {
        publisher: "com.example".parse().expect("a name"),
        name: TOOL.parse().expect("a name"),
        version: Version::new(1, 0, 0),
        description: "Measured.".to_owned(),
        permissions: Permissions::none(),
        limits: LimitsRequest::NONE,
        tools: runtime.block_on(inspection.describe()).expect("the sample describes itself"),
        icons: Vec::new(),
    });
    let unsigned = pack(&component, &manifest.expect("a manifest")).expect("a package");
    let issued_at = Timestamp::at(SystemTime::now()).expect("the clock is set");
    let options = SignOptions { sequence: 1, issued_at, not_after: None };
    sign(&unsigned, &signing_key(), &options).expect("a signed package")
}

fn signing_key() -> SigningKey {
    SigningKey::from_seed(&[7; 32])
}

/// A keyring that trusts the publisher of [`package`].
pub fn keyring() -> Keyring {
    let mut keyring = Keyring::empty();
    keyring.pin(&"com.example".parse().expect("a name"), signing_key().public_key()).expect("room");
    keyring
}

/// Where a log is.
#[derive(Clone, Copy)]
pub enum Place {
    /// In memory, so that the disk is not measured.
    Memory,
    /// On the disk of the build.
    Disk,
}

impl Place {
    /// A directory there.
    pub fn directory(self) -> TempDir {
        let memory = Path::new("/dev/shm");
        let at = match self {
            Self::Memory if memory.is_dir() => memory,
            Self::Memory | Self::Disk => Path::new(env!("CARGO_TARGET_TMPDIR")),
        };
        tempfile::tempdir_in(at).expect("a directory")
    }
}

/// A host with a log in `directory`, and a cache of compiled code there if it is to have one.
pub fn host(directory: &TempDir, durability: Durability, cached: bool) -> Host {
    let settings = Settings { durability, ..Settings::default() };
    let log = Log::open_with(&directory.path().join("audit"), SystemClock, settings).expect("a log");
    let builder = Host::builder().keyring(keyring()).audit(log);
    let builder = if cached {
        let directory = directory.path().join("compiled");
        std::fs::create_dir_all(&directory).expect("a directory");
        builder.compiled_cache(CompiledCache::new(directory, [9; 32]))
    } else {
        builder
    };
    builder.build().expect("a host")
}

/// Loads the package.
pub fn load(host: &Host, package: &[u8]) -> Tool {
    let package = Package::parse(package).expect("a package");
    host.load(package, &OperatorPolicy::approving(Permissions::none())).expect("the package loads")
}

/// One call, whose answer is held against the one expected.
pub async fn call(tool: &Tool) {
    let answer = tool.invoke(TOOL, INPUT).await.expect("the tool answers");
    assert_eq!(answer.structured.expect("structured")["words"], 10);
}
