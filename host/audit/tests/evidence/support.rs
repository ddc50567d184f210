//! Trees to test with.

use std::collections::HashMap;
use std::convert::Infallible;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ed25519_dalek::Signer as _;
use mpp_audit::Hash;
use mpp_audit::checkpoint::SignedCheckpoint;
use mpp_audit::note::{Cosigner, KeyName, LogSigner};
use mpp_audit::tree::{CompactTree, HashReader, Node, TreeHead, inner};
use mpp_audit::witness::parse_cosignatures;

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

/// The head of the tree of [`stored`] at a size.
pub fn head(size: u64) -> TreeHead {
    stored(size).tree.head()
}

pub fn name(text: &str) -> KeyName {
    text.parse().expect("a name")
}

/// The secret of a log whose seed is so many of one byte.
pub fn signer(origin: &str, seed: u8) -> LogSigner {
    LogSigner::from_seed(name(origin), &[seed; 32])
}

/// A note of any text under a log's key: what a log could do that keeps to no rule.
pub fn sign_anything(origin: &str, seed: u8, text: &str) -> String {
    let signature = ed25519_dalek::SigningKey::from_bytes(&[seed; 32]).sign(text.as_bytes());
    let signer = signer(origin, seed);
    let key = signer.key().as_key();
    let line = STANDARD.encode([key.id().as_bytes().as_slice(), &signature.to_bytes()].concat());
    format!("{text}\n— {} {line}\n", key.name())
}

/// The secret of a witness whose seed is so many of one byte.
pub fn cosigner(witness: &str, seed: u8) -> Cosigner {
    Cosigner::from_seed(name(witness), &[seed; 32])
}

/// Has a witness cosign a checkpoint, as C2SP tlog-cosignature says it is done.
pub fn cosign(checkpoint: &mut SignedCheckpoint, witness: &Cosigner, seed: u8, time: u64) {
    let message = format!("cosignature/v1\ntime {time}\n{}", checkpoint.note().text());
    let signature = ed25519_dalek::SigningKey::from_bytes(&[seed; 32]).sign(message.as_bytes());
    let key = witness.key().as_key();
    let bytes = [key.id().as_bytes().as_slice(), &time.to_be_bytes(), &signature.to_bytes()].concat();
    let line = format!("— {} {}\n", key.name(), STANDARD.encode(bytes));
    let lines = parse_cosignatures(line.as_bytes()).expect("a signature line");
    checkpoint.add_cosignatures(lines, std::slice::from_ref(witness.key())).expect("the witness made it");
}

pub fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}
