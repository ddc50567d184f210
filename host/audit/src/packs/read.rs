//! Payloads, held against the records that bind them.

use std::path::{Path, PathBuf};

use super::entry::{PayloadRef, State};
use super::walk::{Entry, EntryFault, PackError, PackFault, Walk};
use super::{numbers, pack_of};
use crate::record::payload::{Bound, Commitment, Kept};

/// What there is of a payload that a record binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// All of it that was to be kept, as it was written.
    Kept,
    /// Its salt, and there was to be no more. Nothing shows whether the salt is
    /// the right one until somebody comes with the payload.
    SaltOnly,
    /// Zeros: it was erased.
    Erased,
    /// Nothing.
    Missing,
    /// Something other than what the record binds.
    Changed,
}

/// Reads payloads in the order of their records, and of the fields of a record.
/// Memory does not grow with what it reads.
pub(crate) struct PackReader {
    dir: PathBuf,
    /// Entries of records before this one are none of its business.
    first: u64,
    pack: u64,
    /// The current pack; `None` if there is none, or no more of it can be read.
    walk: Option<Walk>,
    /// An entry that was read too early.
    peeked: Option<Entry>,
    /// Why no more of the current pack can be read.
    broken: Option<PackFault>,
    /// The first entry that nobody asked for.
    unbound: Option<PackFault>,
}

impl PackReader {
    /// Begins with the payloads of the record `first`: 0 to read all of them, its
    /// own number to find those of one record.
    pub(crate) fn open(dir: &Path, first: u64) -> Result<Self, PackError> {
        let mut reader = Self {
            dir: dir.to_owned(),
            first,
            pack: pack_of(first),
            walk: None,
            peeked: None,
            broken: None,
            unbound: None,
        };
        reader.begin(pack_of(first))?;
        Ok(reader)
    }

    /// Holds a payload against what its record says of it.
    ///
    /// Ask for the payloads of all records, in order: what comes before in its
    /// pack and was not asked for is [`unbound`](Self::unbound). A pack that is
    /// broken is an error from there to its end.
    pub(crate) fn check(&mut self, of: PayloadRef, bound: &Bound) -> Result<Found, PackError> {
        self.pieces(of, bound, |_| {})
    }

    /// As [`check`](Self::check), and gives the payload where it is kept. Holds as
    /// much memory as the record says that it has bytes.
    pub(crate) fn read(
        &mut self,
        of: PayloadRef,
        bound: &Bound,
    ) -> Result<(Found, Option<Vec<u8>>), PackError> {
        let mut bytes = Vec::new();
        let found = self.pieces(of, bound, |piece| bytes.extend_from_slice(piece))?;
        Ok((found, (found == Found::Kept).then_some(bytes)))
    }

    /// The first entry so far that nobody asked for.
    pub(crate) const fn unbound(&self) -> Option<PackFault> {
        self.unbound
    }

