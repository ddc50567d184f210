//! What the operator of a host allows one package.

use std::path::{Path, PathBuf};

use ipnet::IpNet;
use thiserror::Error;

use crate::limits::Limits;
use crate::path::GuestPath;
use crate::permissions::Permissions;

/// The operator's side of a grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperatorPolicy {
    /// The most that a package can get.
    pub approved: Permissions,
    /// Limits that a package can lower, not raise.
    pub limits: Limits,
    /// Where guest paths are on the host. A path without a mapping is the same
    /// on the host. Of two mappings of one guest path, the later counts.
    pub mappings: Vec<PathMapping>,
    /// Networks that are not on the public internet and can be dialled all the
    /// same, where an outbound entry covers the request.
    pub allowed_networks: Vec<IpNet>,
}

/// A guest path, and the host directory that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathMapping {
    guest: GuestPath,
    host: PathBuf,
}

/// Why a mapping is not one. Blames the operator.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum MappingError {
    /// The host path is relative: it would depend on where the host was started.
    #[error("the host path {0:?} is not absolute")]
    NotAbsolute(PathBuf),
}

impl OperatorPolicy {
    /// A policy that approves `permissions` under the default limits, with no
    /// mappings and no private networks.
    pub fn approving(permissions: Permissions) -> Self {
        Self {
            approved: permissions,
            limits: Limits::DEFAULT,
            mappings: Vec::new(),
            allowed_networks: Vec::new(),
        }
    }
}

impl PathMapping {
    /// Puts the host's directory `host`, an absolute path, at `guest`.
    ///
    /// # Errors
    /// [`MappingError::NotAbsolute`] for a relative host path.
    pub fn new(guest: GuestPath, host: impl Into<PathBuf>) -> Result<Self, MappingError> {
        let host = host.into();
        if !host.is_absolute() {
            return Err(MappingError::NotAbsolute(host));
        }
        Ok(Self { guest, host })
    }

    /// The guest's path.
    pub fn guest(&self) -> &GuestPath {
        &self.guest
    }

    /// The host's path.
    pub fn host(&self) -> &Path {
        &self.host
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_path_must_be_absolute() {
        let guest = GuestPath::parse("/data").unwrap();
        assert_eq!(
            PathMapping::new(guest.clone(), "srv/data"),
            Err(MappingError::NotAbsolute("srv/data".into())),
        );
        let mapping = PathMapping::new(guest, "/srv/data").unwrap();
        assert_eq!(mapping.host(), Path::new("/srv/data"));
    }

    #[test]
    fn approving_adds_nothing_else() {
        let OperatorPolicy { approved, limits, mappings, allowed_networks } =
            OperatorPolicy::approving(Permissions::none());
        assert!(approved.is_empty());
        assert_eq!(limits, Limits::DEFAULT);
        assert!(mappings.is_empty());
        assert!(allowed_networks.is_empty());
    }
}
