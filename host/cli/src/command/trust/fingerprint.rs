//! What a person compares before they trust.

use std::fmt;
use std::str::FromStr;

use mpp_package::{Digest, KeyId};

/// The fingerprint of a key or of a root: 64 lower-case hexadecimal digits, with
/// or without `sha256:` before them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fingerprint(String);

impl From<KeyId> for Fingerprint {
    fn from(id: KeyId) -> Self {
        Self(id.to_string())
    }
}

impl From<Digest> for Fingerprint {
    fn from(digest: Digest) -> Self {
        Self(digest.to_hex())
    }
}

impl FromStr for Fingerprint {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let digits = text.strip_prefix("sha256:").unwrap_or(text);
        digits.parse::<KeyId>().map(Self::from).map_err(|_| {
            "a fingerprint is 64 lower-case hexadecimal digits, after `sha256:` or not".to_owned()
        })
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
