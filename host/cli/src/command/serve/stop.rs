//! Being told to stop: once to come to an end, twice to do so at once.

use std::future::Future;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::exit::{Failure, Outcome};
use crate::serve::News;

/// Whether the command was told to stop.
#[derive(Clone)]
pub(super) struct Stop(watch::Receiver<bool>);

impl Stop {
    /// Listens for SIGINT and SIGTERM: what the first one and what the second one
    /// tells.
    pub(super) fn on_signals(news: &News) -> Outcome<(Self, Self)> {
        let cannot = |error| Failure::host("cannot listen for signals").because(error);
        let mut interrupt = signal(SignalKind::interrupt()).map_err(cannot)?;
        let mut terminate = signal(SignalKind::terminate()).map_err(cannot)?;
        let (first, second) = (watch::Sender::new(false), watch::Sender::new(false));
        let both = (Self(first.subscribe()), Self(second.subscribe()));
        let news = news.clone();
        tokio::spawn(async move {
            let once = "calls that run come to their end; a second signal cancels them";
            for (told, says) in [(first, once), (second, "what runs is cancelled")] {
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                }
                // Said once it is so: what comes after these words is not read.
                told.send_replace(true);
                news.note("stopping", says.to_owned());
            }
            // Lives on, so that a third signal does not cut off the last record.
            std::future::pending::<()>().await;
        });
        Ok(both)
    }

    /// Returns once it was told.
    pub(super) fn told(&self) -> impl Future<Output = ()> + Send + 'static {
        let mut told = self.0.clone();
        async move {
            if told.wait_for(|told| *told).await.is_err() {
                std::future::pending().await
            }
        }
    }
}
