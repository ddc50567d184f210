//! What a guest asked for by a path, on record. The engine's implementation
//! decides it, beneath the open directories and by what those permit; here it is
//! put into the journal, with what the grant says of it.

use mpp_policy::{Denial, DenialReason, Grant, GuestPath, Permission};
use wasmtime::component::Resource;
use wasmtime_wasi::filesystem::Descriptor;
use wasmtime_wasi::p2::FsResult;
use wasmtime_wasi::p2::bindings::filesystem::types::ErrorCode;

use crate::sandbox::Sandbox;

/// A path that a guest asked for.
pub(super) struct Asked {
    permission: Permission,
    /// Absent if it is no path that the grant could cover.
    pub(super) path: Option<GuestPath>,
    /// The path for the record, as near as can be told.
    name: String,
}

impl Asked {
    pub(super) fn new(
        sandbox: &Sandbox,
        permission: Permission,
        base: &Resource<Descriptor>,
        below: &str,
    ) -> Self {
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

/// Puts on record what was asked for and how it was decided. A trap is no
/// decision, and ends the call.
pub(super) fn settle<T, const N: usize>(
    sandbox: &mut Sandbox,
    asked: [Asked; N],
    result: FsResult<T>,
) -> FsResult<T> {
    let refused = match &result {
        Ok(_) => false,
        Err(error) => match error.downcast_ref() {
            Some(code) => is_refusal(*code),
            None => return result,
        },
    };
    sandbox.journal.count(|counters| counters.host_calls += 1);
    let grant = &sandbox.capabilities.grant;
    let denials = asked.each_ref().map(|asked| if refused { asked.denied_by(grant) } else { None });
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
    result
}

/// Which errors of WASI are refusals rather than facts about files.
fn is_refusal(code: ErrorCode) -> bool {
    matches!(code, ErrorCode::NotPermitted | ErrorCode::CrossDevice | ErrorCode::ReadOnly)
}

/// Refuses to make a hard or symbolic link at a path.
pub(super) fn refuse_link(sandbox: &mut Sandbox, base: &Resource<Descriptor>, path: &str) -> FsResult<()> {
    sandbox.journal.count(|counters| counters.host_calls += 1);
    let Asked { permission, path: _, name } = Asked::new(sandbox, Permission::FilesystemWrite, base, path);
    let refused: Result<(), Denial> = Err(Denial::new(permission, &name, DenialReason::LinksAreNotMade));
    // The guest gets WASI's word for it.
    let _ = sandbox.journal.check(permission, name, refused);
    Err(ErrorCode::NotPermitted.into())
}
