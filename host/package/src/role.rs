//! Keys of which a number must sign together.

use serde::{Deserialize, Serialize};

use crate::{
    envelope::Envelope,
    key::{InvalidSignature, KeyId, PublicKey},
};

/// Most keys of one role: a few for rotation, and a bound on the work that one
/// envelope can cause.
pub const MAX_KEYS: usize = 16;

/// Keys, each once, and how many of them must sign. At least one must.
///
/// A role holds the keys themselves. A document that named them by a hash and
/// listed them elsewhere could call one key by two names, and so count it twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    keys: Vec<PublicKey>,
    threshold: usize,
}

/// Why keys and a threshold are no role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RoleError {
    /// No key at all.
    #[error("has no key, so that nobody could sign")]
    NoKeys,
    /// Over [`MAX_KEYS`].
    #[error("has {found} keys, and at most {MAX_KEYS} are allowed")]
    TooManyKeys {
        /// Keys found.
        found: usize,
    },
    /// A key that stands there twice, and would be counted twice.
    #[error("has the key {keyid} twice")]
    DuplicateKey {
        /// The key.
        keyid: KeyId,
    },
    /// Nought, which everybody meets, or more than there are keys, which nobody does.
    #[error("asks for {threshold} signatures of {keys} keys")]
    Threshold {
        /// Signatures asked for.
        threshold: u64,
        /// Keys there are.
        keys: usize,
    },
}

/// Why an envelope is not signed as a role asks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// A key of the role is named, and did not sign these bytes.
    #[error("the signature by the key {keyid} does not hold")]
    Invalid {
        /// The key.
        keyid: KeyId,
    },
    /// Fewer keys of the role than its threshold have signed.
    #[error("signed by {found} of the keys that count, and {needed} must sign")]
    TooFew {
        /// Keys of the role that signed.
        found: usize,
        /// Keys that must.
        needed: usize,
    },
}

impl Role {
    /// Makes a role of `keys`, of which `threshold` must sign.
    pub fn new(keys: Vec<PublicKey>, threshold: u64) -> Result<Self, RoleError> {
        if keys.is_empty() {
            return Err(RoleError::NoKeys);
        }
        if keys.len() > MAX_KEYS {
            return Err(RoleError::TooManyKeys { found: keys.len() });
        }
        for (index, key) in keys.iter().enumerate() {
            if keys[..index].contains(key) {
                return Err(RoleError::DuplicateKey { keyid: key.id() });
            }
        }
        match usize::try_from(threshold) {
            Ok(needed @ 1..) if needed <= keys.len() => Ok(Self { keys, threshold: needed }),
            _ => Err(RoleError::Threshold { threshold, keys: keys.len() }),
        }
    }

    /// The keys, in the order of the document.
    pub fn keys(&self) -> &[PublicKey] {
        &self.keys
    }

    /// How many of the keys must sign.
    pub fn threshold(&self) -> usize {
        self.threshold
    }

    /// The keys of this role that signed `envelope`, in its order: as many as
    /// the threshold, or more.
    pub(crate) fn signers(&self, envelope: &Envelope) -> Result<Vec<KeyId>, SignatureError> {
        signers(&self.keys, self.threshold, envelope)
    }

    /// Whether enough of these keys belong to this role.
    pub(crate) fn is_met_by(&self, keys: &[KeyId]) -> bool {
        self.keys.iter().filter(|key| keys.contains(&key.id())).count() >= self.threshold
    }
}

/// Holds each signature that names one of `keys` against that key. One that
/// fails refuses the whole envelope, for it is damaged or forged (the rule of
/// C2SP's signed notes; DSSE would pass over it). Signatures that name other keys
/// are not looked at. The names in an envelope differ from each other, so that
/// no key is counted twice.
pub(crate) fn signers(
    keys: &[PublicKey],
    threshold: usize,
    envelope: &Envelope,
) -> Result<Vec<KeyId>, SignatureError> {
    let message = envelope.message();
    let mut signers = Vec::new();
    for entry in envelope.signatures() {
        let Some(key) = keys.iter().find(|key| key.id() == entry.keyid) else {
            continue;
        };
        let keyid = key.id();
        key.verify(&message, &entry.signature)
            .map_err(|InvalidSignature| SignatureError::Invalid { keyid })?;
        signers.push(keyid);
    }
    if signers.len() < threshold {
        return Err(SignatureError::TooFew { found: signers.len(), needed: threshold });
    }
    Ok(signers)
}

