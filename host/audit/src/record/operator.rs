//! What the operator did with the log itself.

use serde::{Deserialize, Serialize};

use super::payload::{Field, Keeping};
use super::{Durability, strict};
use crate::Hash;

/// One payload is erased. On record before it is done, so that nothing is ever
/// missing without a reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Erasure {
    /// The number of the record that binds the payload.
    pub record: u64,
    /// The call that it belongs to; for a change of policy, which has no
    /// identifier, empty.
    pub id: String,
    /// Which payload of the record.
    pub field: Field,
    /// What the record says of the payload, and what is left of it.
    pub commit: Hash,
    /// On which ground, in the operator's words.
    pub basis: String,
    /// Who did it, as far as known.
    #[serde(deserialize_with = "strict::nullable")]
    pub actor: Option<String>,
}

/// All payloads of older records are destroyed, except those under a hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// The payloads of records below this number.
    pub before: u64,
    /// On which ground, in the operator's words.
    pub basis: String,
    /// Who did it, as far as known.
    #[serde(deserialize_with = "strict::nullable")]
    pub actor: Option<String>,
}

/// Payloads may not be erased, or may be again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hold {
    /// What was done.
    pub action: HoldAction,
    /// The call whose payloads it is about; `None` for those of every record.
    #[serde(deserialize_with = "strict::nullable")]
    pub id: Option<String>,
    /// On which ground, in the operator's words.
    pub basis: String,
    /// Who did it, as far as known.
    #[serde(deserialize_with = "strict::nullable")]
    pub actor: Option<String>,
}

/// What can be done with a hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HoldAction {
    /// It begins.
    Place,
    /// It ends.
    Lift,
}

impl HoldAction {
    /// The action as the record spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Place => "place",
            Self::Lift => "lift",
        }
    }
}

impl std::fmt::Display for HoldAction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The operator chose how the log is kept from here on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SettingsChange {
    /// What calls wait for.
    pub durability: Durability,
    /// What is kept of payloads.
    pub keeping: Keeping,
    /// How long payloads are kept, in days; `None` for as long as the log is.
    #[serde(deserialize_with = "strict::nullable")]
    pub retention_days: Option<u64>,
    /// Who chose it, as far as known.
    #[serde(deserialize_with = "strict::nullable")]
    pub actor: Option<String>,
}
