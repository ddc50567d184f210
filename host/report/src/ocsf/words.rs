//! Numbers of the schema, with the captions that go with them.

use serde::Serialize;

use crate::said::Deed;
use crate::weight::Weight;

/// Category *Application Activity*.
pub(super) const CATEGORY: u32 = 6;
/// Class *API Activity*.
pub(super) const CLASS: u32 = 6003;

/// What was done: `activity_id` with its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Activity {
    pub(super) id: u32,
    pub(super) name: String,
}

impl Activity {
    /// A tool was called: nothing that the class has a number for.
    pub(super) fn execute() -> Self {
        Self { id: 99, name: "Execute Tool".to_owned() }
    }

    /// What a record says that was done.
    pub(super) fn of(deed: Deed, word: &str) -> Self {
        let (id, name) = match deed {
            Deed::Created => (1, "Create"),
            Deed::Updated => (3, "Update"),
            Deed::Deleted => (4, "Delete"),
            Deed::Other => (99, word),
        };
        Self { id, name: name.to_owned() }
    }

    /// `type_uid`.
    pub(super) fn type_uid(&self) -> u32 {
        CLASS * 100 + self.id
    }

    /// `type_name`.
    pub(super) fn type_name(&self) -> String {
        let name = if self.id == 99 { "Other" } else { self.name.as_str() };
        format!("API Activity: {name}")
    }
}

/// `severity_id` with its caption.
pub(super) fn severity(weight: Weight) -> (u8, &'static str) {
    match weight {
        Weight::Normal => (1, "Informational"),
        Weight::Notable => (2, "Low"),
        Weight::Warning => (3, "Medium"),
        Weight::Serious => (4, "High"),
    }
}

/// What became of it: `status_id`, `action_id`, `disposition_id`, with captions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) struct Result {
    status_id: u8,
    status: &'static str,
    action_id: u8,
    action: &'static str,
    disposition_id: u8,
    disposition: &'static str,
}

impl Result {
    /// It was done.
    pub(super) const DONE: Self = Self::new((1, "Success"), (1, "Allowed"), (1, "Allowed"));
    /// It began, and something went wrong.
    pub(super) const FAILED: Self = Self::new((2, "Failure"), (1, "Allowed"), (1, "Allowed"));
    /// It began, and the host stopped it or withheld what came of it.
    pub(super) const STOPPED: Self = Self::new((2, "Failure"), (1, "Allowed"), (2, "Blocked"));
    /// It was denied.
    pub(super) const DENIED: Self = Self::new((2, "Failure"), (2, "Denied"), (2, "Blocked"));
    /// It began, and nobody knows what became of it.
    pub(super) const UNKNOWN: Self = Self::new((0, "Unknown"), (1, "Allowed"), (0, "Unknown"));

    const fn new(
        (status_id, status): (u8, &'static str),
        (action_id, action): (u8, &'static str),
        (disposition_id, disposition): (u8, &'static str),
    ) -> Self {
        Self { status_id, status, action_id, action, disposition_id, disposition }
    }
}
