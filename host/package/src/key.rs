//! Ed25519 public keys and signatures (RFC 8032), verified strictly.

use std::{fmt, str::FromStr};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ed25519_dalek::{
    VerifyingKey,
    pkcs8::{DecodePublicKey as _, EncodePublicKey as _, spki::der::pem::LineEnding},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest as _, Sha256};

use crate::hex;

/// How the text of a key begins. The algorithm belongs to the key, so that an
/// envelope never chooses one.
const PREFIX: &str = "ed25519:";

/// Bytes of an Ed25519 signature.
pub const SIGNATURE_BYTES: usize = 64;

/// An Ed25519 public key that exactly one encoding stands for.
///
/// Refused when read: bytes that are no point of the curve, points written in
/// a second way, and points that are not in the prime-order subgroup. The
/// small-order ones among these accept forged signatures, and the others would
/// give one secret several public keys. No key made by an honest generator is
/// refused.
///
/// As text `ed25519:` and the base64 of the 32 bytes; as PEM the standard
/// `PUBLIC KEY` (RFC 8410), which OpenSSL reads and writes.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

/// Why bytes or a text are not a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Neither of the two text forms.
    #[error(
        "not an Ed25519 public key: give a PEM file (`PUBLIC KEY`) or `ed25519:` and 44 characters of base64"
    )]
    PublicForm,
    /// Not a PKCS#8 PEM text of an unencrypted Ed25519 key.
    #[error("not an unencrypted Ed25519 private key in PKCS#8 PEM (`PRIVATE KEY`)")]
    PrivateForm,
    /// No point of the curve, or one written in a second way.
    #[error("the 32 bytes are not the encoding of a point of the curve")]
    NotAPoint,
    /// Of small or mixed order.
    #[error("a weak key: it is outside the prime-order subgroup and could accept forged signatures")]
    Weak,
    /// The operating system gave no random bytes.
    #[error("the operating system gave no random bytes, so no key was made")]
    NoRandomness,
}

impl PublicKey {
    /// Reads the 32 bytes of RFC 8032, and refuses what is not one key's only encoding.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, KeyError> {
        let key = VerifyingKey::from_bytes(bytes).map_err(|_| KeyError::NotAPoint)?;
        let point = key.to_edwards();
        if point.compress().as_bytes() != bytes {
            return Err(KeyError::NotAPoint);
        }
        if key.is_weak() || !point.is_torsion_free() {
            return Err(KeyError::Weak);
        }
        Ok(Self(key))
    }

    /// Reads a `PUBLIC KEY` PEM text.
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        let key = VerifyingKey::from_public_key_pem(pem).map_err(|_| KeyError::PublicForm)?;
        Self::from_bytes(key.as_bytes())
    }

    /// Writes a `PUBLIC KEY` PEM text.
    pub fn to_pem(&self) -> Result<String, KeyError> {
        self.0.to_public_key_pem(LineEnding::LF).map_err(|_| KeyError::PublicForm)
    }

    /// The 32 bytes of RFC 8032.
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    /// The fingerprint of this key.
    pub fn id(&self) -> KeyId {
        KeyId(Sha256::digest(self.as_bytes()).into())
    }

    /// Whether this key made `signature` over `message`, by the strict rules
    /// only: `S` below the group order, no small-order `R`, and the equation
    /// without cofactor.
    pub fn verify(&self, message: &[u8], signature: &Signature) -> Result<(), InvalidSignature> {
        let signature = ed25519_dalek::Signature::from_bytes(&signature.0);
        self.0.verify_strict(message, &signature).map_err(|_| InvalidSignature)
    }

    /// A key that this crate's own secret key derived.
    pub(crate) fn of(secret: &ed25519_dalek::SigningKey) -> Self {
        Self(secret.verifying_key())
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}{}", STANDARD.encode(self.as_bytes()))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for PublicKey {
    type Err = KeyError;

    /// Reads `ed25519:BASE64`.
    fn from_str(text: &str) -> Result<Self, KeyError> {
        let encoded = text.strip_prefix(PREFIX).ok_or(KeyError::PublicForm)?;
        let bytes = STANDARD.decode(encoded).map_err(|_| KeyError::PublicForm)?;
        Self::from_bytes(bytes.as_slice().try_into().map_err(|_| KeyError::PublicForm)?)
    }
}

impl Serialize for PublicKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PublicKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// The fingerprint of a key: the SHA-256 of its 32 bytes, written as 64
/// lower-case hexadecimal digits.
///
/// In an envelope it says which trusted key a signature is held against. To DSSE
/// such a name is a hint, and a reader may try every other key. Here it is part of
/// the form, so that a signed document has one spelling: a signature under another
/// name than that of its key counts for nobody. A false name can only take a
/// signature away, which whoever can write it can do anyway, and never adds one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyId([u8; 32]);

/// A text that is no [`KeyId`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a key fingerprint: write 64 lower-case hexadecimal digits")]
pub struct KeyIdError;

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex::write(&self.0, f)
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for KeyId {
    type Err = KeyIdError;

    fn from_str(text: &str) -> Result<Self, KeyIdError> {
        hex::read(text).map(Self).ok_or(KeyIdError)
    }
}

impl Serialize for KeyId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for KeyId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// The 64 bytes of an Ed25519 signature, not yet held against any key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Signature([u8; SIGNATURE_BYTES]);

/// A signature that the key did not make over the message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the key did not make this signature over these bytes")]
pub struct InvalidSignature;

impl Signature {
    /// Takes exactly 64 bytes.
    pub const fn from_bytes(bytes: [u8; SIGNATURE_BYTES]) -> Self {
        Self(bytes)
    }

    /// The 64 bytes.
    pub const fn as_bytes(&self) -> &[u8; SIGNATURE_BYTES] {
        &self.0
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signature({})", STANDARD.encode(self.0))
    }
}
