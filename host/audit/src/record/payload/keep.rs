//! What the operator chose to keep.

use serde::{Deserialize, Deserializer, Serialize, de};

use super::{Field, JsonPointer};
use crate::limits::MAX_POINTERS;

/// What becomes of the payloads of one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Keep {
    /// They are kept as they are.
    Whole,
    /// They are not kept: a record still binds them, and whoever has one can show
    /// that it is the one.
    Commitment,
    /// What these pointers name is blacked out first; the rest is kept, and bound.
    /// What is no JSON cannot be redacted, and is treated as
    /// [`Commitment`](Self::Commitment).
    ///
    /// At most [`MAX_POINTERS`]: more cannot be put on record, nor read.
    Redacted(#[serde(deserialize_with = "few")] Vec<JsonPointer>),
}

fn few<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<JsonPointer>, D::Error> {
    let pointers = Vec::deserialize(deserializer)?;
    if pointers.len() <= MAX_POINTERS {
        Ok(pointers)
    } else {
        Err(de::Error::invalid_length(pointers.len(), &"at most 16 JSON pointers"))
    }
}

/// The operator's choice for every field. Documents (permissions, limits) are not
/// the caller's words, and always kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keeping {
    /// For the arguments of calls.
    pub input: Keep,
    /// For what tools answered.
    pub output: Keep,
    /// For what tools said to their operator: a JSON array of objects with
    /// `level` and `text`.
    pub log: Keep,
    /// For the host calls that were allowed. Pointers are into each line of the
    /// list, an object with `permission`, `resource` and `count`.
    pub calls: Keep,
    /// For why calls ended as they did.
    pub reason: Keep,
    /// For what was denied: an object with `resource` and `reason`.
    pub denial: Keep,
}

impl Keeping {
    /// Everything is kept as it is.
    pub const WHOLE: Self = Self {
        input: Keep::Whole,
        output: Keep::Whole,
        log: Keep::Whole,
        calls: Keep::Whole,
        reason: Keep::Whole,
        denial: Keep::Whole,
    };

    /// The fields for which there is a choice.
    pub const FIELDS: [Field; 6] =
        [Field::Input, Field::Output, Field::Log, Field::Calls, Field::Reason, Field::Denial];

    /// What becomes of the payloads of a field.
    pub fn of(&self, field: Field) -> &Keep {
        match field {
            Field::Input => &self.input,
            Field::Output => &self.output,
            Field::Log => &self.log,
            Field::Calls => &self.calls,
            Field::Reason => &self.reason,
            Field::Denial => &self.denial,
            Field::Declared | Field::Granted | Field::Limits | Field::Approved => &Keep::Whole,
        }
    }
}

impl Default for Keeping {
    fn default() -> Self {
        Self::WHOLE
    }
}
