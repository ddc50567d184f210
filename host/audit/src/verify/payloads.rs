//! Holds payloads against the records that bind them.
//!
//! Records and packs are read side by side, once, in the same order. What is
//! missing waits for a later record that says why.

use std::fs::File;
use std::io;
use std::path::Path;

use super::gone::{Fields, Gone, Left, Unexcused};
use super::holds::Holds;
use super::lookup::{Binds, Lookup};
use super::said::{Deed, Erased, Said};
use super::walk::Link;
use super::{Fault, FaultKind, ReadError};
use crate::layout;
use crate::packs::{EntryFault, Found, PackError, PackReader, PayloadRef};
use crate::record::{Bound, Field};

/// What is known of the payloads, record by record.
pub(super) struct Payloads {
    /// Until all records are read.
    packs: Option<PackReader>,
    lookup: Lookup,
    gone: Gone,
    holds: Holds,
    /// All payloads of records below this one were to be destroyed, except those
    /// under a hold then.
    retained: u64,
    /// Records below this one have their payloads: a checkpoint covers them.
    durable: u64,
    /// The first record of which a payload was missing where the packs went on.
    /// If it turns out that they went wrong, it was there.
    missing_since: Option<u64>,
    tally: Tally,
}

/// What became of the payloads.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tally {
    /// Payloads that are there.
    pub(super) kept: u64,
    /// Payloads that are gone, those included that were never durable.
    pub(super) gone: u64,
    /// Payloads that were never durable.
    pub(super) lost: u64,
    /// Payloads that an erasure names and that are there all the same.
    pub(super) undestroyed: u64,
}

impl Payloads {
    /// Of the log in a directory, of which a checkpoint covers so many records.
    pub(super) fn open(dir: &Path, durable: u64) -> Result<Self, ReadError> {
        let packs = PackReader::open(dir, 0).map_err(|error| match error {
            PackError::Io(error) => ReadError::Io(error),
            PackError::Fault(fault) => {
                let kind = FaultKind::Pack { why: fault.to_string() };
                Fault { seq: 0, line: 1, offset: 0, kind }.into()
            }
        })?;
        Ok(Self {
            packs: Some(packs),
            lookup: Lookup::new(File::open(layout::log(dir))?),
            gone: Gone::default(),
            holds: Holds::default(),
            retained: 0,
            durable,
            missing_since: None,
            tally: Tally::default(),
        })
    }

    /// Takes the next record. `at_work` tells whether its writer may not have
    /// finished it.
    pub(super) fn record(
        &mut self,
        link: &Link,
        said: &Said<'_>,
        at_work: impl Fn() -> io::Result<bool>,
    ) -> Result<(), ReadError> {
        let seq = link.receipt.seq;
        match said.deed {
            Deed::Erases(erased) => self.erase(link, &erased)?,
            Deed::Loses { record, field } => self.lose(link, record, field)?,
            Deed::Retains { before } if before > seq => {
                return Err(link.fault(FaultKind::Retention { before }).into());
            }
            Deed::Retains { before } => self.retain(before)?,
            Deed::Places { id } => self.holds.place(id),
            Deed::Lifts { id } => self.holds.lift(id),
            Deed::Begins { .. } | Deed::Denies { .. } | Deed::Ends { .. } | Deed::Stands => {}
        }
        self.lookup.add(link);
        if !said.bound.is_empty() {
            self.check(link, said, at_work)?;
        }
        Ok(())
    }

    fn check(
        &mut self,
        link: &Link,
        said: &Said<'_>,
        at_work: impl Fn() -> io::Result<bool>,
    ) -> Result<(), ReadError> {
        let seq = link.receipt.seq;
        let (mut missing, mut left) = (Fields::default(), Left::Nothing);
        for (field, bound) in &said.bound {
            let found = match self
                .packs
                .as_mut()
                .map(|packs| packs.check(PayloadRef { seq, field: *field }, bound))
            {
                Some(Err(PackError::Fault(fault)))
                    if fault.kind == EntryFault::Torn && seq >= self.durable && at_work()? =>
                {
                    Found::Missing
                }
                Some(Err(error)) => return Err(self.went_wrong(seq, error)),
                Some(Ok(found)) => found,
                None => Found::Missing,
            };
            match found {
                Found::Kept | Found::SaltOnly => self.tally.kept += 1,
                Found::Erased | Found::Missing => missing = missing.with(*field),
                Found::Changed => (missing, left) = (missing.with(*field), Left::Rubble),
            }
            self.note(seq, found);
        }
        if let Some(fault) = self.packs.as_ref().and_then(PackReader::unbound) {
            return Err(self.went_wrong(seq, fault.into()));
        }
        let bound = fields(&said.bound);
        if missing != bound {
            self.gone.found();
        }
        if missing != Fields::default() {
            self.tally.gone += missing.count();
            self.gone.add(seq, bound, missing, left);
        }
        if let Some(call) = said.call().filter(|call| self.holds.want(call)) {
            self.holds.record(seq, call, bound);
        }
        Ok(())
    }

