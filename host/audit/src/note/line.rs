//! One signature in a note.

use std::fmt;

use ed25519_dalek::VerifyingKey;

use super::error::NoteError;
use super::key::{KeyId, Material, VerifierKey, made};
use super::name::KeyName;
use crate::epoch::EpochSignature;
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
    pub(crate) fn by(key: &VerifierKey, signature: Vec<u8>) -> Self {
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

    /// Whether `key` made this signature over `text`, and what it says beside it.
    pub(crate) fn verify(&self, key: &VerifierKey, text: &str) -> Result<Said, NoteError> {
        let found = match key.material() {
            Material::Ed25519(key) => self.signed(key, text).then_some(Said::default()),
            Material::CosignatureV1(key) => self.cosigned(key, text),
            Material::Epochs(keys) => {
                let signature = EpochSignature::parse(&self.signature);
                let epoch = signature.and_then(|signature| signature.verify(keys, text.as_bytes()));
                epoch.map(|epoch| Said { epoch: Some(epoch), ..Said::default() })
            }
        };
        found.ok_or_else(|| NoteError::Invalid { name: self.name.clone(), id: self.id })
    }

    fn signed(&self, key: &VerifyingKey, text: &str) -> bool {
        self.signature.as_slice().try_into().is_ok_and(|signature| made(key, text.as_bytes(), signature))
    }

    fn cosigned(&self, key: &VerifyingKey, text: &str) -> Option<Said> {
        let (time, signature) = self.signature.split_first_chunk::<8>()?;
        let time = u64::from_be_bytes(*time);
        let signature = signature.try_into().ok()?;
        let holds = is_time(time) && made(key, cosigned_message(time, text).as_bytes(), signature);
        holds.then_some(Said { time: Some(time), ..Said::default() })
    }
}

/// What a signature says beside what it signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Said {
    /// When it was made, in seconds since 1970; only cosignatures say so.
    pub(crate) time: Option<u64>,
    /// In which epoch of a log; only keys of epochs say so.
    pub(crate) epoch: Option<u32>,
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
