//! A signature that says in which epoch it was made.

use ed25519_dalek::VerifyingKey;

use super::EpochKeys;
use crate::Hash;
use crate::note::made;
use crate::tree::{InclusionProof, MAX_PROOF_HASHES};

/// A signature by the key of one epoch, and what shows that this key is the
/// log's. Nothing of it is to be believed until it is [verified](Self::verify).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EpochSignature {
    pub(super) epoch: u32,
    pub(super) key: [u8; 32],
    pub(super) path: InclusionProof,
    pub(super) signature: [u8; 64],
}

impl EpochSignature {
    /// Reads the bytes of a signature line after its key id.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let (epoch, rest) = bytes.split_first_chunk::<4>()?;
        let (key, rest) = rest.split_first_chunk::<32>()?;
        let (path, signature) = rest.split_last_chunk::<64>()?;
        let (hashes, rest) = path.as_chunks::<32>();
        if !rest.is_empty() || hashes.len() > MAX_PROOF_HASHES {
            return None;
        }
        let path = InclusionProof::from_hashes(hashes.iter().copied().map(Hash::from_bytes).collect());
        Some(Self { epoch: u32::from_be_bytes(*epoch), key: *key, path, signature: *signature })
    }

    /// The bytes of a signature line after its key id.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = [self.epoch.to_be_bytes().as_slice(), &self.key].concat();
        bytes.extend(self.path.hashes().iter().flat_map(|hash| *hash.as_bytes()));
        bytes.extend(self.signature);
        bytes
    }

    /// The epoch, if its key is one of these and made this signature.
    pub fn verify(&self, keys: &EpochKeys, message: &[u8]) -> Option<u32> {
        self.path.verify(self.epoch.into(), Hash::of_record(&self.key), &keys.head()).ok()?;
        let key = VerifyingKey::from_bytes(&self.key).ok()?;
        made(&key, message, &self.signature).then_some(self.epoch)
    }
}
