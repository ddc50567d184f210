//! MPP as a library, and the bare engine below it.
//!
//! ```text
//! mpp-library relaxed|strict|floor PACKAGE KEY DIRECTORY INPUT
//! ```
//!
//! - `relaxed`, `strict`: the whole call, a fresh sandbox each time, with its records in
//!   a log in `DIRECTORY` that is kept so;
//! - `floor`: a fresh store, a fresh instance and one typed call of the same component
//!   on the host's engine, and nothing of MPP around it.
//!
//! `PACKAGE` is signed by the key of the file `KEY` (PEM). Compiled code is kept in
//! `DIRECTORY` from one start to the next.

use std::error::Error;
use std::path::Path;

use mpp_audit::{Durability, Log, Settings, SystemClock};
use mpp_cli::floor::Floor;
use mpp_host::{CompiledCache, Host, Tool};
use mpp_package::{Keyring, Package, PublicKey};
use mpp_policy::{OperatorPolicy, Permissions};
use tokio::runtime::Runtime;

/// The publisher of the package.
const PUBLISHER: &str = "dev.mpp.samples";

/// The tool in it.
const TOOL: &str = "text-stats";

/// What is wrong where there is no JSON.
const NO_ANSWER: &str = "the tool gave no structured answer";

/// What authenticates compiled code. A real host has a secret here.
const CACHE_KEY: [u8; 32] = [9; 32];

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [how, package, key, directory, input] = arguments.as_slice() else {
        return Err("usage: mpp-library relaxed|strict|floor PACKAGE KEY DIRECTORY INPUT".into());
    };
    let package = Package::parse(std::fs::read(package)?)?;
    let keyring = keyring(&std::fs::read_to_string(key)?)?;
    let (runtime, directory) = (Runtime::new()?, Path::new(directory));
    let _inside = runtime.enter();
    let tool = |durability| {
        let policy = OperatorPolicy::approving(Permissions::none());
        Ok::<_, Box<dyn Error>>(host(keyring, directory, durability)?.load(package, &policy)?)
    };
    match how.as_str() {
        "relaxed" => calls(&runtime, &tool(Durability::Relaxed)?, input),
        "strict" => calls(&runtime, &tool(Durability::Strict)?, input),
        "floor" => floor(&runtime, &tool(Durability::Relaxed)?, input),
        other => Err(format!("nobody is called {other}").into()),
    }
}

fn calls(runtime: &Runtime, tool: &Tool, input: &str) -> Result<(), Box<dyn Error>> {
    peer_turns::take(|| {
        let response = runtime.block_on(tool.invoke(TOOL, input))?;
        response.structured.ok_or_else(|| NO_ANSWER.into())
    })
}

fn floor(runtime: &Runtime, tool: &Tool, input: &str) -> Result<(), Box<dyn Error>> {
    let floor = Floor::new(tool.component(), TOOL, input)?;
    peer_turns::take(|| {
        let answer = runtime.block_on(floor.call())?;
        answer.structured().map(str::to_owned).ok_or_else(|| NO_ANSWER.into())
    })
}

fn host(keyring: Keyring, directory: &Path, durability: Durability) -> Result<Host, Box<dyn Error>> {
    let settings = Settings { durability, ..Settings::default() };
    let log = Log::open_with(&directory.join("audit"), SystemClock, settings)?;
    let compiled = directory.join("compiled");
    std::fs::create_dir_all(&compiled)?;
    let cache = CompiledCache::new(compiled, CACHE_KEY);
    Ok(Host::builder().keyring(keyring).audit(log).compiled_cache(cache).build()?)
}

fn keyring(key: &str) -> Result<Keyring, Box<dyn Error>> {
    let mut keyring = Keyring::empty();
    keyring.pin(&PUBLISHER.parse()?, PublicKey::from_pem(key)?)?;
    Ok(keyring)
}
