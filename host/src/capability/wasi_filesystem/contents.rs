//! Reading and writing through WASI: what is read is counted, and what is
//! written is charged against the limit of the call, as in `mpp:tool`.

use wasmtime::StoreContextMut;
use wasmtime::component::{LinkerInstance, Resource};
use wasmtime_wasi::filesystem::{Descriptor, WasiFilesystemView};
use wasmtime_wasi::p2::bindings::filesystem::types::{ErrorCode, HostDescriptor as _};
use wasmtime_wasi::p2::{
    DynInputStream, DynOutputStream, FsResult, InputStream, OutputStream, Pollable, StreamError, StreamResult,
};
use wasmtime_wasi_io::bytes::Bytes;

use super::{Fallible, to_code};
use crate::journal::Journal;
use crate::sandbox::Sandbox;

pub(super) fn replace(types: &mut LinkerInstance<'_, Sandbox>) -> wasmtime::Result<()> {
    replace_reads(types)?;
    replace_writes(types)?;
    replace_set_size(types)
}

fn replace_reads(types: &mut LinkerInstance<'_, Sandbox>) -> wasmtime::Result<()> {
    types.func_wrap(
        "[method]descriptor.read-via-stream",
        |mut store: StoreContextMut<'_, Sandbox>, (file, offset): (Resource<Descriptor>, u64)| {
            let stream = store.data_mut().filesystem().read_via_stream(file, offset);
            Ok((to_code(counted(store.data_mut(), stream))?,) as Fallible<Resource<DynInputStream>>)
        },
    )?;
    types.func_wrap_async(
        "[method]descriptor.read",
        |mut store: StoreContextMut<'_, Sandbox>,
         (file, length, offset): (Resource<Descriptor>, u64, u64)| {
            Box::new(async move {
                let read = to_code(store.data_mut().filesystem().read(file, length, offset).await)?;
                if let Ok((bytes, _)) = &read {
                    count_read(&store.data().journal, bytes);
                }
                Ok((read,) as Fallible<(Vec<u8>, bool)>)
            })
        },
    )
}

fn replace_writes(types: &mut LinkerInstance<'_, Sandbox>) -> wasmtime::Result<()> {
    types.func_wrap(
        "[method]descriptor.write-via-stream",
        |mut store: StoreContextMut<'_, Sandbox>, (file, offset): (Resource<Descriptor>, u64)| {
            let stream = store.data_mut().filesystem().write_via_stream(file, offset);
            Ok((to_code(charged(store.data_mut(), stream))?,) as Fallible<Resource<DynOutputStream>>)
        },
    )?;
    types.func_wrap(
        "[method]descriptor.append-via-stream",
        |mut store: StoreContextMut<'_, Sandbox>, (file,): (Resource<Descriptor>,)| {
            let stream = store.data_mut().filesystem().append_via_stream(file);
            Ok((to_code(charged(store.data_mut(), stream))?,) as Fallible<Resource<DynOutputStream>>)
        },
    )?;
    types.func_wrap_async(
        "[method]descriptor.write",
        |mut store: StoreContextMut<'_, Sandbox>,
         (file, bytes, offset): (Resource<Descriptor>, Vec<u8>, u64)| {
            Box::new(async move {
                if store.data().charge_write(bytes.len() as u64).is_err() {
                    return Ok((Err(ErrorCode::Quota),) as Fallible<u64>);
                }
                Ok((to_code(store.data_mut().filesystem().write(file, bytes, offset).await)?,))
            })
        },
    )
}

fn replace_set_size(types: &mut LinkerInstance<'_, Sandbox>) -> wasmtime::Result<()> {
    types.func_wrap_async(
        "[method]descriptor.set-size",
        |mut store: StoreContextMut<'_, Sandbox>, (file, size): (Resource<Descriptor>, u64)| {
            Box::new(async move {
                // A size is charged as if it were written: a file full of
                // holes fills a disk when it is copied.
                if store.data().charge_write(size).is_err() {
                    return Ok((Err(ErrorCode::Quota),) as Fallible<()>);
                }
                Ok((to_code(store.data_mut().filesystem().set_size(file, size).await)?,))
            })
        },
    )
}

/// Wraps a stream so that what is read from it is counted.
fn counted(
    sandbox: &mut Sandbox,
    stream: FsResult<Resource<DynInputStream>>,
) -> FsResult<Resource<DynInputStream>> {
    let inner = sandbox.table.delete(stream?)?;
    let stream: DynInputStream = Box::new(Counted { inner, journal: sandbox.journal.clone() });
    Ok(sandbox.table.push(stream)?)
}

fn count_read(journal: &Journal, bytes: &[u8]) {
    journal.count(|counters| {
        counters.read_bytes = counters.read_bytes.saturating_add(bytes.len() as u64);
    });
}

struct Counted {
    inner: DynInputStream,
    journal: Journal,
}

#[wasmtime_wasi::async_trait]
impl InputStream for Counted {
    fn read(&mut self, size: usize) -> StreamResult<Bytes> {
        let bytes = self.inner.read(size)?;
        count_read(&self.journal, &bytes);
        Ok(bytes)
    }

    async fn blocking_read(&mut self, size: usize) -> StreamResult<Bytes> {
        let bytes = self.inner.blocking_read(size).await?;
        count_read(&self.journal, &bytes);
        Ok(bytes)
    }

    async fn cancel(&mut self) {
        self.inner.cancel().await;
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for Counted {
    async fn ready(&mut self) {
        self.inner.ready().await;
    }
}

/// Wraps a stream so that what is written to it is charged.
fn charged(
    sandbox: &mut Sandbox,
    stream: FsResult<Resource<DynOutputStream>>,
) -> FsResult<Resource<DynOutputStream>> {
    let inner = sandbox.table.delete(stream?)?;
    let stream: DynOutputStream =
        Box::new(Charged { inner, journal: sandbox.journal.clone(), limit: sandbox.limits.written_bytes });
    Ok(sandbox.table.push(stream)?)
}

struct Charged {
    inner: DynOutputStream,
    journal: Journal,
    limit: u64,
}

#[wasmtime_wasi::async_trait]
impl OutputStream for Charged {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        let mut allowed = false;
        self.journal.count(|counters| {
            let sum = counters.written_bytes.saturating_add(bytes.len() as u64);
            allowed = sum <= self.limit;
            if allowed {
                counters.written_bytes = sum;
            }
        });
        if !allowed {
            let full = std::io::Error::from(std::io::ErrorKind::QuotaExceeded);
            return Err(StreamError::LastOperationFailed(full.into()));
        }
        self.inner.write(bytes)
    }

    fn flush(&mut self) -> StreamResult<()> {
        self.inner.flush()
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        self.inner.check_write()
    }

    async fn cancel(&mut self) {
        self.inner.cancel().await;
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for Charged {
    async fn ready(&mut self) {
        self.inner.ready().await;
    }
}
