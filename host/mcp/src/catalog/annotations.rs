//! What a tool can do at most, from what it may touch.
//!
//! Elsewhere annotations are what an author says of a tool, and the protocol asks
//! clients not to rely on them. These are what the sandbox enforces: a tool that
//! cannot write a file and cannot reach a network *is* read-only, whatever its
//! author says. What the permissions do not prove is not claimed.

use mpp_policy::{Permission, Permissions};

/// The protocol's four hints about a tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Annotations {
    /// It changes nothing outside itself.
    pub read_only: bool,
    /// What it changes may be lost.
    pub destructive: bool,
    /// Calling it again with the same arguments changes nothing more.
    pub idempotent: bool,
    /// It reaches what nobody listed beforehand.
    pub open_world: bool,
}

impl Annotations {
    /// The hints that hold for whatever a tool with these permissions does.
    ///
    /// | may | read-only | destructive | idempotent | open world |
    /// |---|---|---|---|---|
    /// | neither write nor reach a network | true | false | true | false |
    /// | write files | false | true | false | false |
    /// | reach a network | false | true | false | true |
    ///
    /// A request over a network is counted as a change even if it is a `GET`: what
    /// the other side does with it is not the sandbox's to know.
    #[must_use]
    pub fn of(granted: &Permissions) -> Self {
        let network = granted.has(Permission::NetworkOutbound);
        let changes = network || granted.has(Permission::FilesystemWrite);
        Self { read_only: !changes, destructive: changes, idempotent: !changes, open_world: network }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn granted(text: &str) -> Annotations {
        Annotations::of(&serde_json::from_str(text).unwrap())
    }

    #[test]
    fn a_tool_that_can_only_read_is_read_only() {
        let reading = r#"{"filesystem":{"read":["/data"],"write":[]},"network":{"outbound":[]},
            "env":["HOME"],"clock":true,"random":true}"#;
        let read_only =
            Annotations { read_only: true, destructive: false, idempotent: true, open_world: false };
        assert_eq!(granted(reading), read_only);
        assert_eq!(Annotations::of(&Permissions::none()), read_only);
    }

    #[test]
    fn a_tool_that_can_write_may_destroy_in_a_closed_world() {
        let writing = r#"{"filesystem":{"read":[],"write":["/data"]},"network":{"outbound":[]},
            "env":[],"clock":false,"random":false}"#;
        assert_eq!(
            granted(writing),
            Annotations { read_only: false, destructive: true, idempotent: false, open_world: false }
        );
    }

    #[test]
    fn a_tool_with_a_network_may_change_what_is_there() {
        let reaching = r#"{"filesystem":{"read":[],"write":[]},"network":{"outbound":["api.example.com:443"]},
            "env":[],"clock":false,"random":false}"#;
        assert_eq!(
            granted(reaching),
            Annotations { read_only: false, destructive: true, idempotent: false, open_world: true }
        );
    }
}
