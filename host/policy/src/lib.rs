//! What a tool may touch: the words for permissions and limits, and the one
//! rule that turns a wish into a grant.
//!
//! ```text
//! Grant = declared by the package ∩ approved by the operator
//! ```
//!
//! A package *declares* [`Permissions`] in its signed manifest. An operator
//! *approves* some in an [`OperatorPolicy`]. [`Grant::new`] is the only maker
//! of a [`Grant`], and a grant never holds more than either side said.
//!
//! # The promise
//!
//! - **Absent means nothing.** A permission that is not named is not there; no
//!   form of this crate has an "everything".
//! - **A type that exists is a check that passed.** [`GuestPath`],
//!   [`Outbound`], [`HttpTarget`] and [`EnvName`] each have one maker, which
//!   refuses what it does not understand.
//! - **One spelling.** A path is normalised, a host is lower-case ASCII, a
//!   list is sorted: what a person approved and what is compared are the same
//!   text.
//! - **The intersection is a lower bound.** Whatever
//!   [`Permissions::intersect`] permits, both sides permit.
//!
//! # The forms
//!
//! People write the short form ([`DeclaredPermissions`], [`DeclaredLimits`]);
//! keys may be left out:
//!
//! ```yaml
//! permissions:
//!   filesystem:
//!     read: ["/data"]
//!   network:
//!     outbound:
//!       - "api.example.com:443"
//!       - { host: "*.example.org:443", scheme: https, methods: [GET], path_prefix: /v1 }
//! limits: { memory: 32MiB, time: 5s }
//! ```
//!
//! Machines write the complete form ([`Permissions`]), in which every key is
//! present and every list is sorted:
//!
//! ```json
//! {"filesystem":{"read":["/data"],"write":[]},
//!  "network":{"outbound":["api.example.com:443"]},
//!  "env":[],"clock":false,"random":false}
//! ```
//!
//! In both, an unknown key, a repeated key, a null and an entry that does not
//! parse are errors.
//!
//! # What this crate does not do
//!
//! It opens no file, resolves no name, reads no environment and prints
//! nothing: it judges. Enforcement is the host's.

mod declared;
mod denial;
mod env;
mod grant;
mod host_name;
mod host_pattern;
mod http;
mod limits_request;
mod list;
mod operator;
mod outbound;
mod outbound_form;
mod path;
mod path_prefix;
mod permission;
mod permissions;
mod sentences;
mod strict;
mod target;
mod text;
mod units;

pub mod address;
pub mod limits;

pub use address::AddressRefused;
pub use declared::{DeclaredFilesystem, DeclaredNetwork, DeclaredPermissions};
pub use denial::{Denial, DenialReason, MAX_RESOURCE_BYTES};
pub use env::{EnvName, EnvNameError, MAX_ENV_NAME_BYTES};
pub use grant::{Grant, GrantParts};
pub use host_name::{HostName, HostNameError};
pub use host_pattern::HostPattern;
pub use http::{Method, MethodError, Scheme, SchemeError};
pub use limits::Limits;
pub use limits_request::{DeclaredLimits, LimitsRequest};
pub use list::MAX_ENTRIES;
pub use operator::{MappingError, OperatorPolicy, PathMapping};
pub use outbound::{Outbound, OutboundError};
pub use path::{GuestPath, MAX_PATH_BYTES, PathError};
pub use path_prefix::{MAX_PATH_PREFIX_BYTES, PathPrefix, PathPrefixError};
pub use permission::Permission;
pub use permissions::{FilesystemPermissions, NetworkPermissions, Permissions};
pub use target::{Host, HttpTarget, MAX_URL_BYTES, TargetError};
pub use text::Quoted;
pub use units::{ByteSize, ByteSizeError, TimeSpan, TimeSpanError};

// The networks of `OperatorPolicy::allowed_networks`, so that a caller needs no
// dependency of its own to name one.
pub use ipnet::IpNet;
