//! Payloads that are not there, until a later record says why.
//!
//! Why a payload is missing is on record after the record that binds it, maybe
//! ten million records after. So what is missing is remembered, and that in runs:
//! records in a row of which nothing is left are one run, however many they are.
//! What was erased payload by payload takes a run for each record.

use crate::record::Field;

/// Which payloads of one record: a bit for each field.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Fields(u16);

impl Fields {
    pub(super) const fn of(field: Field) -> Self {
        Self(1 << field as u8)
    }

    pub(super) const fn with(self, field: Field) -> Self {
        Self(self.0 | Self::of(field).0)
    }

    const fn has(self, field: Field) -> bool {
        self.0 & Self::of(field).0 != 0
    }

    const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    const fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(super) const fn count(self) -> u64 {
        self.0.count_ones() as u64
    }

    fn first(self) -> Option<Field> {
        Field::ALL.into_iter().find(|field| self.has(*field))
    }
}

/// What was found where a payload should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Left {
    /// Nothing, or zeros.
    Nothing,
    /// Something else: it was changed, or erasing it was interrupted.
    Rubble,
}

/// Records in a row of which something is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Run {
    first: u64,
    last: u64,
    left: Left,
    /// What of the one record is missing; `None` for all that it binds, or that
    /// they bind.
    missing: Option<Fields>,
    /// What of that a record has given a reason for.
    excused: Fields,
}

/// Payloads that are missing for no reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unexcused {
    /// No record before this one misses any.
    pub(super) seq: u64,
    /// The first that is missing, if the record is known; otherwise all of the
    /// first record from there on that binds any.
    pub(super) field: Option<Field>,
    pub(super) left: Left,
}

/// All payloads that are missing so far.
#[derive(Debug, Default)]
pub(super) struct Gone {
    /// Ascending, and apart from each other.
    runs: Vec<Run>,
    /// Whether the last run consists of records of which nothing is left, and no
    /// payload was found since.
    growing: bool,
}

impl Gone {
    /// Something was found of a record after all those before.
    pub(super) fn found(&mut self) {
        self.growing = false;
    }

    /// Of the next record, which binds payloads, some are missing.
    pub(super) fn add(&mut self, seq: u64, bound: Fields, missing: Fields, left: Left) {
        let all = bound == missing;
        match self.runs.last_mut() {
            Some(run) if self.growing && all && run.left == left => (run.last, run.missing) = (seq, None),
            _ => {
                let (first, last, missing) = (seq, seq, Some(missing));
                self.runs.push(Run { first, last, left, missing, excused: Fields::default() });
            }
        }
        self.growing = all;
    }

    /// A record says why a payload is missing. `bound` is what its record binds.
    /// Returns whether it is missing.
    pub(super) fn excuse(&mut self, seq: u64, field: Field, bound: Fields) -> bool {
        let Some(place) = self.isolate(seq) else { return false };
        let run = &mut self.runs[place];
        run.excused = run.excused.with(field);
        run.missing.get_or_insert(bound).has(field)
    }

    /// A record says that all payloads of records below `before` were destroyed,
    /// except those of some records, which are ascending, with what they bind.
    pub(super) fn excuse_below(&mut self, before: u64, except: impl Iterator<Item = (u64, Fields)>) {
        let mut kept: Vec<Run> = Vec::new();
        for (seq, bound) in except.take_while(|(seq, _)| *seq < before) {
            if let Some(run) = self.place(seq).map(|place| self.runs[place]) {
                let missing = run.missing.or(Some(bound));
                kept.push(Run { first: seq, last: seq, missing, ..run });
            }
        }
        let rest = self.runs.iter().filter(|run| run.last >= before);
        kept.extend(rest.map(|run| Run { first: run.first.max(before), ..*run }));
        self.runs = kept;
        self.growing = false;
    }

    /// Forgets what is missing of records from `seq` on.
    pub(super) fn forget_from(&mut self, seq: u64) {
        self.runs.retain_mut(|run| {
            run.last = run.last.min(seq.saturating_sub(1));
            run.first < seq
        });
        self.growing = false;
    }

    /// The first payload that is missing for no reason.
    pub(super) fn first(&self) -> Option<Unexcused> {
        self.runs.iter().find_map(|run| {
            let Run { first: seq, left, missing, excused, .. } = *run;
            let rest = missing.map(|missing| missing.without(excused));
            let unexcused = Unexcused { seq, field: rest.and_then(Fields::first), left };
            rest.is_none_or(|rest| !rest.is_empty()).then_some(unexcused)
        })
    }

    /// The run that has a record.
    fn place(&self, seq: u64) -> Option<usize> {
        let place = self.runs.partition_point(|run| run.last < seq);
        self.runs.get(place).filter(|run| run.first <= seq).map(|_| place)
    }

    /// Makes a run of its own of one record of a run. Returns its place.
    fn isolate(&mut self, seq: u64) -> Option<usize> {
        let place = self.place(seq)?;
        let run = self.runs[place];
        if run.first == run.last {
            return Some(place);
        }
        let before = (run.first < seq).then(|| Run { last: seq - 1, ..run });
        let alone = Run { first: seq, last: seq, ..run };
        let after = (seq < run.last).then(|| Run { first: seq + 1, ..run });
        let parts = [before, Some(alone), after].into_iter().flatten();
        self.runs.splice(place..=place, parts.collect::<Vec<_>>());
        self.growing = false;
        Some(place + usize::from(before.is_some()))
    }

    /// How many runs there are.
    #[cfg(test)]
    fn runs(&self) -> usize {
        self.runs.len()
    }
}

#[cfg(test)]
mod tests;