    /// There are no more records than these. Gives the first entry that no record
    /// binds, if there is one. While its writer is at work, a log has entries, and
    /// a part of one, of records to come: they are left out.
    pub(crate) fn end(mut self, records: u64, at_work: bool) -> Result<Option<PackFault>, PackError> {
        let last = self.pack;
        for pack in numbers(&self.dir)?.into_iter().filter(|pack| *pack >= last) {
            if pack > last {
                self.begin(pack)?;
            }
            match self.skip_to(None, records) {
                Ok(Some(_)) | Err(PackError::Fault(PackFault { kind: EntryFault::Torn, .. })) if at_work => {
                    break;
                }
                Ok(Some(entry)) => self.disown(&entry),
                Ok(None) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(self.unbound)
    }

    fn pieces(
        &mut self,
        of: PayloadRef,
        bound: &Bound,
        piece: impl FnMut(&[u8]),
    ) -> Result<Found, PackError> {
        self.go_to(of.pack())?;
        match self.skip_to(Some(of), u64::MAX)? {
            Some(entry) if entry.head.of == of => self.hold(&entry, bound, piece),
            later => {
                self.peeked = later;
                Ok(Found::Missing)
            }
        }
    }

    /// The first entry from a payload on, or of a record from `most` on. Those
    /// before it were not asked for.
    fn skip_to(&mut self, of: Option<PayloadRef>, most: u64) -> Result<Option<Entry>, PackError> {
        while let Some(entry) = self.next()? {
            if of.is_some_and(|of| entry.head.of >= of) || entry.head.of.seq >= most {
                return Ok(Some(entry));
            }
            self.disown(&entry);
        }
        Ok(None)
    }

    fn disown(&mut self, entry: &Entry) {
        let Entry { head, offset } = entry;
        if head.of.seq >= self.first {
            let kind = EntryFault::Unbound { of: head.of };
            self.unbound.get_or_insert(PackFault { pack: self.pack, offset: *offset, kind });
        }
    }

    fn next(&mut self) -> Result<Option<Entry>, PackError> {
        if let Some(entry) = self.peeked.take() {
            return Ok(Some(entry));
        }
        let Some(walk) = &mut self.walk else {
            return self.broken.map_or(Ok(None), |fault| Err(fault.into()));
        };
        let next = walk.next();
        if let Err(PackError::Fault(fault)) = &next {
            (self.broken, self.walk) = (Some(*fault), None);
        }
        next
    }

    /// Goes on to a pack. Those between were not asked for at all.
    fn go_to(&mut self, pack: u64) -> Result<(), PackError> {
        while self.pack < pack {
            // What is broken was said when it was found.
            if self.broken.is_none() {
                self.skip_to(None, u64::MAX)?;
            }
            self.begin(self.pack + 1)?;
        }
        Ok(())
    }

    fn begin(&mut self, pack: u64) -> Result<(), PackError> {
        (self.pack, self.peeked, self.broken, self.walk) = (pack, None, None, None);
        match Walk::open(&self.dir, pack) {
            Ok(walk) => self.walk = walk,
            Err(PackError::Fault(fault)) => self.broken = Some(fault),
            Err(error) => return Err(error),
        }
        Ok(())
    }

    fn hold(&mut self, entry: &Entry, bound: &Bound, piece: impl FnMut(&[u8])) -> Result<Found, PackError> {
        match &mut self.walk {
            Some(walk) => hold(walk, entry, bound, piece),
            None => Ok(Found::Missing),
        }
    }
}

/// Holds an entry against what a record says of it.
pub(super) fn hold(
    walk: &mut Walk,
    entry: &Entry,
    bound: &Bound,
    mut piece: impl FnMut(&[u8]),
) -> Result<Found, PackError> {
    let head = &entry.head;
    if !fits(entry, bound) {
        return Ok(Found::Changed);
    }
    match head.state {
        State::SaltOnly => Ok(Found::SaltOnly),
        State::Erased => {
            let mut zero = true;
            walk.payload(entry, |bytes| zero &= bytes.iter().all(|byte| *byte == 0))?;
            let fault = PackFault { pack: head.of.pack(), offset: entry.offset, kind: EntryFault::NotErased };
            if zero { Ok(Found::Erased) } else { Err(fault.into()) }
        }
        State::Kept => {
            let mut commitment = Commitment::begin(&head.salt, head.of.field);
            walk.payload(entry, |bytes| {
                commitment.update(bytes);
                piece(bytes);
            })?;
            Ok(if commitment.end() == bound.commit { Found::Kept } else { Found::Changed })
        }
    }
}

/// Whether an entry has the length and a state that a record leads to expect.
pub(super) fn fits(entry: &Entry, bound: &Bound) -> bool {
    let (state, length) = match bound.kept {
        Kept::Whole | Kept::Redacted => (State::Kept, bound.bytes),
        Kept::Commitment => (State::SaltOnly, 0),
    };
    let head = &entry.head;
    head.length == length && (head.state == state || head.state == State::Erased)
}
