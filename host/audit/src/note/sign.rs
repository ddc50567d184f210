//! Secret keys, and what each may sign.

use std::fmt;

use ed25519_dalek::{Signer as _, SigningKey};

use super::error::{KeyError, NoteError};
use super::line::{SignatureLine, cosigned_message, is_time};
use super::name::KeyName;
use super::purpose::{LogKey, WitnessKey};
use super::text::Note;

/// The secret with which a log signs. Its memory is cleared when it is dropped,
/// and its `Debug` shows the public half only.
pub struct LogSigner {
    secret: SigningKey,
    key: LogKey,
}

impl LogSigner {
    /// Makes a key from the operating system's random bytes.
    pub fn generate(name: KeyName) -> Result<Self, KeyError> {
        secret().map(|secret| Self::of(name, secret))
    }

    /// The key of a 32-byte seed (the "private key" of RFC 8032). The seed must
    /// come from a cryptographic random source and must stay secret.
    pub fn from_seed(name: KeyName, seed: &[u8; 32]) -> Self {
        Self::of(name, SigningKey::from_bytes(seed))
    }

    fn of(name: KeyName, secret: SigningKey) -> Self {
        let key = LogKey::of(name, secret.verifying_key());
        Self { secret, key }
    }

    /// The public half.
    pub const fn key(&self) -> &LogKey {
        &self.key
    }

    /// Signs a text, which must end with a newline and be fit for a note.
    pub(crate) fn sign(&self, text: String) -> Result<Note, NoteError> {
        let line = self.line(&text);
        Note::new(text, line)
    }

    /// This key's signature over a text that another note has.
    pub(crate) fn line(&self, text: &str) -> SignatureLine {
        SignatureLine::by(self.key.as_key(), self.secret.sign(text.as_bytes()).to_bytes().to_vec())
    }
}

impl fmt::Debug for LogSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LogSigner({})", self.key)
    }
}

/// The secret with which a witness cosigns. Its memory is cleared when it is
/// dropped, and its `Debug` shows the public half only.
///
/// Only what a witness has checked and stored is signed.
pub struct Cosigner {
    secret: SigningKey,
    key: WitnessKey,
}

impl Cosigner {
    /// Makes a key from the operating system's random bytes.
    pub fn generate(name: KeyName) -> Result<Self, KeyError> {
        secret().map(|secret| Self::of(name, secret))
    }

    /// The key of a 32-byte seed, as [`LogSigner::from_seed`].
    pub fn from_seed(name: KeyName, seed: &[u8; 32]) -> Self {
        Self::of(name, SigningKey::from_bytes(seed))
    }

    fn of(name: KeyName, secret: SigningKey) -> Self {
        let key = WitnessKey::of(name, secret.verifying_key());
        Self { secret, key }
    }

    /// The public half.
    pub const fn key(&self) -> &WitnessKey {
        &self.key
    }

    /// Signs the text of a checkpoint at a time in seconds since 1970. `None` if
    /// that is no time a cosignature may have.
    pub(crate) fn cosign(&self, text: &str, seconds: u64) -> Option<SignatureLine> {
        if !is_time(seconds) {
            return None;
        }
        let signature = self.secret.sign(cosigned_message(seconds, text).as_bytes());
        let bytes = [seconds.to_be_bytes().as_slice(), &signature.to_bytes()].concat();
        Some(SignatureLine::by(self.key.as_key(), bytes))
    }
}

impl fmt::Debug for Cosigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cosigner({})", self.key)
    }
}

fn secret() -> Result<SigningKey, KeyError> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|_| KeyError::NoRandomness)?;
    Ok(SigningKey::from_bytes(&seed))
}
