//! Opening a log that was begun.
//!
//! What the newest checkpoint covers is not read again: the tiles at the right
//! border must lead to its root, and the last record it covers must be the one
//! whose hash they hold. What follows is read record by record.

use std::path::Path;

use super::disk::{Disk, OpenFile};
use super::evidence::Evidence;
use super::open::OpenCalls;
use super::secret::Secret;
use super::tail::{Tail, read_tail};
use super::unfinished;
use crate::checkpoint::{SignedCheckpoint, VerifiedCheckpoint};
use crate::epoch::PublicKeys;
use crate::error::LogError;
use crate::limits::MAX_RECORD_BYTES;
use crate::note::LogKey;
use crate::packs::{Survey, survey};
use crate::record::{Entry, Header, Record};
use crate::tiles::{Edge, Tile, TileReader};
use crate::tree::{HashReader as _, Node};
use crate::verify::{Fault, FaultKind, Place};
use crate::{Receipt, layout};

/// A log that was opened: what is signed of it, and what is not.
pub(super) struct Resumed {
    pub(super) header: Header,
    pub(super) evidence: Evidence,
    pub(super) tail: Tail,
    /// What there is of the payloads.
    pub(super) packs: Survey,
    /// The calls that are open after the last record,
    pub(super) open: OpenCalls,
    /// and their identifiers.
    pub(super) ids: Vec<(u64, String)>,
}

/// Opens the log behind a file that is locked.
pub(super) fn resume(disk: &Disk, dir: &Path, file: &OpenFile) -> Result<Resumed, LogError> {
    let header = header(disk, dir)?;
    let keys = keys(disk, dir, &header.key)?;
    let (newest, mut checkpoints, mend) = newest(disk, dir, &header.key)?;
    let size = newest.checkpoint().head().size;
    let (mut offsets, start, end) = offsets(disk, dir, size)?;
    let (signed, edge) = last_signed(disk, dir, &newest, start, end)?;
    let tail = read_tail(dir, file, signed, end)?;
    let signed_open = unfinished::read(disk, dir, size, end, &tail)?;
    let mut open = signed_open.clone();
    open.follow(size, &tail.leaves);
    let ids = unfinished::ids(disk, dir, size, &tail, &open)?;
    let records = tail.last.receipt.seq + 1;
    let packs = survey(disk, dir, records, tail.unsigned(), open.packs().as_slice())?;
    let secret = Secret::read(disk, dir)?;
    check_epochs(disk, dir, &secret, &newest, &signed, &tail)?;
    let (began, epoch) = (secret.began, secret.epoch);
    let signer = secret.signer(header.key.name().clone(), &keys, dir)?;

    // Everything holds. From here on things are put in order.
    if disk.length(&layout::offsets(dir))? > size * 8 {
        offsets.cut(size * 8)?;
    }
    match mend {
        Mend::Nothing => {}
        Mend::Publish => {
            // Whoever wrote it may have been killed before it was durable there.
            checkpoints.sync_all().map_err(LogError::io("sync", &layout::checkpoints(dir)))?;
            disk.replace(&layout::checkpoint(dir), newest.signed().to_string().as_bytes())?;
        }
        Mend::Cut(length) => checkpoints.cut(length)?,
    }
    let evidence = Evidence {
        disk: disk.clone(),
        dir: dir.to_owned(),
        keys,
        signer,
        began,
        in_epoch: u64::from(signed.epoch == epoch),
        read: edge.tree(),
        edge,
        end,
        offsets,
        open: signed_open,
        packs: None,
        checkpoints,
        newest: newest.signed().clone(),
    };
    Ok(Resumed { header, evidence, tail, packs, open, ids })
}

fn evidence(path: std::path::PathBuf, what: impl std::fmt::Display) -> LogError {
    LogError::Evidence { path, what: what.to_string() }
}

/// The first record, of a format that is continued.
fn header(disk: &Disk, dir: &Path) -> Result<Header, LogError> {
    let path = layout::log(dir);
    let length = disk.length(&path)?.min(MAX_RECORD_BYTES as u64 + 1);
    let mut bytes = vec![0; length as usize];
    disk.read_at(&path, 0, &mut bytes)?;
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let broken = |kind| {
        let fault = Fault { seq: 0, line: 1, offset: 0, kind };
        LogError::Broken { path: path.clone(), fault }
    };
    if bytes.is_empty() {
        return Err(broken(FaultKind::Empty));
    }
    match Record::decode(line) {
        Ok(Record { entry: Entry::Header(header), seq: 0, .. }) => Ok(header),
        Ok(_) => Err(broken(FaultKind::Header)),
        Err(FaultKind::UnknownVersion { found: found @ 1 }) => Err(LogError::OlderFormat { path, found }),
        Err(kind) => Err(broken(kind)),
    }
}

fn keys(disk: &Disk, dir: &Path, log: &LogKey) -> Result<PublicKeys, LogError> {
    let path = layout::keys(dir);
    match PublicKeys::parse(&disk.read(&path)?) {
        Some(keys) if Some(keys.log_key()) == log.epochs() => Ok(keys),
        _ => Err(evidence(path, "these are not the keys that the header of the log names")),
    }
}

/// What a writer was doing with its checkpoints when it was interrupted.
enum Mend {
    Nothing,
    /// The newest one is in `checkpoints` only.
    Publish,
    /// `checkpoints` ends within one that nobody has seen; so long is what is whole.
    Cut(u64),
}

