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

#[cfg(test)]
mod tests {
    use super::*;

    fn called(permission: &str, resource: &str, count: u64) -> Allowed {
        Allowed { permission: permission.to_owned(), resource: resource.to_owned(), count }
    }

    fn root_of(calls: &[Allowed]) -> String {
        let salt = Salt::from_bytes(std::array::from_fn(|n| n as u8));
        root(&salt, write(calls).expect("calls have a JSON form").as_bytes()).to_string()
    }

    #[test]
    fn the_root_is_the_one_that_the_format_describes() {
        // Computed with the hashlib and hmac of Python; a line twice has two leaves.
        let calls = [called("env", "HOME", 1), called("env", "HOME", 1), called("clock", "", 7)];
        assert_eq!(root_of(&calls[..1]), "2ce24c68aeec522a48d9c174ef057219568bcdc5f93f9a3a539324e453f5495f");
        assert_eq!(root_of(&calls), "11b242b542b4180203bb3baed9b6eae61530ea1853d6f1f2c72d8369f8233e27");
        assert_eq!(root_of(&[]), NO_CALLS.to_string());
    }

    #[test]
    fn a_list_has_one_line_for_each_kind_of_call() {
        let list = write(&[called("env", "A\nB", 1), called("env", "\u{2028}\"", 2)]);
        let expected = "{\"permission\":\"env\",\"resource\":\"A\\nB\",\"count\":1}\n\
                        {\"permission\":\"env\",\"resource\":\"\u{2028}\\\"\",\"count\":2}\n";
        assert_eq!(list.ok().as_deref(), Some(expected));
    }
}
