//! Opening and reading without waiting: what the kernel has in memory is taken
//! from there on the spot, and the rest is fetched by a thread that may wait.
//!
//! A call shares its thread with other calls, and no time limit reaches a thread
//! that waits in the kernel. So nothing here makes it wait. Names are resolved
//! from the kernel's cache only (`openat2` with `RESOLVE_CACHED`), on one file
//! system that is known to ask nobody else (`RESOLVE_NO_XDEV`, [`Storage`]).
//! Contents are read from the kernel's cache only (`preadv2` with `RWF_NOWAIT`).
//! Where it would have to wait the kernel says so, and a thread of the pool for
//! blocking work does the same again; a call whose time is over leaves it behind.
//!
//! Going to that thread and back takes longer than most reads do, which is why it
//! is not the way for all of them. Where the two differ they differ in time only:
//! the boundary is the kernel's in both (`RESOLVE_BENEATH`).

use std::fs::{File, Metadata};
use std::io::{self, IoSliceMut};
use std::os::fd::AsFd;
use std::sync::Arc;

use rustix::buffer::spare_capacity;
use rustix::fs::{FsWord, Mode, OFlags, ResolveFlags, fstat, fstatfs, openat2};
use rustix::io::{Errno, ReadWriteFlags, pread, preadv2};
use tokio::task::{JoinHandle, spawn_blocking};

/// `TMPFS_MAGIC` of `linux/magic.h`.
const TMPFS: FsWord = 0x0102_1994;

/// File systems on disks of this machine, by their magic numbers (statfs(2)):
/// ext2 to ext4, XFS, Btrfs, F2FS. They open what is cached without asking anybody,
/// as one on the network does not; what lies under overlayfs or FUSE can be either.
const ON_DISK: [FsWord; 4] = [0xef53, 0x5846_5342, 0x9123_683e, 0xf2f5_2010];

/// What opening and reading may wait for, on the file system of a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Storage {
    /// Nothing: the files are memory.
    Memory,
    /// A disk of this machine, for what is not in memory.
    Disk,
    /// Who knows.
    Unknown,
}

impl Storage {
    /// Asks the kernel; an answer that is not understood is [`Storage::Unknown`].
    pub(crate) fn of(directory: impl AsFd) -> Self {
        match fstatfs(directory).map(|found| found.f_type) {
            Ok(TMPFS) => Self::Memory,
            Ok(found) if ON_DISK.contains(&found) => Self::Disk,
            Ok(_) | Err(_) => Self::Unknown,
        }
    }
}

/// Flags to open what is to be read, so that a pipe does not wait for its other end.
const TO_READ: OFlags = OFlags::RDONLY.union(OFlags::NONBLOCK).union(OFlags::NOCTTY);

/// What was found, open, and what it is.
pub(crate) type Opened = io::Result<(File, Metadata)>;

/// Opens what is at `below`, beneath a directory of this storage, to read it, if that
/// takes no waiting. `how` is `NOFOLLOW`, `DIRECTORY`, both or neither.
///
/// A pipe, a device or a socket is [looked at](look) and not opened: who opens a pipe
/// lets go whoever waits at its other end, and opening a device can do anything. Where
/// one comes there in between, its type is still what is returned.
///
/// `None` says nothing about the path: whoever may wait has to find out.
///
/// # Errors
///
/// `NotFound` from opening, and those of asking what an open file is.
pub(crate) fn open_to_read(
    storage: Storage,
    directory: impl AsFd,
    below: &str,
    how: OFlags,
) -> Option<Opened> {
    match look(storage, &directory, below, how)? {
        Ok((_, found)) if found.is_symlink() => None,
        Ok((_, found)) if found.is_file() || found.is_dir() => {
            Some(known(open(storage, directory, below, TO_READ | how)?))
        }
        special_or_absent => Some(special_or_absent),
    }
}

/// As [`open_to_read`], to ask what it is and nothing else: nothing can be read from
/// what is returned, and a link that is not followed is returned itself.
pub(crate) fn look(storage: Storage, directory: impl AsFd, below: &str, how: OFlags) -> Option<Opened> {
    open(storage, directory, below, OFlags::PATH | how).map(known)
}

