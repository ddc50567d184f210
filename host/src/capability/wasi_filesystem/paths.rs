//! The operations of WASI that name a path. The engine's implementation decides
//! them, beneath the open directories and by what those permit; here each is put
//! on record, with what the grant says of it.

use mpp_policy::{Denial, DenialReason, Grant, GuestPath, Permission};
use wasmtime::StoreContextMut;
use wasmtime::component::{LinkerInstance, Resource};
use wasmtime_wasi::filesystem::{Descriptor, WasiFilesystemView};
use wasmtime_wasi::p2::FsResult;
use wasmtime_wasi::p2::bindings::filesystem::types::{
    DescriptorFlags, DescriptorStat, DescriptorType, ErrorCode, HostDescriptor as _, MetadataHashValue,
    NewTimestamp, OpenFlags, PathFlags,
};

use super::{Fallible, to_code};
use crate::sandbox::Sandbox;

pub(super) fn replace(types: &mut LinkerInstance<'_, Sandbox>) -> wasmtime::Result<()> {
    replace_open(types)?;
    replace_looks(types)?;
    replace_changes(types)?;
    replace_rename(types)?;
    replace_links(types)
}

fn replace_open(types: &mut LinkerInstance<'_, Sandbox>) -> wasmtime::Result<()> {
    type Arguments = (Resource<Descriptor>, PathFlags, String, OpenFlags, DescriptorFlags);
    types.func_wrap_async(
        "[method]descriptor.open-at",
        |mut store: StoreContextMut<'_, Sandbox>, (base, follow, path, open, flags): Arguments| {
            Box::new(async move {
                let opened = open_at(store.data_mut(), base, follow, path, open, flags).await?;
                Ok((opened,) as Fallible<Resource<Descriptor>>)
            })
        },
    )
}

fn replace_looks(types: &mut LinkerInstance<'_, Sandbox>) -> wasmtime::Result<()> {
    const READ: Permission = Permission::FilesystemRead;
    types.func_wrap_async(
        "[method]descriptor.stat-at",
        |mut store: StoreContextMut<'_, Sandbox>,
         (base, follow, path): (Resource<Descriptor>, PathFlags, String)| {
            Box::new(async move {
                let sandbox = store.data_mut();
                let asked = Asked::new(sandbox, READ, &base, &path);
                let told = sandbox.filesystem().stat_at(base, follow, path).await;
                Ok((settle(sandbox, [asked], told)?,) as Fallible<DescriptorStat>)
            })
        },
    )?;
    types.func_wrap_async(
        "[method]descriptor.metadata-hash-at",
        |mut store: StoreContextMut<'_, Sandbox>,
         (base, follow, path): (Resource<Descriptor>, PathFlags, String)| {
            Box::new(async move {
                let sandbox = store.data_mut();
                let asked = Asked::new(sandbox, READ, &base, &path);
                let told = sandbox.filesystem().metadata_hash_at(base, follow, path).await;
                Ok((settle(sandbox, [asked], told)?,) as Fallible<MetadataHashValue>)
            })
        },
    )?;
    types.func_wrap_async(
        "[method]descriptor.readlink-at",
        |mut store: StoreContextMut<'_, Sandbox>, (base, path): (Resource<Descriptor>, String)| {
            Box::new(async move {
                let sandbox = store.data_mut();
                let asked = Asked::new(sandbox, READ, &base, &path);
                let told = sandbox.filesystem().readlink_at(base, path).await;
                Ok((settle(sandbox, [asked], told)?,) as Fallible<String>)
            })
        },
    )
}

