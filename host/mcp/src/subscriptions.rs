//! Telling clients that the list has changed, in both eras.
//!
//! Since 2026-07-28 a client asks for it, and is told on the stream of that
//! request; before, every session is told. A notification says only that there is
//! another list: any number of changes in a row may be one notification.
//!
//! What counts is the list there was when the handler was made, which is before
//! the client learns that it will be told: so no change falls in between.

use rmcp::model::{ErrorCode, SubscriptionFilter};
use rmcp::service::SubscriptionContext;
use rmcp::{ErrorData, Peer, RoleServer};
use tokio::sync::watch;

use crate::Tools;
use crate::server::{MAX_SUBSCRIPTIONS, Shared};

/// Tells a session, until it is over.
pub(crate) async fn tell(
    peer: Peer<RoleServer>,
    mut changes: watch::Receiver<u64>,
    mut life: watch::Receiver<()>,
) {
    loop {
        tokio::select! {
            // Nothing is ever sent on it: it ends when the session does.
            _ = life.changed() => return,
            changed = changes.changed() => if changed.is_err() { return },
        }
        if peer.notify_tool_list_changed().await.is_err() {
            return;
        }
    }
}

/// Answers one `subscriptions/listen`, until the client or the server ends it.
pub(crate) async fn listen<T: Tools>(
    shared: &Shared<T>,
    subscription: SubscriptionContext,
    mut changes: watch::Receiver<u64>,
) -> Result<(), ErrorData> {
    let Ok(_place) = shared.subscriptions.try_acquire() else {
        let busy = format!("there are {MAX_SUBSCRIPTIONS} subscriptions already");
        return Err(ErrorData::new(ErrorCode::INTERNAL_ERROR, busy, None));
    };
    let wanted = asks_for_tools(subscription.accepted());
    loop {
        tokio::select! {
            () = subscription.cancelled() => return Ok(()),
            () = shared.stopped() => return Ok(()),
            changed = changes.changed(), if wanted => if changed.is_err() { return Ok(()) },
        }
        if subscription.sink().notify_tool_list_changed().await.is_err() {
            return Ok(());
        }
    }
}

fn asks_for_tools(filter: &SubscriptionFilter) -> bool {
    filter.tools_list_changed == Some(true)
}
