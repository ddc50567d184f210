//! What one package may do on one host: declared by the one, approved by the
//! other.

use std::net::IpAddr;
use std::path::PathBuf;

use ipnet::IpNet;

use crate::address::{AddressRefused, check_global};
use crate::denial::{Denial, DenialReason};
use crate::env::EnvName;
use crate::limits::Limits;
use crate::limits_request::LimitsRequest;
use crate::list::normalise;
use crate::operator::{OperatorPolicy, PathMapping};
use crate::outbound::Outbound;
use crate::path::GuestPath;
use crate::permission::Permission;
use crate::permissions::{FilesystemPermissions, NetworkPermissions, Permissions};
use crate::target::HttpTarget;

/// The permissions and limits that hold for a package on this host. Made by
/// [`Grant::new`] and by nothing else.
///
/// ```
/// use mpp_policy::{Grant, GuestPath, LimitsRequest, OperatorPolicy, Permissions};
/// let mut declared = Permissions::none();
/// declared.filesystem.read = vec![GuestPath::parse("/data")?];
/// let policy = OperatorPolicy::approving(declared.clone());
/// let grant = Grant::new(&declared, &LimitsRequest::NONE, &policy);
/// assert!(grant.read(&GuestPath::resolve("/data/a.csv")?).is_ok());
/// assert!(grant.read(&GuestPath::resolve("/etc/passwd")?).is_err());
/// # Ok::<(), mpp_policy::PathError>(())
/// ```
///
/// Its fields are private, so it cannot be put together by hand:
///
/// ```compile_fail,E0451
/// let permissions = mpp_policy::Permissions::none();
/// let grant = mpp_policy::Grant { permissions };
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    declared: Permissions,
    permissions: Permissions,
    limits: Limits,
    read: Vec<GuestPath>,
    write: Vec<GuestPath>,
    mappings: Vec<PathMapping>,
    allowed_networks: Vec<IpNet>,
}

/// A grant taken apart, for enforcement to name every part of it. Take it apart
/// without `..`: then a permission without an enforcer does not build.
#[derive(Clone, Copy, Debug)]
pub struct GrantParts<'a> {
    /// Directories to open for reading: the granted entries, and mapped
    /// directories below them. Sorted. [`Grant::host_path`] tells where each is.
    pub read: &'a [GuestPath],
    /// Directories to open for writing, likewise.
    pub write: &'a [GuestPath],
    /// Where requests can be sent.
    pub outbound: &'a [Outbound],
    /// Networks beside the public internet that can be dialled.
    pub allowed_networks: &'a [IpNet],
    /// Variables that can be read.
    pub env: &'a [EnvName],
    /// Whether the time can be read.
    pub clock: bool,
    /// Whether unpredictable bytes can be drawn.
    pub random: bool,
    /// The limits of each call.
    pub limits: &'a Limits,
}

impl Grant {
    /// Grants what the package declares *and* the operator approves, under the
    /// operator's limits, lowered by the package's.
    #[must_use]
    pub fn new(declared: &Permissions, requested: &LimitsRequest, policy: &OperatorPolicy) -> Self {
        let OperatorPolicy {
            approved,
            limits,
            mappings,
            allowed_networks,
        } = policy;
        let permissions = declared.intersect(approved);
        Self {
            declared: declared.clone(),
            read: with_mapped(&permissions.filesystem.read, mappings),
            write: with_mapped(&permissions.filesystem.write, mappings),
            permissions,
            limits: limits.lowered_by(requested),
            mappings: mappings.clone(),
            allowed_networks: allowed_networks.clone(),
        }
    }

