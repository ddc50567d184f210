//! What comes before the first call: reading and verifying the package, and loading
//! the code that was compiled from it.

use std::time::{Duration, Instant, SystemTime};

use mpp_host::package::Package;
use mpp_host::{Host, Tool};

use super::super::run::Ready;
use super::times::Times;
use crate::exit::{Failure, Outcome};
use crate::{blame, packages};

/// Loads that are measured.
const LOADS: usize = 100;

/// How long they may take together.
const LOADING_TIME: Duration = Duration::from_secs(2);

/// A tool, and what it took to have it.
pub(super) struct Loaded {
    pub(super) tool: Tool,
    pub(super) before: Before,
}

/// What is done before the first call.
#[derive(Debug)]
pub(super) struct Before {
    /// Reading the package from memory, and verifying it.
    pub(super) read_and_verify: Times,
    /// Loading a package that is verified: code, imports, grant, schemas.
    pub(super) load: Times,
    /// The first time.
    pub(super) first_load: Duration,
    /// Whether its code was compiled then, because nothing was kept of it.
    pub(super) first_compiled: bool,
    /// Compiled code that the tool holds in memory, in bytes.
    pub(super) code_bytes: usize,
    /// Whether it was compiled each time, because nothing can be kept of it.
    pub(super) compiled_each_time: bool,
}

/// Loads the package with `host`, again and again. What is refused is on record.
pub(super) fn measure(host: &Host, ready: &Ready) -> Outcome<Loaded> {
    let package = &ready.chosen.package;
    let digest = package.digest();
    let first_compiled = !host.has_compiled(&digest);
    let (tool, first_load) = load(host, package.package().clone(), ready)?;
    let compiled_each_time = !host.has_compiled(&digest);
    let bytes = packages::signed_bytes(package)?;
    let (mut verifying, mut loading) = (Vec::with_capacity(LOADS), Vec::with_capacity(LOADS));
    let begun = Instant::now();
    while loading.len() < LOADS && (loading.is_empty() || begun.elapsed() < LOADING_TIME) {
        let (package, read, verified) = verify(bytes.clone(), ready)?;
        // Loading verifies what it is given, whoever has done so before.
        let (_, loaded) = load(host, package, ready)?;
        verifying.push(read + verified);
        loading.push(loaded.saturating_sub(verified));
    }
    let (read_and_verify, load) = (Times::one_by_one(verifying), Times::one_by_one(loading));
    let code_bytes = tool.code_bytes();
    let before = Before { read_and_verify, load, first_load, first_compiled, code_bytes, compiled_each_time };
    Ok(Loaded { tool, before })
}

/// How long it takes to read the package, and how long to verify it.
fn verify(bytes: Vec<u8>, ready: &Ready) -> Outcome<(Package, Duration, Duration)> {
    let name = &ready.chosen.name;
    let begun = Instant::now();
    let package =
        Package::parse(bytes).map_err(|error| blame::malformed(std::path::Path::new(name), &error))?;
    let read = begun.elapsed();
    let given = package.clone();
    let begun = Instant::now();
    let verified = ready.chosen.keyring.verify(given, SystemTime::now());
    let took = begun.elapsed();
    drop(verified.map_err(|error| blame::unverified(name, &error))?);
    Ok((package, read, took))
}

fn load(host: &Host, package: Package, ready: &Ready) -> Outcome<(Tool, Duration)> {
    let not_loaded = |error| -> Failure { blame::not_loaded(&ready.chosen.name, &error) };
    let begun = Instant::now();
    let tool = host.load(package, &ready.policy).map_err(not_loaded)?;
    Ok((tool, begun.elapsed()))
}
