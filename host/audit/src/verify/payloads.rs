//! Checks payloads against the records that bind them.

use std::io;
use std::path::Path;

use super::FaultKind;
use crate::record::Entry;

pub(super) struct PayloadCheck<'a> {
    _dir: &'a Path,
}

impl<'a> PayloadCheck<'a> {
    pub(super) fn new(dir: &'a Path) -> Self {
        Self { _dir: dir }
    }

    /// The first payload of `entry` that does not hold, if there is one.
    pub(super) fn fault(&mut self, entry: &Entry) -> io::Result<Option<FaultKind>> {
        let missing = entry.payloads().first().map(|(_, bound)| bound.commit);
        Ok(missing.map(|commit| FaultKind::PayloadMissing { commit }))
    }
}
