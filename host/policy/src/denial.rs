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
    /// A hard or symbolic link was to be made. No permission covers that: a link
    /// is another way to a file, which a later check does not see.
    LinksAreNotMade,
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
        Self { permission, resource: resource[..end].to_owned(), reason }
    }
}

impl DenialReason {
    /// The name in records, the same as the `kind` of its JSON form.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotDeclared => "not-declared",
            Self::NotGranted => "not-granted",
            Self::LeavesBoundary => "leaves-boundary",
            Self::LinksAreNotMade => "links-are-not-made",
            Self::AddressNotGlobal { .. } => "address-not-global",
        }
    }
}

impl From<AddressRefused> for DenialReason {
    fn from(refused: AddressRefused) -> Self {
        let AddressRefused { address, range } = refused;
        Self::AddressNotGlobal { address, range }
    }
}

impl Denial {
    /// Why it was refused and what would cover it, without saying again what
    /// was asked for.
    pub fn explanation(&self) -> String {
        match self.reason {
            DenialReason::NotDeclared => format!(
                "{}; its author would add `{}`",
                self.reason,
                self.permission.manifest_line(shown(&self.resource)),
            ),
            DenialReason::NotGranted
            | DenialReason::LeavesBoundary
            | DenialReason::LinksAreNotMade
            | DenialReason::AddressNotGlobal { .. } => self.reason.to_string(),
        }
    }
}

/// The start of a resource, as much as a suggestion shows of it.
fn shown(resource: &str) -> &str {
    &resource[..resource.floor_char_boundary(MAX_SHOWN_BYTES)]
}

/// Bytes of a resource in a suggested line: more than any useful entry has.
const MAX_SHOWN_BYTES: usize = 512;

impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let resource = Quoted(&self.resource);
        let explanation = self.explanation();
        write!(f, "{} of {resource} is denied: {explanation}", self.permission)
    }
}

impl fmt::Display for DenialReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotDeclared => f.write_str("the package does not declare it"),
            Self::NotGranted => f.write_str(
                "the package declares it and the operator has not approved it; \
                 the operator would have to approve it",
            ),
            Self::LeavesBoundary => f.write_str(
                "a symbolic link on the way leads outside the granted directory; \
                 an entry would have to cover the place it leads to",
            ),
            Self::LinksAreNotMade => {
                f.write_str("a tool makes no hard or symbolic links; copy the file instead")
            }
            Self::AddressNotGlobal { address, range } => AddressRefused { address: *address, range }.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn denial(reason: DenialReason) -> Denial {
        Denial::new(Permission::FilesystemRead, "/etc/passwd", reason)
    }

    #[test]
    fn an_undeclared_resource_comes_with_the_line_that_would_declare_it() {
        assert_eq!(
            denial(DenialReason::NotDeclared).to_string(),
            "filesystem.read of /etc/passwd is denied: the package does not declare it; \
             its author would add `permissions: { filesystem: { read: [\"/etc/passwd\"] } }`",
        );
    }

    #[test]
    fn a_declared_resource_is_the_operators_to_approve() {
        assert_eq!(
            denial(DenialReason::NotGranted).explanation(),
            "the package declares it and the operator has not approved it; \
             the operator would have to approve it",
        );
    }

    #[test]
    fn a_record_names_kind_and_facts() {
        let refused = AddressRefused { address: [10, 0, 0, 1].into(), range: "private use, RFC 1918" };
        let denial = Denial::new(Permission::NetworkOutbound, "intranet.example.com:443", refused.into());
        assert_eq!(
            serde_json::to_value(denial).unwrap(),
            serde_json::json!({
                "permission": "network.outbound",
                "resource": "intranet.example.com:443",
                "reason": {
                    "kind": "address-not-global",
                    "address": "10.0.0.1",
                    "range": "private use, RFC 1918",
                },
            }),
        );
    }

    #[test]
    fn the_code_of_a_reason_is_the_kind_of_its_json_form() {
        let refused = AddressRefused { address: [10, 0, 0, 1].into(), range: "private use, RFC 1918" };
        for reason in [
            DenialReason::NotDeclared,
            DenialReason::NotGranted,
            DenialReason::LeavesBoundary,
            DenialReason::LinksAreNotMade,
            refused.into(),
        ] {
            let json = serde_json::to_value(&reason).unwrap();
            assert_eq!(json["kind"], reason.code(), "{reason}");
        }
    }

    #[test]
    fn a_long_resource_is_cut_between_characters() {
        let long = "ü".repeat(MAX_RESOURCE_BYTES);
        let denial = Denial::new(Permission::Env, &long, DenialReason::NotDeclared);
        assert_eq!(denial.resource, "ü".repeat(MAX_RESOURCE_BYTES / 2));
        assert!(denial.to_string().len() < 2_000);
    }

    #[test]
    fn control_characters_do_not_reach_a_terminal() {
        let denial = Denial::new(Permission::Env, "\x1b[2J\n\u{9b}\x7f", DenialReason::NotDeclared);
        assert!(!denial.to_string().contains(char::is_control), "{denial}");
    }
}
