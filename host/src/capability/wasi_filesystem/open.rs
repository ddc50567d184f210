//! Opening a path through WASI: the one function that looks or changes,
//! depending on what it is told.

use mpp_policy::Permission;
use rustix::fs::OFlags;
use wasmtime::component::Resource;
use wasmtime_wasi::OpenMode;
use wasmtime_wasi::filesystem::{Descriptor, Dir, File};
use wasmtime_wasi::p2::FsResult;
use wasmtime_wasi::p2::bindings::filesystem::types::{
    DescriptorFlags, DescriptorType, ErrorCode, HostDescriptor as _, OpenFlags, PathFlags,
};

use super::paths::{Asked, settle};
use crate::capability::filesystem::at_once::{self, Storage};
use crate::effects::Durable;
use crate::sandbox::Sandbox;

/// What an open amounts to.
enum Access {
    Read,
    /// It may make the file, empty it, or change what is in it later.
    Write(Durable),
}

impl Access {
    async fn of(sandbox: &mut Sandbox, open: OpenFlags, flags: DescriptorFlags) -> FsResult<Self> {
        let changes = open.intersects(OpenFlags::CREATE | OpenFlags::TRUNCATE)
            || flags.intersects(DescriptorFlags::WRITE | DescriptorFlags::MUTATE_DIRECTORY);
        if changes { Ok(Self::Write(sandbox.durable().await?)) } else { Ok(Self::Read) }
    }

    fn permission(&self) -> Permission {
        match self {
            Self::Read => Permission::FilesystemRead,
            Self::Write(_) => Permission::FilesystemWrite,
        }
    }
}

pub(super) async fn open_at(
    sandbox: &mut Sandbox,
    base: Resource<Descriptor>,
    follow: PathFlags,
    path: String,
    open: OpenFlags,
    flags: DescriptorFlags,
) -> FsResult<Resource<Descriptor>> {
    let access = Access::of(sandbox, open, flags).await?;
    let asked = Asked::new(sandbox, access.permission(), &base, &path);
    let wanted = asked.path.clone();
    if sandbox.take_file_slot().is_err() {
        return settle(sandbox, [asked], Err(ErrorCode::Quota.into()));
    }
    let (opened, storage) = match to_look(sandbox, &base, follow, &path, open, flags) {
        Some((opened, storage)) => (opened, storage),
        None => (by_engine(sandbox, &access, base, follow, path, open, flags).await, Storage::Unknown),
    };
    let opened = settle(sandbox, [asked], opened);
    match &opened {
        Ok(descriptor) => sandbox.wasi_descriptors.hold(descriptor, wanted, true, storage),
        Err(_) => sandbox.open_files = sandbox.open_files.saturating_sub(1),
    }
    opened
}

/// Opens a file or a directory to look at it, if that takes no waiting and is all
/// that is asked for. With what the engine would give, but that it need not go to
/// another thread to tell of a file that was opened so.
fn to_look(
    sandbox: &mut Sandbox,
    base: &Resource<Descriptor>,
    follow: PathFlags,
    path: &str,
    open: OpenFlags,
    flags: DescriptorFlags,
) -> Option<(FsResult<Resource<Descriptor>>, Storage)> {
    if !OpenFlags::DIRECTORY.contains(open) || !DescriptorFlags::READ.contains(flags) {
        return None;
    }
    let storage = sandbox.wasi_descriptors.storage(base);
    let Descriptor::Dir(directory) = sandbox.table.get(base).ok()? else { return None };
    let mut how = OFlags::empty();
    how.set(OFlags::NOFOLLOW, !follow.contains(PathFlags::SYMLINK_FOLLOW));
    how.set(OFlags::DIRECTORY, open.contains(OpenFlags::DIRECTORY));
    let (file, found) = match at_once::open_to_read(storage, &directory.dir, path, how)? {
        Ok(opened) => opened,
        Err(error) => return Some((Err(error.into()), storage)),
    };
    let perms = directory.perms;
    let descriptor = if found.is_file() {
        Descriptor::File(File::new(file, perms, OpenMode::READ, true))
    } else if found.is_dir() {
        Descriptor::Dir(Dir::new(file, perms, OpenMode::READ, false))
    } else {
        return Some((Err(ErrorCode::Unsupported.into()), storage));
    };
    Some((sandbox.table.push(descriptor).map_err(Into::into), storage))
}

/// Opens in a thread that may wait.
async fn by_engine(
    sandbox: &mut Sandbox,
    access: &Access,
    base: Resource<Descriptor>,
    follow: PathFlags,
    path: String,
    open: OpenFlags,
    flags: DescriptorFlags,
) -> FsResult<Resource<Descriptor>> {
    if is_special(sandbox, &base, follow, &path).await {
        return Err(ErrorCode::Unsupported.into());
    }
    let mut engine = match access {
        Access::Read => sandbox.looking(),
        Access::Write(durable) => sandbox.changing(durable),
    };
    engine.open_at(base, follow, path, open, flags).await
}

/// Whether a path leads to a pipe, a device or a socket. The engine would open
/// it, and wait for as long as that takes in a thread that nothing can stop.
async fn is_special(
    sandbox: &mut Sandbox,
    base: &Resource<Descriptor>,
    follow: PathFlags,
    path: &str,
) -> bool {
    let base = Resource::new_borrow(base.rep());
    let stat = sandbox.looking().stat_at(base, follow, path.to_owned()).await;
    match stat.map(|stat| stat.type_) {
        Ok(DescriptorType::RegularFile | DescriptorType::Directory | DescriptorType::SymbolicLink) => false,
        Ok(_) => true,
        // Opening it will say the same again.
        Err(_) => false,
    }
}
