//! Keys that verify notes.

use std::fmt;
use std::str::FromStr;

use ed25519_dalek::{Signature, VerifyingKey};
use sha2::{Digest as _, Sha256};

use super::error::KeyError;
use super::name::KeyName;
use crate::epoch::EpochKeys;
use crate::spelling::{base64, to_base64};

/// What a key signs, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// `0x01`: Ed25519 (RFC 8032) over the text of the note.
    Ed25519,
    /// `0x04`: Ed25519 over a header, a time and the text of a checkpoint.
    CosignatureV1,
    /// `0xff`: Ed25519 over the text of the note, by the key of one epoch of a
    /// log, with the proof that it is one ([`epoch`](crate::epoch)). The byte is
    /// the one that signed-note leaves to formats of their own.
    Epochs,
}

impl Algorithm {
    /// The byte that stands for it in a vkey and in the making of a [`KeyId`].
    pub const fn byte(self) -> u8 {
        match self {
            Self::Ed25519 => 0x01,
            Self::CosignatureV1 => 0x04,
            Self::Epochs => 0xff,
        }
    }

    fn of(byte: u8) -> Result<Self, KeyError> {
        match byte {
            0x01 => Ok(Self::Ed25519),
            0x04 => Ok(Self::CosignatureV1),
            0xff => Ok(Self::Epochs),
            found => Err(KeyError::Algorithm { found }),
        }
    }
}

/// Four bytes that tell keys of one name apart:
/// `SHA-256(name ‖ 0x0A ‖ algorithm ‖ key)[..4]`, written as eight lower-case
/// hexadecimal digits. It finds a key, and proves nothing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId([u8; 4]);

impl KeyId {
    /// The four bytes as they stand in a signature line.
    pub const fn from_bytes(bytes: [u8; 4]) -> Self {
        Self(bytes)
    }

    /// The four bytes.
    pub const fn as_bytes(&self) -> &[u8; 4] {
        &self.0
    }

    fn of(name: &KeyName, algorithm: Algorithm, key: &[u8]) -> Self {
        let hasher = Sha256::new().chain_update(name.as_str()).chain_update([b'\n', algorithm.byte()]);
        let [a, b, c, d, ..] = <[u8; 32]>::from(hasher.chain_update(key).finalize());
        Self([a, b, c, d])
    }

    fn parse(text: &str) -> Option<Self> {
        let id = Self(u32::from_str_radix(text, 16).ok()?.to_be_bytes());
        // One spelling: eight digits, lower case, no sign.
        (id.to_string() == text).then_some(id)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", u32::from_be_bytes(self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

/// A key that a note can be verified with, of any algorithm.
///
/// In text, its vkey: `name+id+base64(algorithm ‖ key)`. Refused when read: an
/// identifier that is not the key's, and Ed25519 keys that are not the only
/// encoding of one point in the prime-order subgroup; no honest generator makes those.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: KeyName,
    id: KeyId,
    material: Material,
}

/// The key itself, by its algorithm.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Material {
    Ed25519(VerifyingKey),
    CosignatureV1(VerifyingKey),
    Epochs(EpochKeys),
}

impl Material {
    fn algorithm(&self) -> Algorithm {
        match self {
            Self::Ed25519(_) => Algorithm::Ed25519,
            Self::CosignatureV1(_) => Algorithm::CosignatureV1,
            Self::Epochs(_) => Algorithm::Epochs,
        }
    }

    /// What follows the algorithm in a vkey.
    fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Ed25519(key) | Self::CosignatureV1(key) => key.as_bytes().to_vec(),
            Self::Epochs(keys) => keys.to_bytes(),
        }
    }

    fn parse(algorithm: Algorithm, bytes: &[u8]) -> Result<Self, KeyError> {
        let ed25519 = || <&[u8; 32]>::try_from(bytes).map_err(|_| KeyError::Length { found: bytes.len() });
        Ok(match algorithm {
            Algorithm::Ed25519 => Self::Ed25519(strict(ed25519()?)?),
            Algorithm::CosignatureV1 => Self::CosignatureV1(strict(ed25519()?)?),
            Algorithm::Epochs => Self::Epochs(EpochKeys::parse(bytes).ok_or(KeyError::Epochs)?),
        })
    }
}

/// An Ed25519 key in its only encoding, and none that signs for everybody.
fn strict(bytes: &[u8; 32]) -> Result<VerifyingKey, KeyError> {
    let key = VerifyingKey::from_bytes(bytes).map_err(|_| KeyError::NotAPoint)?;
    let point = key.to_edwards();
    if point.compress().as_bytes() != bytes {
        return Err(KeyError::NotAPoint);
    }
    if key.is_weak() || !point.is_torsion_free() {
        return Err(KeyError::Weak);
    }
    Ok(key)
}

/// Whether an Ed25519 key made a signature, by the strict rules only: `S` below
/// the group order, no small-order `R` or key, and the equation without cofactor.
pub(crate) fn made(key: &VerifyingKey, message: &[u8], signature: &[u8; 64]) -> bool {
    key.verify_strict(message, &Signature::from_bytes(signature)).is_ok()
}

impl VerifierKey {
    /// A key of some bytes under a name: for Ed25519 and cosignatures the 32 of
    /// RFC 8032, for the keys of a log's epochs what
    /// [`EpochKeys::to_bytes`] gives.
    pub fn new(name: KeyName, algorithm: Algorithm, bytes: &[u8]) -> Result<Self, KeyError> {
        Ok(Self::of(name, Material::parse(algorithm, bytes)?))
    }

    pub(super) fn of(name: KeyName, material: Material) -> Self {
        let id = KeyId::of(&name, material.algorithm(), &material.to_bytes());
        Self { name, id, material }
    }

    /// Whose key it is.
    pub const fn name(&self) -> &KeyName {
        &self.name
    }

    /// What finds it among the keys of its name.
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// What it signs, and how.
    pub fn algorithm(&self) -> Algorithm {
        self.material.algorithm()
    }

    /// What tells this key from every other: the 32 bytes of RFC 8032, or the
    /// root over the keys of all epochs.
    pub fn as_bytes(&self) -> &[u8; 32] {
        match &self.material {
            Material::Ed25519(key) | Material::CosignatureV1(key) => key.as_bytes(),
            Material::Epochs(keys) => keys.root().as_bytes(),
        }
    }

    pub(super) fn material(&self) -> &Material {
        &self.material
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut material = vec![self.algorithm().byte()];
        material.extend(self.material.to_bytes());
        write!(f, "{}+{}+{}", self.name, self.id, to_base64(&material))
    }
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for VerifierKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        // Base64 has plus signs of its own.
        let mut parts = text.splitn(3, '+');
        let mut part = || parts.next().ok_or(KeyError::Form);
        let (name, id, material) = (part()?, part()?, part()?);
        let name: KeyName = name.parse()?;
        let found = KeyId::parse(id).ok_or(KeyError::Form)?;
        let material = base64(material).ok_or(KeyError::Form)?;
        let (algorithm, bytes) = material.split_first().ok_or(KeyError::Form)?;
        let key = Self::new(name, Algorithm::of(*algorithm)?, bytes)?;
        if key.id == found { Ok(key) } else { Err(KeyError::Id { found, expected: key.id }) }
    }
}
