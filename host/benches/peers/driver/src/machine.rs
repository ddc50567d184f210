//! What was measured on, and in which versions.

use std::path::Path;
use std::process::Command;
use std::thread::available_parallelism;

use crate::programs::Programs;
use crate::trouble::{Trouble, Trying as _};

/// What was built is what these say: everything is built from them.
const LOCK: &str = include_str!("../../Cargo.lock");
const LOCK_OF_EXTISM: &str = include_str!("../../extism/Cargo.lock");

/// One sentence about the machine.
pub fn machine() -> String {
    let cores = available_parallelism().map_or(0, usize::from);
    let system = rustix::system::uname();
    let (name, release) = (system.sysname().to_string_lossy(), system.release().to_string_lossy());
    let day = jiff::Timestamp::now().strftime("%Y-%m-%d").to_string();
    format!("Measured on {day}, on {cores} cores ({}), {name} {release}.", processor())
}

fn processor() -> String {
    let information = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = information.lines().find_map(|line| line.strip_prefix("model name"));
    model.map_or("unknown", |model| model.trim_start_matches([' ', '\t', ':'])).to_owned()
}

/// One sentence about the programs.
pub fn versions(programs: &Programs) -> Result<String, Trouble> {
    let mpp = programs.mpp()?.arg("--version").run()?;
    let commit = said(Command::new("git").args(["describe", "--always", "--dirty"]), programs.root());
    let node = programs.node().and_then(|node| node.arg("--version").run());
    let node = node.map_or("no Node".to_owned(), |version| format!("Node {}", version.trim()));
    let here = programs.root().join("host/benches/peers");
    let rust = |directory: &Path| said(Command::new("rustc").arg("--version"), directory);
    Ok(format!(
        "{} at {commit} on wasmtime {}; `wasmtime run` of wasmtime-cli {}; Extism {} on wasmtime {}, its plugin with \
         extism-pdk {}; {node} with {}. All compiled by {}, Extism by {}.",
        mpp.trim(),
        locked(LOCK, "wasmtime"),
        locked(LOCK, "wasmtime-cli"),
        locked(LOCK_OF_EXTISM, "extism"),
        locked(LOCK_OF_EXTISM, "wasmtime"),
        locked(LOCK, "extism-pdk"),
        sdk(programs)?,
        rust(&here),
        rust(&here.join("extism")),
    ))
}

/// The version of a crate in a lock file.
fn locked<'a>(lock: &'a str, name: &str) -> &'a str {
    let entry = format!("name = \"{name}\"\nversion = \"");
    let version = lock.split_once(&entry).and_then(|(_, rest)| rest.split_once('"'));
    version.map_or("unknown", |(version, _)| version)
}

/// The TypeScript SDK, as the tests install it.
fn sdk(programs: &Programs) -> Result<String, Trouble> {
    const SERVER: &str = "@modelcontextprotocol/server";
    let path = programs.root().join("tests/clients/package.json");
    let text = std::fs::read_to_string(&path).trying(path.display().to_string())?;
    let document: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    let version = document["dependencies"][SERVER].as_str().unwrap_or("unknown");
    Ok(format!("{SERVER} {version}"))
}

/// What a command prints, on one line.
fn said(command: &mut Command, directory: &Path) -> String {
    // As a user starts it: the driver may itself run under another toolchain.
    let output = command.current_dir(directory).env_remove("RUSTUP_TOOLCHAIN").output();
    let said = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    said.ok().filter(|said| !said.is_empty()).unwrap_or_else(|| "unknown".to_owned())
}
