//! One value, one text: the numbers and hashes of the C2SP formats.
//!
//! A text that is signed must not have a second spelling, or two programs that
//! compare texts disagree with two that compare values.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::Hash;
use crate::tree::MAX_PROOF_HASHES;

/// Reads an ASCII decimal without sign or leading zeros.
pub(crate) fn decimal(text: &str) -> Option<u64> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let canonical = digits && (text == "0" || !text.starts_with('0'));
    if canonical { text.parse().ok() } else { None }
}

/// Reads standard base64 (RFC 4648, section 4): padded, no unused bits set.
pub(crate) fn base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// Writes standard base64.
pub(crate) fn to_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Reads the 44 characters of a hash.
pub(crate) fn hash(text: &str) -> Option<Hash> {
    base64(text)?.try_into().ok().map(Hash::from_bytes)
}

/// Writes a hash as 44 characters.
pub(crate) fn of_hash(hash: &Hash) -> String {
    to_base64(hash.as_bytes())
}

/// Reads lines of one hash each, at most [`MAX_PROOF_HASHES`]. `Err` is the
/// number of the first line that is none, or one too many, from 1.
pub(crate) fn hashes<'t>(lines: impl Iterator<Item = &'t str>) -> Result<Vec<Hash>, usize> {
    let read = (1..).zip(lines).map(|(number, line)| {
        let hash = if number > MAX_PROOF_HASHES { None } else { hash(line) };
        hash.ok_or(number)
    });
    read.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_one_text() {
        assert_eq!(decimal("0"), Some(0));
        assert_eq!(decimal("18446744073709551615"), Some(u64::MAX));
        for wrong in ["", "00", "01", "+1", "-1", " 1", "1 ", "1_0", "٣", "18446744073709551616"] {
            assert_eq!(decimal(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn a_hash_has_one_base64_text() {
        let value = Hash::of_payload(b"x");
        let text = of_hash(&value);
        assert_eq!(hash(&text), Some(value));
        // The last character but one of 32 bytes carries two unused bits.
        let unused = text.replace("SIE=", "SIF=");
        let wrong = [&text[..43], &text[1..], &unused, &format!("{text}="), &text.replace('=', ""), "AAAA"];
        assert_ne!(unused, text);
        for wrong in wrong {
            assert_eq!(hash(wrong), None, "{wrong:?}");
        }
    }
}
