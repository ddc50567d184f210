//! Follows the chain, line by line, in bounded memory.

use std::io::{self, BufRead, Read as _};
use std::ops::Range;

use super::shape::{BODY, Frame};
use super::{Fault, FaultKind};
use crate::limits::MAX_RECORD_BYTES;
use crate::record::{Envelope, HEADER};
use crate::{Hash, Receipt, Timestamp};

/// Reading stopped: the log is broken, or could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The log does not hold.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// The log or one of its payloads could not be read.
    #[error("the audit log could not be read: {0}")]
    Io(#[from] io::Error),
}

/// A line that holds its place in the chain, with its newline cut off.
pub(crate) struct Link {
    pub(crate) line: Vec<u8>,
    /// The line's number, from 1.
    pub(crate) number: u64,
    /// Where the line begins.
    pub(crate) offset: u64,
    pub(crate) receipt: Receipt,
    pub(crate) epoch: u32,
    pub(crate) ts: Timestamp,
    /// Where kind and body are, if only the frame around them was read.
    unread: Option<(Range<usize>, Range<usize>)>,
}

impl Link {
    /// Kind and body, if only the frame around them was read.
    pub(super) fn unread(&self) -> Option<(&str, &str)> {
        let (kind, body) = self.unread.clone()?;
        let line = std::str::from_utf8(&self.line).ok()?;
        Some((&line[kind], &line[body]))
    }

    /// Where the next line begins.
    pub(crate) fn end(&self) -> u64 {
        self.offset + self.line.len() as u64 + 1
    }

    /// Where the record stands.
    pub(super) fn place(&self) -> Place {
        let Self { number, offset, receipt, epoch, .. } = *self;
        Place { receipt, epoch, number, offset }
    }

    /// This record's fault.
    pub(crate) fn fault(&self, kind: FaultKind) -> Fault {
        Fault { seq: self.receipt.seq, line: self.number, offset: self.offset, kind }
    }
}

/// Yields each line that follows from the one before it, then ends, or fails on
/// the first that does not. Bodies are not read, only that the line is an
/// envelope of a known version.
pub(crate) struct Walk<R> {
    lines: Lines<R>,
    /// Whether all bodies are read by the caller.
    bodies_follow: bool,
    /// Where the last good record stands, and its line.
    last: Option<Place>,
    over: bool,
}

/// Where a good record stands.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub(crate) receipt: Receipt,
    pub(crate) epoch: u32,
    /// Number of its line, from 1.
    pub(crate) number: u64,
    /// Where its line begins.
    pub(crate) offset: u64,
}

impl<R: BufRead> Walk<R> {
    pub(crate) fn new(log: R) -> Self {
        Self { lines: Lines { log, number: 0, offset: 0 }, bodies_follow: false, last: None, over: false }
    }

    /// For a caller who reads every body. So what is in one is not looked at here,
    /// not even whether it is JSON.
    pub(super) fn with_bodies(self) -> Self {
        Self { bodies_follow: true, ..self }
    }

    /// Goes on after a record that is known to be good, and whose line ends at
    /// `end`. `log` begins there.
    pub(crate) fn after(place: Place, end: u64, log: R) -> Self {
        let lines = Lines { log, number: place.number, offset: end };
        Self { lines, bodies_follow: false, last: Some(place), over: false }
    }

    /// Whether the caller reads every body.
    pub(super) const fn are_bodies_read(&self) -> bool {
        self.bodies_follow
    }

    fn step(&mut self) -> Result<Option<Link>, ReadError> {
        let (number, offset) = (self.lines.number + 1, self.lines.offset);
        let seq = self.last.map_or(0, |place| place.receipt.seq + 1);
        let here = |kind| Fault { seq, line: number, offset, kind };
        let line = match self.lines.next()? {
            Some(Line::Whole(line)) => line,
            Some(Line::TooLong) => return Err(here(FaultKind::TooLong).into()),
            // A whole record without its newline asks for another remedy than half a record.
            Some(Line::Unended(rest)) if Envelope::parse(&rest).is_ok() => {
                return Err(here(FaultKind::MissingNewline).into());
            }
            Some(Line::Unended(_)) => return Err(here(FaultKind::Torn).into()),
            None if self.last.is_none() => return Err(here(FaultKind::Empty).into()),
            None => return Ok(None),
        };
        let head = self.head(&line).map_err(here)?;
        let hash = Hash::of_record(&line);
        let prev = self.last.map_or(Hash::ZERO, |place| place.receipt.hash);
        if head.unread.is_some() && (head.seq != seq || head.prev != prev) {
            // A line that is none is told before one that is out of place.
            Envelope::parse(&line).map_err(here)?;
        }
        if head.seq != seq {
            return Err(here(self.out_of_place(seq, head.seq)?).into());
        }
        if head.prev != prev {
            return Err(self.unchained(here, hash)?.into());
        }
        if head.is_header != (seq == 0) {
            return Err(here(FaultKind::Header).into());
        }
        self.check_epoch(head.epoch).map_err(here)?;
        let receipt = Receipt { seq, hash };
        let Head { epoch, ts, unread, .. } = head;
        self.last = Some(Place { receipt, epoch, number, offset });
        Ok(Some(Link { line, number, offset, receipt, epoch, ts, unread }))
    }

