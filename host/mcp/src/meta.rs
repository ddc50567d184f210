//! Keys of ours in `_meta`.

/// On a tool of a list: the package it is from, see [`Origin`](crate::Origin).
pub const PACKAGE: &str = "dev.mpp/package";

/// On the result of a call: how it ended, and where its record is. An object with
/// `kind` ([`FailureKind::code`](crate::FailureKind::code), or `ok`), `code` for
/// which of that kind, and `invocation`, the id in the audit log.
pub const OUTCOME: &str = "dev.mpp/outcome";