/// The newest checkpoint, which stands at the end of `checkpoints` and, unless
/// the writer was interrupted between the two, in `checkpoint`.
fn newest(disk: &Disk, dir: &Path, key: &LogKey) -> Result<(VerifiedCheckpoint, OpenFile, Mend), LogError> {
    let (path, all) = (layout::checkpoint(dir), layout::checkpoints(dir));
    let verified = |path: &Path, bytes: &[u8]| {
        let signed = SignedCheckpoint::parse(bytes);
        let verified = signed.and_then(|signed| signed.verify(std::slice::from_ref(key)));
        verified.map_err(|error| evidence(path.to_owned(), error))
    };
    let bytes = disk.read(&path)?;
    let published = verified(&path, &bytes)?;
    // Room for this one, and what an interrupted writer has added.
    let length = disk.length(&all)?;
    let mut end = vec![0; length.min(3 * bytes.len() as u64 + 256) as usize];
    disk.read_at(&all, length - end.len() as u64, &mut end)?;
    let place = end.windows(bytes.len()).rposition(|window| window == bytes);
    let place = place.ok_or_else(|| evidence(all.clone(), "the newest checkpoint is not at its end"))?;
    let rest = &end[place + bytes.len()..];
    let file = disk.append(&all)?;
    if rest.is_empty() {
        return Ok((published, file, Mend::Nothing));
    }
    if SignedCheckpoint::parse(rest).is_err() {
        return Ok((published, file, Mend::Cut(length - rest.len() as u64)));
    }
    let next = verified(&all, rest)?;
    if next.checkpoint().head().size <= published.checkpoint().head().size {
        return Err(evidence(all, "its last checkpoint covers no more than the one before"));
    }
    Ok((next, file, Mend::Publish))
}

/// The index, and where the line of the last of so many records begins and ends.
fn offsets(disk: &Disk, dir: &Path, size: u64) -> Result<(OpenFile, u64, u64), LogError> {
    let (path, log) = (layout::offsets(dir), layout::log(dir));
    if size == 0 {
        return Err(evidence(
            layout::checkpoint(dir),
            "it covers no record, and a log has one from its beginning",
        ));
    }
    let file = disk.append(&path)?;
    let wrong = || evidence(path.clone(), "it does not lead to the last record of the newest checkpoint");
    if disk.length(&path)? / 8 < size {
        return Err(wrong());
    }
    let (start, end) = ends(disk, dir, size - 1)?;
    let found = disk.length(&log)?;
    if end <= start || end - start > MAX_RECORD_BYTES as u64 + 1 {
        return Err(wrong());
    }
    if found < end {
        return Err(LogError::CutOff { path: log, records: size, expected: end, found });
    }
    Ok((file, start, end))
}

/// Where the line of a record begins and ends.
pub(super) fn ends(disk: &Disk, dir: &Path, seq: u64) -> Result<(u64, u64), LogError> {
    let path = layout::offsets(dir);
    let mut pair = [0; 16];
    match seq.checked_sub(1) {
        None => disk.read_at(&path, 0, &mut pair[8..])?,
        Some(before) => disk.read_at(&path, before * 8, &mut pair)?,
    }
    let [start, end] = [&pair[..8], &pair[8..]].map(|half| {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(half);
        u64::from_be_bytes(bytes)
    });
    Ok((start, end))
}

/// The last record that the checkpoint covers, and the border of the tree there.
fn last_signed(
    disk: &Disk,
    dir: &Path,
    newest: &VerifiedCheckpoint,
    start: u64,
    end: u64,
) -> Result<(Place, Edge), LogError> {
    let head = newest.checkpoint().head();
    let seq = head.size - 1;
    let fetch = |tile: Tile| disk.read(&layout::tile(dir, tile));
    let tiles = |error: String| evidence(dir.join("tile"), error);
    let edge = Edge::read(head, fetch).map_err(|error| tiles(error.to_string()))?;
    let leaf = TileReader::new(head.size, fetch).read(&[Node::leaf(seq)]);
    let leaf = leaf.map_err(|error| tiles(error.to_string()))?;

    let log = layout::log(dir);
    let mut line = vec![0; (end - start) as usize];
    disk.read_at(&log, start, &mut line)?;
    let broken = |kind| {
        let fault = Fault { seq, line: seq + 1, offset: start, kind };
        LogError::Broken { path: log.clone(), fault }
    };
    if line.pop() != Some(b'\n') || leaf != [crate::Hash::of_record(&line)] {
        return Err(broken(FaultKind::Changed));
    }
    let record = Record::decode(&line).map_err(broken)?;
    if newest.epoch() != Some(record.epoch) || record.seq != seq {
        return Err(evidence(layout::checkpoint(dir), "it is signed in another epoch than its last record"));
    }
    let receipt = Receipt { seq, hash: record.hash };
    Ok((Place { receipt, epoch: record.epoch, number: seq + 1, offset: start }, edge))
}

/// The secret is that of the last record's epoch; or of the next, where none has
/// come yet; or of the one before, where the epoch changed and the writer was
/// interrupted before the old secret was destroyed.
fn check_epochs(
    disk: &Disk,
    dir: &Path,
    secret: &Secret,
    newest: &VerifiedCheckpoint,
    signed: &Place,
    tail: &Tail,
) -> Result<(), LogError> {
    let path = layout::secret(dir);
    let last = tail.last.epoch;
    if secret.epoch < signed.epoch || secret.epoch > signed.epoch + 1 || last > secret.epoch + 1 {
        return Err(evidence(
            path,
            format_args!("it is of epoch {}, and the log is in epoch {last}", secret.epoch),
        ));
    }
    if secret.epoch == signed.epoch {
        return Ok(());
    }
    let closed = layout::closed(dir, signed.epoch);
    if disk.read(&closed)? == newest.signed().to_string().into_bytes() {
        Ok(())
    } else {
        Err(evidence(closed, "the epoch ended with another checkpoint"))
    }
}
