//! Keys that verify notes.

use std::fmt;
use std::str::FromStr;

use ed25519_dalek::{Signature, VerifyingKey};
use sha2::{Digest as _, Sha256};

use super::error::KeyError;
use super::name::KeyName;
use crate::spelling::{base64, to_base64};

/// What a key signs, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// `0x01`: Ed25519 (RFC 8032) over the text of the note.
    Ed25519,
    /// `0x04`: Ed25519 over a header, a time and the text of a checkpoint.
    CosignatureV1,
}

impl Algorithm {
    /// The byte that stands for it in a vkey and in the making of a [`KeyId`].
    pub const fn byte(self) -> u8 {
        match self {
            Self::Ed25519 => 0x01,
            Self::CosignatureV1 => 0x04,
        }
    }

    fn of(byte: u8) -> Result<Self, KeyError> {
        match byte {
            0x01 => Ok(Self::Ed25519),
            0x04 => Ok(Self::CosignatureV1),
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

    fn of(name: &KeyName, algorithm: Algorithm, key: &[u8; 32]) -> Self {
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

/// A key that a note can be verified with, of either algorithm.
///
/// In text, its vkey: `name+id+base64(algorithm ‖ 32 bytes)`. Refused when read:
/// an identifier that is not the key's, and keys that are not the only encoding
/// of one point in the prime-order subgroup; no honest generator makes those.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: KeyName,
    id: KeyId,
    algorithm: Algorithm,
    key: VerifyingKey,
}

impl VerifierKey {
    /// A key of 32 bytes (RFC 8032) under a name.
    pub fn new(name: KeyName, algorithm: Algorithm, bytes: &[u8; 32]) -> Result<Self, KeyError> {
        let key = VerifyingKey::from_bytes(bytes).map_err(|_| KeyError::NotAPoint)?;
        let point = key.to_edwards();
        if point.compress().as_bytes() != bytes {
            return Err(KeyError::NotAPoint);
        }
        if key.is_weak() || !point.is_torsion_free() {
            return Err(KeyError::Weak);
        }
        Ok(Self::of(name, algorithm, key))
    }

    /// The public half of a secret key, which has none of the faults above.
    pub(super) fn of(name: KeyName, algorithm: Algorithm, key: VerifyingKey) -> Self {
        let id = KeyId::of(&name, algorithm, key.as_bytes());
        Self { name, id, algorithm, key }
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
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The 32 bytes of RFC 8032.
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.key.as_bytes()
    }

    /// Whether this key made the signature, by the strict rules only: `S` below
    /// the group order, no small-order `R`, and the equation without cofactor.
    pub(super) fn made(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        self.key.verify_strict(message, &Signature::from_bytes(signature)).is_ok()
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let material = [&[self.algorithm.byte()], self.as_bytes().as_slice()].concat();
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
        let algorithm = Algorithm::of(*algorithm)?;
        let bytes: &[u8; 32] = bytes.try_into().map_err(|_| KeyError::Length { found: bytes.len() })?;
        let key = Self::new(name, algorithm, bytes)?;
        if key.id == found { Ok(key) } else { Err(KeyError::Id { found, expected: key.id }) }
    }
}

/// Keys for one purpose, around a [`VerifierKey`] of the algorithm for it.
macro_rules! purpose {
    ($(#[$doc:meta])* $name:ident, $algorithm:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq)]
        pub struct $name(VerifierKey);

        impl $name {
            /// The public half of a secret key made for this purpose.
            pub(super) fn of(name: KeyName, key: VerifyingKey) -> Self {
                Self(VerifierKey::of(name, $algorithm, key))
            }

            /// As a key of any purpose.
            pub const fn as_key(&self) -> &VerifierKey {
                &self.0
            }

            /// Whose key it is.
            pub const fn name(&self) -> &KeyName {
                &self.0.name
            }
        }

        impl TryFrom<VerifierKey> for $name {
            type Error = KeyError;

            fn try_from(key: VerifierKey) -> Result<Self, KeyError> {
                let (found, expected) = (key.algorithm.byte(), $algorithm.byte());
                if found == expected { Ok(Self(key)) } else { Err(KeyError::Purpose { found, expected }) }
            }
        }

        impl FromStr for $name {
            type Err = KeyError;

            fn from_str(text: &str) -> Result<Self, KeyError> {
                text.parse::<VerifierKey>()?.try_into()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }
    };
}

purpose! {
    /// A key with which a log signs (`0x01`). Its name is the log's origin.
    LogKey, Algorithm::Ed25519
}

purpose! {
    /// A key with which a witness cosigns (`0x04`).
    WitnessKey, Algorithm::CosignatureV1
}
