//! What an interrupted writer left at the end of the packs.
//!
//! Opening a log looks first and changes nothing ([`survey`]). Once all else of
//! the log holds, [`Survey::mend`] cuts off what never became durable and goes on.
//!
//! Only entries of records that no checkpoint covers are looked at. Where they
//! begin is remembered beside each checkpoint ([`PackEnd`]). Nothing signs that
//! memory, so nothing is cut off on its word: before that, the pack is gone
//! through from its beginning.

use std::path::{Path, PathBuf};
use std::slice::Iter;
use std::str::FromStr;

use super::entry::{PayloadRef, State};
use super::erase::unreadable;
use super::read::{Found, fits, hold};
use super::retain::finish_destroying;
use super::walk::{Entry, PackError, Walk};
use super::{PackWriter, end_of, numbers, pack_of, path};
use crate::error::LogError;
use crate::layout;
use crate::log::disk::{Disk, OpenFile};
use crate::record::payload::Bound;

/// Where the packs ended when a log had so many records. In text, as it is kept:
/// the three numbers in this order, with one space between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PackEnd {
    /// Payloads of records from this one on come after it.
    pub(crate) records: u64,
    /// The newest pack.
    pub(crate) pack: u64,
    /// Its length in bytes.
    pub(crate) offset: u64,
}

impl std::fmt::Display for PackEnd {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} {}", self.records, self.pack, self.offset)
    }
}

/// The text is not where packs end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("where the packs end is written as three decimal numbers")]
pub(crate) struct PackEndError;

impl FromStr for PackEnd {
    type Err = PackEndError;

    fn from_str(text: &str) -> Result<Self, PackEndError> {
        let mut numbers = text.split(' ').map(|number| number.parse().map_err(|_| PackEndError));
        let mut next = || numbers.next().unwrap_or(Err(PackEndError));
        let end = Self { records: next()?, pack: next()?, offset: next()? };
        if end.to_string() == text { Ok(end) } else { Err(PackEndError) }
    }
}

/// A payload that a record binds which no checkpoint covers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Owed {
    pub(crate) of: PayloadRef,
    pub(crate) bound: Bound,
    /// Whether a later record has it erased: it may be there, half or not at all.
    pub(crate) erased: bool,
}

/// The records that no checkpoint covers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Unsigned<'a> {
    /// The number of the first of them.
    pub(crate) first: u64,
    /// All payloads that they bind, in order, but those on record as lost.
    pub(crate) owed: &'a [Owed],
    /// Records below this one have had their payloads destroyed by one of them.
    pub(crate) destroyed_below: u64,
}

/// What there is, beside what should be.
pub(crate) struct Survey {
    disk: Disk,
    dir: PathBuf,
    /// The packs that may go on, and up to where they are whole.
    packs: Vec<Whole>,
    /// Packs with records that never became durable only.
    beyond: Vec<PathBuf>,
    cut: u64,
    lost: Vec<PayloadRef>,
    /// The last pack that a record is in.
    last: u64,
    /// Whether a checkpoint covers every record. None is signed before what it covers
    /// is durable, so then everything is.
    settled: bool,
}

struct Whole {
    pack: u64,
    file: OpenFile,
    /// Where what no checkpoint covers begins, or before.
    start: u64,
    length: u64,
    end: u64,
}

/// Looks at the end of the packs of a log with so many records, all of which are
/// in its file. Changes nothing. `ends` is what is remembered of earlier ends.
///
/// [`LogError::Evidence`] if what a checkpoint covers is not all there.
pub(crate) fn survey(
    disk: &Disk,
    dir: &Path,
    records: u64,
    unsigned: Unsigned<'_>,
    ends: &[PackEnd],
) -> Result<Survey, LogError> {
    let (first, last) = (pack_of(unsigned.first), pack_of(records.saturating_sub(1)));
    let (dir, disk) = (dir.to_owned(), disk.clone());
    let settled = unsigned.first >= records;
    let mut survey = Survey { disk, dir, packs: vec![], beyond: vec![], cut: 0, lost: vec![], last, settled };
    let covered = ends.iter().filter(|end| end.records <= unsigned.first && end.pack >= first);
    let known = covered.max_by_key(|end| end.records).copied();
    let mut owed = unsigned.owed.iter();
    let payloads = layout::payloads(&survey.dir);
    let packs = numbers(&survey.dir).map_err(LogError::io("list", &payloads))?;
    let destroyed = known.is_some_and(|known| end_of(known.pack) <= unsigned.destroyed_below);
    if let Some(known) = known.filter(|known| !destroyed && !packs.contains(&known.pack)) {
        return Err(LogError::Missing { path: path(&survey.dir, known.pack) });
    }
    for pack in packs {
        let start = known.filter(|known| known.pack == pack).map_or(0, |known| known.offset);
        if pack > last {
            let path = path(&survey.dir, pack);
            survey.cut += survey.disk.length(&path)?;
            survey.beyond.push(path);
        } else if pack >= first {
            survey.pack(pack, start, unsigned.first, &mut owed)?;
        }
    }
    survey.lose(&mut owed, |_| true);
    Ok(survey)
}

