//! `mpp:tool/fs-write`: writing. Every function waits for the gate first,
//! whatever it is asked for.

use std::io::Write;

use cap_std::fs::{File, OpenOptions};
use wasmtime::component::Resource;

use super::{Located, from_io, open_regular};
use crate::bindings::mpp::tool::fs::Error;
use crate::bindings::mpp::tool::fs_write;
use crate::effects::Behind;
use crate::sandbox::Sandbox;

/// Bytes that one write takes at most; the contract says so.
const MAX_WRITE: usize = 1 << 20;

/// An open file, behind a guest's `writer`.
pub struct Writer(Behind<File>);

impl Sandbox {
    /// Charges bytes about to be written against the limit of the call.
    pub(crate) fn charge_write(&self, bytes: u64) -> Result<(), u64> {
        let limit = self.limits.written_bytes;
        let mut allowed = false;
        self.journal.count(|counters| {
            let sum = counters.written_bytes.saturating_add(bytes);
            allowed = sum <= limit;
            if allowed {
                counters.written_bytes = sum;
            }
        });
        if allowed { Ok(()) } else { Err(limit) }
    }
}

impl fs_write::Host for Sandbox {
    async fn open(
        &mut self,
        path: String,
        mode: fs_write::Mode,
    ) -> wasmtime::Result<Result<Resource<Writer>, Error>> {
        let durable = self.effects.durable().await?;
        let opened = self.to_write(&durable, &path).and_then(|located| {
            // Before anything is made or emptied by opening it.
            self.check_file_slot()?;
            open_writable(&located, mode)
        });
        match opened.and_then(|file| self.take_file_slot().map(|()| file)) {
            Ok(file) => Ok(Ok(self.table.push(Writer(Behind::the_gate(file)))?)),
            Err(error) => Ok(Err(error)),
        }
    }

    async fn create_directory(&mut self, path: String) -> wasmtime::Result<Result<(), Error>> {
        let durable = self.effects.durable().await?;
        Ok(self
            .to_write(&durable, &path)
            .and_then(|located| located.run(|directory, below| directory.create_dir(below))))
    }

    async fn remove_file(&mut self, path: String) -> wasmtime::Result<Result<(), Error>> {
        let durable = self.effects.durable().await?;
        Ok(self
            .to_write(&durable, &path)
            .and_then(|located| located.run(|directory, below| directory.remove_file(below))))
    }

    async fn remove_directory(&mut self, path: String) -> wasmtime::Result<Result<(), Error>> {
        let durable = self.effects.durable().await?;
        Ok(self
            .to_write(&durable, &path)
            .and_then(|located| located.run(|directory, below| directory.remove_dir(below))))
    }

    async fn rename(&mut self, from: String, to: String) -> wasmtime::Result<Result<(), Error>> {
        let durable = self.effects.durable().await?;
        let located = self.to_write(&durable, &from).and_then(|from| {
            let to = self.to_write(&durable, &to)?;
            Ok((from, to))
        });
        Ok(located.and_then(|(from, to)| {
            from.run(|directory, below| directory.rename(below, &to.directory.handle, &to.below))
        }))
    }
}

fn open_writable(located: &Located, mode: fs_write::Mode) -> Result<File, Error> {
    let mut options = OpenOptions::new();
    match mode {
        fs_write::Mode::CreateNew => options.write(true).create_new(true),
        // Truncated after the check that it is a regular file.
        fs_write::Mode::Replace => options.write(true).create(true),
        fs_write::Mode::Append => options.append(true).create(true),
    };
    let file = open_regular(located, &mut options)?;
    if mode == fs_write::Mode::Replace {
        file.set_len(0).map_err(|error| from_io(&error))?;
    }
    Ok(file)
}

impl fs_write::HostWriter for Sandbox {
    async fn write(
        &mut self,
        writer: Resource<Writer>,
        bytes: Vec<u8>,
    ) -> wasmtime::Result<Result<(), Error>> {
        let durable = self.effects.durable().await?;
        self.journal.count(|counters| counters.host_calls += 1);
        if bytes.len() > MAX_WRITE {
            return Ok(Err(Error::Limit(format!("one write takes at most {MAX_WRITE} bytes"))));
        }
        if let Err(limit) = self.charge_write(bytes.len() as u64) {
            return Ok(Err(Error::Limit(format!("a call writes at most {limit} bytes"))));
        }
        let Writer(file) = self.table.get_mut(&writer)?;
        Ok(file.get_mut(&durable).write_all(&bytes).map_err(|error| from_io(&error)))
    }

    async fn drop(&mut self, writer: Resource<Writer>) -> wasmtime::Result<()> {
        self.table.delete(writer)?;
        self.open_files = self.open_files.saturating_sub(1);
        Ok(())
    }
}
