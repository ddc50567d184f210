//! # The list of host calls
//!
//! What a call did is folded into its outcome: a list, kept as a payload, and the
//! root over it. The list has one line for each kind of host call that was
//! allowed, in the order of first use, each ended by a newline:
//!
//! ```text
//! {"permission":"filesystem.read","resource":"/data/a.csv","count":3}
//! ```
//!
//! The root is that of RFC 6962, section 2.1, over the lines as the list's
//! commitment covers them. Line *i*, from 0, is the leaf
//!
//! ```text
//! key  = HMAC-SHA256(key = salt of the list, message = "calls" ‖ 0x01 ‖ i (8 bytes))
//! leaf = SHA-256(0x00 ‖ key ‖ line without its newline)
//! ```
//!
//! So one line can be shown to somebody, with its key and an inclusion proof,
//! without the salt or any other line. And the root outlives an erasure without
//! telling what was erased: a root over plain lines would confirm every guess.

use super::Allowed;
use super::payload::{Field, Salt, leaf_key};
use crate::Hash;
use crate::tree::{CompactTree, TreeHead};

/// The root where there is no list: that of the tree without leaves.
pub(crate) const NO_CALLS: Hash = TreeHead::EMPTY.root;

/// The root over a list, as it is kept or as it was committed to.
pub(crate) fn root(salt: &Salt, list: &[u8]) -> Hash {
    let mut tree = CompactTree::new();
    for (index, line) in (0..).zip(list.split_inclusive(|byte| *byte == b'\n')) {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let key = leaf_key(salt, Field::Calls, index);
        tree.append(Hash::of_record(&[key.as_bytes(), line].concat()));
    }
    tree.root()
}

/// The list as it is kept.
pub(crate) fn write(calls: &[Allowed]) -> serde_json::Result<String> {
    calls.iter().map(|call| serde_json::to_string(call).map(|line| line + "\n")).collect()
}
