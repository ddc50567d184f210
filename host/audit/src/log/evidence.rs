//! What makes the records evidence: tiles, offsets, checkpoints, keys.
//!
//! One thing is written after the other, each durable before the next begins:
//! tiles, offsets, `open`, `checkpoints`, `checkpoint`. So whatever a checkpoint covers
//! is there, and what was written beyond the last one is written again after an
//! interruption.

use std::path::PathBuf;

use super::commit::{Leaf, Ready};
use super::disk::{Disk, OpenFile, is_unused};
use super::open::OpenCalls;
use super::secret::Secret;
use crate::checkpoint::{Checkpoint, SignedCheckpoint};
use crate::epoch::{EpochSigner, PublicKeys};
use crate::error::LogError;
use crate::limits::MAX_RECORD_BYTES;
use crate::note::LogKey;
use crate::packs::PackEnd;
use crate::tiles::{Edge, Tile, TileHashes, growth};
use crate::tree::{CompactTree, TreeHead};
use crate::{Hash, layout};

/// The evidence of a log that is open for writing, as far as it is signed.
pub(crate) struct Evidence {
    pub(super) disk: Disk,
    pub(super) dir: PathBuf,
    pub(super) keys: PublicKeys,
    pub(super) signer: EpochSigner,
    /// When the current epoch began, in seconds since 1970.
    pub(super) began: u64,
    /// How many records belong to the current epoch and are signed.
    pub(super) in_epoch: u64,
    /// The tree by the hashes that were made of the lines before they were written.
    pub(super) edge: Edge,
    /// The same tree by the lines as they were read again.
    pub(super) read: CompactTree,
    /// Where the last line ends.
    pub(super) end: u64,
    pub(super) offsets: OpenFile,
    /// The calls that are open there.
    pub(super) open: OpenCalls,
    /// Where the packs end there, if it was signed since the log was opened.
    pub(super) packs: Option<PackEnd>,
    pub(super) checkpoints: OpenFile,
    /// The newest checkpoint.
    pub(super) newest: SignedCheckpoint,
}

impl Evidence {
    /// Covers these leaves, which follow the last checkpoint and are durable,
    /// with a new checkpoint. Nothing happens if there are none.
    pub(crate) fn cover(&mut self, ready: &Ready) -> Result<(), LogError> {
        let leaves = &ready.leaves;
        if leaves.is_empty() {
            return Ok(());
        }
        let old = self.edge.size();
        self.read_again(leaves)?;
        // Those that became full are all new.
        let mut tiles: Vec<_> = leaves.iter().flat_map(|leaf| self.edge.append(leaf.hash)).collect();
        // A bit that flipped, in memory or on the way to the disk, is not signed.
        if self.edge.head() != self.read.head() {
            return Err(self.misread());
        }
        let grown: Vec<Tile> = growth(old, self.edge.size()).filter(Tile::is_partial).collect();
        tiles.extend(self.edge.partial().filter(|tile| grown.contains(&tile.tile())));
        write_tiles(&self.disk, &self.dir, &tiles)?;
        self.write_offsets(leaves)?;
        self.write_open(old, leaves)?;
        self.sign()?;
        self.packs = ready.packs.filter(|end| end.records <= self.edge.size());
        self.in_epoch += leaves.len() as u64;
        self.remove_outgrown(old)
    }

    /// Ends the epoch if it has lasted long enough at this time (in seconds since
    /// 1970), has records, and is not the last one. All of them are covered.
    ///
    /// An epoch that began that long after now began by a clock that was wrong, and
    /// must not last until that time has come.
    pub(crate) fn is_over(&self, now: u64, lasts: u64) -> bool {
        let next = self.signer.epoch().saturating_add(1);
        self.in_epoch > 0 && now.abs_diff(self.began) >= lasts && next < self.keys.log_key().epochs()
    }

    /// Ends the epoch. The newest checkpoint covers its last record and none
    /// after; the secret is destroyed once that is on the disk.
    pub(crate) fn end_epoch(&mut self, now: u64) -> Result<(), LogError> {
        let closed = layout::closed(&self.dir, self.signer.epoch());
        self.disk.replace(&closed, self.newest.to_string().as_bytes())?;
        let next = Secret { epoch: self.signer.epoch() + 1, began: now, seed: self.signer.next_seed() };
        next.put(&self.disk, &self.dir)?;
        self.signer = next.signer(self.key().name().clone(), &self.keys, &self.dir)?;
        (self.began, self.in_epoch) = (now, 0);
        Ok(())
    }

