//! What the host says when it refuses something.

use std::fmt;

use crate::bindings::mpp::tool::types as wit;

/// A permission of the manifest, named as in `mpp.yaml` under `permissions`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Permission {
    /// `filesystem.read`
    FilesystemRead,
    /// `filesystem.write`
    FilesystemWrite,
    /// `network.outbound`
    NetworkOutbound,
    /// `env`
    Env,
    /// `clock`
    Clock,
    /// `random`
    Random,
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::FilesystemRead => "filesystem.read",
            Self::FilesystemWrite => "filesystem.write",
            Self::NetworkOutbound => "network.outbound",
            Self::Env => "env",
            Self::Clock => "clock",
            Self::Random => "random",
        })
    }
}

/// The host refused something because no granted permission covers it.
///
/// Passed on with `?`, alone or inside another error, it ends the call as
/// [`Error::Denied`](crate::Error::Denied), so that whoever called the tool
/// learns what would have to be granted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Denial {
    /// The permission that would have to cover it.
    pub permission: Permission,
    /// What was asked for: a path, `host:port`, or a name.
    pub resource: String,
    /// Why it was refused and what would cover it, for a person.
    pub reason: String,
}

impl Denial {
    /// A denial in the tool's own words. The host makes its own; a tool needs
    /// this one in its tests, or to refuse what it was asked for.
    pub fn new(permission: Permission, resource: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { permission, resource: resource.into(), reason: reason.into() }
    }
}

impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { permission, resource, reason } = self;
        write!(f, "{permission} of {resource} denied: {reason}")
    }
}

impl std::error::Error for Denial {}

impl From<wit::Denial> for Denial {
    fn from(denial: wit::Denial) -> Self {
        let wit::Denial { permission, resource, reason } = denial;
        Self { permission: permission.into(), resource, reason }
    }
}

impl From<Denial> for wit::Denial {
    fn from(denial: Denial) -> Self {
        let Denial { permission, resource, reason } = denial;
        Self { permission: permission.into(), resource, reason }
    }
}

impl From<wit::Permission> for Permission {
    fn from(permission: wit::Permission) -> Self {
        match permission {
            wit::Permission::FilesystemRead => Self::FilesystemRead,
            wit::Permission::FilesystemWrite => Self::FilesystemWrite,
            wit::Permission::NetworkOutbound => Self::NetworkOutbound,
            wit::Permission::Env => Self::Env,
            wit::Permission::Clock => Self::Clock,
            wit::Permission::Random => Self::Random,
        }
    }
}

impl From<Permission> for wit::Permission {
    fn from(permission: Permission) -> Self {
        match permission {
            Permission::FilesystemRead => Self::FilesystemRead,
            Permission::FilesystemWrite => Self::FilesystemWrite,
            Permission::NetworkOutbound => Self::NetworkOutbound,
            Permission::Env => Self::Env,
            Permission::Clock => Self::Clock,
            Permission::Random => Self::Random,
        }
    }
}
