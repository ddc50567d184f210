//! How far a call is, told to the client.
//!
//! Telling never waits: what a client does not read in time is dropped, so that
//! a slow client does not slow the tool. Of what is told, only steps forward go
//! out, because the protocol asks that progress increases with each notification.

use std::convert::Infallible;

use rmcp::model::{ProgressNotificationParam, ProgressToken};
use rmcp::{Peer, RoleServer};
use tokio::sync::mpsc;

/// Steps that wait to be sent; further ones are dropped.
const MAX_WAITING_STEPS: usize = 32;

/// Takes what a tool says of its progress. Clones tell the same client.
#[derive(Clone, Debug)]
pub struct Progress(mpsc::Sender<Step>);

#[derive(Debug)]
struct Step {
    done: f64,
    total: Option<f64>,
    message: Option<String>,
}

impl Progress {
    /// Says that `done` is done, of `total` where that is known, in whatever unit
    /// the tool counts; and what it is doing, for a person. Not sent if it is not
    /// more than before, not a finite number, or if too many wait to be sent.
    pub fn report(&self, done: f64, total: Option<f64>, message: Option<String>) {
        // The client reads too slowly, or the call is over: neither is the tool's concern.
        let _ = self.0.try_send(Step { done, total: total.filter(|total| total.is_finite()), message });
    }
}

/// The other end: sends steps to the client that asked.
pub(crate) struct Steps {
    waiting: mpsc::Receiver<Step>,
    token: ProgressToken,
    last: Option<f64>,
}

pub(crate) fn to_client(token: ProgressToken) -> (Progress, Steps) {
    let (steps, waiting) = mpsc::channel(MAX_WAITING_STEPS);
    (Progress(steps), Steps { waiting, token, last: None })
}

impl Steps {
    /// Sends what is told. Never returns: the call that tells has an end, and
    /// this is dropped with it.
    pub(crate) async fn forward(&mut self, peer: &Peer<RoleServer>) -> Infallible {
        while let Some(step) = self.waiting.recv().await {
            self.send(peer, step).await;
        }
        std::future::pending().await
    }

    /// Sends what was told and not sent yet.
    pub(crate) async fn rest(&mut self, peer: &Peer<RoleServer>) {
        while let Ok(step) = self.waiting.try_recv() {
            self.send(peer, step).await;
        }
    }

    async fn send(&mut self, peer: &Peer<RoleServer>, Step { done, total, message }: Step) {
        if !self.is_forward(done) {
            return;
        }
        self.last = Some(done);
        let mut step = ProgressNotificationParam::new(self.token.clone(), done);
        step.total = total;
        step.message = message;
        // A client that is gone is noticed by whoever waits for the call.
        let _ = peer.notify_progress(step).await;
    }

    fn is_forward(&self, done: f64) -> bool {
        done.is_finite() && self.last.is_none_or(|last| done > last)
    }
}

#[cfg(test)]
mod tests {
    use rmcp::model::NumberOrString;

    use super::*;

    #[test]
    fn only_a_finite_step_forward_is_sent() {
        let (_progress, mut steps) = to_client(ProgressToken(NumberOrString::Number(1)));
        assert!(steps.is_forward(0.0));
        steps.last = Some(5.0);
        assert!(steps.is_forward(5.5));
        for done in [5.0, 4.0, f64::NAN, f64::INFINITY] {
            assert!(!steps.is_forward(done), "{done}");
        }
    }

    #[test]
    fn telling_does_not_wait_when_nobody_reads() {
        let (progress, mut steps) = to_client(ProgressToken(NumberOrString::Number(1)));
        for step in 0..1_000 {
            progress.report(f64::from(step), None, None);
        }
        let mut kept = 0;
        while steps.waiting.try_recv().is_ok() {
            kept += 1;
        }
        assert_eq!(kept, MAX_WAITING_STEPS);
    }
}