    fn note(&mut self, seq: u64, found: Found) {
        match found {
            Found::Kept | Found::SaltOnly | Found::Erased => self.missing_since = None,
            Found::Missing => {
                self.missing_since.get_or_insert(seq);
            }
            Found::Changed => {}
        }
    }

    /// The packs are not as they were written, from here on or before.
    fn went_wrong(&self, here: u64, error: PackError) -> ReadError {
        let fault = match error {
            PackError::Io(error) => return error.into(),
            PackError::Fault(fault) => fault,
        };
        let of = match fault.kind {
            EntryFault::Unbound { of } => of.seq,
            _ => here,
        };
        let seq = of.min(self.missing_since.unwrap_or(here));
        let offset = match self.lookup.find(seq) {
            Err(error) => return error.into(),
            Ok(again) => again.map_or(0, |again| again.offset),
        };
        Fault { seq, line: seq + 1, offset, kind: FaultKind::Pack { why: fault.to_string() } }.into()
    }

    fn erase(&mut self, link: &Link, erased: &Erased<'_>) -> Result<(), ReadError> {
        let Erased { record, id, field, commit } = *erased;
        let is_it = |(found, bound): &(Field, Bound)| *found == field && bound.commit == commit;
        let binds = self.binds(link, record)?;
        let binds = binds.filter(|binds| binds.call() == id && binds.payloads.iter().any(is_it));
        let binds = binds.ok_or_else(|| link.fault(FaultKind::NoPayload { record, field }))?;
        if self.holds.cover(id) {
            return Err(link.fault(FaultKind::Held { record, field }).into());
        }
        let gone = self.gone.excuse(record, field, fields(&binds.payloads));
        self.tally.undestroyed += u64::from(!gone && record >= self.retained);
        Ok(())
    }

    fn lose(&mut self, link: &Link, record: u64, field: Field) -> Result<(), ReadError> {
        let binds = self.binds(link, record)?;
        let binds = binds.filter(|binds| binds.payloads.iter().any(|(found, _)| *found == field));
        let binds = binds.ok_or_else(|| link.fault(FaultKind::NoPayload { record, field }))?;
        self.gone.excuse(record, field, fields(&binds.payloads));
        self.tally.lost += 1;
        Ok(())
    }

    /// What a record before this one binds.
    fn binds(&self, link: &Link, seq: u64) -> Result<Option<Binds>, ReadError> {
        if seq < link.receipt.seq { self.lookup.binds(seq) } else { Ok(None) }
    }

    fn retain(&mut self, before: u64) -> Result<(), ReadError> {
        if self.holds.cover_everything() {
            return Ok(());
        }
        self.look_for_held()?;
        self.gone.excuse_below(before, self.holds.records());
        self.retained = self.retained.max(before);
        Ok(())
    }

    /// Finds the records of the calls under a hold, once for each hold and only
    /// if it matters.
    fn look_for_held(&mut self) -> Result<(), ReadError> {
        let calls = self.holds.unknown();
        if calls.is_empty() {
            return Ok(());
        }
        for again in self.lookup.from(0)? {
            let again = again?;
            let binds = again.binds()?;
            if let Some(call) = binds.call.as_deref().filter(|call| calls.contains(*call))
                && !binds.payloads.is_empty()
            {
                self.holds.record(again.seq, call, fields(&binds.payloads));
            }
        }
        self.holds.looked_for(calls);
        Ok(())
    }

    /// Whether a payload of these records is missing for no reason so far.
    pub(super) fn lack(&self, below: u64) -> bool {
        self.gone.first().is_some_and(|first| first.seq < below)
    }

    /// There are no more records than these.
    pub(super) fn end(mut self, records: u64, at_work: bool) -> Result<Tally, ReadError> {
        let packs = self.packs.take().map_or(Ok(None), |packs| packs.end(records, true));
        match packs {
            Ok(None) => {}
            Ok(Some(fault)) => return Err(self.went_wrong(records.saturating_sub(1), fault.into())),
            Err(error) => return Err(self.went_wrong(records.saturating_sub(1), error)),
        }
        if at_work {
            self.gone.forget_from(self.durable);
        }
        match self.gone.first() {
            None => Ok(self.tally),
            Some(first) => Err(unexcused(&self.lookup, first)?.into()),
        }
    }
}

/// Names the first payload that is missing for no reason.
fn unexcused(lookup: &Lookup, first: Unexcused) -> Result<Fault, ReadError> {
    let Unexcused { seq, field, left } = first;
    let kind = |field| match left {
        Left::Nothing => FaultKind::PayloadMissing { field },
        Left::Rubble => FaultKind::PayloadChanged { field },
    };
    for again in lookup.from(seq)? {
        let again = again?;
        if let Some((first, _)) = again.binds()?.payloads.first() {
            return Ok(again.fault(kind(field.unwrap_or(*first))));
        }
    }
    Ok(Fault { seq, line: seq + 1, offset: 0, kind: kind(field.unwrap_or(Field::Input)) })
}

fn fields(bound: &[(Field, Bound)]) -> Fields {
    bound.iter().fold(Fields::default(), |fields, (field, _)| fields.with(*field))
}
