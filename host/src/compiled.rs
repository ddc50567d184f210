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
//! over the engine's version and compatibility hash.
//!
//! Where there is no entry, the package is compiled from its verified bytes and
//! the entry written. Where there is one and it is not loaded (too long, cut
//! short, changed, made for another package or engine or by another host), that
//! is put on record first, with the reason; then the same is done as if there
//! were none. A log that does not take the record ends the load. A package never
//! brings compiled code of its own.
//!
//! The only place in this repository that may use `unsafe`.

use std::fs::{self, File};
use std::hash::{Hash, Hasher};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use hmac::{Hmac, KeyInit as _, Mac as _};
use mpp_audit::{CacheFault, Writer};
use mpp_package::{Digest, VerifiedPackage};
use rustix::fs::OFlags;
use sha2::{Digest as _, Sha256};
use wasmtime::Engine;
use wasmtime::component::Component;

use crate::error::LoadError;
use crate::record;

const DOMAIN: &[u8] = b"mpp-compiled-v1\0";
const TAG_BYTES: usize = 32;

/// A directory of compiled code with the key that authenticates it.
#[derive(Clone)]
pub struct CompiledCache {
    directory: PathBuf,
    key: [u8; 32],
}

impl CompiledCache {
    /// The largest entry that is read, in bytes. Machine code is some four times
    /// its component, and a package is at most 64 MiB.
    pub const MAX_ENTRY_BYTES: u64 = 512 << 20;

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
    log: &Writer,
) -> Result<Component, LoadError> {
    let Some(cache) = cache else { return compile(engine, package) };
    let entry = Entry::of(cache, engine, &package.digest());
    match entry.load(engine) {
        Found::Loaded(component) => return Ok(component),
        Found::Nothing => {}
        Found::Rejected(reason) => {
            log.append(&record::cache_rejection(package, &entry.name, reason))?;
        }
    }
    let component = compile(engine, package)?;
    // A cache that cannot be written is a slow host, not a broken one.
    let _ = component.serialize().map(|code| entry.store(&code));
    Ok(component)
}

/// Whether there is an entry for a package, good or not.
pub(crate) fn is_kept(engine: &Engine, cache: &CompiledCache, package: &Digest) -> bool {
    Entry::of(cache, engine, package).path().is_file()
}

fn compile(engine: &Engine, package: &VerifiedPackage) -> Result<Component, LoadError> {
    Component::from_binary(engine, package.component_bytes())
        .map_err(|error| LoadError::Compile(format!("{error:#}")))
}

/// A key as HMAC takes it (RFC 2104 section 2): filled with zeroes to the
/// block of the hash.
fn block(key: &[u8; 32]) -> hmac::digest::Key<Hmac<Sha256>> {
    let mut block = hmac::digest::Key::<Hmac<Sha256>>::default();
    block[..key.len()].copy_from_slice(key);
    block
}

/// The place of one package in a cache, for one engine.
struct Entry {
    directory: PathBuf,
    /// Name of its file.
    name: String,
    /// Has taken everything that the tag is over, but the code.
    mac: Hmac<Sha256>,
}

/// What is at an entry's place.
enum Found {
    /// Nothing: this is the first time, or somebody cleared the cache.
    Nothing,
    /// Code that this host compiled from this package for this engine.
    Loaded(Component),
    /// Something else. It was looked at and not loaded.
    Rejected(CacheFault),
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
        Self { directory: directory.clone(), name: format!("{name}.cwasm"), mac }
    }

    fn path(&self) -> PathBuf {
        self.directory.join(&self.name)
    }

    fn load(&self, engine: &Engine) -> Found {
        match read(&self.path()) {
            Ok(None) => Found::Nothing,
            Ok(Some(bytes)) => match self.authentic(&bytes).and_then(|code| deserialize(engine, code)) {
                Ok(component) => Found::Loaded(component),
                Err(reason) => Found::Rejected(reason),
            },
            Err(reason) => Found::Rejected(reason),
        }
    }

    /// The code of an entry that carries this host's tag.
    fn authentic<'a>(&self, bytes: &'a [u8]) -> Result<&'a [u8], CacheFault> {
        let (tag, code) = bytes.split_at_checked(TAG_BYTES).ok_or(CacheFault::Truncated)?;
        let mut mac = self.mac.clone();
        mac.update(code);
        // Compares in constant time.
        mac.verify_slice(tag).map_err(|_| CacheFault::NotAuthentic)?;
        Ok(code)
    }

    /// Writes the entry, over whatever is there. A temporary file, a sync and a
    /// rename: a reader sees the old entry or the new one, and half an entry is
    /// never the work of a power cut.
    fn store(&self, code: &[u8]) -> io::Result<()> {
        let mut mac = self.mac.clone();
        mac.update(code);
        let mut file = tempfile::NamedTempFile::new_in(&self.directory)?;
        file.write_all(&mac.finalize().into_bytes())?;
        file.write_all(code)?;
        file.as_file().sync_data()?;
        // A rename replaces anything but a directory. An empty one is no loss;
        // one that holds something stays for the operator to look at, and every
        // load puts it on record.
        let _ = fs::remove_dir(self.path());
        file.persist(self.path())?;
        Ok(())
    }
}

/// The bytes of an entry; `None` where there is none.
fn read(path: &Path) -> Result<Option<Vec<u8>>, CacheFault> {
    let file = match open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(_) => return Err(CacheFault::Unreadable),
    };
    let length = match file.metadata() {
        Ok(entry) if entry.is_file() => entry.len(),
        Ok(_) | Err(_) => return Err(CacheFault::Unreadable),
    };
    if length > CompiledCache::MAX_ENTRY_BYTES {
        return Err(CacheFault::TooLarge);
    }
    // No more than was asked for, should the file grow meanwhile.
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
    file.take(length).read_to_end(&mut bytes).map_err(|_| CacheFault::Unreadable)?;
    Ok(Some(bytes))
}

/// Opens an entry. The host writes regular files only: a link is not followed,
/// and a pipe does not hold the load until somebody writes to it.
fn open(path: &Path) -> io::Result<File> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    File::options().read(true).custom_flags(flags.bits().cast_signed()).open(path)
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
fn deserialize(engine: &Engine, code: &[u8]) -> Result<Component, CacheFault> {
    // SAFETY: `code` carried a tag that only this host can make, over exactly
    // these bytes, this package and this engine; so it is what
    // `Component::serialize` returned for them. It is copied out of `code`
    // before it is mapped, so no file can change under it.
    unsafe { Component::deserialize(engine, code) }.map_err(|_| CacheFault::NotLoadable)
}

#[cfg(test)]
mod tests;
