//! Waiting for the host and the network, which are asynchronous.

use std::future::Future;
use std::time::Duration;

use tokio::runtime::Handle;

use crate::exit::{Failure, Outcome};

/// How long threads may take to end that nobody waits for any more: one that reads
/// from a terminal cannot be told to.
const LAST_MOMENT: Duration = Duration::from_secs(1);

/// The threads that run tools and wait for the network. They end with the value.
#[derive(Debug)]
pub(crate) struct Runtime {
    handle: Handle,
    /// There until the value is dropped.
    threads: Option<tokio::runtime::Runtime>,
}

impl Runtime {
    /// Starts the threads.
    pub(crate) fn start() -> Outcome<Self> {
        tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .map(|threads| Self { handle: threads.handle().clone(), threads: Some(threads) })
            .map_err(|error| Failure::host("cannot start threads").because(error))
    }

    /// Runs a future to its end.
    pub(crate) fn wait_for<T>(&self, future: impl Future<Output = T>) -> T {
        self.handle.block_on(future)
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        if let Some(threads) = self.threads.take() {
            threads.shutdown_timeout(LAST_MOMENT);
        }
    }
}
