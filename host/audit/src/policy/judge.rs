//! Holding a checkpoint against a policy.

use super::{Policy, RefusedCheckpoint};
use crate::checkpoint::{CheckpointError, SignedCheckpoint, VerifiedCheckpoint};
use crate::note::KeyName;

/// A checkpoint that a policy accepts. Only [`Policy::accept`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    checkpoint: VerifiedCheckpoint,
    cosignatures: Vec<Cosignature>,
    witnessed: bool,
}

/// That a witness has seen a checkpoint, and nothing inconsistent with it before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cosignature {
    /// The witness.
    pub witness: KeyName,
    /// When it says it signed, in seconds since 1970.
    pub time: u64,
}

impl Policy {
    /// Believes a checkpoint if a log of this policy signed it and the quorum of
    /// witnesses has seen it. A signature that names a known key and is not by it
    /// refuses the checkpoint, whatever the others say.
    pub fn accept(&self, signed: &SignedCheckpoint) -> Result<Accepted, RefusedCheckpoint> {
        self.accept_verified(signed.verify(&self.logs)?)
    }

    /// As [`accept`](Self::accept), for a checkpoint that is believed already.
    /// Only the witnesses are asked.
    pub fn accept_verified(&self, checkpoint: VerifiedCheckpoint) -> Result<Accepted, RefusedCheckpoint> {
        let note = checkpoint.signed().note();
        let keys = self.witnesses.iter().map(|witness| witness.key.as_key());
        let found = note.verify_any(keys.clone()).map_err(CheckpointError::Note)?;
        let cosigned: Vec<bool> = keys.map(|key| found.iter().any(|by| by.key == key)).collect();
        if !self.quorum.reached(&cosigned) {
            return Err(RefusedCheckpoint::NoQuorum { cosigned: found.len() });
        }
        let times = found.iter().filter_map(|by| Some((by.key.name().clone(), by.time?)));
        let cosignatures = times.map(|(witness, time)| Cosignature { witness, time }).collect();
        Ok(Accepted { checkpoint, cosignatures, witnessed: self.quorum.asks() })
    }
}

impl Accepted {
    /// The checkpoint.
    pub const fn checkpoint(&self) -> &VerifiedCheckpoint {
        &self.checkpoint
    }

    /// The known witnesses that have seen it, whether they were asked for or not.
    pub fn cosignatures(&self) -> &[Cosignature] {
        &self.cosignatures
    }

    /// Whether the policy asked for witnesses. Without them, whoever holds the
    /// log's key can show one history to one reader and another to the next.
    pub const fn is_witnessed(&self) -> bool {
        self.witnessed
    }
}
