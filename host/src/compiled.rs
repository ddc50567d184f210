//! Compiled code: made from verified bytes, or from a cache that this host
//! wrote itself.
//!
//! Compiled code is machine code. Loading it is trusting it, and the engine
//! cannot check it. So a cache entry is loaded only if it carries a tag that
//! only this host can make:
//!
//! ```text
//! entry = tag (32 bytes) ‖ code
//! tag   = HMAC-SHA-256(key, "mpp-compiled-v1" ‖ 0x00 ‖ package digest ‖ engine digest ‖ code)
//! name  = hex(SHA-256(package digest ‖ engine digest)).cwasm
//! ```
//!
//! *Package digest* is that of the verified package; *engine digest* is SHA-256
//! over the engine's version and compatibility hash. An entry that is missing,
//! truncated, changed, or another engine's is compiled anew and written over.
//! A package never brings compiled code of its own.
//!
//! The only place in this repository that may use `unsafe`.

use std::fs;
use std::hash::{Hash, Hasher};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use hmac::{Hmac, KeyInit as _, Mac as _};
use mpp_package::{Digest, VerifiedPackage};
use sha2::{Digest as _, Sha256};
use wasmtime::Engine;
use wasmtime::component::Component;

use crate::error::LoadError;

const DOMAIN: &[u8] = b"mpp-compiled-v1\0";
const TAG_BYTES: usize = 32;

/// The largest entry that is read. Machine code is some four times its
/// component, and a package is at most 64 MiB.
const MAX_ENTRY_BYTES: u64 = 512 << 20;

/// A directory of compiled code with the key that authenticates it.
#[derive(Clone)]
pub struct CompiledCache {
    directory: PathBuf,
    key: [u8; 32],
}

impl CompiledCache {
    /// A cache in `directory`, which must exist and be this user's alone. `key`
    /// is secret and this host's own: who knows it can run machine code here.
    #[must_use]
    pub fn new(directory: PathBuf, key: [u8; 32]) -> Self {
        Self { directory, key }
    }
}

/// The component of a verified package, compiled.
pub(crate) fn component(
    engine: &Engine,
    cache: Option<&CompiledCache>,
    package: &VerifiedPackage,
) -> Result<Component, LoadError> {
    let entry = cache.map(|cache| Entry::of(cache, engine, &package.digest()));
    if let Some(component) = entry.as_ref().and_then(|entry| entry.load(engine)) {
        return Ok(component);
    }
    let component = Component::from_binary(engine, package.component_bytes())
        .map_err(|error| LoadError::Compile(format!("{error:#}")))?;
    if let Some(entry) = entry {
        // A cache that cannot be written is a slow host, not a broken one.
        let _ = component.serialize().map(|code| entry.store(&code));
    }
    Ok(component)
}

/// A key as HMAC takes it (RFC 2104 section 2): filled with zeroes to the
/// block of the hash.
fn block(key: &[u8; 32]) -> hmac::digest::Key<Hmac<Sha256>> {
    let mut block = hmac::digest::Key::<Hmac<Sha256>>::default();
    block[..key.len()].copy_from_slice(key);
    block
}

/// One entry of a cache.
struct Entry {
    path: PathBuf,
    mac: Hmac<Sha256>,
}

impl Entry {
    fn of(cache: &CompiledCache, engine: &Engine, package: &Digest) -> Self {
        let CompiledCache { directory, key } = cache;
        let engine = engine_digest(engine);
        let mut name = Sha256::new();
        name.update(package.as_bytes());
        name.update(engine);
        let name = Digest::from_bytes(name.finalize().into()).to_hex();
        let mut mac = Hmac::<Sha256>::new(&block(key));
        mac.update(DOMAIN);
        mac.update(package.as_bytes());
        mac.update(&engine);
        Self { path: directory.join(format!("{name}.cwasm")), mac }
    }

    /// Loads the entry if it is whole, this host's, and this engine's.
    fn load(&self, engine: &Engine) -> Option<Component> {
        let bytes = read(&self.path)?;
        let (tag, code) = bytes.split_at_checked(TAG_BYTES)?;
        let mut mac = self.mac.clone();
        mac.update(code);
        // Compares in constant time.
        mac.verify_slice(tag).ok()?;
        deserialize(engine, code)
    }

    fn store(&self, code: &[u8]) -> std::io::Result<()> {
        let mut mac = self.mac.clone();
        mac.update(code);
        let directory = self.path.parent().unwrap_or(Path::new("."));
        // A temporary file and a rename: a reader sees the old entry or the new.
        let mut file = tempfile::NamedTempFile::new_in(directory)?;
        file.write_all(&mac.finalize().into_bytes())?;
        file.write_all(code)?;
        file.persist(&self.path)?;
        Ok(())
    }
}

fn read(path: &Path) -> Option<Vec<u8>> {
    if fs::metadata(path).ok()?.len() > MAX_ENTRY_BYTES {
        return None;
    }
    fs::read(path).ok()
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
fn deserialize(engine: &Engine, code: &[u8]) -> Option<Component> {
    // SAFETY: `code` carried a tag that only this host can make, over exactly
    // these bytes, this package and this engine; so it is what
    // `Component::serialize` returned for them. It is copied out of `code`
    // before it is mapped, so no file can change under it.
    unsafe { Component::deserialize(engine, code) }.ok()
}
