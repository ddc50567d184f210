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
use crate::hash::LeafHash;
use crate::tree::{CompactTree, TreeHead};

/// The root where there is no list: that of the tree without leaves.
pub(crate) const NO_CALLS: Hash = TreeHead::EMPTY.root;

/// The root over a list, as it is kept or as it was committed to.
pub(crate) fn root(salt: &Salt, list: &[u8]) -> Hash {
    let mut root = ListRoot::begin(salt);
    root.update(list);
    root.end()
}

/// A root in the making, for a list that comes in pieces. Its memory does not grow
/// with the list, nor with a line of it.
pub(crate) struct ListRoot {
    salt: Salt,
    tree: CompactTree,
    /// The leaf of a line that has begun and not ended.
    leaf: Option<LeafHash>,
}

impl ListRoot {
    /// The root over the empty list.
    pub(crate) fn begin(salt: &Salt) -> Self {
        Self { salt: salt.clone(), tree: CompactTree::new(), leaf: None }
    }

    /// Takes the next piece of the list.
    pub(crate) fn update(&mut self, piece: &[u8]) {
        for part in piece.split_inclusive(|byte| *byte == b'\n') {
            let line = part.strip_suffix(b"\n");
            let index = self.tree.size();
            let leaf = self.leaf.get_or_insert_with(|| {
                let mut leaf = LeafHash::begin();
                leaf.update(leaf_key(&self.salt, Field::Calls, index).as_bytes());
                leaf
            });
            leaf.update(line.unwrap_or(part));
            if line.is_some() {
                self.end_line();
            }
        }
    }

    /// The list is complete. A last line without its newline is a line too.
    pub(crate) fn end(mut self) -> Hash {
        self.end_line();
        self.tree.root()
    }

    fn end_line(&mut self) {
        if let Some(leaf) = self.leaf.take() {
            self.tree.append(leaf.end());
        }
    }
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
    fn a_list_in_pieces_has_the_root_of_the_whole() {
        let salt = Salt::from_bytes([7; Salt::BYTES]);
        for list in ["", "\n", "a", "a\n", "a\n\nbc\nd", "ab\ncd\nef\n"] {
            let whole = root(&salt, list.as_bytes());
            for size in 1..4 {
                let mut pieces = ListRoot::begin(&salt);
                list.as_bytes().chunks(size).for_each(|piece| pieces.update(piece));
                assert_eq!(pieces.end(), whole, "{list:?} in pieces of {size}");
            }
        }
        assert_eq!(root(&salt, b"a"), root(&salt, b"a\n"), "the last newline is no part of a line");
        assert_ne!(root(&salt, b"a\n"), root(&salt, b"a\n\n"), "an empty line is a line");
    }

    #[test]
    fn a_list_has_one_line_for_each_kind_of_call() {
        let list = write(&[called("env", "A\nB", 1), called("env", "\u{2028}\"", 2)]);
        let expected = "{\"permission\":\"env\",\"resource\":\"A\\nB\",\"count\":1}\n\
                        {\"permission\":\"env\",\"resource\":\"\u{2028}\\\"\",\"count\":2}\n";
        assert_eq!(list.ok().as_deref(), Some(expected));
    }
}
