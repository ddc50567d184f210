//! The salt of a payload, and the commitment made with it.

use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::Field;
use crate::Hash;

/// Makes a commitment tell nothing of what it covers. As secret as the payload,
/// and erased with it; the memory is overwritten when the value is dropped.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Salt(Zeroizing<[u8; Self::BYTES]>);

impl Salt {
    /// As long as the hash: more adds nothing to HMAC (RFC 2104, section 3).
    pub(crate) const BYTES: usize = 32;

    /// Draws a new salt from the operating system.
    pub(crate) fn draw() -> Result<Self, getrandom::Error> {
        let mut bytes = Zeroizing::new([0; Self::BYTES]);
        getrandom::fill(bytes.as_mut_slice())?;
        Ok(Self(bytes))
    }

    /// The salt of these bytes, as they were kept.
    pub(crate) fn from_bytes(bytes: [u8; Self::BYTES]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The bytes, to be kept.
    pub(crate) fn as_bytes(&self) -> &[u8; Self::BYTES] {
        &self.0
    }
}

impl fmt::Debug for Salt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Salt(..)")
    }
}

/// Between the name of the field and the payload. No name of a field has it.
const END_OF_FIELD: [u8; 1] = [0x00];

/// The commitment to a payload that is at hand.
pub(crate) fn commit(salt: &Salt, field: Field, payload: &[u8]) -> Hash {
    let mut commitment = Commitment::begin(salt, field);
    commitment.update(payload);
    commitment.end()
}

/// A commitment in the making, for a payload that comes in pieces.
pub(crate) struct Commitment(Hmac<Sha256>);

impl Commitment {
    /// The commitment to the empty payload of a field.
    pub(crate) fn begin(salt: &Salt, field: Field) -> Self {
        let mut mac = keyed(salt);
        mac.update(field.as_str().as_bytes());
        mac.update(&END_OF_FIELD);
        Self(mac)
    }

    /// Takes the next piece of the payload.
    pub(crate) fn update(&mut self, piece: &[u8]) {
        self.0.update(piece);
    }

    /// The payload is complete.
    pub(crate) fn end(self) -> Hash {
        Hash::from_bytes(self.0.finalize().into_bytes().into())
    }
}

/// Between the name of the field and the place of a leaf.
const LEAF: [u8; 1] = [0x01];

/// Makes the hash of one part of a payload tell nothing of it, and can be shown
/// with that part without giving away the salt:
/// `HMAC-SHA256(key = salt, message = field ‖ 0x01 ‖ index (8 bytes))`.
pub(crate) fn leaf_key(salt: &Salt, field: Field, index: u64) -> Hash {
    let mut mac = keyed(salt);
    mac.update(field.as_str().as_bytes());
    mac.update(&LEAF);
    mac.update(&index.to_be_bytes());
    Hash::from_bytes(mac.finalize().into_bytes().into())
}

/// HMAC with the salt as its key, filled with zeros to the block of the hash
/// (RFC 2104, section 2).
fn keyed(salt: &Salt) -> Hmac<Sha256> {
    let mut block = hmac::digest::Key::<Hmac<Sha256>>::default();
    block[..Salt::BYTES].copy_from_slice(salt.as_bytes());
    Hmac::new(&block)
}
