//! What all connections share: the tools, who we say we are, and how much runs.

use std::sync::Arc;

use tokio::sync::{Semaphore, watch};

use crate::Tools;

/// Calls that run at a time, over all connections. The host has a limit of its
/// own on what runs; this one is on what waits for it.
pub const MAX_CALLS: usize = 1_024;

/// Subscriptions at a time, over all connections. A client has one.
pub const MAX_SUBSCRIPTIONS: usize = 256;

/// Who this server says it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// The program.
    pub name: String,
    /// A name for people.
    pub title: Option<String>,
    /// Its version.
    pub version: String,
    /// What a model should know about these tools as a whole.
    pub instructions: Option<String>,
    /// For whom it was started; goes with every call, as
    /// [`Caller::agent`](crate::Caller::agent).
    pub agent: Option<String>,
}

/// Tools with a face to clients. Served by [`stdio::serve`](crate::stdio::serve)
/// or [`http::serve`](crate::http::serve). A clone is the same server.
pub struct Server<T>(pub(crate) Arc<Shared<T>>);

pub(crate) struct Shared<T> {
    pub(crate) tools: T,
    pub(crate) about: About,
    pub(crate) calls: Semaphore,
    pub(crate) subscriptions: Semaphore,
    stopping: watch::Sender<bool>,
}

impl<T: Tools> Server<T> {
    /// A server for these tools.
    pub fn new(tools: T, about: About) -> Self {
        Self(Arc::new(Shared {
            tools,
            about,
            calls: Semaphore::new(MAX_CALLS),
            subscriptions: Semaphore::new(MAX_SUBSCRIPTIONS),
            stopping: watch::Sender::new(false),
        }))
    }

    /// Ends what has no end of its own: subscriptions.
    pub(crate) fn stop(&self) {
        self.0.stopping.send_replace(true);
    }
}

impl<T> Shared<T> {
    /// Returns once the server is to stop.
    pub(crate) async fn stopped(&self) {
        // The sender lives as long as this does, so the wait has no other end.
        let _ = self.stopping.subscribe().wait_for(|stopping| *stopping).await;
    }

    /// Returns once no call runs.
    pub(crate) async fn idle(&self) {
        let everything = u32::try_from(MAX_CALLS).unwrap_or(u32::MAX);
        // Never closed.
        let _ = self.calls.acquire_many(everything).await;
    }
}

impl<T> Clone for Server<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}
