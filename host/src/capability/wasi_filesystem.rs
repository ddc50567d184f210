//! Files through WASI, so that `std::fs` works in a guest: the same boundary as
//! `mpp:tool/fs`, as near as WASI can express it.
//!
//! - WASI knows read-only and read-write directories. A path that may be written
//!   but not read is not shown; such a tool uses `mpp:tool/fs-write`.
//! - Every open is checked into the record; bytes written count against the same
//!   limit; hard and symbolic links are not made, because a link is a path that
//!   a later check does not see.

use std::collections::HashMap;

use mpp_policy::{Denial, DenialReason, Grant, GuestPath, Permission};
use wasmtime::StoreContextMut;
use wasmtime::component::{Linker, LinkerInstance, Resource, ResourceType};
use wasmtime_wasi::filesystem::{Descriptor, WasiFilesystem, WasiFilesystemCtx, WasiFilesystemView};
use wasmtime_wasi::p2::bindings::filesystem::preopens::{self, Host as _};
use wasmtime_wasi::p2::bindings::filesystem::types::{
    self, DescriptorFlags, ErrorCode, HostDescriptor as _, OpenFlags, PathFlags,
};
use wasmtime_wasi::p2::{DynOutputStream, FsResult, OutputStream, Pollable, StreamError, StreamResult};
use wasmtime_wasi::{FsPerms, WasiCtx};
use wasmtime_wasi_io::bytes::Bytes;

use super::filesystem::Filesystem;
use crate::error::{HostFault, LoadError};
use crate::journal::Journal;
use crate::sandbox::Sandbox;

/// The names under which the engine's WASI implementation is linked. The linker
/// finds them for every 0.2 version that a guest may ask for.
const TYPES: &str = "wasi:filesystem/types@0.2.12";
const PREOPENS: &str = "wasi:filesystem/preopens@0.2.12";

/// The directories that WASI shows, open.
pub(crate) struct Preopens(WasiFilesystemCtx);

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
}

impl Descriptors {
    fn path(&self, descriptor: &Resource<Descriptor>) -> Option<&GuestPath> {
        self.0.get(&descriptor.rep())?.path.as_ref()
    }

    fn hold(&mut self, descriptor: &Resource<Descriptor>, path: Option<GuestPath>, opened: bool) {
        self.0.insert(descriptor.rep(), Held { path, opened });
    }

    /// Forgets a closed descriptor; says whether it counted as an open file.
    fn release(&mut self, rep: u32) -> bool {
        self.0.remove(&rep).is_some_and(|held| held.opened)
    }
}

impl Preopens {
    /// Hands the directories that are open already to WASI.
    pub(crate) fn open(grant: &Grant, directories: &Filesystem) -> Result<Self, LoadError> {
        let mut builder = WasiCtx::builder();
        for directory in &directories.read {
            let perms = match grant.write(&directory.guest) {
                Ok(_) => FsPerms::ReadWrite,
                Err(_) => FsPerms::ReadOnly,
            };
            show(&mut builder, directory, perms)?;
        }
        // A writable directory below a readable one is reached by its own
        // handle, because the handle above it is read-only.
        for directory in &directories.write {
            let shown = directories.read.iter().any(|read| read.guest == directory.guest);
            if !shown && grant.read(&directory.guest).is_ok() {
                show(&mut builder, directory, FsPerms::ReadWrite)?;
            }
        }
        let mut context = builder.build();
        Ok(Self(std::mem::take(context.filesystem())))
    }