fn replace_changes(types: &mut LinkerInstance<'_, Sandbox>) -> wasmtime::Result<()> {
    const WRITE: Permission = Permission::FilesystemWrite;
    types.func_wrap_async(
        "[method]descriptor.create-directory-at",
        |mut store: StoreContextMut<'_, Sandbox>, (base, path): (Resource<Descriptor>, String)| {
            Box::new(async move {
                let sandbox = store.data_mut();
                let asked = Asked::new(sandbox, WRITE, &base, &path);
                let made = sandbox.filesystem().create_directory_at(base, path).await;
                Ok((settle(sandbox, [asked], made)?,) as Fallible<()>)
            })
        },
    )?;
    types.func_wrap_async(
        "[method]descriptor.remove-directory-at",
        |mut store: StoreContextMut<'_, Sandbox>, (base, path): (Resource<Descriptor>, String)| {
            Box::new(async move {
                let sandbox = store.data_mut();
                let asked = Asked::new(sandbox, WRITE, &base, &path);
                let removed = sandbox.filesystem().remove_directory_at(base, path).await;
                Ok((settle(sandbox, [asked], removed)?,) as Fallible<()>)
            })
        },
    )?;
    types.func_wrap_async(
        "[method]descriptor.unlink-file-at",
        |mut store: StoreContextMut<'_, Sandbox>, (base, path): (Resource<Descriptor>, String)| {
            Box::new(async move {
                let sandbox = store.data_mut();
                let asked = Asked::new(sandbox, WRITE, &base, &path);
                let removed = sandbox.filesystem().unlink_file_at(base, path).await;
                Ok((settle(sandbox, [asked], removed)?,) as Fallible<()>)
            })
        },
    )?;
    type Times = (Resource<Descriptor>, PathFlags, String, NewTimestamp, NewTimestamp);
    types.func_wrap_async(
        "[method]descriptor.set-times-at",
        |mut store: StoreContextMut<'_, Sandbox>, (base, follow, path, accessed, modified): Times| {
            Box::new(async move {
                let sandbox = store.data_mut();
                let asked = Asked::new(sandbox, WRITE, &base, &path);
                let set = sandbox.filesystem().set_times_at(base, follow, path, accessed, modified).await;
                Ok((settle(sandbox, [asked], set)?,) as Fallible<()>)
            })
        },
    )
}

fn replace_rename(types: &mut LinkerInstance<'_, Sandbox>) -> wasmtime::Result<()> {
    type Arguments = (Resource<Descriptor>, String, Resource<Descriptor>, String);
    types.func_wrap_async(
        "[method]descriptor.rename-at",
        |mut store: StoreContextMut<'_, Sandbox>, (from, old, to, new): Arguments| {
            Box::new(async move {
                let sandbox = store.data_mut();
                let asked = [
                    Asked::new(sandbox, Permission::FilesystemWrite, &from, &old),
                    Asked::new(sandbox, Permission::FilesystemWrite, &to, &new),
                ];
                let moved = sandbox.filesystem().rename_at(from, old, to, new).await;
                Ok((settle(sandbox, asked, moved)?,) as Fallible<()>)
            })
        },
    )
}

/// Links are not made, whoever asks.
fn replace_links(types: &mut LinkerInstance<'_, Sandbox>) -> wasmtime::Result<()> {
    type Hard = (Resource<Descriptor>, PathFlags, String, Resource<Descriptor>, String);
    types.func_wrap(
        "[method]descriptor.link-at",
        |mut store: StoreContextMut<'_, Sandbox>, (_, _, _, base, path): Hard| {
            refuse_link(store.data_mut(), &base, &path);
            Ok((Err(ErrorCode::NotPermitted),) as Fallible<()>)
        },
    )?;
    types.func_wrap(
        "[method]descriptor.symlink-at",
        |mut store: StoreContextMut<'_, Sandbox>, (base, _, path): (Resource<Descriptor>, String, String)| {
            refuse_link(store.data_mut(), &base, &path);
            Ok((Err(ErrorCode::NotPermitted),) as Fallible<()>)
        },
    )
}

fn refuse_link(sandbox: &mut Sandbox, base: &Resource<Descriptor>, path: &str) {
    sandbox.journal.count(|counters| counters.host_calls += 1);
    let Asked { permission, path: _, name } = Asked::new(sandbox, Permission::FilesystemWrite, base, path);
    let refused: Result<(), Denial> = Err(Denial::new(permission, &name, DenialReason::LinksAreNotMade));
    // The guest gets WASI's word for it.
    let _ = sandbox.journal.check(permission, name, refused);
}

