//! Waiting for the host and the network, which are asynchronous.

use std::future::Future;
use std::time::Duration;

use crate::exit::{Failure, Outcome};

/// How long threads may take to end that nobody waits for any more: one that reads
/// from a terminal cannot be told to.
const LAST_MOMENT: Duration = Duration::from_secs(1);

/// The threads that run tools and wait for the network. They end with the value.
#[derive(Debug)]
pub(crate) struct Runtime(Option<tokio::runtime::Runtime>);

impl Runtime {
    /// Starts the threads.
    pub(crate) fn start() -> Outcome<Self> {
        tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .map(|runtime| Self(Some(runtime)))
            .map_err(|error| Failure::host("cannot start threads").because(error))
    }

    /// Runs a future to its end.
    pub(crate) fn wait_for<T>(&self, future: impl Future<Output = T>) -> T {
        // There until the value is dropped.
        match &self.0 {
            Some(runtime) => runtime.block_on(future),
            None => unreachable!("the runtime is taken when it is dropped"),
        }
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_timeout(LAST_MOMENT);
        }
    }
}
