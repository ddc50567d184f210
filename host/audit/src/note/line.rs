//! One signature in a note.

use std::fmt;

use super::error::NoteError;
use super::key::{Algorithm, KeyId, VerifierKey};
use super::name::KeyName;
use crate::spelling::{base64, to_base64};

/// What every signature line begins with: an em dash and a space.
const MARK: &str = "\u{2014} ";

/// One signature, not yet held against any key: who is said to have made it, and
/// its bytes, whose meaning the key knows.
///
/// In text `— <name> <base64(id ‖ signature)>`, here without its newline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureLine {
    name: KeyName,
    id: KeyId,
    signature: Vec<u8>,
}

impl SignatureLine {
    /// Reads line `number` of the signatures of a note, without its newline.
    pub(super) fn parse(number: usize, line: &str) -> Result<Self, NoteError> {
        let malformed = NoteError::Line { line: number };
        let parts = line.strip_prefix(MARK).and_then(|rest| rest.split_once(' '));
        let (name, bytes) = parts.ok_or(malformed.clone())?;
        let name = name.parse().map_err(|source| NoteError::LineName { line: number, source })?;
        let bytes = base64(bytes).ok_or(malformed.clone())?;
        match bytes.split_first_chunk() {
            Some((id, signature)) if !signature.is_empty() => {
                Ok(Self { name, id: KeyId::from_bytes(*id), signature: signature.to_vec() })
            }
            _ => Err(malformed),
        }
    }

    /// A signature by the owner of this key.
    pub(super) fn by(key: &VerifierKey, signature: Vec<u8>) -> Self {
        Self { name: key.name().clone(), id: key.id(), signature }
    }

    /// Name of the key that is said to have signed.
    pub const fn name(&self) -> &KeyName {
        &self.name
    }

    /// Its identifier.
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// Whether it names this key.
    pub(crate) fn names(&self, key: &VerifierKey) -> bool {
        self.id == key.id() && self.name == *key.name()
    }

    /// Whether `key` made this signature over `text`, and at what time, for keys
    /// that say so (seconds since 1970).
    pub(crate) fn verify(&self, key: &VerifierKey, text: &str) -> Result<Option<u64>, NoteError> {
        let found = match key.algorithm() {
            Algorithm::Ed25519 => self.signed(key, text).then_some(None),
            Algorithm::CosignatureV1 => self.cosigned(key, text).map(Some),
        };
        found.ok_or_else(|| NoteError::Invalid { name: self.name.clone(), id: self.id })
    }

    fn signed(&self, key: &VerifierKey, text: &str) -> bool {
        self.signature.as_slice().try_into().is_ok_and(|signature| key.made(text.as_bytes(), signature))
    }

    fn cosigned(&self, key: &VerifierKey, text: &str) -> Option<u64> {
        let (time, signature) = self.signature.split_first_chunk::<8>()?;
        let time = u64::from_be_bytes(*time);
        let signature = signature.try_into().ok()?;
        (is_time(time) && key.made(cosigned_message(time, text).as_bytes(), signature)).then_some(time)
    }
}

/// A witness says when it signed: never 0, and never beyond 2⁶³−1
/// (C2SP tlog-witness and tlog-cosignature).
pub(super) const fn is_time(seconds: u64) -> bool {
    seconds != 0 && seconds <= i64::MAX as u64
}

/// What a witness signs (C2SP tlog-cosignature, Ed25519 signed message).
pub(super) fn cosigned_message(seconds: u64, text: &str) -> String {
    format!("cosignature/v1\ntime {seconds}\n{text}")
}

impl fmt::Display for SignatureLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [self.id.as_bytes().as_slice(), &self.signature].concat();
        write!(f, "{MARK}{} {}", self.name, to_base64(&bytes))
    }
}
