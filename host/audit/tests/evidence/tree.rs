//! The Merkle tree against its definition.

use std::collections::HashMap;

use mpp_audit::Hash;
use mpp_audit::tree::{
    CompactTree, HashReader, InclusionProof, Node, ProofError, ProveError, TreeHead, WrongPeaks, inner,
    prove_consistency, prove_inclusion,
};
use proptest::prelude::*;

use crate::support::{Uniform, leaf, naive_root, naive_split, stored};

/// PATH(m, D[n]) of RFC 6962, section 2.1.1.
fn naive_path(index: usize, leaves: &[Hash]) -> Vec<Hash> {
    if leaves.len() == 1 {
        return vec![];
    }
    let (left, right) = leaves.split_at(naive_split(leaves.len()));
    let (mut path, sibling) = if index < left.len() {
        (naive_path(index, left), naive_root(right))
    } else {
        (naive_path(index - left.len(), right), naive_root(left))
    };
    path.push(sibling);
    path
}

/// SUBPROOF(m, D[n], b) of RFC 6962, section 2.1.2.
fn naive_subproof(old: usize, leaves: &[Hash], whole: bool) -> Vec<Hash> {
    if old == leaves.len() {
        return if whole { vec![] } else { vec![naive_root(leaves)] };
    }
    let (left, right) = leaves.split_at(naive_split(leaves.len()));
    let (mut proof, sibling) = if old <= left.len() {
        (naive_subproof(old, left, whole), naive_root(right))
    } else {
        (naive_subproof(old - left.len(), right, false), naive_root(left))
    };
    proof.push(sibling);
    proof
}

fn head(leaves: &[Hash]) -> TreeHead {
    TreeHead { size: leaves.len() as u64, root: naive_root(leaves) }
}

#[test]
fn the_root_is_that_of_the_definition_at_every_size() {
    let leaves: Vec<Hash> = (0..300).map(leaf).collect();
    let mut tree = CompactTree::new();
    assert_eq!(tree.head(), TreeHead::EMPTY);
    for size in 0..leaves.len() {
        assert_eq!(tree.head(), head(&leaves[..size]));
        tree.append(leaves[size]);
    }
}

#[test]
fn l9_every_proof_in_every_small_tree_is_that_of_the_definition() {
    let leaves: Vec<Hash> = (0..70).map(leaf).collect();
    let all = stored(70);
    for size in 1..=leaves.len() {
        let (new, tree) = (head(&leaves[..size]), &leaves[..size]);
        for (index, leaf) in tree.iter().enumerate() {
            let proof = prove_inclusion(index as u64, new.size, &all).expect("the leaf is there");
            assert_eq!(proof.hashes(), naive_path(index, tree));
            assert_eq!(proof.verify(index as u64, *leaf, &new), Ok(()));
        }
        for old in 1..=size {
            let proof = prove_consistency(old as u64, new.size, &all).expect("both trees are there");
            assert_eq!(proof.hashes(), naive_subproof(old, tree, true));
            assert_eq!(proof.verify(&head(&leaves[..old]), &new), Ok(()));
        }
    }
}

/// 0, 1, 2^k and its neighbours, up to where sizes end.
fn edges() -> Vec<u64> {
    let powers = (1..64).flat_map(|bit| [(1 << bit) - 1, 1 << bit, (1 << bit) + 1]);
    let mut sizes: Vec<u64> = powers.chain([0, 1, u64::MAX - 1, u64::MAX]).collect();
    sizes.sort_unstable();
    sizes.dedup();
    sizes
}

#[test]
fn l9_proofs_hold_in_trees_of_every_size_around_a_power_of_two() {
    let trees = Uniform::new();
    for size in edges().into_iter().filter(|size| *size > 0) {
        let tree = trees.head(size);
        for index in edges().into_iter().filter(|index| *index < size).chain([size / 2, size - 1]) {
            let proof = prove_inclusion(index, size, &trees).expect("the leaf is there");
            assert_eq!(proof.verify(index, trees.leaf(), &tree), Ok(()), "{index} of {size}");
            assert!(proof.hashes().len() <= 64);
        }
        for old in edges().into_iter().filter(|old| (1..=size).contains(old)) {
            let proof = prove_consistency(old, size, &trees).expect("both trees are there");
            assert_eq!(proof.verify(&trees.head(old), &tree), Ok(()), "{old} to {size}");
        }
    }
}

#[test]
fn l9_a_proof_has_as_many_hashes_as_its_tree_is_high() {
    let trees = Uniform::new();
    for (size, hashes) in
        [(1, 0), (2, 1), (10_000, 14), (1_000_000, 20), (10_000_000, 24), (1 << 63, 63), (u64::MAX, 64)]
    {
        let proof = prove_inclusion(0, size, &trees).expect("the leaf is there");
        assert_eq!(proof.hashes().len(), hashes, "{size}");
    }
    let proof = prove_consistency((1 << 62) - 1, 1 << 62, &trees).expect("both trees are there");
    assert_eq!(proof.hashes().len(), 63);
}

