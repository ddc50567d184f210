//! Destroying the payloads of old records.
//!
//! A pack in which nothing is to stay gets another name first, durably, so that
//! nobody reads it any more; then it is overwritten, and removed. In other packs
//! each payload is erased in place.

use std::io;
use std::path::{Path, PathBuf};

use super::entry::State;
use super::erase::{clear, close, unreadable, zeros};
use super::walk::{Entry, Walk};
use super::{PackEnd, end_of, names, number, numbers, pack_of, path};
use crate::error::LogError;
use crate::layout;
use crate::log::disk::Disk;

/// Ends the name of a pack that is being destroyed.
const DESTROYED: &str = ".destroyed";

/// What was destroyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Destroyed {
    /// Whole packs.
    pub(crate) packs: u64,
    /// Payloads in packs that stay.
    pub(crate) payloads: u64,
}

/// Destroys all payloads of the records below `before`, but those of records that
/// are `held`. The record of it is durable by then. Done again, it finishes what
/// was interrupted. `end` is where the writer is by now, if it is at work: what
/// comes after is not looked at.
///
/// Reads every pack below `before` that is still there, in constant memory.
pub(crate) fn destroy_below(
    disk: &Disk,
    dir: &Path,
    before: u64,
    held: impl Fn(u64) -> bool,
    end: Option<PackEnd>,
) -> Result<Destroyed, LogError> {
    finish_destroying(disk, dir)?;
    let payloads = layout::payloads(dir);
    let packs = numbers(dir).map_err(LogError::io("list", &payloads))?;
    let scope = Scope { disk, dir, end, goes: |seq| seq < before && !held(seq) };
    let mut destroyed = Destroyed::default();
    let last = end.map_or(u64::MAX, |end| end.pack).min(pack_of(before));
    for pack in packs.into_iter().filter(|pack| *pack <= last) {
        if end_of(pack) <= before && scope.takes_all(pack)? {
            disk.rename(&path(dir, pack), &destroyed_path(dir, pack))?;
            finish_destroying(disk, dir)?;
            destroyed.packs += 1;
        } else {
            destroyed.payloads += scope.erase_in(pack)?;
        }
    }
    Ok(destroyed)
}

/// Overwrites and removes the packs that an interrupted writer was destroying.
pub(crate) fn finish_destroying(disk: &Disk, dir: &Path) -> Result<(), LogError> {
    let payloads = layout::payloads(dir);
    let names = names(dir).map_err(LogError::io("list", &payloads))?;
    let packs = names.iter().filter_map(|name| name.strip_suffix(DESTROYED).and_then(number));
    for pack in packs {
        let path = destroyed_path(dir, pack);
        let length = disk.length(&path)?;
        let mut file = disk.edit(&path)?;
        let cleared = zeros(&mut file, 0, length).and_then(|()| file.sync());
        cleared.map_err(LogError::io("overwrite", &path))?;
        disk.remove(&path)?;
        disk.sync_directory(&payloads)?;
    }
    Ok(())
}

fn destroyed_path(dir: &Path, pack: u64) -> PathBuf {
    layout::payloads(dir).join(format!("{pack}{DESTROYED}"))
}

/// Where payloads are destroyed, and which.
struct Scope<'a, F> {
    disk: &'a Disk,
    dir: &'a Path,
    end: Option<PackEnd>,
    /// Whether the payloads of a record go.
    goes: F,
}

impl<F: Fn(u64) -> bool> Scope<'_, F> {
    /// Whether nothing of a pack stays.
    fn takes_all(&self, pack: u64) -> Result<bool, LogError> {
        let mut all = true;
        self.each(pack, |entry| {
            all &= (self.goes)(entry.head.of.seq);
            Ok(())
        })?;
        Ok(all)
    }

    /// Erases what goes of a pack, with two syncs. Returns how many payloads that were.
    fn erase_in(&self, pack: u64) -> Result<u64, LogError> {
        let path = path(self.dir, pack);
        let mut file = self.disk.edit(&path)?;
        let mut count = 0;
        for step in [clear, close] {
            count = 0;
            self.each(pack, |entry| {
                if (self.goes)(entry.head.of.seq) && entry.head.state != State::Erased {
                    step(&mut file, entry)?;
                    count += 1;
                }
                Ok(())
            })?;
            file.sync().map_err(LogError::io("erase payloads in", &path))?;
        }
        Ok(count)
    }

    /// Shows each entry of a pack.
    fn each(&self, pack: u64, mut show: impl FnMut(&Entry) -> io::Result<()>) -> Result<(), LogError> {
        let path = path(self.dir, pack);
        let mut walk = match Walk::open(self.dir, pack).map_err(|error| unreadable(&path, error))? {
            Some(walk) => walk,
            None => return Ok(()),
        };
        if let Some(end) = self.end.filter(|end| end.pack == pack) {
            walk.until(end.offset);
        }
        while let Some(entry) = walk.next().map_err(|error| unreadable(&path, error))? {
            show(&entry).map_err(LogError::io("erase payloads in", &path))?;
        }
        Ok(())
    }
}
