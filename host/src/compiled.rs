//! Compiled code: made from verified bytes, or from a cache that this host
//! wrote itself.
//!
//! Compiled code is machine code. Loading it is trusting it, and the engine
//! cannot check it. So it has two sources and no third: what the compiler made
//! of these very bytes just now, and what this host kept of that, which carries
//! a tag that only this host can make ([`cache`]). A package never brings
//! compiled code of its own.
//!
//! Where there is no entry in the cache, the package is compiled from its
//! verified bytes and the entry written. Where there is one and it is not loaded
//! (too long, cut short, changed, made for another package or engine or by
//! another host), that is put on record first, with the reason; then the same is
//! done as if there were none. A log that does not take the record ends the load.
//!
//! # Compiling hostile input
//!
//! The sandbox bounds what runs, not what is compiled. So a host can have that
//! done in a process of its own ([`Compiler::program`]), which
//!
//! - may use so much memory and time and no more ([`CompileCaps`]);
//! - can crash, and takes no call and no other package with it;
//! - writes no file, and is given no variable of the environment and nothing that
//!   the host has opened;
//! - ends with the host, however that ends.
//!
//! It does not protect from a compiler that can be made to write wrong code: that
//! code is loaded here as any other, for all of the host's trust in a sandbox is
//! trust in its compiler. Nor is the process a sandbox: whoever finds a way to run
//! code in it has the rights of the user, as in a host that compiles by itself.
//!
//! | File | Its one reason |
//! |---|---|
//! | `cache.rs` | the cache and its tag |
//! | `compiler.rs` | who compiles |
//! | `caps.rs` | what compiling one package may take |
//! | `child.rs` | a process that compiles, seen from the host |
//! | `worker.rs` | the same, seen from within |
//! | `wire.rs` | what the two say to each other |
//!
//! This file is the only place in the repository that may use `unsafe`.

mod cache;
mod caps;
mod child;
mod compiler;
mod wire;
mod worker;

use std::hash::{Hash, Hasher};

use mpp_audit::Writer;
use mpp_package::{Digest, VerifiedPackage};
use sha2::{Digest as _, Sha256};
use wasmtime::Engine;
use wasmtime::component::Component;

use self::cache::{Entry, Found};
use crate::engine::Execution;
use crate::error::LoadError;
use crate::record;

pub use self::cache::CompiledCache;
pub use self::caps::{CompileCap, CompileCaps};
pub use self::compiler::Compiler;
pub use self::worker::compiler_worker;

/// Told when a package is about to be compiled. What it returns is dropped when
/// that is over.
pub(crate) type Watch = dyn Fn(&VerifiedPackage) -> Box<dyn Send> + Send + Sync;

/// How a host comes by compiled code.
pub(crate) struct Compiling {
    pub(crate) cache: Option<CompiledCache>,
    pub(crate) compiler: Compiler,
    pub(crate) watch: Option<Box<Watch>>,
}

impl Compiling {
    /// Whether there is an entry for a package, good or not.
    pub(crate) fn is_kept(&self, engine: &Engine, package: &Digest) -> bool {
        self.cache.as_ref().is_some_and(|cache| Entry::of(cache, engine, package).is_there())
    }

    /// The component of a verified package, compiled.
    pub(crate) fn component(
        &self,
        engine: &Engine,
        execution: Execution,
        package: &VerifiedPackage,
        log: &Writer,
    ) -> Result<Component, LoadError> {
        let entry = self.cache.as_ref().map(|cache| Entry::of(cache, engine, &package.digest()));
        match entry.as_ref().map_or(Found::Nothing, |entry| entry.load(engine)) {
            Found::Loaded(component) => return Ok(component),
            Found::Nothing => {}
            Found::Rejected { entry, reason } => {
                log.append(&record::cache_rejection(package, &entry, reason))?;
            }
        }
        let watching = self.watch.as_ref().map(|watch| watch(package));
        let code = self.compiler.code(engine, execution, package.component_bytes())?;
        drop(watching);
        let component = compiled(engine, &code)?;
        // A cache that cannot be written is a slow host, not a broken one.
        let _ = entry.map(|entry| entry.store(&code));
        Ok(component)
    }
}

/// A component that is no package yet, compiled.
pub(crate) fn component(
    engine: &Engine,
    execution: Execution,
    compiler: &Compiler,
    bytes: &[u8],
) -> Result<Component, LoadError> {
    compiled(engine, &compiler.code(engine, execution, bytes)?)
}

/// Code that was made just now. What compiles can still be more than the pool of
/// this engine holds.
fn compiled(engine: &Engine, code: &[u8]) -> Result<Component, LoadError> {
    deserialize(engine, code).map_err(|error| LoadError::Compile(format!("{error:#}")))
}

/// SHA-256 over what the engine says of its version and settings.
fn engine_digest(engine: &Engine) -> [u8; 32] {
    struct Sink(Sha256);
    impl Hasher for Sink {
        fn write(&mut self, bytes: &[u8]) {
            self.0.update(bytes);
        }
        fn finish(&self) -> u64 {
            0
        }
    }
    let mut sink = Sink(Sha256::new());
    engine.precompile_compatibility_hash().hash(&mut sink);
    sink.0.finalize().into()
}

#[expect(unsafe_code, reason = "the one place that loads compiled code")]
fn deserialize(engine: &Engine, code: &[u8]) -> wasmtime::Result<Component> {
    // SAFETY: `code` is what `Engine::precompile_component` returned, for an engine
    // with the digest of this one. That was in this process; or in the program that
    // the owner of this host names for it, which wrote these bytes to a socket that
    // nobody else had; or they carried a tag that only this host can make, over
    // exactly these bytes, this package and this engine, and it makes none over
    // anything else. They are copied before they are mapped, so nobody changes them
    // meanwhile.
    unsafe { Component::deserialize(engine, code) }
}
