//! What the owner of a log may choose.

use std::time::Duration;

use crate::epoch::DEFAULT_EPOCHS;
use crate::record::{Durability, Keeping};

/// What a log keeps, how often it signs, and with how many keys. What is chosen at one opening
/// holds for that opening, except the number of epochs, which a log is begun with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// How long a durable record waits for a checkpoint at most. The default is
    /// 1 s: who gets hold of the host and of its files can change what is younger
    /// without a trace, and a checkpoint costs half a dozen syncs.
    pub checkpoint_every: Duration,
    /// How long nothing may happen before the log puts on record that it is
    /// there. The default is 5 min; `None` for never.
    pub heartbeat_every: Option<Duration>,
    /// How long an epoch lasts at least, by the log's clock. It ends with a
    /// checkpoint, so not while nothing is recorded. The default is a day.
    pub epoch_lasts: Duration,
    /// How many epochs a new log has: from 1 to
    /// [`MAX_EPOCHS`](crate::epoch::MAX_EPOCHS). The default is 4096. The last
    /// one does not end.
    pub epochs: u32,
    /// What calls wait for. The default is [`Durability::Strict`]. Every intent
    /// says which one was in force.
    pub durability: Durability,
    /// What is kept of payloads. The default is all of them ([`Keeping::WHOLE`]).
    pub keeping: Keeping,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            checkpoint_every: Duration::from_secs(1),
            heartbeat_every: Some(Duration::from_secs(5 * 60)),
            epoch_lasts: Duration::from_secs(24 * 60 * 60),
            epochs: DEFAULT_EPOCHS,
            durability: Durability::Strict,
            keeping: Keeping::WHOLE,
        }
    }
}