#[test]
fn a_tree_goes_on_from_its_peaks_and_from_its_stored_hashes() {
    let all = stored(100);
    for size in [0, 1, 2, 3, 63, 64, 65, 99] {
        let from_storage = CompactTree::read(size, &all).expect("every hash is stored");
        let peaks = from_storage.peaks().to_vec();
        assert_eq!(peaks.len(), size.count_ones() as usize);
        let mut tree = CompactTree::from_peaks(size, peaks).expect("as many peaks as bits");
        (size..100).for_each(|index| tree.append(leaf(index)));
        assert_eq!(tree, all.tree);
    }
    let wrong = CompactTree::from_peaks(5, vec![leaf(0); 3]).unwrap_err();
    assert_eq!(wrong, WrongPeaks { size: 5, found: 3 });
    assert_eq!(wrong.to_string(), "a tree of 5 records consists of 2 complete subtrees, not of 3");
}

#[test]
fn a_tree_that_cannot_grow_stays_as_it_is() {
    let full = CompactTree::read(u64::MAX, &Uniform::new()).expect("every hash is there");
    let mut tree = full.clone();
    tree.append(leaf(0));
    assert_eq!(tree, full);
}

#[test]
fn a_reader_that_fails_or_miscounts_gives_no_proof() {
    let empty: HashMap<Node, Hash> = HashMap::new();
    let failing = |nodes: &[Node]| {
        nodes.iter().map(|n| empty.get(n).copied().ok_or("gone")).collect::<Result<Vec<_>, _>>()
    };
    assert_eq!(prove_inclusion(0, 2, &failing), Err(ProveError::Reader("gone")));
    let short = |_: &[Node]| Ok::<_, ()>(vec![]);
    assert_eq!(prove_inclusion(0, 3, &short), Err(ProveError::Count { asked: 2, found: 0 }));
    assert_eq!(CompactTree::read(3, &short), Err(ProveError::Count { asked: 2, found: 0 }));
}

#[test]
fn a_proof_asks_for_its_hashes_once() {
    let asked = std::cell::Cell::new(0);
    let trees = Uniform::new();
    let reader = |nodes: &[Node]| {
        asked.set(asked.get() + 1);
        trees.read(nodes)
    };
    prove_inclusion(12_345, 9_999_999, &reader).expect("the leaf is there");
    assert_eq!(asked.get(), 1);
}

proptest! {
    #[test]
    fn any_two_trees_and_any_leaf_agree_with_the_definition(
        contents in prop::collection::vec(any::<u16>(), 1..200),
        old in any::<prop::sample::Index>(),
        index in any::<prop::sample::Index>(),
    ) {
        let leaves: Vec<Hash> = contents.iter().map(|n| Hash::of_record(&n.to_be_bytes())).collect();
        let (old, index) = (old.index(leaves.len()) + 1, index.index(leaves.len()));
        let mut hashes = HashMap::new();
        let mut tree = CompactTree::new();
        for leaf in &leaves {
            tree.append_with(*leaf, |node, hash| { hashes.insert(node, hash); });
        }
        let reader = |nodes: &[Node]| nodes.iter().map(|n| hashes.get(n).copied().ok_or(())).collect();
        let new = head(&leaves);
        prop_assert_eq!(tree.head(), new);
        let path = prove_inclusion(index as u64, new.size, &reader).expect("the leaf is there");
        prop_assert_eq!(path.hashes(), naive_path(index, &leaves));
        prop_assert_eq!(path.verify(index as u64, leaves[index], &new), Ok(()));
        let growth = prove_consistency(old as u64, new.size, &reader).expect("both trees are there");
        prop_assert_eq!(growth.hashes(), naive_subproof(old, &leaves, true));
        prop_assert_eq!(growth.verify(&head(&leaves[..old]), &new), Ok(()));
    }

    #[test]
    fn a_proof_with_any_hash_changed_does_not_hold(
        size in 2_u64..100, index in any::<prop::sample::Index>(), which in any::<prop::sample::Index>(),
    ) {
        let all = stored(size);
        let index = index.index(size as usize) as u64;
        let proof = prove_inclusion(index, size, &all).expect("the leaf is there");
        let mut hashes = proof.hashes().to_vec();
        let which = which.index(hashes.len());
        hashes[which] = inner(&hashes[which], &leaf(0));
        let changed = InclusionProof::from_hashes(hashes);
        prop_assert_eq!(changed.verify(index, leaf(index), &all.tree.head()), Err(ProofError::Root));
    }
}