async fn open_at(
    sandbox: &mut Sandbox,
    base: Resource<Descriptor>,
    follow: PathFlags,
    path: String,
    open: OpenFlags,
    flags: DescriptorFlags,
) -> wasmtime::Result<Result<Resource<Descriptor>, ErrorCode>> {
    let asked = Asked::new(sandbox, permission(open, flags), &base, &path);
    let wanted = asked.path.clone();
    if sandbox.take_file_slot().is_err() {
        return settle(sandbox, [asked], Err(ErrorCode::Quota.into()));
    }
    let opened = if is_special(sandbox, &base, follow, &path).await {
        Err(ErrorCode::Unsupported.into())
    } else {
        sandbox.filesystem().open_at(base, follow, path, open, flags).await
    };
    let opened = settle(sandbox, [asked], opened)?;
    match &opened {
        Ok(descriptor) => sandbox.wasi_descriptors.hold(descriptor, wanted, true),
        Err(_) => sandbox.open_files = sandbox.open_files.saturating_sub(1),
    }
    Ok(opened)
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
    let stat = sandbox.filesystem().stat_at(base, follow, path.to_owned()).await;
    match stat.map(|stat| stat.type_) {
        Ok(DescriptorType::RegularFile | DescriptorType::Directory | DescriptorType::SymbolicLink) => false,
        Ok(_) => true,
        // Opening it will say the same again.
        Err(_) => false,
    }
}

/// What an open amounts to.
fn permission(open: OpenFlags, flags: DescriptorFlags) -> Permission {
    let changes = open.intersects(OpenFlags::CREATE | OpenFlags::TRUNCATE)
        || flags.intersects(DescriptorFlags::WRITE | DescriptorFlags::MUTATE_DIRECTORY);
    if changes { Permission::FilesystemWrite } else { Permission::FilesystemRead }
}

/// A path that a guest asked for.
struct Asked {
    permission: Permission,
    /// Absent if it is no path that the grant could cover.
    path: Option<GuestPath>,
    /// The path for the record, as near as can be told.
    name: String,
}

impl Asked {
    fn new(sandbox: &Sandbox, permission: Permission, base: &Resource<Descriptor>, below: &str) -> Self {
        let base = sandbox.wasi_descriptors.path(base);
        let path = base.and_then(|base| GuestPath::resolve(&format!("{}/{below}", base.as_str())).ok());
        let name = path.as_ref().map_or_else(|| below.to_owned(), |path| path.as_str().to_owned());
        Self { permission, path, name }
    }

    /// The grant's own denial of it.
    fn denied_by(&self, grant: &Grant) -> Option<Denial> {
        let path = self.path.as_ref()?;
        match self.permission {
            Permission::FilesystemWrite => grant.write(path).err(),
            _ => grant.read(path).err(),
        }
    }
}

/// Puts on record what was asked for and how it was decided.
fn settle<T, const N: usize>(
    sandbox: &mut Sandbox,
    asked: [Asked; N],
    result: FsResult<T>,
) -> wasmtime::Result<Result<T, ErrorCode>> {
    let result = to_code(result)?;
    sandbox.journal.count(|counters| counters.host_calls += 1);
    let refused = result.as_ref().err().is_some_and(|code| is_refusal(*code));
    let grant = &sandbox.capabilities.grant;
    let denials = asked.each_ref().map(|asked| asked.denied_by(grant).filter(|_| refused));
    let by_grant = denials.iter().any(Option::is_some);
    for (Asked { permission, path: _, name }, denial) in asked.into_iter().zip(denials) {
        let verdict = match denial {
            Some(denial) => Err(denial),
            // What the grant covers and was refused all the same led outside.
            None if refused && !by_grant => Err(Denial::new(permission, &name, DenialReason::LeavesBoundary)),
            None => Ok(()),
        };
        // The guest gets WASI's word for it.
        let _ = sandbox.journal.check(permission, name, verdict);
    }
    Ok(result)
}

/// Which errors of WASI are refusals rather than facts about files.
fn is_refusal(code: ErrorCode) -> bool {
    matches!(code, ErrorCode::NotPermitted | ErrorCode::CrossDevice | ErrorCode::ReadOnly)
}
