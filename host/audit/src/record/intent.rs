//! That a call begins, and what it was denied.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::body::Readable;
use super::payload::{Bound, Document};
use super::{Caller, Durability, PackageIdentity};
use crate::Timestamp;

/// One call of one tool is about to begin, refused ones included: who, what, and
/// with which authority. No effect of the call comes before it is on record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Intent {
    /// Identifies the call (a UUID in text form).
    pub id: String,
    /// The package, verified before the call.
    pub package: PackageIdentity,
    /// Which tool of the package was asked for. The caller's word: it may name
    /// no tool at all.
    pub tool: String,
    /// Who called, as the host knows it.
    pub caller: Caller,
    /// The permissions that the signed manifest declares.
    pub declared: Document,
    /// The permissions in force: declared and allowed by the operator.
    pub granted: Document,
    /// The limits in force.
    pub limits: Document,
    /// What the call waits for.
    pub durability: Durability,
    /// The arguments, as the caller sent them.
    pub input: Bound,
    /// When the call began.
    pub started: Timestamp,
    /// Bytes cut from texts of this record that were too long. Zero means that
    /// every text is whole, whatever it ends with.
    pub cut_bytes: u64,
}

/// An [`Intent`] on its way to its line: the same fields in the same order, those of its
/// [`Subject`](super::Subject) as the JSON that was read back when that was made.
#[derive(Serialize)]
pub(super) struct IntentBody<'a> {
    pub(super) id: &'a str,
    pub(super) package: &'a RawValue,
    pub(super) tool: &'a str,
    pub(super) caller: &'a Caller,
    pub(super) declared: Cow<'a, RawValue>,
    pub(super) granted: Cow<'a, RawValue>,
    pub(super) limits: Cow<'a, RawValue>,
    pub(super) durability: Durability,
    pub(super) input: Bound,
    pub(super) started: Timestamp,
    pub(super) cut_bytes: u64,
}

impl Readable for IntentBody<'_> {
    const KIND: &'static str = "intent";
}

/// A call was denied something. There is one for each kind of denial, up to
/// [`MAX_DENIALS`](crate::limits::MAX_DENIALS) a call; the outcome counts them all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DenialRecord {
    /// The number of the call's intent.
    pub intent: u64,
    /// Identifies the call, as the intent does.
    pub id: String,
    /// The permission that would have been needed, for example `filesystem.read`.
    pub permission: String,
    /// Why, for a program.
    pub code: String,
    /// What was asked for, and why it was denied in words: a JSON object with
    /// `resource` and `reason`.
    pub denial: Bound,
    /// Bytes cut from texts of this record and its payload that were too long.
    pub cut_bytes: u64,
}

/// What a denial binds: what was asked for, and why it was denied in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WhatAndWhy {
    pub(crate) resource: String,
    pub(crate) reason: String,
}
