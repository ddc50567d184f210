//! `mpp:tool/fs`: reading.

use std::io::Read;

use cap_std::fs::{Dir, File, Metadata, OpenOptions};
use wasmtime::component::Resource;

use super::{from_io, kind, open_regular};
use crate::bindings::mpp::tool::fs::{self, Error};
use crate::sandbox::Sandbox;

/// Bytes that one read returns at most, whatever the guest asks for: the host
/// allocates them before anything is read.
const MAX_READ: u32 = 1 << 20;

/// Names that one directory listing returns at most: the host holds them all
/// while it sorts them.
const MAX_ENTRIES: usize = 65_536;

/// An open file, behind a guest's `reader`.
pub struct Reader(File);

impl fs::Host for Sandbox {
    fn open(&mut self, path: String) -> wasmtime::Result<Result<Resource<Reader>, Error>> {
        let opened =
            self.to_read(&path).and_then(|located| open_regular(&located, OpenOptions::new().read(true)));
        match opened.and_then(|file| self.take_file_slot().map(|()| file)) {
            Ok(file) => Ok(Ok(self.table.push(Reader(file))?)),
            Err(error) => Ok(Err(error)),
        }
    }

    fn stat(&mut self, path: String) -> wasmtime::Result<Result<fs::Metadata, Error>> {
        Ok(self.to_read(&path).and_then(|located| {
            let metadata: Metadata = located.run(|directory, below| directory.metadata(below))?;
            let kind = kind(metadata.file_type());
            let size = if kind == fs::Kind::File { metadata.len() } else { 0 };
            Ok(fs::Metadata { kind, size })
        }))
    }

    fn read_directory(&mut self, path: String) -> wasmtime::Result<Result<Vec<fs::Entry>, Error>> {
        Ok(self.to_read(&path).and_then(|located| located.run(list)?))
    }
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
    fn read(&mut self, reader: Resource<Reader>, max: u32) -> wasmtime::Result<Result<Vec<u8>, Error>> {
        let Reader(file) = self.table.get_mut(&reader)?;
        let mut bytes = vec![0; max.min(MAX_READ) as usize];
        let read = match file.read(&mut bytes) {
            Ok(read) => read,
            Err(error) => return Ok(Err(from_io(&error))),
        };
        bytes.truncate(read);
        self.journal.count(|counters| {
            counters.host_calls += 1;
            counters.read_bytes += read as u64;
        });
        Ok(Ok(bytes))
    }

    fn drop(&mut self, reader: Resource<Reader>) -> wasmtime::Result<()> {
        self.table.delete(reader)?;
        self.open_files = self.open_files.saturating_sub(1);
        Ok(())
    }
}
