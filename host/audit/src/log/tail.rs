//! What follows the newest checkpoint.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use super::commit::{Change, Leaf};
use super::disk::OpenFile;
use crate::error::LogError;
use crate::layout;
use crate::packs::{Owed, PayloadRef, Unsigned};
use crate::record::{Entry, Record, Torn};
use crate::verify::{Fault, FaultKind, Link, Place, ReadError, Walk};

/// The records that no checkpoint covers.
pub(super) struct Tail {
    /// The number of the first of them.
    first: u64,
    pub(super) leaves: Vec<Leaf>,
    /// The epoch of each of them.
    epochs: Vec<u32>,
    /// The last record, signed or not.
    pub(super) last: Place,
    /// An incomplete record after it.
    pub(super) end: Option<TornEnd>,
    /// The last of them that says that something was cut off.
    pub(super) torn: Option<Torn>,
    /// The calls that they began, and their identifiers.
    intents: BTreeMap<u64, String>,
    /// The payloads that they bind, but those on record as lost.
    owed: Vec<Owed>,
    /// The payloads that they say are erased.
    pub(super) erased: Vec<PayloadRef>,
    /// The last of them that destroys old payloads: its number, and below which
    /// record. All before it had been done when it was put on record.
    pub(super) retention: Option<(u64, u64)>,
    /// Records whose payloads one of them destroys are below this one.
    destroyed_below: u64,
}

/// An incomplete record at the end.
pub(super) struct TornEnd {
    /// Where it begins.
    pub(super) offset: u64,
    pub(super) bytes: Vec<u8>,
}

/// Reads the records after one that is signed, whose line ends at `end`.
pub(super) fn read_tail(dir: &Path, file: &OpenFile, signed: Place, end: u64) -> Result<Tail, LogError> {
    let path = layout::log(dir);
    let read = |offset| -> std::io::Result<BufReader<File>> {
        let mut file = file.file().try_clone()?;
        file.seek(SeekFrom::Start(offset))?;
        Ok(BufReader::new(file))
    };
    let io = |error| LogError::io("read", &path)(error);
    let mut tail = Tail::after(signed);
    for link in Walk::after(signed, end, read(end).map_err(io)?) {
        match link {
            Ok(link) => {
                let broken = |kind| LogError::Broken { path: path.clone(), fault: link.fault(kind) };
                let record = Record::decode(&link.line).map_err(broken)?;
                tail.add(&link, record.entry);
            }
            Err(ReadError::Io(error)) => return Err(io(error)),
            Err(ReadError::Fault(fault)) => {
                let mut bytes = Vec::new();
                read(fault.offset).and_then(|mut rest| rest.read_to_end(&mut bytes)).map_err(io)?;
                if !is_torn(&fault, &bytes) {
                    return Err(LogError::Broken { path, fault });
                }
                tail.end = Some(TornEnd { offset: fault.offset, bytes });
            }
        }
    }
    tail.settle();
    Ok(tail)
}

/// Whether a fault is how the end of a log looks whose writer was interrupted:
/// the last line is not whole, or it has a hole of zeros, which a disk leaves
/// where it had not written yet when the power went. No record has a zero byte,
/// and nothing after a hole was acknowledged, since a sync would have filled it.
fn is_torn(fault: &Fault, rest: &[u8]) -> bool {
    let first = rest.split(|byte| *byte == b'\n').next().unwrap_or_default();
    matches!(fault.kind, FaultKind::Torn | FaultKind::MissingNewline) || first.contains(&0)
}

impl Tail {
    fn after(signed: Place) -> Self {
        Self {
            first: signed.receipt.seq + 1,
            leaves: Vec::new(),
            epochs: Vec::new(),
            last: signed,
            end: None,
            torn: None,
            intents: BTreeMap::new(),
            owed: Vec::new(),
            erased: Vec::new(),
            retention: None,
            destroyed_below: 0,
        }
    }

    fn add(&mut self, link: &Link, entry: Entry) {
        let (seq, hash, bytes) = (link.receipt.seq, link.receipt.hash, link.line.len() as u64 + 1);
        self.leaves.push(Leaf { hash, bytes, change: Change::of(&entry) });
        self.epochs.push(link.epoch);
        let (number, offset) = (link.number, link.offset);
        self.last = Place { receipt: link.receipt, epoch: link.epoch, number, offset };
        self.owed.extend(entry.payloads().into_iter().map(|(field, bound)| Owed {
            of: PayloadRef { seq, field },
            bound,
            erased: false,
        }));
        match entry {
            Entry::Torn(torn) => self.torn = Some(torn),
            Entry::Intent(intent) => drop(self.intents.insert(seq, intent.id)),
            Entry::Lost(lost) => {
                let of = PayloadRef { seq: lost.record, field: lost.field };
                self.owed.retain(|owed| owed.of != of);
            }
            Entry::Erasure(erasure) => {
                self.erased.push(PayloadRef { seq: erasure.record, field: erasure.field });
            }
            Entry::Retention(retention) => {
                self.retention = Some((seq, retention.before));
                self.destroyed_below = self.destroyed_below.max(retention.before);
            }
            _ => {}
        }
    }

    /// What was erased or destroyed may be there, or half of it, or not at all.
    fn settle(&mut self) {
        for owed in &mut self.owed {
            owed.erased = self.erased.contains(&owed.of) || owed.of.seq < self.destroyed_below;
        }
    }

    /// What the packs should have of them.
    pub(super) fn unsigned(&self) -> Unsigned<'_> {
        Unsigned { first: self.first, owed: &self.owed, destroyed_below: self.destroyed_below }
    }

    /// The last record of an epoch, if there are records of the next one.
    pub(super) fn last_of(&self, epoch: u32) -> Option<u64> {
        let next = self.epochs.iter().position(|found| *found > epoch)?;
        Some(self.first + next as u64 - 1)
    }

    /// The identifier of a call that one of them began.
    pub(super) fn id(&self, intent: u64) -> Option<&str> {
        self.intents.get(&intent).map(String::as_str)
    }
}
