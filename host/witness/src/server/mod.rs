//! A witness behind HTTP.
//!
//! [`Directory`](crate::Directory) opens a [`Witness`], and [`serve`] answers for
//! it until it is told to stop. Whoever connects is a stranger: what one of them
//! can use up has a limit each ([`limits`]).

mod connections;
pub mod limits;
mod routes;

use std::future::Future;
use std::sync::Arc;

use tokio::net::TcpListener;

use crate::witness::{Answer, Witness};

/// Told of every answer to `add-checkpoint`, while the answer waits: it must not
/// block.
pub type Told = Arc<dyn Fn(&Answer) + Send + Sync>;

/// Answers requests until `stop` is there. Then nobody else is let in, requests
/// under way are answered, and after [`limits::STOP_TIME`] at most it returns.
pub async fn serve(witness: Witness, listener: TcpListener, stop: impl Future<Output = ()>, told: Told) {
    let router = routes::of(Arc::new(witness), told);
    connections::serve(listener, router, stop).await;
}
