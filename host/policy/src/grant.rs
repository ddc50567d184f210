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
        let OperatorPolicy { approved, limits, mappings, allowed_networks } = policy;
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
        Err(denial(Permission::NetworkOutbound, &target.authority(), declared))
    }

    /// Whether an address can be dialled: it is on the public internet, or in a
    /// network that the operator allows. An IPv4 address inside an IPv6 address
    /// (mapped) is judged as that IPv4 address.
    ///
    /// # Errors
    /// [`AddressRefused`] names what its range is for.
    pub fn address(&self, address: IpAddr) -> Result<(), AddressRefused> {
        let dialled = address.to_canonical();
        if self.allowed_networks.iter().any(|network| network.contains(&dialled)) {
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
    entries.iter().filter(|entry| entry.covers(path)).max_by_key(|entry| entry.as_str().len())
}

fn denial(permission: Permission, resource: &str, declared: bool) -> Denial {
    let reason = if declared { DenialReason::NotGranted } else { DenialReason::NotDeclared };
    Denial::new(permission, resource, reason)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::http::Method;

    fn path(text: &str) -> GuestPath {
        GuestPath::parse(text).unwrap()
    }

    fn mapping(guest: &str, host: &str) -> PathMapping {
        PathMapping::new(path(guest), host).unwrap()
    }

    fn permissions(reads: &[&str]) -> Permissions {
        Permissions {
            filesystem: FilesystemPermissions {
                read: reads.iter().map(|text| path(text)).collect(),
                write: vec![path("/out")],
            },
            network: NetworkPermissions { outbound: vec![Outbound::parse("api.example.com:443").unwrap()] },
            env: vec![EnvName::parse("TOKEN").unwrap()],
            clock: true,
            random: true,
        }
    }

    fn grant(declared: &Permissions, approved: &Permissions) -> Grant {
        let policy = OperatorPolicy::approving(approved.clone());
        Grant::new(declared, &LimitsRequest::NONE, &policy)
    }

    fn refusal(permission: Permission, resource: &str, reason: DenialReason) -> Denial {
        Denial::new(permission, resource, reason)
    }

    #[test]
    fn what_both_sides_say_is_granted() {
        let both = permissions(&["/data"]);
        let grant = grant(&both, &both);
        let target = HttpTarget::parse(Method::Get, "https://api.example.com/").unwrap();
        assert_eq!(grant.read(&path("/data/a")), Ok(&path("/data")));
        assert_eq!(grant.write(&path("/out")), Ok(&path("/out")));
        assert_eq!(grant.outbound(&target), Ok(()));
        assert_eq!(grant.env("TOKEN"), Ok(()));
        assert!(Permission::ALL.iter().all(|kind| grant.allows(*kind)));
        assert!(grant.missing().is_empty());
        assert_eq!(grant.permissions(), &both);
    }

    #[test]
    fn what_is_not_declared_is_denied_whatever_the_operator_approves() {
        let grant = grant(&Permissions::none(), &permissions(&["/data"]));
        let target = HttpTarget::parse(Method::Get, "https://api.example.com/").unwrap();
        let denied = |permission, resource| refusal(permission, resource, DenialReason::NotDeclared);
        assert_eq!(grant.read(&path("/data")), Err(denied(Permission::FilesystemRead, "/data")),);
        assert_eq!(grant.write(&path("/out")), Err(denied(Permission::FilesystemWrite, "/out")),);
        assert_eq!(grant.outbound(&target), Err(denied(Permission::NetworkOutbound, "api.example.com:443")),);
        assert_eq!(grant.env("TOKEN"), Err(denied(Permission::Env, "TOKEN")));
        assert!(!Permission::ALL.iter().any(|kind| grant.allows(*kind)));
    }

    #[test]
    fn what_is_declared_and_not_approved_is_the_operators_to_approve() {
        let declared = permissions(&["/data"]);
        let grant = grant(&declared, &Permissions::none());
        let target = HttpTarget::parse(Method::Get, "https://api.example.com/").unwrap();
        let denied = |permission, resource| refusal(permission, resource, DenialReason::NotGranted);
        assert_eq!(grant.read(&path("/data/a")), Err(denied(Permission::FilesystemRead, "/data/a")),);
        assert_eq!(grant.write(&path("/out")), Err(denied(Permission::FilesystemWrite, "/out")),);
        assert_eq!(grant.outbound(&target), Err(denied(Permission::NetworkOutbound, "api.example.com:443")),);
        assert_eq!(grant.env("TOKEN"), Err(denied(Permission::Env, "TOKEN")));
        assert_eq!(grant.missing(), declared);
    }

    #[test]
    fn a_narrower_approval_narrows_the_entry() {
        let grant = grant(&permissions(&["/data"]), &permissions(&["/data/public"]));
        assert!(grant.read(&path("/data/public/a")).is_ok());
        assert_eq!(
            grant.read(&path("/data/private")),
            Err(refusal(Permission::FilesystemRead, "/data/private", DenialReason::NotGranted,)),
        );
        assert_eq!(grant.missing().filesystem.read, [path("/data")]);
    }

    #[test]
    fn neither_reading_nor_writing_implies_the_other() {
        let both = permissions(&["/data"]);
        let grant = grant(&both, &both);
        assert!(grant.write(&path("/data/a")).is_err());
        assert!(grant.read(&path("/out/a")).is_err());
    }

    #[test]
    fn a_name_that_is_no_name_is_denied() {
        let both = permissions(&[]);
        for name in ["", "token", "TOKEN ", "TOKEN\0", "TOKEN=1"] {
            assert_eq!(
                grant(&both, &both).env(name),
                Err(refusal(Permission::Env, name, DenialReason::NotDeclared)),
            );
        }
    }

    #[test]
    fn the_lowest_entry_covers() {
        let both = permissions(&["/data", "/data/in"]);
        let grant = grant(&both, &both);
        assert_eq!(grant.read(&path("/data/in/a")), Ok(&path("/data/in")));
        assert_eq!(grant.read(&path("/data/a")), Ok(&path("/data")));
    }

    #[test]
    fn a_path_without_a_mapping_is_the_same_on_the_host() {
        let both = permissions(&["/data"]);
        let grant = grant(&both, &both);
        assert_eq!(grant.host_path(&path("/data/a")), Path::new("/data/a"));
    }

    #[test]
    fn the_lowest_mapping_counts_and_the_later_of_two() {
        let both = permissions(&["/data"]);
        let mut policy = OperatorPolicy::approving(both.clone());
        policy.mappings =
            vec![mapping("/data/in", "/mnt/in"), mapping("/data", "/srv/old"), mapping("/data", "/srv/data")];
        let grant = Grant::new(&both, &LimitsRequest::NONE, &policy);
        let on_host = |text| grant.host_path(&path(text));
        assert_eq!(on_host("/data"), Path::new("/srv/data"));
        assert_eq!(on_host("/data/a/b"), Path::new("/srv/data/a/b"));
        assert_eq!(on_host("/data/in/a"), Path::new("/mnt/in/a"));
        assert_eq!(on_host("/data/inside"), Path::new("/srv/data/inside"));
        assert_eq!(on_host("/database"), Path::new("/database"));
    }

    #[test]
    fn a_mapping_of_everything_moves_every_path_below_it() {
        let both = permissions(&["/"]);
        let mut policy = OperatorPolicy::approving(both.clone());
        policy.mappings = vec![mapping("/", "/srv/root")];
        let grant = Grant::new(&both, &LimitsRequest::NONE, &policy);
        assert_eq!(grant.host_path(&path("/")), Path::new("/srv/root"));
        assert_eq!(grant.host_path(&path("/etc")), Path::new("/srv/root/etc"));
    }

    #[test]
    fn a_mapped_directory_below_an_entry_is_opened_for_itself() {
        let both = permissions(&["/data"]);
        let mut policy = OperatorPolicy::approving(both.clone());
        policy.mappings = vec![mapping("/data/in", "/mnt/in"), mapping("/etc", "/srv/etc")];
        let grant = Grant::new(&both, &LimitsRequest::NONE, &policy);
        assert_eq!(grant.parts().read, [path("/data"), path("/data/in")]);
        assert_eq!(grant.parts().write, [path("/out")]);
        assert_eq!(grant.read(&path("/data/in/a")), Ok(&path("/data/in")));
        assert!(grant.read(&path("/etc")).is_err(), "a mapping grants nothing");
        assert_eq!(grant.permissions(), &both);
    }

    #[test]
    fn private_networks_are_dialled_on_the_operators_word_only() {
        let both = permissions(&[]);
        let address = |text: &str| text.parse::<IpAddr>().unwrap();
        let refused = grant(&both, &both).address(address("10.1.2.3"));
        assert_eq!(
            refused,
            Err(AddressRefused { address: address("10.1.2.3"), range: "private use, RFC 1918" }),
        );
        let mut policy = OperatorPolicy::approving(both.clone());
        policy.allowed_networks = vec!["10.1.0.0/16".parse().unwrap()];
        let grant = Grant::new(&both, &LimitsRequest::NONE, &policy);
        assert_eq!(grant.address(address("10.1.2.3")), Ok(()));
        assert_eq!(grant.address(address("::ffff:10.1.2.3")), Ok(()));
        assert_eq!(grant.address(address("1.1.1.1")), Ok(()));
        assert!(grant.address(address("10.2.0.1")).is_err());
        assert!(grant.address(address("127.0.0.1")).is_err());
        assert!(grant.address(address("64:ff9b::10.1.2.3")).is_err());
    }

    #[test]
    fn limits_are_the_operators_lowered_by_the_package() {
        let request =
            LimitsRequest { memory_bytes: Some(1 << 20), open_files: Some(u32::MAX), ..LimitsRequest::NONE };
        let policy = OperatorPolicy::approving(Permissions::none());
        let grant = Grant::new(&Permissions::none(), &request, &policy);
        assert_eq!(grant.limits().memory_bytes, 1 << 20);
        assert_eq!(grant.limits().open_files, Limits::DEFAULT.open_files);
    }
}
