//! The published vectors.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use mpp_audit::Hash;
use mpp_audit::tree::{ConsistencyProof, InclusionProof, TreeHead};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Inclusion {
    file: String,
    leaf_idx: u64,
    tree_size: u64,
    root: String,
    leaf_hash: String,
    proof: Option<Vec<String>>,
    want_err: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Consistency {
    file: String,
    size1: u64,
    size2: u64,
    root1: String,
    root2: String,
    proof: Option<Vec<String>>,
    want_err: bool,
}

/// A hash, if there is one: no caller of ours can express an empty root, which
/// is as good as a refusal. Some vectors have a few words for a root that does
/// not matter; they are filled up with zeros.
fn hash(text: &str) -> Option<Hash> {
    let bytes = STANDARD.decode(text).expect("the vectors are base64");
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    if hex.is_empty() { None } else { format!("{hex:0<64}").parse().ok() }
}

fn hashes(proof: &Option<Vec<String>>) -> Option<Vec<Hash>> {
    proof.iter().flatten().map(|text| hash(text)).collect()
}

fn included(vector: &Inclusion) -> Option<bool> {
    let proof = InclusionProof::from_hashes(hashes(&vector.proof)?);
    let tree = TreeHead { size: vector.tree_size, root: hash(&vector.root)? };
    Some(proof.verify(vector.leaf_idx, hash(&vector.leaf_hash)?, &tree).is_ok())
}

fn consistent(vector: &Consistency) -> Option<bool> {
    let proof = ConsistencyProof::from_hashes(hashes(&vector.proof)?);
    let old = TreeHead { size: vector.size1, root: hash(&vector.root1)? };
    let new = TreeHead { size: vector.size2, root: hash(&vector.root2)? };
    Some(proof.verify(&old, &new).is_ok())
}

#[test]
fn l9_every_published_inclusion_proof_is_judged_as_published() {
    let vectors: Vec<Inclusion> =
        serde_json::from_str(include_str!("../vectors/merkle/inclusion.json")).expect("the vectors are JSON");
    assert_eq!(vectors.len(), 98);
    assert_eq!(vectors.iter().filter(|vector| !vector.want_err).count(), HOLDING_INCLUSIONS);
    for vector in &vectors {
        assert_eq!(included(vector).unwrap_or(false), !vector.want_err, "{}", vector.file);
    }
}

#[test]
fn l9_every_published_consistency_proof_is_judged_as_published() {
    let vectors: Vec<Consistency> = serde_json::from_str(include_str!("../vectors/merkle/consistency.json"))
        .expect("the vectors are JSON");
    assert_eq!(vectors.len(), 98);
    assert_eq!(vectors.iter().filter(|vector| !vector.want_err).count(), HOLDING_CONSISTENCIES);
    for vector in &vectors {
        assert_eq!(consistent(vector).unwrap_or(false), !vector.want_err, "{}", vector.file);
    }
}

/// So many of the vectors hold: a reader that finds none to hold is no reader.
const HOLDING_INCLUSIONS: usize = 6;
const HOLDING_CONSISTENCIES: usize = 6;
