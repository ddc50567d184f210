//! Files through WASI, so that `std::fs` works in a guest: the same boundary as
//! `mpp:tool/fs`, as near as WASI can express it.
//!
//! - WASI knows read-only and read-write directories. A path that may be written
//!   but not read is not shown; such a tool uses `mpp:tool/fs-write`.
//! - Whatever changes something waits for the gate of effects ([`descriptor`]).
//! - Every operation on a path is checked into the record ([`paths`]); bytes
//!   read are counted ([`reading`]) and bytes written charged ([`writing`]).
//! - Hard and symbolic links are not made, because a link is a path that a later
//!   check does not see. Pipes, devices and sockets are not opened, because
//!   opening one can wait for ever.

mod descriptor;
mod open;
mod paths;
mod reading;
mod writing;

use std::collections::HashMap;
use std::sync::Arc;

use mpp_policy::{Grant, GuestPath};
use wasmtime::component::{HasSelf, Linker, Resource};
use wasmtime_wasi::filesystem::{Descriptor, WasiFilesystemCtx};
use wasmtime_wasi::p2::FsResult;
use wasmtime_wasi::p2::bindings::filesystem::{preopens, types};
use wasmtime_wasi::{FsPerms, WasiCtx};

use super::filesystem::Directories;
use super::filesystem::at_once::{Source, Storage};
use crate::error::{HostFault, LoadError};
use crate::sandbox::Sandbox;

/// The directories that WASI shows, open.
pub(crate) struct Preopens {
    context: WasiFilesystemCtx,
    /// What reading in each of them may wait for, in the same order.
    storage: Vec<Storage>,
}

/// The descriptors that a guest holds, by table index.
#[derive(Default)]
pub(crate) struct Descriptors(HashMap<u32, Held>);

/// One descriptor that a guest holds.
struct Held {
    /// Where it leads, if that can be said.
    path: Option<GuestPath>,
    /// Whether the guest opened it; the granted directories it was shown do
    /// not count as open files.
    opened: bool,
    storage: Storage,
}

impl Descriptors {
    fn path(&self, descriptor: &Resource<Descriptor>) -> Option<&GuestPath> {
        self.0.get(&descriptor.rep())?.path.as_ref()
    }

    /// What reading it may wait for, or opening beneath it.
    fn storage(&self, descriptor: &Resource<Descriptor>) -> Storage {
        self.0.get(&descriptor.rep()).map_or(Storage::Unknown, |held| held.storage)
    }

    fn hold(
        &mut self,
        descriptor: &Resource<Descriptor>,
        path: Option<GuestPath>,
        opened: bool,
        storage: Storage,
    ) {
        self.0.insert(descriptor.rep(), Held { path, opened, storage });
    }

    /// Forgets a closed descriptor; says whether it counted as an open file.
    fn release(&mut self, rep: u32) -> bool {
        self.0.remove(&rep).is_some_and(|held| held.opened)
    }
}

impl Sandbox {
    /// What can be read behind a descriptor, if it is not a directory. Nothing can be
    /// written with it, however the file was opened.
    fn source(&self, descriptor: &Resource<Descriptor>) -> FsResult<Option<Source>> {
        Ok(match self.table.get(descriptor)? {
            Descriptor::File(opened) => {
                Some(Source::new(Arc::clone(&opened.file), self.wasi_descriptors.storage(descriptor)))
            }
            Descriptor::Dir(_) => None,
        })
    }
}

impl Preopens {
    /// Hands the directories that are open already to WASI.
    pub(crate) fn open(grant: &Grant, directories: &Directories) -> Result<Self, LoadError> {
        let mut builder = WasiCtx::builder();
        let mut storage = Vec::new();
        for directory in &directories.read {
            let perms = match grant.write(&directory.guest) {
                Ok(_) => FsPerms::ReadWrite,
                Err(_) => FsPerms::ReadOnly,
            };
            show(&mut builder, directory, perms)?;
            storage.push(directory.storage);
        }
        // A writable directory below a readable one is reached by its own
        // handle, because the handle above it is read-only.
        for directory in &directories.write {
            let shown = directories.read.iter().any(|read| read.guest == directory.guest);
            if !shown && grant.read(&directory.guest).is_ok() {
                show(&mut builder, directory, FsPerms::ReadWrite)?;
                storage.push(directory.storage);
            }
        }
        let mut context = builder.build();
        Ok(Self { context: std::mem::take(context.filesystem()), storage })
    }

    pub(crate) fn clone_into(&self, context: &mut WasiFilesystemCtx) {
        *context = self.context.clone();
    }
}

/// Shows a directory by its open handle: the name is resolved once, when the
/// grant is opened, and never again.
fn show(
    builder: &mut wasmtime_wasi::WasiCtxBuilder,
    directory: &super::filesystem::Directory,
    perms: FsPerms,
) -> Result<(), LoadError> {
    use std::os::fd::{AsFd, AsRawFd};
    let by_handle = format!("/proc/self/fd/{}", directory.handle.as_fd().as_raw_fd());
    builder.preopened_dir(&by_handle, directory.guest.as_str(), perms).map(|_| ()).map_err(|error| {
        LoadError::Host(HostFault(format!("{} cannot be opened for WASI: {error}", directory.guest)))
    })
}

/// Links `wasi:filesystem`.
pub(crate) fn link(linker: &mut Linker<Sandbox>) -> wasmtime::Result<()> {
    types::add_to_linker::<_, HasSelf<Sandbox>>(linker, |sandbox| sandbox)?;
    preopens::add_to_linker::<_, HasSelf<Sandbox>>(linker, |sandbox| sandbox)
}

impl preopens::Host for Sandbox {
    fn get_directories(&mut self) -> wasmtime::Result<Vec<(Resource<Descriptor>, String)>> {
        let directories = preopens::Host::get_directories(&mut self.looking())?;
        let storage = &self.capabilities.wasi_filesystem.storage;
        for ((descriptor, name), storage) in directories.iter().zip(storage) {
            self.wasi_descriptors.hold(descriptor, GuestPath::parse(name).ok(), false, *storage);
        }
        Ok(directories)
    }
}