    pub(crate) fn clone_into(&self, context: &mut WasiFilesystemCtx) {
        *context = self.0.clone();
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

/// Links `wasi:filesystem`, with the functions that need more than the engine's
/// implementation replaced.
pub(crate) fn link(linker: &mut Linker<Sandbox>) -> wasmtime::Result<()> {
    types::add_to_linker::<Sandbox, WasiFilesystem>(linker, Sandbox::filesystem)?;
    preopens::add_to_linker::<Sandbox, WasiFilesystem>(linker, Sandbox::filesystem)?;
    linker.allow_shadowing(true);
    replace(linker)?;
    linker.allow_shadowing(false);
    Ok(())
}

fn replace(linker: &mut Linker<Sandbox>) -> wasmtime::Result<()> {
    linker.instance(PREOPENS)?.func_wrap("get-directories", |mut store: StoreContextMut<'_, Sandbox>, ()| {
        Ok((get_directories(store.data_mut())?,))
    })?;
    let mut types = linker.instance(TYPES)?;
    replace_close(&mut types)?;
    replace_open(&mut types)?;
    replace_links(&mut types)?;
    replace_writes(&mut types)
}

type Fallible<T> = (Result<T, ErrorCode>,);

fn replace_close(types: &mut LinkerInstance<'_, Sandbox>) -> wasmtime::Result<()> {
    types.resource("descriptor", ResourceType::host::<Descriptor>(), |mut store, rep| {
        let sandbox = store.data_mut();
        if sandbox.wasi_descriptors.release(rep) {
            sandbox.open_files = sandbox.open_files.saturating_sub(1);
        }
        sandbox.filesystem().drop(Resource::new_own(rep))
    })
}

fn replace_open(types: &mut LinkerInstance<'_, Sandbox>) -> wasmtime::Result<()> {
    types.func_wrap_async(
        "[method]descriptor.open-at",
        |mut store: StoreContextMut<'_, Sandbox>,
         (base, path_flags, path, open_flags, flags): (
            Resource<Descriptor>,
            PathFlags,
            String,
            OpenFlags,
            DescriptorFlags,
        )| {
            Box::new(async move {
                let opened = open_at(store.data_mut(), base, path_flags, path, open_flags, flags).await;
                Ok((to_code(opened)?,) as Fallible<Resource<Descriptor>>)
            })
        },
    )
}

fn replace_links(types: &mut LinkerInstance<'_, Sandbox>) -> wasmtime::Result<()> {
    types.func_wrap(
        "[method]descriptor.link-at",
        |_: StoreContextMut<'_, Sandbox>,
         _: (Resource<Descriptor>, PathFlags, String, Resource<Descriptor>, String)| {
            Ok((Err(ErrorCode::NotPermitted),) as Fallible<()>)
        },
    )?;
    types.func_wrap(
        "[method]descriptor.symlink-at",
        |_: StoreContextMut<'_, Sandbox>, _: (Resource<Descriptor>, String, String)| {
            Ok((Err(ErrorCode::NotPermitted),) as Fallible<()>)
        },
    )
}

fn replace_writes(types: &mut LinkerInstance<'_, Sandbox>) -> wasmtime::Result<()> {
    types.func_wrap(
        "[method]descriptor.write-via-stream",
        |mut store: StoreContextMut<'_, Sandbox>, (file, offset): (Resource<Descriptor>, u64)| {
            let stream = store.data_mut().filesystem().write_via_stream(file, offset);
            Ok((to_code(metered(store.data_mut(), stream))?,) as Fallible<Resource<DynOutputStream>>)
        },
    )?;
    types.func_wrap(
        "[method]descriptor.append-via-stream",
        |mut store: StoreContextMut<'_, Sandbox>, (file,): (Resource<Descriptor>,)| {
            let stream = store.data_mut().filesystem().append_via_stream(file);
            Ok((to_code(metered(store.data_mut(), stream))?,) as Fallible<Resource<DynOutputStream>>)
        },
    )?;
    types.func_wrap_async(
        "[method]descriptor.write",
        |mut store: StoreContextMut<'_, Sandbox>, (file, bytes, offset): (Resource<Descriptor>, Vec<u8>, u64)| {
            Box::new(async move {
                if store.data().charge_write(bytes.len() as u64).is_err() {
                    return Ok((Err(ErrorCode::Quota),) as Fallible<u64>);
                }
                Ok((to_code(store.data_mut().filesystem().write(file, bytes, offset).await)?,))
            })
        },
    )?;
    types.func_wrap_async(
        "[method]descriptor.set-size",
        |mut store: StoreContextMut<'_, Sandbox>, (file, size): (Resource<Descriptor>, u64)| {
            Box::new(async move {
                // A size is charged as if it were written: a file full of
                // holes fills a disk when it is copied.
                if store.data().charge_write(size).is_err() {
                    return Ok((Err(ErrorCode::Quota),) as Fallible<()>);
                }
                Ok((to_code(store.data_mut().filesystem().set_size(file, size).await)?,))
            })
        },
    )
}

