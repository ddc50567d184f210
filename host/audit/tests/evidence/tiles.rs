//! Tiles: growth, and reading few of them.

use std::cell::RefCell;
use std::collections::BTreeMap;

use mpp_audit::Hash;
use mpp_audit::tiles::{
    Edge, EdgeError, MAX_TILE_BYTES, Tile, TileBytesError, TileHashes, TileReadError, TileReader, growth,
};
use mpp_audit::tree::{CompactTree, HashReader as _, Node, TreeHead, prove_consistency, prove_inclusion};
use proptest::prelude::*;

use crate::support::{Uniform, leaf, stored};

type Files = BTreeMap<String, Vec<u8>>;

fn tile(level: u8, index: u64, width: u16) -> Tile {
    Tile::new(level, index, width).expect("there is such a tile")
}

fn read(files: &Files) -> impl Fn(Tile) -> Result<Vec<u8>, String> {
    |tile| files.get(&tile.to_string()).cloned().ok_or_else(|| format!("no file {tile}"))
}

fn keep(files: &mut Files, tiles: impl IntoIterator<Item = TileHashes>) {
    files.extend(tiles.into_iter().map(|tile| (tile.tile().to_string(), tile.to_bytes())));
}

/// A log of so many records: its edge, and the files of its tiles.
fn written(size: u64) -> (Edge, Files) {
    let (mut edge, mut files) = (Edge::new(), Files::new());
    for index in 0..size {
        keep(&mut files, edge.append(leaf(index)));
    }
    keep(&mut files, edge.partial());
    (edge, files)
}

/// The file of any tile of the uniform tree.
fn uniform(trees: &Uniform, tile: Tile) -> Vec<u8> {
    trees.level(tile.level() * 8).as_bytes().repeat(tile.width().into())
}

#[test]
fn a_log_of_70000_has_the_tiles_that_the_specification_counts() {
    let tiles: Vec<Tile> = growth(0, 70_000).collect();
    let count = |level, partial| {
        tiles.iter().filter(|tile| tile.level() == level && tile.is_partial() == partial).count()
    };
    assert_eq!((count(0, false), count(1, false), count(2, false)), (273, 1, 0));
    let partial: Vec<String> = tiles.iter().filter(|tile| tile.is_partial()).map(Tile::to_string).collect();
    assert_eq!(partial, ["tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1"]);
    let smallest: Vec<String> = growth(0, 256).map(|tile| tile.to_string()).collect();
    assert_eq!(smallest, ["tile/0/000", "tile/1/000.p/1"]);
}

#[test]
fn a_log_that_did_not_grow_has_no_new_tiles() {
    assert_eq!(growth(0, 0).next(), None);
    assert_eq!(growth(70_000, 70_000).next(), None);
    assert_eq!(growth(70_000, 69_999).next(), None);
}

#[test]
fn growth_names_exactly_what_the_edge_writes() {
    let (mut edge, mut before) = (Edge::new(), 0);
    for size in [1, 2, 255, 256, 257, 300, 512, 513, 1000, 65_535, 65_536, 65_537, 66_000] {
        let mut files = Files::new();
        for index in before..size {
            keep(&mut files, edge.append(leaf(index)));
        }
        let unchanged: Vec<Tile> = growth(0, before).collect();
        keep(&mut files, edge.partial().filter(|tile| !unchanged.contains(&tile.tile())));
        let mut names: Vec<String> = growth(before, size).map(|tile| tile.to_string()).collect();
        names.sort_unstable();
        assert_eq!(files.keys().cloned().collect::<Vec<_>>(), names, "{before} to {size}");
        before = size;
    }
}

#[test]
fn the_edge_and_the_compact_tree_come_to_the_same_root() {
    let (mut edge, mut tree) = (Edge::new(), CompactTree::new());
    assert_eq!(edge.head(), TreeHead::EMPTY);
    for index in 0..1000 {
        edge.append(leaf(index));
        tree.append(leaf(index));
        assert_eq!(edge.head(), tree.head());
    }
    assert_eq!(edge.tree(), tree);
}

#[test]
fn a_writer_goes_on_from_at_most_eight_tiles() {
    let (edge, files) = written(66_000);
    let fetched = RefCell::new(Vec::new());
    let fetch = |tile: Tile| {
        fetched.borrow_mut().push(tile.to_string());
        read(&files)(tile)
    };
    assert_eq!(Edge::read(&edge.head(), fetch), Ok(edge));
    assert_eq!(fetched.into_inner(), ["tile/0/257.p/208", "tile/1/001.p/1", "tile/2/000.p/1"]);
    let trees = Uniform::new();
    let huge = trees.head(u64::MAX - 1);
    let edge = Edge::read(&huge, |tile| Ok::<_, ()>(uniform(&trees, tile))).expect("the tiles are right");
    assert_eq!((edge.head(), edge.partial().count()), (huge, 8));
}

