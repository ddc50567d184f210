//! `mpp:tool/fs`: reading.

use std::fs::File;
use std::sync::Arc;

use cap_std::fs::{Dir, Metadata, OpenOptions, OpenOptionsExt};
use rustix::fs::OFlags;
use wasmtime::component::Resource;

use super::at_once::{self, Source, Storage};
use super::{Directory, Located, NONBLOCK, from_io, kind, regular};
use crate::bindings::mpp::tool::fs::{self, Error};
use crate::sandbox::Sandbox;

/// Bytes that one read returns at most, whatever the guest asks for: the host
/// allocates them before anything is read.
const MAX_READ: u32 = 1 << 20;

/// Names that one directory listing returns at most: the host holds them all
/// while it sorts them.
const MAX_ENTRIES: usize = 65_536;

/// Bytes that a read asks for where the file was no longer when it was opened: it may
/// have grown since, and some files do not say how long they are.
const BEYOND: u64 = 4 << 10;

/// An open file, behind a guest's `reader`.
pub struct Reader {
    source: Source,
    /// Bytes of it when it was opened. No more room is made than they need.
    size: u64,
    position: u64,
}

impl Reader {
    /// The next bytes, none at the end only.
    async fn next(&mut self, max: u32) -> std::io::Result<Vec<u8>> {
        let left = self.size.saturating_sub(self.position).max(BEYOND);
        let most = left.min(u64::from(max.min(MAX_READ)));
        let bytes = self.source.read(self.position, most as usize).await?;
        self.position += bytes.len() as u64;
        Ok(bytes)
    }
}

impl fs::Host for Sandbox {
    async fn open(&mut self, path: String) -> wasmtime::Result<Result<Resource<Reader>, Error>> {
        match self.open_to_read(&path).await {
            Ok(reader) => Ok(Ok(self.table.push(reader)?)),
            Err(error) => Ok(Err(error)),
        }
    }

    async fn stat(&mut self, path: String) -> wasmtime::Result<Result<fs::Metadata, Error>> {
        Ok(match self.to_read(&path) {
            Ok(located) => located.stat().await,
            Err(error) => Err(error),
        })
    }

    async fn read_directory(&mut self, path: String) -> wasmtime::Result<Result<Vec<fs::Entry>, Error>> {
        Ok(match self.to_read(&path) {
            Ok(located) => located.run_apart(list).await.flatten(),
            Err(error) => Err(error),
        })
    }
}

impl Sandbox {
    async fn open_to_read(&mut self, path: &str) -> Result<Reader, Error> {
        let located = self.to_read(path)?;
        self.check_file_slot()?;
        let reader = located.open().await?;
        self.take_file_slot()?;
        Ok(reader)
    }
}

impl Located {
    async fn open(&self) -> Result<Reader, Error> {
        let Directory { handle, storage, .. } = &*self.directory;
        let opened = at_once::open_to_read(*storage, handle, &self.below, OFlags::empty());
        let (file, metadata, storage) = match settled(opened)? {
            Some((file, metadata)) => (file, metadata, *storage),
            None => {
                let (file, metadata) = self.run_apart(open).await.flatten()?;
                (file, metadata, Storage::Unknown)
            }
        };
        regular(&metadata)?;
        Ok(Reader { source: Source::new(Arc::new(file), storage), size: metadata.len(), position: 0 })
    }

    async fn stat(&self) -> Result<fs::Metadata, Error> {
        let Directory { handle, storage, .. } = &*self.directory;
        let metadata = match settled(at_once::look(*storage, handle, &self.below, OFlags::empty()))? {
            Some((_, metadata)) => metadata,
            None => self.run_apart(|directory, below| directory.metadata(below)).await?,
        };
        let kind = kind(metadata.file_type());
        let size = if kind == fs::Kind::File { metadata.len() } else { 0 };
        Ok(fs::Metadata { kind, size })
    }
}

/// What was found without waiting, in the contract's words.
fn settled(opened: Option<at_once::Opened>) -> Result<Option<(File, Metadata)>, Error> {
    let opened = opened.transpose().map_err(|error| from_io(&error))?;
    Ok(opened.map(|(file, metadata)| (file, Metadata::from_just_metadata(metadata))))
}

/// Opens to read. A pipe or a device is not opened, and does not hold the call where it
/// comes there in between.
fn open(directory: &Dir, below: &str) -> std::io::Result<Result<(File, Metadata), Error>> {
    if let Err(refused) = regular(&directory.metadata(below)?) {
        return Ok(Err(refused));
    }
    let file = directory.open_with(below, OpenOptions::new().read(true).custom_flags(NONBLOCK))?;
    let metadata = file.metadata()?;
    Ok(Ok((file.into_std(), metadata)))
}

/// Lists a directory in byte order, so that the answer does not depend on the
/// file system's own order.
fn list(directory: &Dir, below: &str) -> std::io::Result<Result<Vec<fs::Entry>, Error>> {
    let mut entries = Vec::new();
    for entry in directory.read_dir(below)? {
        let entry = entry?;
        if entries.len() == MAX_ENTRIES {
            return Ok(Err(Error::Limit(format!(
                "a directory of more than {MAX_ENTRIES} names is not listed"
            ))));
        }
        if let Ok(name) = entry.file_name().into_string() {
            entries.push(fs::Entry { name, kind: kind(entry.file_type()?) });
        }
    }
    entries.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    Ok(Ok(entries))
}

impl fs::HostReader for Sandbox {
    async fn read(&mut self, reader: Resource<Reader>, max: u32) -> wasmtime::Result<Result<Vec<u8>, Error>> {
        let bytes = match self.table.get_mut(&reader)?.next(max).await {
            Ok(bytes) => bytes,
            Err(error) => return Ok(Err(from_io(&error))),
        };
        self.journal.count(|counters| {
            counters.host_calls += 1;
            counters.read_bytes += bytes.len() as u64;
        });
        Ok(Ok(bytes))
    }

    fn drop(&mut self, reader: Resource<Reader>) -> wasmtime::Result<()> {
        self.table.delete(reader)?;
        self.open_files = self.open_files.saturating_sub(1);
        Ok(())
    }
}