fn get_directories(sandbox: &mut Sandbox) -> wasmtime::Result<Vec<(Resource<Descriptor>, String)>> {
    let directories = sandbox.filesystem().get_directories()?;
    for (descriptor, name) in &directories {
        sandbox.wasi_descriptors.hold(descriptor, GuestPath::parse(name).ok(), false);
    }
    Ok(directories)
}

async fn open_at(
    sandbox: &mut Sandbox,
    base: Resource<Descriptor>,
    path_flags: PathFlags,
    path: String,
    open_flags: OpenFlags,
    flags: DescriptorFlags,
) -> FsResult<Resource<Descriptor>> {
    let permission = permission(open_flags, flags);
    let wanted = sandbox.wasi_descriptors.path(&base);
    let wanted = wanted.and_then(|base| GuestPath::resolve(&format!("{}/{path}", base.as_str())).ok());
    let name = wanted.as_ref().map_or_else(|| path.clone(), |wanted| wanted.as_str().to_owned());
    sandbox.journal.count(|counters| counters.host_calls += 1);
    if sandbox.take_file_slot().is_err() {
        return Err(ErrorCode::Quota.into());
    }
    let opened = sandbox.filesystem().open_at(base, path_flags, path, open_flags, flags).await;
    let opened = opened.map_err(|error| error.downcast());
    match opened {
        Ok(descriptor) => {
            record(&sandbox.journal, permission, &name, None);
            sandbox.wasi_descriptors.hold(&descriptor, wanted, true);
            Ok(descriptor)
        }
        Err(Ok(code)) => {
            sandbox.open_files = sandbox.open_files.saturating_sub(1);
            record(&sandbox.journal, permission, &name, refusal(code));
            Err(code.into())
        }
        Err(Err(trap)) => Err(wasmtime_wasi::p2::FsError::trap(trap)),
    }
}

/// What an open amounts to.
fn permission(open: OpenFlags, flags: DescriptorFlags) -> Permission {
    let changes = open.intersects(OpenFlags::CREATE | OpenFlags::TRUNCATE)
        || flags.intersects(DescriptorFlags::WRITE | DescriptorFlags::MUTATE_DIRECTORY);
    if changes { Permission::FilesystemWrite } else { Permission::FilesystemRead }
}

/// Which errors of WASI are refusals rather than facts about files.
fn refusal(code: ErrorCode) -> Option<DenialReason> {
    match code {
        ErrorCode::NotPermitted | ErrorCode::CrossDevice => Some(DenialReason::LeavesBoundary),
        ErrorCode::ReadOnly => Some(DenialReason::NotDeclared),
        _ => None,
    }
}

fn record(journal: &Journal, permission: Permission, resource: &str, reason: Option<DenialReason>) {
    let verdict = match reason {
        None => Ok(()),
        Some(reason) => Err(Denial::new(permission, resource, reason)),
    };
    // The verdict is WASI's and has reached the guest already.
    let _ = journal.check(permission, resource, verdict);
}

fn to_code<T>(result: FsResult<T>) -> wasmtime::Result<Result<T, ErrorCode>> {
    match result {
        Ok(value) => Ok(Ok(value)),
        Err(error) => error.downcast().map(Err),
    }
}

/// Wraps a stream so that what it writes is charged.
fn metered(sandbox: &mut Sandbox, stream: FsResult<Resource<DynOutputStream>>) -> FsResult<Resource<DynOutputStream>> {
    let inner = sandbox.table.delete(stream?)?;
    let stream: DynOutputStream =
        Box::new(Metered { inner, journal: sandbox.journal.clone(), limit: sandbox.limits.written_bytes });
    Ok(sandbox.table.push(stream)?)
}

struct Metered {
    inner: DynOutputStream,
    journal: Journal,
    limit: u64,
}

impl OutputStream for Metered {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        let mut allowed = false;
        self.journal.count(|counters| {
            let sum = counters.written_bytes.saturating_add(bytes.len() as u64);
            allowed = sum <= self.limit;
            if allowed {
                counters.written_bytes = sum;
            }
        });
        if !allowed {
            let full = std::io::Error::from(std::io::ErrorKind::QuotaExceeded);
            return Err(StreamError::LastOperationFailed(full.into()));
        }
        self.inner.write(bytes)
    }

    fn flush(&mut self) -> StreamResult<()> {
        self.inner.flush()
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        self.inner.check_write()
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for Metered {
    async fn ready(&mut self) {
        self.inner.ready().await;
    }
}