    /// Every part by name.
    pub fn parts(&self) -> GrantParts<'_> {
        let Permissions {
            filesystem: FilesystemPermissions { read: _, write: _ },
            network: NetworkPermissions { outbound },
            env,
            clock,
            random,
        } = &self.permissions;
        GrantParts {
            read: &self.read,
            write: &self.write,
            outbound,
            allowed_networks: &self.allowed_networks,
            env,
            clock: *clock,
            random: *random,
            limits: &self.limits,
        }
    }

    /// What is granted.
    pub fn permissions(&self) -> &Permissions {
        &self.permissions
    }

    /// What the package declares, granted or not.
    pub fn declared(&self) -> &Permissions {
        &self.declared
    }

    /// The limits of each call.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The declared entries that are not granted in full.
    pub fn missing(&self) -> Permissions {
        self.declared.beyond(&self.permissions)
    }

    /// Whether anything of this kind is granted: what decides whether the
    /// kind's interface is linked.
    pub fn allows(&self, permission: Permission) -> bool {
        self.permissions.has(permission)
    }

    /// The directory that covers reading `path`; the lowest where several do.
    ///
    /// # Errors
    /// A [`Denial`] where none does.
    pub fn read(&self, path: &GuestPath) -> Result<&GuestPath, Denial> {
        lowest_cover(&self.read, path).ok_or_else(|| {
            let declared = lowest_cover(&self.declared.filesystem.read, path).is_some();
            denial(Permission::FilesystemRead, path.as_str(), declared)
        })
    }

    /// The directory that covers writing `path`; the lowest where several do.
    ///
    /// # Errors
    /// A [`Denial`] where none does.
    pub fn write(&self, path: &GuestPath) -> Result<&GuestPath, Denial> {
        lowest_cover(&self.write, path).ok_or_else(|| {
            let declared = lowest_cover(&self.declared.filesystem.write, path).is_some();
            denial(Permission::FilesystemWrite, path.as_str(), declared)
        })
    }

    /// Whether a request may go out. Each address it would be sent to still has
    /// to pass [`Grant::address`].
    ///
    /// # Errors
    /// A [`Denial`] where no entry permits it.
    pub fn outbound(&self, target: &HttpTarget) -> Result<(), Denial> {
        let permitted = |entries: &[Outbound]| entries.iter().any(|entry| entry.permits(target));
        if permitted(&self.permissions.network.outbound) {
            return Ok(());
        }
        let declared = permitted(&self.declared.network.outbound);
        Err(denial(
            Permission::NetworkOutbound,
            &target.authority(),
            declared,
        ))
    }

    /// Whether an address can be dialled: it is on the public internet, or in a
    /// network that the operator allows. An IPv4 address inside an IPv6 address
    /// (mapped) is judged as that IPv4 address.
    ///
    /// # Errors
    /// [`AddressRefused`] names what its range is for.
    pub fn address(&self, address: IpAddr) -> Result<(), AddressRefused> {
        let dialled = address.to_canonical();
        if self
            .allowed_networks
            .iter()
            .any(|network| network.contains(&dialled))
        {
            return Ok(());
        }
        check_global(address)
    }

    /// Whether a variable can be read.
    ///
    /// # Errors
    /// A [`Denial`] where its name is not granted, or is not a name at all.
    pub fn env(&self, name: &str) -> Result<(), Denial> {
        let listed = |names: &[EnvName]| names.iter().any(|entry| entry.as_str() == name);
        if listed(&self.permissions.env) {
            return Ok(());
        }
        Err(denial(Permission::Env, name, listed(&self.declared.env)))
    }

    /// Where a guest path is on the host: below the lowest mapping that covers
    /// it, or the same path where none does.
    pub fn host_path(&self, path: &GuestPath) -> PathBuf {
        let mapping = self
            .mappings
            .iter()
            .filter(|mapping| mapping.guest().covers(path))
            .max_by_key(|mapping| mapping.guest().as_str().len());
        let Some(mapping) = mapping else {
            return PathBuf::from(path.as_str());
        };
        match mapping.guest().strip(path) {
            Some(rest) if !rest.is_empty() => mapping.host().join(rest),
            _ => mapping.host().to_path_buf(),
        }
    }
}

/// The entries, and every mapped path below one of them: what is mapped is
/// another directory on the host, and has to be opened for itself.
fn with_mapped(entries: &[GuestPath], mappings: &[PathMapping]) -> Vec<GuestPath> {
    let mapped = mappings
        .iter()
        .map(PathMapping::guest)
        .filter(|guest| entries.iter().any(|entry| entry.covers(guest)));
    let mut all: Vec<_> = entries.iter().chain(mapped).cloned().collect();
    normalise(&mut all);
    all
}

/// The longest entry that covers a path. Entries that cover one path lie on one
/// line from the root, so the longest is the lowest.
fn lowest_cover<'a>(entries: &'a [GuestPath], path: &GuestPath) -> Option<&'a GuestPath> {
    entries
        .iter()
        .filter(|entry| entry.covers(path))
        .max_by_key(|entry| entry.as_str().len())
}

fn denial(permission: Permission, resource: &str, declared: bool) -> Denial {
    let reason = if declared {
        DenialReason::NotGranted
    } else {
        DenialReason::NotDeclared
    };
    Denial::new(permission, resource, reason)
}
