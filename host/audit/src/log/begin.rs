//! The beginning of a log.
//!
//! All its files are there before `log.jsonl` is. A file `beginning` says
//! meanwhile that what is there is not a log yet, so that a log whose records
//! were removed is not taken for one that was never begun.

use std::fs;
use std::path::Path;

use super::Settings;
use super::disk::Disk;
use super::evidence::{sign, write_tiles};
use super::lock;
use super::open::OpenCalls;
use super::secret::Secret;
use crate::checkpoint::SignedCheckpoint;
use crate::epoch::{PublicKeys, Seed};
use crate::error::LogError;
use crate::note::LogKey;
use crate::record::{Body, Entry, Header, Place};
use crate::tiles::Edge;
use crate::{Hash, Timestamp, layout};

/// Begins a log unless there is one. Refuses where the files of a log are, but
/// no records.
pub(super) fn begin_if_absent(
    disk: &Disk,
    dir: &Path,
    now: Timestamp,
    settings: &Settings,
) -> Result<(), LogError> {
    let (path, marker) = (layout::log(dir), layout::beginning(dir));
    if is_there(&path) {
        return Ok(());
    }
    if is_there(&layout::checkpoint(dir)) && !is_there(&marker) {
        return Err(LogError::Missing { path });
    }
    let held = disk.create(&marker)?;
    lock(held.file(), &marker)?;
    // Of two that begin a log at once, the second finds it begun.
    if !is_there(&path) {
        check_unused(disk, dir)?;
        begin(disk, dir, now, settings)?;
    }
    disk.remove(&marker)?;
    disk.sync_directory(dir)
}

fn is_there(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// An interrupted beginning left a checkpoint of one record at most.
fn check_unused(disk: &Disk, dir: &Path) -> Result<(), LogError> {
    let path = layout::checkpoint(dir);
    if !is_there(&path) {
        return Ok(());
    }
    match SignedCheckpoint::parse(&disk.read(&path)?) {
        Ok(checkpoint) if checkpoint.claimed().head().size <= 1 => Ok(()),
        _ => Err(LogError::Missing { path: layout::log(dir) }),
    }
}

fn begin(disk: &Disk, dir: &Path, now: Timestamp, settings: &Settings) -> Result<(), LogError> {
    let seed = Seed::generate().map_err(LogError::Identity)?;
    let invalid = |what: &str| LogError::Evidence { path: layout::keys(dir), what: what.to_owned() };
    let keys = PublicKeys::derive(&seed, settings.epochs)
        .ok_or_else(|| invalid("a log has from 1 to 65536 epochs"))?;
    let id = identity()?;
    let name = Header::origin(&id).ok_or_else(|| invalid("it names no log"))?;
    let line = header(id, LogKey::of_epochs(name.clone(), *keys.log_key()), now)?;

    disk.directory(&layout::epochs(dir))?;
    disk.replace(&layout::keys(dir), &keys.to_bytes())?;
    let secret = Secret { epoch: 0, began: now.seconds(), seed };
    secret.put(disk, dir)?;

    let mut edge = Edge::new();
    edge.append(Hash::of_record(line.as_bytes()));
    write_tiles(disk, dir, &edge.partial().collect::<Vec<_>>())?;
    let line = line + "\n";
    disk.replace(&layout::open(dir), &OpenCalls::new(1).to_bytes())?;
    disk.replace(&layout::offsets(dir), &(line.len() as u64).to_be_bytes())?;
    let checkpoint = sign(&secret.signer(name, &keys, dir)?, edge.head(), dir)?.to_string();
    disk.replace(&layout::checkpoints(dir), checkpoint.as_bytes())?;
    disk.replace(&layout::checkpoint(dir), checkpoint.as_bytes())?;
    disk.replace(&layout::log(dir), line.as_bytes())
}

fn identity() -> Result<String, LogError> {
    let mut id = [0; 16];
    getrandom::fill(&mut id).map_err(LogError::Identity)?;
    Ok(format!("{:032x}", u128::from_be_bytes(id)))
}

fn header(log: String, key: LogKey, ts: Timestamp) -> Result<String, LogError> {
    let header = Header {
        format: Header::FORMAT.to_owned(),
        log,
        key,
        writer: concat!("mpp-audit ", env!("CARGO_PKG_VERSION")).to_owned(),
    };
    let body = Body::of(&Entry::Header(header)).map_err(LogError::Unrecordable)?;
    Ok(body.at(&Place { seq: 0, epoch: 0, prev: Hash::ZERO, ts }))
}