    /// The newest checkpoint.
    pub(crate) const fn newest(&self) -> &SignedCheckpoint {
        &self.newest
    }

    /// The epoch in which it signs.
    pub(crate) const fn epoch(&self) -> u32 {
        self.signer.epoch()
    }

    /// The log's key.
    pub(crate) const fn key(&self) -> &LogKey {
        self.signer.key()
    }

    /// Reads the lines again from the file, and adds them to a tree of their own.
    fn read_again(&mut self, leaves: &[Leaf]) -> Result<(), LogError> {
        /// Read at once: some records, and always one.
        const CHUNK: u64 = 1 << 20;
        const _: () = assert!(CHUNK > MAX_RECORD_BYTES as u64);
        let path = layout::log(&self.dir);
        let mut rest = leaves;
        while !rest.is_empty() {
            let mut bytes = 0;
            let fits = |leaf: &&Leaf| {
                bytes += leaf.bytes;
                bytes <= CHUNK
            };
            let (these, others) = rest.split_at(rest.iter().take_while(fits).count().max(1));
            let mut buffer = vec![0; these.iter().map(|leaf| leaf.bytes as usize).sum()];
            self.disk.read_at(&path, self.end, &mut buffer)?;
            let lines = buffer.split_inclusive(|byte| *byte == b'\n');
            lines
                .for_each(|line| self.read.append(Hash::of_record(line.strip_suffix(b"\n").unwrap_or(line))));
            self.end += buffer.len() as u64;
            rest = others;
        }
        Ok(())
    }

    fn misread(&self) -> LogError {
        LogError::Evidence {
            path: layout::log(&self.dir),
            what: "what is read from it is not what was written to it, so it is not signed".to_owned(),
        }
    }

    fn write_offsets(&mut self, leaves: &[Leaf]) -> Result<(), LogError> {
        let mut end = self.end - leaves.iter().map(|leaf| leaf.bytes).sum::<u64>();
        let ends = leaves.iter().flat_map(|leaf| {
            end += leaf.bytes;
            end.to_be_bytes()
        });
        let ends: Vec<u8> = ends.collect();
        self.offsets.append(&ends)
    }

    /// Says which calls are open, if others are than before, and where the packs end.
    fn write_open(&mut self, first: u64, leaves: &[Leaf]) -> Result<(), LogError> {
        let others = self.open.follow(first, leaves);
        if self.open.packs_end(self.packs) || others {
            self.disk.replace(&layout::open(&self.dir), &self.open.to_bytes())?;
        }
        Ok(())
    }

    fn sign(&mut self) -> Result<(), LogError> {
        self.newest = sign(&self.signer, self.edge.head(), &self.dir)?;
        let note = self.newest.to_string();
        self.checkpoints.append(note.as_bytes())?;
        self.disk.replace(&layout::checkpoint(&self.dir), note.as_bytes())
    }

    /// Removes partial tiles that wider ones have taken over from.
    fn remove_outgrown(&self, old: u64) -> Result<(), LogError> {
        let now: Vec<Tile> = self.edge.partial().map(|tile| tile.tile()).collect();
        for tile in growth(0, old).filter(|tile| tile.is_partial() && !now.contains(tile)) {
            self.disk.remove(&layout::tile(&self.dir, tile))?;
        }
        Ok(())
    }
}

/// Signs the head of a log.
pub(super) fn sign(
    signer: &EpochSigner,
    head: TreeHead,
    dir: &std::path::Path,
) -> Result<SignedCheckpoint, LogError> {
    let checkpoint = Checkpoint::new(signer.key().name().clone(), head);
    checkpoint
        .and_then(|checkpoint| checkpoint.sign_in_epoch(signer))
        .map_err(|error| LogError::Evidence { path: layout::checkpoint(dir), what: error.to_string() })
}

/// Writes tiles, and makes the directories that lead to them.
pub(super) fn write_tiles(disk: &Disk, dir: &std::path::Path, tiles: &[TileHashes]) -> Result<(), LogError> {
    let files: Vec<_> = tiles.iter().map(|tile| (layout::tile(dir, tile.tile()), tile.to_bytes())).collect();
    // Side by side are those of a directory, mostly.
    let parents: Vec<_> = files.iter().filter_map(|(path, _)| path.parent()).collect();
    for parent in parents.chunk_by(|one, other| one == other).filter_map(|same| same.first()) {
        if is_unused(parent) {
            disk.directory(parent)?;
        }
    }
    disk.replace_all(files)
}
