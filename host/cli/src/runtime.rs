//! Waiting for the host and the network, which are asynchronous.

use std::future::Future;

use crate::exit::{Failure, Outcome};

/// The threads that run tools and wait for the network. They end with the value.
#[derive(Debug)]
pub(crate) struct Runtime(tokio::runtime::Runtime);

impl Runtime {
    /// Starts the threads.
    pub(crate) fn start() -> Outcome<Self> {
        tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .map(Self)
            .map_err(|error| Failure::host("cannot start threads").because(error))
    }

    /// Runs a future to its end.
    pub(crate) fn wait_for<T>(&self, future: impl Future<Output = T>) -> T {
        self.0.block_on(future)
    }
}
