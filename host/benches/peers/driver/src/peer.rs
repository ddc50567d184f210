//! Whoever can be called again and again.

use std::time::Duration;

use crate::memory::Bytes;
use crate::trouble::Trouble;

/// A peer that is ready.
pub trait Peer {
    /// Makes so many calls, one after the other, and tells how long each of them took.
    /// Every answer is checked, outside of that time.
    fn calls(&mut self, count: usize) -> Result<Vec<Duration>, Trouble>;

    /// What its process had resident at most.
    fn memory(&mut self) -> Result<Bytes, Trouble>;
}

/// One that may not be there.
pub type Ready = Result<Box<dyn Peer>, Trouble>;

/// Makes a peer of what started, if it did.
pub fn ready(peer: Result<impl Peer + 'static, Trouble>) -> Ready {
    peer.map(|peer| Box::new(peer) as Box<dyn Peer>)
}
