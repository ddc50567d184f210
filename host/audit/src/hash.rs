//! The hash that names a record.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest as _, Sha256};

/// A SHA-256 value. In text: 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash([u8; 32]);

/// Domain separation of leaves from inner nodes (RFC 6962, section 2.1).
const LEAF: [u8; 1] = [0x00];

impl Hash {
    /// What the first record names as its predecessor.
    pub const ZERO: Self = Self([0; 32]);

    /// The hash of a record: `SHA-256(0x00 ‖ line)`, the line without its newline.
    pub fn of_record(line: &[u8]) -> Self {
        let mut leaf = LeafHash::begin();
        leaf.update(line);
        leaf.end()
    }

    /// The hash of a payload: plain `SHA-256(bytes)`, as `sha256sum` gives it.
    pub fn of_payload(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Appends the text.
    pub(crate) fn push_to(&self, text: &mut String) {
        text.push_str(Digits::of(self).as_str());
    }

    /// The value of these 32 bytes, wherever they were read.
    pub(crate) const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

/// A leaf hash in the making, for a leaf that comes in pieces.
pub(crate) struct LeafHash(Sha256);

impl LeafHash {
    /// The hash of the empty leaf.
    pub(crate) fn begin() -> Self {
        Self(Sha256::new_with_prefix(LEAF))
    }

    /// Takes the next piece of the leaf.
    pub(crate) fn update(&mut self, piece: &[u8]) {
        self.0.update(piece);
    }

    /// The leaf is complete.
    pub(crate) fn end(self) -> Hash {
        Hash(self.0.finalize().into())
    }
}

/// The text is not 64 lower-case hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a hash is 64 lower-case hexadecimal digits")]
pub struct HashError;

impl FromStr for Hash {
    type Err = HashError;

    fn from_str(text: &str) -> Result<Self, HashError> {
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        if pairs.len() != 32 || !rest.is_empty() {
            return Err(HashError);
        }
        let mut bytes = [0; 32];
        for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
            *byte = digit(*high)? << 4 | digit(*low)?;
        }
        Ok(Self(bytes))
    }
}

fn digit(character: u8) -> Result<u8, HashError> {
    match character {
        b'0'..=b'9' => Ok(character - b'0'),
        b'a'..=b'f' => Ok(character - b'a' + 10),
        _ => Err(HashError),
    }
}

/// The digits of a hash, written at once: every record has the hash of the one before,
/// written while others wait for their place.
struct Digits([u8; 64]);

impl Digits {
    fn of(hash: &Hash) -> Self {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut digits = [0; 64];
        for ([high, low], byte) in digits.as_chunks_mut::<2>().0.iter_mut().zip(&hash.0) {
            *high = DIGITS[usize::from(byte >> 4)];
            *low = DIGITS[usize::from(byte & 15)];
        }
        Self(digits)
    }

    /// They are ASCII.
    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Digits::of(self).as_str())
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash({self})")
    }
}

impl Serialize for Hash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(Digits::of(self).as_str())
    }
}

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::record::strict::text(deserializer, "a hash")?.parse().map_err(de::Error::custom)
    }
}

/// Where a record stands: its number and its hash. It vouches for the record
/// and for every record before it, so whoever keeps one elsewhere can later
/// prove that the log was neither cut before it nor rewritten.
///
/// In text: `SEQ:HASH`, for example `41:6d7c…`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Receipt {
    /// The record's number; the header has 0.
    pub seq: u64,
    /// The record's hash.
    pub hash: Hash,
}

impl fmt::Display for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.seq, self.hash)
    }
}

/// The text is not a receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a receipt is written SEQ:HASH, a decimal record number and 64 lower-case hexadecimal digits")]
pub struct ReceiptError;

impl FromStr for Receipt {
    type Err = ReceiptError;

    fn from_str(text: &str) -> Result<Self, ReceiptError> {
        let (seq, hash) = text.split_once(':').ok_or(ReceiptError)?;
        let receipt = Self {
            seq: seq.parse().map_err(|_| ReceiptError)?,
            hash: hash.parse().map_err(|_| ReceiptError)?,
        };
        // One receipt, one text: no sign, no leading zero.
        if receipt.seq.to_string() == seq { Ok(receipt) } else { Err(ReceiptError) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_hash_is_the_rfc_6962_leaf_hash() {
        // RFC 6962: the leaf of the empty string.
        assert_eq!(
            Hash::of_record(b"").to_string(),
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
        );
    }

    #[test]
    fn a_hash_has_one_text() {
        let hash = Hash::of_payload(b"x");
        let text = hash.to_string();
        assert_eq!(text.parse(), Ok(hash));
        for wrong in ["", &text[1..], &text.to_uppercase(), &format!("{text}0"), &format!("{}é", &text[2..])]
        {
            assert_eq!(wrong.parse::<Hash>(), Err(HashError), "{wrong}");
        }
    }

    #[test]
    fn a_receipt_has_one_text() {
        let receipt = Receipt { seq: 41, hash: Hash::of_record(b"x") };
        let text = receipt.to_string();
        assert_eq!(text.parse(), Ok(receipt));
        for wrong in [format!("0{text}"), format!("+{text}"), format!(" {text}"), text.replace(':', "-")] {
            assert_eq!(wrong.parse::<Receipt>(), Err(ReceiptError), "{wrong}");
        }
    }
}