    fn head(&self, line: &[u8]) -> Result<Head, FaultKind> {
        if self.bodies_follow
            && let Some(head) = std::str::from_utf8(line).ok().and_then(Head::of_frame)
        {
            return Ok(head);
        }
        let Envelope { seq, epoch, prev, ts, kind, .. } = Envelope::parse(line)?;
        Ok(Head { seq, epoch, prev, ts, is_header: kind == HEADER, unread: None })
    }

    /// An epoch follows itself, or the one before it.
    fn check_epoch(&self, found: u32) -> Result<(), FaultKind> {
        let follows = match self.last {
            Some(last) => found == last.epoch || Some(found) == last.epoch.checked_add(1),
            None => found == 0,
        };
        if follows { Ok(()) } else { Err(FaultKind::Epoch { found }) }
    }

    /// The line holds record `found` where `seq` belongs.
    fn out_of_place(&mut self, seq: u64, found: u64) -> io::Result<FaultKind> {
        if found < seq {
            return Ok(FaultKind::Repeated { found });
        }
        let next = self.peek(|next| next.seq)?;
        Ok(if next == Some(seq) { FaultKind::Swapped { found } } else { FaultKind::Missing { found } })
    }

    /// A record, of the hash `hash`, names another hash than that of the record
    /// before it. If the record after it vouches for it, the one before was changed.
    fn unchained(&mut self, here: impl Fn(FaultKind) -> Fault, hash: Hash) -> io::Result<Fault> {
        let Some(Place { receipt, number, offset, .. }) = self.last else {
            return Ok(here(FaultKind::Header));
        };
        if self.peek(|next| next.prev)? == Some(hash) {
            return Ok(Fault { seq: receipt.seq, line: number, offset, kind: FaultKind::Changed });
        }
        Ok(here(FaultKind::Unchained))
    }

    /// Reads one line further, only to name a fault better.
    fn peek<T>(&mut self, look: impl Fn(&Envelope<'_>) -> T) -> io::Result<Option<T>> {
        Ok(match self.lines.next()? {
            Some(Line::Whole(line)) => Envelope::parse(&line).ok().as_ref().map(look),
            Some(Line::Unended(_) | Line::TooLong) | None => None,
        })
    }
}

/// A record without its body.
struct Head {
    seq: u64,
    epoch: u32,
    prev: Hash,
    ts: Timestamp,
    is_header: bool,
    unread: Option<(Range<usize>, Range<usize>)>,
}

impl Head {
    fn of_frame(line: &str) -> Option<Self> {
        let Frame { seq, epoch, prev, ts, kind, body } = Frame::read(line)?;
        let end = line.len() - 1;
        let body = end - body.len()..end;
        let kind_end = body.start - BODY.len();
        let unread = Some((kind_end - kind.len()..kind_end, body));
        Some(Self { seq, epoch, prev, ts, is_header: kind == HEADER, unread })
    }
}

impl<R: BufRead> Iterator for Walk<R> {
    type Item = Result<Link, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.over {
            return None;
        }
        let step = self.step().transpose();
        self.over = !matches!(step, Some(Ok(_)));
        step
    }
}

/// Splits bytes at newlines and never holds more than one record.
struct Lines<R> {
    log: R,
    /// Whole lines read so far.
    number: u64,
    /// Bytes of whole lines read so far.
    offset: u64,
}

enum Line {
    /// Without its newline.
    Whole(Vec<u8>),
    /// The file ends without a newline.
    Unended(Vec<u8>),
    TooLong,
}

impl<R: BufRead> Lines<R> {
    fn next(&mut self) -> io::Result<Option<Line>> {
        const MOST: u64 = MAX_RECORD_BYTES as u64 + 1;
        let mut line = Vec::new();
        let read = (&mut self.log).take(MOST).read_until(b'\n', &mut line)? as u64;
        if line.last() == Some(&b'\n') {
            line.pop();
            self.number += 1;
            self.offset += read;
            return Ok(Some(Line::Whole(line)));
        }
        Ok(match read {
            0 => None,
            MOST => Some(Line::TooLong),
            _ => Some(Line::Unended(line)),
        })
    }
}
