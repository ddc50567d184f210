//! A home with many packages.

use std::time::SystemTime;

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

/// A home where `packages` are installed, as the command leaves it.
pub fn home(packages: usize) -> TempDir {
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
