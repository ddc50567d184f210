//! Why something was refused to a running tool.

use std::fmt;
use std::net::IpAddr;

use serde::Serialize;

use crate::address::AddressRefused;
use crate::permission::Permission;
use crate::text::Quoted;

/// Most bytes of a resource that a denial keeps: a whole path. A tool chooses
/// the text, so it is bounded before it reaches a record.
pub const MAX_RESOURCE_BYTES: usize = 4096;

/// A refusal: what was asked for, and why it was not given. `Display` is one
/// sentence for a person, with what would cover it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Denial {
    /// The permission that would have to cover it.
    pub permission: Permission,
    /// What was asked for: a path, `host:port`, or a variable's name.
    pub resource: String,
    /// Why it was refused.
    pub reason: DenialReason,
}

/// Why something was refused. Serialises as `{"kind": "not-declared"}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum DenialReason {
    /// No entry of the package's manifest covers it. The publisher's to change.
    NotDeclared,
    /// The manifest declares it, and the operator did not approve it. The
    /// operator's to change.
    NotGranted,
    /// The path is covered, and a symbolic link on the way leads outside the
    /// entry that covers it.
    LeavesBoundary,
    /// The host is covered, and its name resolves to an address that is not on
    /// the public internet.
    AddressNotGlobal {
        /// The address.
        address: IpAddr,
        /// What its range is for.
        range: &'static str,
    },
}

impl Denial {
    /// A denial of `resource`, cut to [`MAX_RESOURCE_BYTES`].
    pub fn new(permission: Permission, resource: &str, reason: DenialReason) -> Self {
        let end = resource.floor_char_boundary(MAX_RESOURCE_BYTES);
        Self {
            permission,
            resource: resource[..end].to_owned(),
            reason,
        }
    }
}

impl From<AddressRefused> for DenialReason {
    fn from(refused: AddressRefused) -> Self {
        let AddressRefused { address, range } = refused;
        Self::AddressNotGlobal { address, range }
    }
}

impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            permission,
            resource,
            reason,
        } = self;
        write!(f, "{permission} of {} is denied: ", Quoted(resource))?;
        match reason {
            DenialReason::NotDeclared => write!(
                f,
                "the package does not declare it; its author would add `{}`",
                permission.manifest_line(&self.entry()),
            ),
            DenialReason::NotGranted | DenialReason::LeavesBoundary => write!(f, "{reason}"),
            DenialReason::AddressNotGlobal { .. } => write!(f, "{reason}"),
        }
    }
}

impl Denial {
    /// The resource as an entry of a manifest, cut where it is long.
    fn entry(&self) -> String {
        self.resource.chars().take(MAX_ENTRY_CHARS).collect()
    }
}

/// Characters of a resource that the suggested manifest line shows.
const MAX_ENTRY_CHARS: usize = 300;

impl fmt::Display for DenialReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotDeclared => {
                f.write_str("the package does not declare it; its author would add it")
            }
            Self::NotGranted => {
                f.write_str("the package declares it and the operator has not approved it")
            }
            Self::LeavesBoundary => f.write_str(
                "a symbolic link on the way leads outside the granted directory; \
                 an entry would have to cover the place it leads to",
            ),
            Self::AddressNotGlobal { address, range } => AddressRefused {
                address: *address,
                range,
            }
            .fmt(f),
        }
    }
}
