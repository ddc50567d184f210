//! Proofs in a tree that do not hold.

use mpp_audit::Hash;
use mpp_audit::tree::{
    ConsistencyProof, InclusionProof, ProofError, ProveError, TreeHead, prove_consistency, prove_inclusion,
};

use crate::support::{leaf, naive_split, stored};

#[test]
fn l9_a_proof_does_not_hold_for_another_leaf_index_or_size() {
    let all = stored(13);
    let tree = all.tree.head();
    for index in 0..13 {
        let proof = prove_inclusion(index, 13, &all).expect("the leaf is there");
        for other in (0..16).filter(|other| *other != index) {
            assert!(proof.verify(other, leaf(index), &tree).is_err(), "{index} as {other}");
            assert!(proof.verify(index, leaf(other), &tree).is_err(), "{other} at {index}");
        }
        for size in (0..20).filter(|size| *size != 13) {
            let lying = TreeHead { size, root: tree.root };
            // A size that leads to the same shape of path leads to the same root:
            // it is the signature over size and root that binds the two.
            let same_path = shape(index, size) == shape(index, 13);
            assert_eq!(proof.verify(index, leaf(index), &lying).is_ok(), same_path, "{index} of {size}");
        }
    }
}

/// On which side each hash of a path stands, or nothing if there is no such leaf.
fn shape(index: u64, size: u64) -> Option<Vec<bool>> {
    let (mut from, mut to) = (0, size);
    let mut sides = vec![];
    while index < to && to - from > 1 {
        let middle = from + naive_split((to - from) as usize) as u64;
        sides.push(index < middle);
        (from, to) = if index < middle { (from, middle) } else { (middle, to) };
    }
    (index < size).then_some(sides)
}

#[test]
fn l9_a_hash_too_many_or_too_few_is_refused_wherever_it_is() {
    let all = stored(13);
    let (old, new) = (stored(6).tree.head(), all.tree.head());
    let path = prove_inclusion(9, 13, &all).expect("the leaf is there");
    let growth = prove_consistency(6, 13, &all).expect("both trees are there");
    let path_of =
        |hashes: Vec<Hash>| InclusionProof::from_hashes(hashes).verify(9, leaf(9), &new).unwrap_err();
    let growth_of = |hashes: Vec<Hash>| ConsistencyProof::from_hashes(hashes).verify(&old, &new).unwrap_err();
    for place in 0..=path.hashes().len() {
        let mut more = path.hashes().to_vec();
        more.insert(place, leaf(0));
        assert_eq!(path_of(more), ProofError::TooLong);
    }
    for place in 0..path.hashes().len() {
        let mut fewer = path.hashes().to_vec();
        fewer.remove(place);
        assert_eq!(path_of(fewer), ProofError::TooShort);
    }
    for place in 0..=growth.hashes().len() {
        let mut more = growth.hashes().to_vec();
        more.insert(place, leaf(0));
        assert_eq!(growth_of(more), ProofError::TooLong);
    }
    for place in 0..growth.hashes().len() {
        let mut fewer = growth.hashes().to_vec();
        fewer.remove(place);
        assert_eq!(growth_of(fewer), ProofError::TooShort);
    }
    assert_eq!(path_of(vec![]), ProofError::TooShort);
    assert_eq!(growth_of(vec![]), ProofError::TooShort);
    assert_eq!(growth_of(vec![leaf(0); 10_000]), ProofError::TooLong);
}

#[test]
fn l9_proofs_at_the_smallest_sizes_are_empty_or_impossible() {
    let all = stored(1);
    let one = all.tree.head();
    let none = InclusionProof::from_hashes(vec![]);
    assert_eq!(none.verify(0, leaf(0), &one), Ok(()));
    assert_eq!(none.verify(0, leaf(0), &TreeHead::EMPTY), Err(ProofError::NoSuchLeaf { index: 0, size: 0 }));
    assert_eq!(none.verify(1, leaf(0), &one), Err(ProofError::NoSuchLeaf { index: 1, size: 1 }));
    let nothing = ConsistencyProof::from_hashes(vec![]);
    assert_eq!(nothing.verify(&one, &one), Ok(()));
    assert_eq!(nothing.verify(&TreeHead::EMPTY, &one), Err(ProofError::FromEmpty));
    assert_eq!(nothing.verify(&TreeHead::EMPTY, &TreeHead::EMPTY), Err(ProofError::FromEmpty));
    assert_eq!(nothing.verify(&one, &TreeHead::EMPTY), Err(ProofError::Shrunk { old: 1, new: 0 }));
    let some = ConsistencyProof::from_hashes(vec![leaf(0)]);
    assert_eq!(some.verify(&one, &one), Err(ProofError::TooLong));
    let beyond = prove_inclusion(1, 1, &all).unwrap_err();
    assert_eq!(beyond, ProveError::Impossible(ProofError::NoSuchLeaf { index: 1, size: 1 }));
    let from_empty = prove_consistency(0, 1, &all).unwrap_err();
    assert_eq!(from_empty, ProveError::Impossible(ProofError::FromEmpty));
    let shrunk = prove_consistency(2, 1, &all).unwrap_err();
    assert_eq!(shrunk, ProveError::Impossible(ProofError::Shrunk { old: 2, new: 1 }));
}

#[test]
fn l7_two_trees_of_one_size_are_consistent_only_if_they_are_the_same() {
    let tree = stored(5).tree.head();
    let other = TreeHead { root: leaf(0), ..tree };
    assert_eq!(ConsistencyProof::from_hashes(vec![]).verify(&tree, &other), Err(ProofError::Root));
}

#[test]
fn l7_a_log_that_was_rewritten_is_not_consistent_with_what_it_was() {
    let all = stored(13);
    let proof = prove_consistency(6, 13, &all).expect("both trees are there");
    let rewritten = TreeHead { size: 6, root: leaf(0) };
    assert_eq!(proof.verify(&rewritten, &all.tree.head()), Err(ProofError::OldRoot));
    let grown_elsewhere = TreeHead { size: 13, root: leaf(0) };
    assert_eq!(proof.verify(&stored(6).tree.head(), &grown_elsewhere), Err(ProofError::Root));
}
