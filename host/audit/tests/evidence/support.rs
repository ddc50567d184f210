//! Trees to test with.

use std::collections::HashMap;
use std::convert::Infallible;

use mpp_audit::Hash;
use mpp_audit::tree::{CompactTree, HashReader, Node, TreeHead, inner};

/// The leaf of a record that is its own number.
pub fn leaf(index: u64) -> Hash {
    Hash::of_record(index.to_string().as_bytes())
}

/// MTH of RFC 6962, section 2.1, as it is written there.
pub fn naive_root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Hash::of_payload(b""),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(naive_split(leaves.len()));
            inner(&naive_root(left), &naive_root(right))
        }
    }
}

/// The largest power of two below `count`.
pub fn naive_split(count: usize) -> usize {
    (0..).map(|bit| 1 << bit).take_while(|power| *power < count).last().expect("two leaves or more")
}

/// A tree with everything stored.
pub struct Stored {
    pub tree: CompactTree,
    pub hashes: HashMap<Node, Hash>,
}

pub fn stored(size: u64) -> Stored {
    let (mut tree, mut hashes) = (CompactTree::new(), HashMap::new());
    for index in 0..size {
        tree.append_with(leaf(index), |node, hash| {
            assert_eq!(hashes.insert(node, hash), None, "{node:?} is completed once");
        });
    }
    Stored { tree, hashes }
}

impl HashReader for Stored {
    type Error = Node;

    fn read(&self, nodes: &[Node]) -> Result<Vec<Hash>, Node> {
        nodes.iter().map(|node| self.hashes.get(node).copied().ok_or(*node)).collect()
    }
}

/// A tree of any size whose leaves are all the same, so that nothing need be stored.
pub struct Uniform {
    levels: Vec<Hash>,
}

impl Uniform {
    pub fn new() -> Self {
        let first = leaf(0);
        let levels = std::iter::successors(Some(first), |below| Some(inner(below, below)));
        Self { levels: levels.take(64).collect() }
    }

    pub fn leaf(&self) -> Hash {
        self.levels[0]
    }

    pub fn level(&self, level: u8) -> Hash {
        self.levels[usize::from(level)]
    }

    pub fn head(&self, size: u64) -> TreeHead {
        CompactTree::read(size, self).expect("every hash is there").head()
    }
}

impl HashReader for Uniform {
    type Error = Infallible;

    fn read(&self, nodes: &[Node]) -> Result<Vec<Hash>, Infallible> {
        Ok(nodes.iter().map(|node| self.level(node.level)).collect())
    }
}
