//! Holds tiles, offsets, checkpoints and epochs against the records.

use std::fs::File;
use std::io::{self, BufReader, Read as _};
use std::path::{Path, PathBuf};

use super::files::{self, Notes};
use super::walk::Link;
use super::{Fault, FaultKind, ReadError};
use crate::checkpoint::{SignedCheckpoint, VerifiedCheckpoint};
use crate::epoch::{MAX_EPOCHS, PublicKeys};
use crate::note::LogKey;
use crate::tiles::{MAX_TILE_LEVEL, TILE_WIDTH, Tile};
use crate::tree::{CompactTree, TreeHead};
use crate::{Hash, layout};

/// The evidence of a log as far as its newest checkpoint goes, checked record by
/// record. Memory does not grow with the log.
pub(super) struct Evidence {
    dir: PathBuf,
    key: LogKey,
    newest: VerifiedCheckpoint,
    notes: Notes<BufReader<File>>,
    /// The next checkpoint in `checkpoints`; none after the newest.
    next: Option<VerifiedCheckpoint>,
    /// The last one that was held against the records.
    last: Option<VerifiedCheckpoint>,
    tree: CompactTree,
    /// The hashes of the last tile of each level.
    levels: [Vec<Hash>; MAX_TILE_LEVEL as usize + 1],
    offsets: BufReader<File>,
    epoch: u32,
    checkpoints: u64,
}

/// What the evidence shows.
pub(super) struct Shown {
    pub(super) signed: TreeHead,
    pub(super) checkpoints: u64,
    pub(super) epochs: u32,
}

/// A fault that is in no record: it stands where the records are that it is about.
fn beside(seq: u64, offset: u64, kind: FaultKind) -> ReadError {
    Fault { seq, line: seq + 1, offset, kind }.into()
}

fn checkpoint(file: &'static str, size: u64, why: impl ToString) -> FaultKind {
    FaultKind::Checkpoint { file, size, why: why.to_string() }
}

/// What cannot be read is a failure; what is missing, a fault.
fn present<T>(result: io::Result<T>, missing: impl FnOnce() -> ReadError) -> Result<T, ReadError> {
    result.map_err(|error| if error.kind() == io::ErrorKind::NotFound { missing() } else { error.into() })
}

impl Evidence {
    /// Opens what is beside the records. Before the records are: they grow first.
    pub(super) fn open(dir: &Path, key: &LogKey) -> Result<Self, ReadError> {
        let fault = |kind| beside(0, 0, kind);
        let missing = || fault(checkpoint("checkpoint", 0, "it is missing"));
        let newest = present(files::newest(dir), missing)?;
        let newest = newest.map_err(|why| fault(checkpoint("checkpoint", 0, why)))?;
        let size = newest.claimed().head().size;
        let newest = newest.verify(std::slice::from_ref(key));
        let newest = newest.map_err(|why| fault(checkpoint("checkpoint", size, why)))?;
        check_keys(dir, key)?;
        let missing = || fault(checkpoint("checkpoints", 0, "it is missing"));
        let notes = present(Notes::open(dir), missing)?;
        let offsets = present(File::open(layout::offsets(dir)), || fault(FaultKind::Offset))?;
        let mut evidence = Self {
            dir: dir.to_owned(),
            key: key.clone(),
            newest,
            notes,
            next: None,
            last: None,
            tree: CompactTree::new(),
            levels: Default::default(),
            offsets: BufReader::with_capacity(1 << 16, offsets),
            epoch: 0,
            checkpoints: 0,
        };
        evidence.next = evidence.read_next(0)?;
        Ok(evidence)
    }

    /// Takes the next record; its place in the chain is checked already.
    pub(super) fn record(&mut self, link: &Link) -> Result<(), ReadError> {
        if self.tree.size() >= self.size() {
            return Ok(());
        }
        if link.epoch != self.epoch {
            self.check_closed(link)?;
            self.epoch = link.epoch;
        }
        self.check_offset(link)?;
        self.grow(link)?;
        while let Some(next) = self.next.take_if(|next| next.checkpoint().head().size == self.tree.size()) {
            self.check_checkpoint(&next, link)?;
            self.checkpoints += 1;
            self.next = self.read_next(next.checkpoint().head().size)?;
            self.last = Some(next);
        }
        if self.tree.size() == self.size() { self.end_of_signed(link) } else { Ok(()) }
    }

    /// There are no more records, and there were so many.
    pub(super) fn end(self, records: u64, bytes: u64) -> Result<Shown, ReadError> {
        let size = self.size();
        if records < size {
            return Err(beside(records, bytes, FaultKind::CutOffBefore { size }));
        }
        let signed = *self.newest.checkpoint().head();
        Ok(Shown { signed, checkpoints: self.checkpoints, epochs: self.epoch + 1 })
    }

    /// How many records are signed.
    pub(super) fn size(&self) -> u64 {
        self.newest.checkpoint().head().size
    }

