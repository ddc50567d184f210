//! Reading through WASI. The engine would go to another thread for each read; here
//! what the kernel has in memory is read on the spot, as in `mpp:tool`
//! ([`at_once`](crate::capability::filesystem::at_once)). What is read is counted.

use tokio::task::JoinHandle;
use wasmtime::component::Resource;
use wasmtime_wasi::filesystem::Descriptor;
use wasmtime_wasi::p2::bindings::filesystem::types::ErrorCode;
use wasmtime_wasi::p2::{DynInputStream, FsResult, InputStream, Pollable, StreamError, StreamResult};
use wasmtime_wasi_io::bytes::Bytes;

use crate::capability::filesystem::at_once::Source;
use crate::journal::Journal;
use crate::sandbox::Sandbox;

/// Bytes that one read returns at most, whatever the guest asks for: as many as the
/// engine's own would.
const MAX_READ: usize = 64 << 10;

/// Bytes that are fetched for a guest that waits before it says how many it wants.
const AHEAD: usize = 4 << 10;

fn bounded(wanted: u64) -> usize {
    usize::try_from(wanted).map_or(MAX_READ, |wanted| wanted.min(MAX_READ))
}

/// Reads at a place. Also says whether it was the end.
pub(super) async fn read(
    sandbox: &mut Sandbox,
    file: Resource<Descriptor>,
    length: u64,
    offset: u64,
) -> FsResult<(Vec<u8>, bool)> {
    let source = sandbox.source(&file)?.ok_or(ErrorCode::BadDescriptor)?;
    let bytes = source.read(offset, bounded(length)).await?;
    sandbox.journal.count_read(bytes.len());
    let at_end = bytes.is_empty();
    Ok((bytes, at_end))
}

/// A stream of what is in a file from a place on.
pub(super) fn read_via_stream(
    sandbox: &mut Sandbox,
    file: Resource<Descriptor>,
    position: u64,
) -> FsResult<Resource<DynInputStream>> {
    let source = sandbox.source(&file)?.ok_or(ErrorCode::IsDirectory)?;
    let journal = sandbox.journal.clone();
    let stream: DynInputStream = Box::new(Stream { source, journal, position, state: State::Idle });
    Ok(sandbox.table.push(stream)?)
}

/// A file, read from a place on.
struct Stream {
    source: Source,
    journal: Journal,
    /// Where the next bytes are that the guest gets.
    position: u64,
    state: State,
}

enum State {
    /// Nothing was asked for.
    Idle,
    /// A thread that may wait reads what is at the position.
    Reading(JoinHandle<std::io::Result<Vec<u8>>>),
    /// It was read, and the guest has not got it.
    Read(std::io::Result<Bytes>),
    /// There is nothing more, or it failed.
    Closed,
}

impl Stream {
    /// Has a thread that may wait read what is at the position.
    fn begin(&mut self, most: usize) {
        self.state = State::Reading(self.source.fetch(self.position, most));
    }

    /// Waits for what was begun.
    async fn settle(&mut self) {
        if let State::Reading(reading) = &mut self.state {
            let read = reading.await.unwrap_or_else(|stopped| Err(std::io::Error::other(stopped)));
            self.state = State::Read(read.map(Bytes::from));
        }
    }

    /// Hands on what was read; no bytes are the end.
    fn hand_on(&mut self, read: std::io::Result<Bytes>, most: usize) -> StreamResult<Bytes> {
        self.state = State::Closed;
        let mut bytes = read.map_err(|error| StreamError::LastOperationFailed(error.into()))?;
        if bytes.is_empty() {
            return Err(StreamError::Closed);
        }
        let handed = bytes.split_to(bytes.len().min(most));
        self.state = if bytes.is_empty() { State::Idle } else { State::Read(Ok(bytes)) };
        self.position += handed.len() as u64;
        self.journal.count_read(handed.len());
        Ok(handed)
    }
}

#[wasmtime_wasi::async_trait]
impl InputStream for Stream {
    fn read(&mut self, size: usize) -> StreamResult<Bytes> {
        match std::mem::replace(&mut self.state, State::Idle) {
            State::Closed => {
                self.state = State::Closed;
                Err(StreamError::Closed)
            }
            state if size == 0 => {
                self.state = state;
                Ok(Bytes::new())
            }
            State::Read(read) => self.hand_on(read, size),
            State::Reading(reading) => {
                self.state = State::Reading(reading);
                Ok(Bytes::new())
            }
            State::Idle => {
                let most = size.min(MAX_READ);
                match self.source.at_hand(self.position, most) {
                    Some(read) => self.hand_on(read.map(Bytes::from), most),
                    None => {
                        self.begin(most);
                        Ok(Bytes::new())
                    }
                }
            }
        }
    }

    async fn blocking_read(&mut self, size: usize) -> StreamResult<Bytes> {
        loop {
            self.settle().await;
            let read = self.read(size)?;
            if size == 0 || !read.is_empty() {
                return Ok(read);
            }
        }
    }

    async fn cancel(&mut self) {
        // A guest that begins a read and drops the stream waits for it: it cannot have
        // more of them going on than it has streams.
        self.settle().await;
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for Stream {
    async fn ready(&mut self) {
        if let State::Idle = self.state {
            self.begin(AHEAD);
        }
        self.settle().await;
    }
}