#[test]
fn l1_a_bit_changed_in_a_tile_at_the_edge_is_found_when_the_log_is_opened() {
    let (edge, files) = written(600);
    for name in edge.partial().map(|tile| tile.tile().to_string()) {
        for bit in 0..8 {
            let mut files = files.clone();
            files.get_mut(&name).expect("it was written")[33] ^= 1 << bit;
            let found = Edge::read(&edge.head(), read(&files));
            assert_eq!(found, Err(EdgeError::Root { expected: edge.head() }), "{name}");
        }
    }
}

#[test]
fn l1_a_tile_of_another_length_is_no_tile() {
    let (edge, mut files) = written(300);
    let tile = tile(0, 1, 44);
    files.get_mut("tile/0/001.p/44").expect("it was written").push(0);
    let error = Edge::read(&edge.head(), read(&files)).unwrap_err();
    assert_eq!(error, EdgeError::Bytes(TileBytesError { tile, found: 44 * 32 + 1 }));
    assert_eq!(error.to_string(), "tile/0/001.p/44 has 1408 bytes, and these are 1409");
    files.remove("tile/0/001.p/44");
    let gone = EdgeError::Fetch { tile, source: "no file tile/0/001.p/44".to_owned() };
    assert_eq!(Edge::read(&edge.head(), read(&files)), Err(gone));
    for length in [0, 31, 33, 43 * 32, MAX_TILE_BYTES] {
        let bytes = vec![0; length];
        assert_eq!(TileHashes::parse(tile, &bytes), Err(TileBytesError { tile, found: length }));
    }
}

#[test]
fn a_reader_of_tiles_knows_every_complete_subtree_and_no_other() {
    let all = stored(1000);
    let (edge, files) = written(1000);
    let reader = TileReader::new(edge.size(), read(&files));
    for (node, hash) in &all.hashes {
        assert_eq!(reader.read(&[*node]), Ok(vec![*hash]), "{node:?}");
    }
    for node in [
        Node::leaf(1000),
        Node { level: 3, index: 125 },
        Node { level: 9, index: 1 },
        Node { level: 10, index: 0 },
        Node { level: 63, index: 0 },
        Node { level: 64, index: 0 },
        Node { level: 255, index: u64::MAX },
        Node::leaf(u64::MAX),
    ] {
        assert_eq!(reader.read(&[node]), Err(TileReadError::NoSuchNode { size: 1000, node }));
    }
}

#[test]
fn a_proof_for_one_record_among_ten_million_takes_five_reads() {
    let trees = Uniform::new();
    for size in [10_000_000, 9_999_999, 16_777_216, 16_777_215] {
        let tree = trees.head(size);
        for index in [0, 1, 255, 256, 65_536, size / 3, size / 2, size - 2, size - 1] {
            let fetched = RefCell::new(Vec::new());
            let reader = TileReader::new(size, |tile: Tile| {
                fetched.borrow_mut().push(tile);
                Ok::<_, ()>(uniform(&trees, tile))
            });
            let proof = prove_inclusion(index, size, &reader).expect("the leaf is there");
            assert_eq!(proof.verify(index, trees.leaf(), &tree), Ok(()));
            assert!(fetched.borrow().len() <= 5, "{index} of {size}: {:?}", fetched.borrow());
        }
    }
}

#[test]
fn l1_a_proof_from_changed_tiles_does_not_verify() {
    let (edge, mut files) = written(700);
    files.get_mut("tile/0/000").expect("it was written")[0] ^= 1;
    let proof = prove_inclusion(1, 700, &TileReader::new(700, read(&files))).expect("the tiles are there");
    let error = proof.verify(1, leaf(1), &edge.head()).unwrap_err();
    assert_eq!(error, mpp_audit::tree::ProofError::Root);
}

#[test]
fn an_interrupted_log_reads_as_the_size_that_its_checkpoint_says() {
    // Tiles of a longer log are there, partial ones of the shorter one too.
    let (short, mut files) = written(300);
    files.extend(written(600).1);
    let reader = TileReader::new(300, read(&files));
    let proof = prove_inclusion(299, 300, &reader).expect("the leaf is there");
    assert_eq!(proof.verify(299, leaf(299), &short.head()), Ok(()));
}

proptest! {
    #[test]
    fn proofs_from_tiles_hold_between_any_two_sizes(size in 1_u64..2000, old in any::<prop::sample::Index>()) {
        let old = old.index(size as usize) as u64 + 1;
        let (edge, files) = written(size);
        let reader = TileReader::new(size, read(&files));
        let proof = prove_consistency(old, size, &reader).expect("the tiles are there");
        prop_assert_eq!(proof.verify(&written(old).0.head(), &edge.head()), Ok(()));
        let path = prove_inclusion(old - 1, size, &reader).expect("the tiles are there");
        prop_assert_eq!(path.verify(old - 1, Hash::of_record((old - 1).to_string().as_bytes()), &edge.head()), Ok(()));
    }
}
