//! Writing through WASI: what is written is charged against the limit of the call,
//! as in `mpp:tool`.

use wasmtime::component::Resource;
use wasmtime_wasi::p2::bindings::filesystem::types::ErrorCode;
use wasmtime_wasi::p2::{DynOutputStream, FsResult, OutputStream, Pollable, StreamError, StreamResult};
use wasmtime_wasi_io::bytes::Bytes;

use crate::effects::Durable;
use crate::journal::Journal;
use crate::sandbox::Sandbox;

impl Sandbox {
    /// The proof that lets a stream write. What was opened to be written waited
    /// for it then; so where there is none, nothing was.
    pub(super) fn opened_to_write(&self) -> FsResult<Durable> {
        Ok(self.effects.proof().ok_or(ErrorCode::NotPermitted)?)
    }
}

/// Wraps a stream so that what is written to it is charged.
pub(super) fn charged(
    sandbox: &mut Sandbox,
    stream: Resource<DynOutputStream>,
) -> FsResult<Resource<DynOutputStream>> {
    let inner = sandbox.table.delete(stream)?;
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
