//! The entries of a pack, one after the other.

use std::fs::{self, File};
use std::io::{self, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use super::entry::{HEAD_BYTES, Head, PayloadRef};
use super::{MAX_PAYLOAD_BYTES, path};

/// Read at once while looking for heads. Payloads mostly are short, so that one
/// read finds several heads; a long one is skipped.
const LOOKAHEAD_BYTES: usize = 8 * 1024;

/// Read at once of a payload.
const PIECE_BYTES: usize = 64 * 1024;

/// An entry, without its payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) head: Head,
    /// Where it begins.
    pub(crate) offset: u64,
}

impl Entry {
    /// Where its payload begins.
    pub(crate) const fn payload(&self) -> u64 {
        self.offset + HEAD_BYTES as u64
    }

    /// Where it ends.
    pub(crate) const fn end(&self) -> u64 {
        self.payload() + self.head.length
    }
}

/// Goes through a pack as long as it was when opened. Holds a few kilobytes,
/// whatever is in it.
pub(crate) struct Walk {
    file: BufReader<File>,
    pack: u64,
    length: u64,
    /// Where the file is read from next.
    position: u64,
    /// Where the next entry begins.
    next: u64,
    last: Option<PayloadRef>,
}

impl Walk {
    /// Opens a pack for reading. `None` if it is not there.
    pub(crate) fn open(dir: &Path, pack: u64) -> Result<Option<Self>, PackError> {
        let path = path(dir, pack);
        // Before opening: opening a pipe could wait forever.
        let file =
            match fs::metadata(&path).and_then(|it| it.is_file().then(|| File::open(&path)).transpose()) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
                file => file?,
            };
        let file = file.ok_or(PackFault { pack, offset: 0, kind: EntryFault::NoFile })?;
        let length = file.metadata()?.len();
        Self::of(file, pack, 0, length).map(Some).map_err(PackError::Io)
    }

    /// Goes through a file from an entry that begins at `start` up to `end`.
    pub(crate) fn of(mut file: File, pack: u64, start: u64, end: u64) -> io::Result<Self> {
        file.seek(SeekFrom::Start(start))?;
        let file = BufReader::with_capacity(LOOKAHEAD_BYTES, file);
        Ok(Self { file, pack, length: end, position: start, next: start, last: None })
    }

    /// Ends the walk at an offset at which an entry ends.
    pub(crate) fn until(&mut self, end: u64) {
        self.length = self.length.min(end);
    }

    /// Where the next entry begins: all before it was whole.
    pub(crate) const fn offset(&self) -> u64 {
        self.next
    }

    /// The next entry; `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Entry>, PackError> {
        let offset = self.next;
        let rest = self.length.saturating_sub(offset);
        if rest == 0 {
            return Ok(None);
        }
        if rest < HEAD_BYTES as u64 {
            return Err(self.fault(EntryFault::Torn).into());
        }
        let mut bytes = [0; HEAD_BYTES];
        self.go_to(offset)?;
        self.file.read_exact(&mut bytes)?;
        self.position += HEAD_BYTES as u64;
        let head = Head::decode(&bytes).map_err(|kind| self.fault(kind))?;
        let entry = Entry { head, offset };
        self.check(&entry).map_err(|kind| self.fault(kind))?;
        self.next = entry.end();
        self.last = Some(entry.head.of);
        Ok(Some(entry))
    }

    fn check(&self, entry: &Entry) -> Result<(), EntryFault> {
        let of = entry.head.of;
        match self.last {
            _ if entry.end() > self.length => Err(EntryFault::Torn),
            _ if of.pack() != self.pack => Err(EntryFault::Elsewhere { seq: of.seq }),
            Some(last) if last >= of => Err(EntryFault::OutOfOrder { of }),
            _ => Ok(()),
        }
    }

    /// Reads the payload of an entry, in pieces.
    pub(crate) fn payload(&mut self, entry: &Entry, mut piece: impl FnMut(&[u8])) -> io::Result<()> {
        self.go_to(entry.payload())?;
        let mut rest = entry.head.length as usize;
        let mut buffer = vec![0; rest.min(PIECE_BYTES)];
        while rest > 0 {
            let buffer = &mut buffer[..rest.min(PIECE_BYTES)];
            self.file.read_exact(buffer)?;
            self.position += buffer.len() as u64;
            rest -= buffer.len();
            piece(buffer);
        }
        Ok(())
    }

    fn go_to(&mut self, offset: u64) -> io::Result<()> {
        // Offsets in a file fit.
        self.file.seek_relative(offset.wrapping_sub(self.position) as i64)?;
        self.position = offset;
        Ok(())
    }

    /// What is wrong with the next entry.
    fn fault(&self, kind: EntryFault) -> PackFault {
        PackFault { pack: self.pack, offset: self.next, kind }
    }
}

/// Why a pack could not be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PackError {
    /// The machine's.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The pack is not as it was written.
    #[error(transparent)]
    Fault(#[from] PackFault),
}

/// What is wrong with a pack, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("`payloads/{pack}`, byte {offset}: {kind}")]
pub(crate) struct PackFault {
    /// The number of the pack.
    pub(crate) pack: u64,
    /// Where the entry begins.
    pub(crate) offset: u64,
    /// What is wrong with it.
    pub(crate) kind: EntryFault,
}

/// What is wrong with an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum EntryFault {
    /// There is no such field.
    #[error("an entry for a field {found}, which there is not")]
    Field {
        /// The byte in its place.
        found: u8,
    },
    /// There is no such state.
    #[error("an entry in a state {found}, which there is not")]
    State {
        /// The byte in its place.
        found: u8,
    },
    /// Longer than a payload can be.
    #[error("an entry of {found} bytes, and the longest has {MAX_PAYLOAD_BYTES}")]
    TooLong {
        /// The length that it claims, in bytes.
        found: u64,
    },
    /// Something is beside a salt that should be alone.
    #[error("an entry that should be a salt alone claims {found} bytes more")]
    PayloadBesideSalt {
        /// The length that it claims, in bytes.
        found: u64,
    },
    /// There is something in an erased entry.
    #[error("an entry that should be erased is not zero throughout")]
    NotErased,
    /// It ends after its file.
    #[error("the file ends in the middle of an entry")]
    Torn,
    /// It belongs into another pack.
    #[error("an entry of record {seq}, which belongs into another pack")]
    Elsewhere {
        /// The record that it names.
        seq: u64,
    },
    /// It belongs before the entry that it follows, or is there twice.
    #[error("an entry out of order: {of}")]
    OutOfOrder {
        /// What it claims to be.
        of: PayloadRef,
    },
    /// No record binds it.
    #[error("an entry that no record binds: {of}")]
    Unbound {
        /// What it claims to be.
        of: PayloadRef,
    },
    /// Something else stands where the pack should be.
    #[error("not a regular file")]
    NoFile,
}