    /// The next of all checkpoints, unless the newest came before it.
    fn read_next(&mut self, after: u64) -> Result<Option<VerifiedCheckpoint>, ReadError> {
        let fault =
            |size, why: &dyn ToString| beside(after, 0, checkpoint("checkpoints", size, why.to_string()));
        if after >= self.size() {
            return Ok(None);
        }
        let bytes = self.notes.next()?;
        if bytes.is_empty() {
            return Err(fault(self.size(), &"it is missing"));
        }
        let signed = SignedCheckpoint::parse(&bytes).map_err(|why| fault(0, &why))?;
        let size = signed.claimed().head().size;
        let verified = signed.verify(std::slice::from_ref(&self.key)).map_err(|why| fault(size, &why))?;
        if size <= after {
            return Err(fault(size, &format_args!("the one before it covers {after}")));
        }
        if size > self.size() {
            return Err(fault(size, &format_args!("`checkpoint` covers {}", self.size())));
        }
        Ok(Some(verified))
    }

    fn check_checkpoint(&self, next: &VerifiedCheckpoint, link: &Link) -> Result<(), ReadError> {
        let size = next.checkpoint().head().size;
        let fault = |why: &str| Err(link.fault(checkpoint("checkpoints", size, why)).into());
        if *next.checkpoint().head() != self.tree.head() {
            return fault("its root is that of other records");
        }
        if next.epoch() != Some(link.epoch) {
            return fault("it is signed in another epoch than the last record it covers");
        }
        Ok(())
    }

    /// The record before was the last of its epoch.
    fn check_closed(&self, link: &Link) -> Result<(), ReadError> {
        let epoch = self.epoch;
        let not_closed = |why: String| {
            let seq = link.receipt.seq - 1;
            ReadError::from(Fault {
                seq,
                line: seq + 1,
                offset: link.offset,
                kind: FaultKind::NotClosed { epoch, why },
            })
        };
        let closing = present(files::closing(&self.dir, epoch), || not_closed("is missing".to_owned()))?;
        let closing = closing.map_err(&not_closed)?;
        let last = self.last.as_ref().filter(|last| last.checkpoint().head().size == self.tree.size());
        if last.is_some_and(|last| *last.signed() == closing) {
            Ok(())
        } else {
            Err(not_closed("is another, or is not among all checkpoints".to_owned()))
        }
    }

    fn check_offset(&mut self, link: &Link) -> Result<(), ReadError> {
        let mut end = [0; 8];
        match self.offsets.read_exact(&mut end) {
            Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => Err(error.into()),
            Ok(()) if u64::from_be_bytes(end) == link.end() => Ok(()),
            _ => Err(link.fault(FaultKind::Offset).into()),
        }
    }

    /// Adds the leaf, and compares every tile that is full now.
    fn grow(&mut self, link: &Link) -> Result<(), ReadError> {
        let mut grown = 0;
        self.tree.append_with(link.receipt.hash, |node, hash| {
            if node.level % 8 == 0 {
                self.levels[usize::from(node.level / 8)].push(hash);
                grown = node.level / 8;
            }
        });
        for level in 0..=grown {
            if self.levels[usize::from(level)].len() == usize::from(TILE_WIDTH) {
                self.check_tile(level)?;
                self.levels[usize::from(level)].clear();
            }
        }
        Ok(())
    }

    /// Compares the last tile of a level with its file.
    fn check_tile(&self, level: u8) -> Result<(), ReadError> {
        let hashes = &self.levels[usize::from(level)];
        let count = self.tree.size() >> (8 * level);
        let index = (count - 1) / u64::from(TILE_WIDTH);
        let Ok(tile) = Tile::new(level, index, hashes.len() as u16) else { return Ok(()) };
        let fault = |place: usize, why: &str| {
            let seq = (index * u64::from(TILE_WIDTH) + place as u64) << (8 * level);
            beside(seq, 0, FaultKind::Tile { tile: tile.to_string(), why: why.to_owned() })
        };
        let bytes = present(files::read_tile(&self.dir, tile), || fault(0, "is missing"))?;
        let (found, rest) = bytes.as_chunks::<32>();
        let differs = hashes.iter().zip(found).position(|(hash, found)| hash.as_bytes() != found);
        match differs {
            Some(place) => Err(fault(place, "has another hash")),
            None if found.len() != hashes.len() || !rest.is_empty() => {
                Err(fault(found.len().min(hashes.len()), "has another length"))
            }
            None => Ok(()),
        }
    }

    /// The last record that the newest checkpoint covers.
    fn end_of_signed(&mut self, link: &Link) -> Result<(), ReadError> {
        if self.last.as_ref().map(VerifiedCheckpoint::signed) != Some(self.newest.signed()) {
            let size = self.size();
            let why = "`checkpoints` has another of this size";
            return Err(link.fault(checkpoint("checkpoint", size, why)).into());
        }
        (0..=MAX_TILE_LEVEL)
            .filter(|level| !self.levels[usize::from(*level)].is_empty())
            .try_for_each(|level| self.check_tile(level))
    }
}

fn check_keys(dir: &Path, key: &LogKey) -> Result<(), ReadError> {
    let fault = |why: &str| beside(0, 0, FaultKind::Keys { why: why.to_owned() });
    let bytes = files::read(&layout::keys(dir), MAX_EPOCHS as usize * 32 + 1);
    let keys = PublicKeys::parse(&present(bytes, || fault("is missing"))?);
    match keys {
        Some(keys) if Some(keys.log_key()) == key.epochs() => Ok(()),
        _ => Err(fault("holds other keys than the header of the log names")),
    }
}
