//! # Whom to believe
//!
//! A [`Policy`] says which logs are believed, and which witnesses must have seen
//! a checkpoint before it counts. Its text is that of
//! [C2SP tlog-policy](https://c2sp.org/tlog-policy):
//!
//! ```text
//! log example.com/log+…
//!
//! witness A witness.example/a+…
//! witness B witness.example/b+…   https://b.example/
//! witness C witness.example/c+…
//! group two 2 A B C
//! quorum two
//! ```
//!
//! A group is reached when so many of its members are (`all`, `any`, or a
//! number); a member is a witness or a group defined above it, and belongs to
//! one group only, so that each witness counts once. `quorum none` asks for no
//! witness, and has to be written down: a checkpoint accepted under it says so
//! ([`Accepted::is_witnessed`]).
//!
//! Narrower than the specification: keys of the algorithms `0x01` for logs and
//! `0x04` for witnesses are the only ones, and an address is UTF-8.

mod error;
mod judge;
mod quorum;
mod text;

use crate::note::{LogKey, WitnessKey};

pub use error::{PolicyError, PolicyFault, RefusedCheckpoint};
pub use judge::{Accepted, Cosignature};

use quorum::Quorum;

/// Longest policy, in bytes: room for some 500 witnesses. The specification asks for 32.
pub const MAX_POLICY_BYTES: usize = 64 * 1024;

/// Which logs are believed, and which witnesses must agree.
///
/// No key is in it twice, and every quorum it asks for can be reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    logs: Vec<LogKey>,
    witnesses: Vec<Witness>,
    quorum: Quorum,
}

/// A witness that a policy names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    /// The key it cosigns with.
    pub key: WitnessKey,
    /// Where it takes requests, if the policy says so.
    pub url: Option<String>,
}

impl Policy {
    /// Believes these logs without any witness.
    pub fn unwitnessed(logs: Vec<LogKey>) -> Result<Self, PolicyFault> {
        Self::new(logs, Vec::new(), Quorum::none())
    }

    /// Believes these logs if `threshold` of these witnesses have seen what they
    /// say: at least one, and no more than there are.
    pub fn witnessed(
        logs: Vec<LogKey>,
        witnesses: Vec<WitnessKey>,
        threshold: usize,
    ) -> Result<Self, PolicyFault> {
        let quorum = Quorum::of(threshold, witnesses.len())?;
        let witnesses = witnesses.into_iter().map(|key| Witness { key, url: None }).collect();
        Self::new(logs, witnesses, quorum)
    }

    fn new(logs: Vec<LogKey>, witnesses: Vec<Witness>, quorum: Quorum) -> Result<Self, PolicyFault> {
        let log_keys: Vec<_> = logs.iter().map(|key| key.as_key().as_bytes()).collect();
        let witness_keys: Vec<_> = witnesses.iter().map(|witness| witness.key.as_key().as_bytes()).collect();
        if twice(&log_keys) || twice(&witness_keys) {
            return Err(PolicyFault::KeyTwice);
        }
        Ok(Self { logs, witnesses, quorum })
    }

    /// The logs that are believed.
    pub fn logs(&self) -> &[LogKey] {
        &self.logs
    }

    /// The witnesses that are known.
    pub fn witnesses(&self) -> &[Witness] {
        &self.witnesses
    }
}

fn twice(keys: &[&[u8; 32]]) -> bool {
    keys.iter().enumerate().any(|(place, key)| keys[..place].contains(key))
}