/// The wire form.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RoleForm {
    keys: Vec<PublicKey>,
    threshold: u64,
}

impl RoleForm {
    pub(crate) fn of(role: &Role) -> Self {
        Self { keys: role.keys.clone(), threshold: role.threshold as u64 }
    }

    pub(crate) fn read(self) -> Result<Role, RoleError> {
        Role::new(self.keys, self.threshold)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        envelope::{DocumentType, EnvelopeSignature, pre_authentication_encoding},
        key::Signature,
        signing_key::SigningKey,
    };

    fn secret(seed: u8) -> SigningKey {
        SigningKey::from_seed(&[seed; 32])
    }

    fn role(seeds: &[u8], threshold: u64) -> Result<Role, RoleError> {
        Role::new(seeds.iter().map(|&seed| secret(seed).public_key()).collect(), threshold)
    }

    fn signature(seed: u8, message: &[u8]) -> EnvelopeSignature {
        let key = secret(seed);
        EnvelopeSignature { keyid: key.public_key().id(), signature: key.sign(message) }
    }

    fn signed_by(seeds: &[u8]) -> Envelope {
        let message = pre_authentication_encoding(DocumentType::Root.payload_type(), b"x");
        let signatures = seeds.iter().map(|&seed| signature(seed, &message)).collect();
        Envelope::new(DocumentType::Root, b"x".to_vec(), signatures).unwrap()
    }

    /// P9.
    #[test]
    fn a_threshold_of_nought_or_above_the_number_of_keys_is_no_role() {
        assert_eq!(role(&[1, 2], 0), Err(RoleError::Threshold { threshold: 0, keys: 2 }));
        assert_eq!(role(&[1, 2], 3), Err(RoleError::Threshold { threshold: 3, keys: 2 }));
        let large = u64::MAX;
        assert_eq!(role(&[1, 2], large), Err(RoleError::Threshold { threshold: large, keys: 2 }));
        assert_eq!(role(&[], 0), Err(RoleError::NoKeys));
    }

    /// P9.
    #[test]
    fn a_key_counts_once_and_so_stands_there_once() {
        let keyid = secret(1).public_key().id();
        assert_eq!(role(&[1, 2, 1], 2), Err(RoleError::DuplicateKey { keyid }));
    }

    #[test]
    fn the_seventeenth_key_is_refused() {
        let seeds: Vec<u8> = (0..17).collect();
        assert!(role(&seeds[..16], 16).is_ok());
        assert_eq!(role(&seeds, 1), Err(RoleError::TooManyKeys { found: 17 }));
    }

    #[test]
    fn as_many_keys_as_the_threshold_must_sign() {
        let two_of_three = role(&[1, 2, 3], 2).unwrap();
        let too_few = |found| Err(SignatureError::TooFew { found, needed: 2 });
        assert_eq!(two_of_three.signers(&signed_by(&[1])), too_few(1));
        assert_eq!(two_of_three.signers(&signed_by(&[7, 8, 9])), too_few(0));
        assert_eq!(two_of_three.signers(&signed_by(&[1, 9])), too_few(1));
        let ids = [3, 1].map(|seed| secret(seed).public_key().id());
        assert_eq!(two_of_three.signers(&signed_by(&[3, 9, 1])), Ok(ids.to_vec()));
    }

    /// P9: the name of one key on the signature of another.
    #[test]
    fn a_known_key_that_did_not_sign_refuses_the_envelope_whoever_else_did() {
        let one_of_two = role(&[1, 2], 1).unwrap();
        let good = signed_by(&[1]);
        let forged = EnvelopeSignature {
            keyid: secret(2).public_key().id(),
            signature: Signature::from_bytes(*good.signatures()[0].signature.as_bytes()),
        };
        let keyid = forged.keyid;
        assert_eq!(one_of_two.signers(&good.with(forged).unwrap()), Err(SignatureError::Invalid { keyid }));
    }

    #[test]
    fn an_unknown_key_is_not_looked_at() {
        let one = role(&[1], 1).unwrap();
        let nonsense = EnvelopeSignature {
            keyid: secret(9).public_key().id(),
            signature: Signature::from_bytes([0; 64]),
        };
        assert!(one.signers(&signed_by(&[1]).with(nonsense).unwrap()).is_ok());
    }
}
