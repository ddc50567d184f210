//! Compiled code that was found and not trusted.

use serde::{Deserialize, Serialize};

use super::PackageIdentity;

/// An entry of the cache of compiled code was there and was not loaded. The
/// package was compiled anew, from its verified bytes, after this was on record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CacheRejection {
    /// The package whose code was looked for.
    pub package: PackageIdentity,
    /// Name of the entry's file in the directory of the cache.
    pub entry: String,
    /// Why it was not loaded.
    pub reason: CacheFault,
}

/// Why an entry of the cache was not loaded: the first check that it failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CacheFault {
    /// It is no regular file, or reading it failed.
    Unreadable,
    /// It is longer than any entry that the host reads.
    TooLarge,
    /// It ends before its tag does.
    Truncated,
    /// Its tag is not the one that this host makes over this code for this
    /// package and this engine. Changed, cut short, or another's: the tag
    /// cannot tell which.
    NotAuthentic,
    /// The tag holds, and the engine refused the code.
    NotLoadable,
}

impl CacheFault {
    /// Every fault, in the order of the checks.
    pub const ALL: [Self; 5] =
        [Self::Unreadable, Self::TooLarge, Self::Truncated, Self::NotAuthentic, Self::NotLoadable];

    /// The fault as the record spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::TooLarge => "too-large",
            Self::Truncated => "truncated",
            Self::NotAuthentic => "not-authentic",
            Self::NotLoadable => "not-loadable",
        }
    }
}

impl std::fmt::Display for CacheFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
