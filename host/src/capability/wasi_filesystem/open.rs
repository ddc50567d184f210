//! Opening a path through WASI: the one function that looks or changes,
//! depending on what it is told.

use mpp_policy::Permission;
use wasmtime::component::Resource;
use wasmtime_wasi::filesystem::Descriptor;
use wasmtime_wasi::p2::FsResult;
use wasmtime_wasi::p2::bindings::filesystem::types::{
    DescriptorFlags, DescriptorType, ErrorCode, HostDescriptor as _, OpenFlags, PathFlags,
};

use super::paths::{Asked, settle};
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
    let opened = if is_special(sandbox, &base, follow, &path).await {
        Err(ErrorCode::Unsupported.into())
    } else {
        let mut engine = match &access {
            Access::Read => sandbox.looking(),
            Access::Write(durable) => sandbox.changing(durable),
        };
        engine.open_at(base, follow, path, open, flags).await
    };
    let opened = settle(sandbox, [asked], opened);
    match &opened {
        Ok(descriptor) => sandbox.wasi_descriptors.hold(descriptor, wanted, true),
        Err(_) => sandbox.open_files = sandbox.open_files.saturating_sub(1),
    }
    opened
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
