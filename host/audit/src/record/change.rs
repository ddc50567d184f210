//! What happens outside a call: something turned away, and grants changed.

use serde::{Deserialize, Serialize};

use super::strict;
use super::{Document, PackageIdentity};

/// A package was turned away before any tool of it could be called, or a
/// document about trust before it changed anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refusal {
    /// Digest of the bytes that were presented, `sha256:…`.
    pub presented: String,
    /// What the package says it is; `None` if it could not even be read, and for
    /// what is no package.
    #[serde(deserialize_with = "strict::nullable")]
    pub package: Option<PackageIdentity>,
    /// Whether `package` was proven by a signature. If not, it is a claim that
    /// anyone could make.
    pub verified: bool,
    /// Who asked for it, as the host knows it.
    #[serde(deserialize_with = "strict::nullable")]
    pub agent: Option<String>,
    /// The step that turned it away.
    pub stage: Stage,
    /// Which refusal of that step, for a program: `unsigned`, `expired`.
    pub code: String,
    /// What happened, for a person.
    pub reason: String,
    /// Bytes cut from texts of this record that were too long. Zero means that
    /// every text is whole.
    pub cut_bytes: u64,
}

/// The steps between bytes and a tool that can be called, or trust that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Reading the package.
    Package,
    /// Checking its signature.
    Signature,
    /// Reading or checking a root or index document.
    Trust,
    /// Comparing what it declares with what the operator allows.
    Grant,
    /// Comparing what it imports with what was granted.
    Imports,
    /// Compiling and linking it.
    Compile,
}

/// What a package may do on this host changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyChange {
    /// What was done.
    pub action: PolicyAction,
    /// To which package.
    pub package: PackageIdentity,
    /// The permissions that its signed manifest declares.
    pub declared: Document,
    /// The permissions that the operator approves from now on.
    pub approved: Document,
    /// How the operator answered: at a terminal, by a flag.
    pub answered: Answer,
    /// Who did it, as far as known.
    #[serde(deserialize_with = "strict::nullable")]
    pub actor: Option<String>,
}

/// What can be done to a package on this host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PolicyAction {
    /// Installed for the first time.
    Install,
    /// Replaced by another version.
    Update,
    /// Approved for use without being installed.
    Approve,
    /// Removed, and its approval with it.
    Remove,
}

/// How an approval was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// A person answered a question at a terminal.
    Terminal,
    /// A flag on the command line answered it.
    Flag,
    /// There was nothing to ask: the change widens nothing.
    Unneeded,
}
