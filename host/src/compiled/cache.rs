//! Compiled code that this host made before.
//!
//! An entry is loaded only if it carries a tag that only this host can make:
//!
//! ```text
//! entry = tag (32 bytes) ‖ code
//! tag   = HMAC-SHA-256(key, "mpp-compiled-v1" ‖ 0x00 ‖ package digest ‖ engine digest ‖ code)
//! name  = hex(SHA-256(package digest ‖ engine digest)).cwasm
//! ```
//!
//! *Package digest* is that of the verified package; *engine digest* is that of
//! [`super::engine_digest`].

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use hmac::{Hmac, KeyInit as _, Mac as _};
use mpp_audit::CacheFault;
use mpp_package::Digest;
use rustix::fs::OFlags;
use sha2::{Digest as _, Sha256};
use wasmtime::Engine;
use wasmtime::component::Component;

use super::{deserialize, engine_digest};

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

    /// The most code of one package that is loaded, in bytes: what an entry has
    /// room for.
    pub const MAX_CODE_BYTES: u64 = Self::MAX_ENTRY_BYTES - TAG_BYTES as u64;

    /// A cache in `directory`, which must exist and be this user's alone. `key`
    /// is secret and this host's own: who knows it can run machine code here.
    #[must_use]
    pub fn new(directory: PathBuf, key: [u8; 32]) -> Self {
        Self { directory, key }
    }
}

/// A key as HMAC takes it (RFC 2104 section 2): filled with zeroes to the
/// block of the hash.
fn block(key: &[u8; 32]) -> hmac::digest::Key<Hmac<Sha256>> {
    let mut block = hmac::digest::Key::<Hmac<Sha256>>::default();
    block[..key.len()].copy_from_slice(key);
    block
}

/// The place of one package in a cache, for one engine.
pub(super) struct Entry {
    directory: PathBuf,
    /// Name of its file.
    name: String,
    /// Has taken everything that the tag is over, but the code.
    mac: Hmac<Sha256>,
}

/// What is at an entry's place.
pub(super) enum Found {
    /// Nothing: this is the first time, or somebody cleared the cache.
    Nothing,
    /// Code that this host compiled from this package for this engine.
    Loaded(Component),
    /// Something else. It was looked at and not loaded.
    Rejected {
        /// The name of the entry.
        entry: String,
        /// Why.
        reason: CacheFault,
    },
}

impl Entry {
    pub(super) fn of(cache: &CompiledCache, engine: &Engine, package: &Digest) -> Self {
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

    /// Whether there is a file in its place, good or not.
    pub(super) fn is_there(&self) -> bool {
        self.path().is_file()
    }

    fn path(&self) -> PathBuf {
        self.directory.join(&self.name)
    }

    pub(super) fn load(&self, engine: &Engine) -> Found {
        let loaded = read(&self.path()).and_then(|bytes| {
            let code = bytes.as_deref().map(|bytes| self.authentic(bytes)).transpose()?;
            code.map(|code| deserialize(engine, code).map_err(|_| CacheFault::NotLoadable)).transpose()
        });
        match loaded {
            Ok(None) => Found::Nothing,
            Ok(Some(component)) => Found::Loaded(component),
            Err(reason) => Found::Rejected { entry: self.name.clone(), reason },
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
    pub(super) fn store(&self, code: &[u8]) -> io::Result<()> {
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

#[cfg(test)]
mod tests;