impl Survey {
    /// How many bytes [`mend`](Self::mend) cuts off.
    pub(crate) const fn cut_bytes(&self) -> u64 {
        self.cut
    }

    /// The payloads that are owed and not there, in order.
    pub(crate) fn lost(&self) -> &[PayloadRef] {
        &self.lost
    }

    /// Cuts off what never became durable, makes the rest durable where it may not be,
    /// finishes what was being destroyed, and goes on writing.
    pub(crate) fn mend(mut self) -> Result<PackWriter, LogError> {
        let payloads = layout::payloads(&self.dir);
        let there = payloads.exists();
        if !there {
            self.disk.directory(&payloads)?;
        }
        for path in &self.beyond {
            self.disk.remove(path)?;
        }
        if !(self.settled && there && self.beyond.is_empty()) {
            self.disk.sync_directory(&payloads)?;
        }
        for Whole { pack, file, start, length, end } in &mut self.packs {
            if self.settled && end == length {
                continue;
            }
            let path = path(&self.dir, *pack);
            self.disk.rewrite(&path, *start..*end)?;
            if end < length {
                file.cut(*end)?;
            } else {
                file.sync_all().map_err(LogError::io("sync", &path))?;
            }
        }
        finish_destroying(&self.disk, &self.dir)?;
        let current = self.packs.pop().filter(|whole| whole.pack == self.last);
        let current = current.map(|Whole { pack, file, end, .. }| (file, pack, end));
        Ok(PackWriter::new(&self.disk, &self.dir, current))
    }

    /// Looks at a pack from an entry on.
    fn pack(&mut self, pack: u64, start: u64, first: u64, owed: &mut Iter<'_, Owed>) -> Result<(), LogError> {
        let path = path(&self.dir, pack);
        let file = self.disk.append(&path)?;
        let length = self.disk.length(&path)?;
        if length < start {
            let what = format!("it has {length} bytes, and a checkpoint covers {start}");
            return Err(LogError::Evidence { path, what });
        }
        let walk = |from, to| {
            let file = file.file().try_clone();
            file.and_then(|file| Walk::of(file, pack, from, to)).map_err(LogError::io("read", &path))
        };
        let lost = self.lost.len();
        let mut unsigned = walk(start, length)?;
        let end = self.last_whole(&mut unsigned, first, owed).map_err(|error| unreadable(&path, error))?;
        self.lose(owed, |of| of.pack() <= pack);
        if end < length || self.lost.len() > lost {
            let mut signed = walk(0, start)?;
            while let Some(entry) = signed.next().map_err(|error| unreadable(&path, error))? {
                if entry.head.of.seq >= first {
                    let what = format!(
                        "{}: no checkpoint covers it, and it is among what one covers",
                        entry.head.of
                    );
                    return Err(LogError::Evidence { path, what });
                }
            }
        }
        self.cut += length - end;
        self.packs.push(Whole { pack, file, start, length, end });
        Ok(())
    }

    /// Goes on as long as there are entries that are owed, and hold. Returns where
    /// the last of them ends.
    fn last_whole(
        &mut self,
        walk: &mut Walk,
        first: u64,
        owed: &mut Iter<'_, Owed>,
    ) -> Result<u64, PackError> {
        loop {
            let end = walk.offset();
            match walk.next() {
                Ok(Some(entry)) if entry.head.of.seq < first => {}
                Ok(Some(entry)) => {
                    if !self.is_owed(walk, &entry, owed)? {
                        return Ok(end);
                    }
                }
                Ok(None) | Err(PackError::Fault(_)) => return Ok(end),
                Err(error) => return Err(error),
            }
        }
    }

    /// Whether an entry is the next that is owed, but for some that are lost.
    fn is_owed(
        &mut self,
        walk: &mut Walk,
        entry: &Entry,
        owed: &mut Iter<'_, Owed>,
    ) -> Result<bool, PackError> {
        self.lose(owed, |of| of < entry.head.of);
        let Some(next) = owed.as_slice().first().filter(|next| next.of == entry.head.of) else {
            return Ok(false);
        };
        let holds = holds(walk, entry, next)?;
        if holds {
            owed.next();
        }
        Ok(holds)
    }

    /// The next of those that are owed, as far as they are such, are not there.
    fn lose(&mut self, owed: &mut Iter<'_, Owed>, these: impl Fn(PayloadRef) -> bool) {
        while let Some(next) = owed.as_slice().first().filter(|next| these(next.of)) {
            if !next.erased {
                self.lost.push(next.of);
            }
            owed.next();
        }
    }
}

/// Whether an entry is the one that is owed. A power failure can leave the head of
/// an entry and not its payload, so that is read.
fn holds(walk: &mut Walk, entry: &Entry, owed: &Owed) -> Result<bool, PackError> {
    if owed.erased || entry.head.state == State::Erased {
        return Ok(fits(entry, &owed.bound));
    }
    match hold(walk, entry, &owed.bound, |_, _| {})? {
        Found::Kept | Found::SaltOnly => Ok(true),
        Found::Erased | Found::Missing | Found::Changed => Ok(false),
    }
}