fn known(opened: io::Result<File>) -> Opened {
    let file = opened?;
    let found = file.metadata()?;
    Ok((file, found))
}

/// Opens whatever is there, if that takes no waiting; `NotFound` is the only error.
fn open(storage: Storage, directory: impl AsFd, below: &str, flags: OFlags) -> Option<io::Result<File>> {
    if storage == Storage::Unknown {
        return None;
    }
    let resolve =
        ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS | ResolveFlags::NO_XDEV | ResolveFlags::CACHED;
    match openat2(directory, below, flags | OFlags::CLOEXEC, Mode::empty(), resolve) {
        Ok(file) => Some(Ok(file.into())),
        Err(Errno::NOENT) => Some(Err(Errno::NOENT.into())),
        Err(_) => None,
    }
}

/// Does what may wait, in a thread that may.
///
/// # Errors
///
/// Those of `work`, and that it panicked.
pub(crate) async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    spawn_blocking(work).await.map_err(io::Error::other)?
}

/// A regular file to read from, at any place.
pub(crate) struct Source {
    file: Arc<File>,
    storage: Storage,
}

impl Source {
    /// A file of a directory of this storage; of [`Storage::Unknown`] where it was
    /// not opened by [`open`].
    pub(crate) fn new(file: Arc<File>, storage: Storage) -> Self {
        Self { file, storage }
    }

    /// Whether it was opened by [`open`], and looked at then.
    pub(crate) fn is_known(&self) -> bool {
        self.storage != Storage::Unknown
    }

    /// Waits until what was written to it is on the disk.
    pub(crate) async fn sync_data(self) -> io::Result<()> {
        apart(move || self.file.sync_data()).await
    }

    /// The same, with what is known of it.
    pub(crate) async fn sync_all(self) -> io::Result<()> {
        apart(move || self.file.sync_all()).await
    }

    /// Reads at most so many bytes at a place; none at the end only.
    pub(crate) async fn read(&self, offset: u64, most: usize) -> io::Result<Vec<u8>> {
        match self.at_hand(offset, most) {
            Some(read) => read,
            None => self.fetch(offset, most).await.map_err(io::Error::other)?,
        }
    }

    /// The same, if it takes no waiting.
    pub(crate) fn at_hand(&self, offset: u64, most: usize) -> Option<io::Result<Vec<u8>>> {
        match self.storage {
            _ if most == 0 => Some(Ok(Vec::new())),
            Storage::Memory => Some(read(&self.file, offset, most)),
            Storage::Disk | Storage::Unknown => cached(&self.file, offset, most).map(Ok),
        }
    }

    /// Has a thread that may wait begin to do the same.
    pub(crate) fn fetch(&self, offset: u64, most: usize) -> JoinHandle<io::Result<Vec<u8>>> {
        let file = Arc::clone(&self.file);
        spawn_blocking(move || read(&file, offset, most))
    }
}

/// Reads what is in the kernel's cache. `None` where it is not, where the file
/// system cannot tell, and where anything is wrong: reading it says what.
fn cached(file: &File, offset: u64, most: usize) -> Option<Vec<u8>> {
    // Any larger one, and above all the largest, means something else to the kernel.
    i64::try_from(offset).ok()?;
    let mut bytes = vec![0; most];
    let read = preadv2(file, &mut [IoSliceMut::new(&mut bytes)], offset, ReadWriteFlags::NOWAIT).ok()?;
    if read == 0 && !ends_before(file, offset) {
        return None;
    }
    bytes.truncate(read);
    Some(bytes)
}

/// Whether there is nothing at a place. Linux 5.9 and 5.10 read nothing, too, where
/// they would have to wait (preadv2(2), "BUGS").
fn ends_before(file: &File, offset: u64) -> bool {
    fstat(file).is_ok_and(|found| u64::try_from(found.st_size).is_ok_and(|size| size <= offset))
}

fn read(file: &File, offset: u64, most: usize) -> io::Result<Vec<u8>> {
    i64::try_from(offset).map_err(|_| Errno::INVAL)?;
    let mut bytes = Vec::with_capacity(most);
    while let Err(error) = pread(file, spare_capacity(&mut bytes), offset) {
        if error != Errno::INTR {
            return Err(error.into());
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests;
