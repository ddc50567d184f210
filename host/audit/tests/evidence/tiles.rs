//! Tiles: names, growth, and reading few of them.

use std::cell::RefCell;
use std::collections::BTreeMap;

use mpp_audit::Hash;
use mpp_audit::tiles::{
    Bundle, BundleError, Edge, EdgeError, MAX_TILE_BYTES, Tile, TileBytesError, TileError, TileHashes,
    TileReadError, TileReader, bundle, entries, growth,
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
fn a_tile_has_the_path_that_the_specification_gives_it() {
    for (tile, path) in [
        (tile(0, 0, 256), "tile/0/000"),
        (tile(0, 1_234_067, 256), "tile/0/x001/x234/067"),
        (tile(1, 999, 255), "tile/1/999.p/255"),
        (tile(2, 1000, 1), "tile/2/x001/000.p/1"),
        (tile(0, (1 << 56) - 1, 255), "tile/0/x072/x057/x594/x037/x927/935.p/255"),
        (tile(7, 0, 255), "tile/7/000.p/255"),
    ] {
        assert_eq!(tile.to_string(), path);
        assert_eq!(path.parse(), Ok(tile));
    }
    let bundle = tile(0, 1_234_067, 17).bundle().expect("level 0 has bundles");
    assert_eq!(bundle.to_string(), "tile/entries/x001/x234/067.p/17");
    assert_eq!("tile/entries/x001/x234/067.p/17".parse(), Ok(bundle));
    assert_eq!(bundle.records(), 315_921_152..315_921_169);
    assert_eq!(tile(1, 0, 1).bundle(), None);
}

#[test]
fn a_tile_has_one_path() {
    for wrong in [
        "",
        "tile",
        "tile/",
        "tile/0",
        "tile/0/",
        "tile/0/0",
        "tile/0/00",
        "tile/0/0000",
        "tile/0/x000/001",
        "tile/0/x001/x000",
        "tile/0/001/002",
        "tile/0/X001/002",
        "tile/0/x01/002",
        "tile/0/x001//002",
        "tile/00/000",
        "tile/+0/000",
        "tile/-1/000",
        "tile/0/000/",
        "/tile/0/000",
        "tile/0/000.p",
        "tile/0/000.p/",
        "tile/0/000.p/01",
        "tile/0/000.p/1/",
        "tile/0/000.p/1.p/1",
        "tile/0/٠٠٠",
        "tile/entries/000",
        "tile/0/../000",
        "tile/0/000\n",
        "tile/0/x018/x446/x744/x073/x709/x551/616",
    ] {
        assert_eq!(wrong.parse::<Tile>(), Err(TileError::Path), "{wrong:?}");
    }
    assert_eq!("tile/0/000.p/0".parse::<Tile>(), Err(TileError::Width { width: 0 }));
    assert_eq!("tile/0/000.p/256".parse::<Tile>(), Err(TileError::Width { width: 256 }));
    assert_eq!("tile/8/000".parse::<Tile>(), Err(TileError::Level { level: 8 }));
    assert_eq!("tile/64/000".parse::<Tile>(), Err(TileError::Level { level: 64 }));
    assert_eq!("tile/7/000".parse::<Tile>(), Err(TileError::Index { level: 7, index: 0 }));
    assert_eq!("tile/7/001.p/1".parse::<Tile>(), Err(TileError::Index { level: 7, index: 1 }));
    assert_eq!("tile/0/000".parse::<Bundle>(), Err(TileError::Path));
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

#[test]
fn bundles_are_the_lines_of_the_log_with_their_lengths() {
    let place = Bundle::new(0, 3).expect("there is such a bundle");
    let lines: [&[u8]; 3] = [b"{}", b"", b"{\"v\":1}"];
    let bytes = bundle(place, &lines).expect("they fit");
    assert_eq!(bytes, b"\x00\x02{}\x00\x00\x00\x07{\"v\":1}");
    assert_eq!(entries(place, &bytes), Ok(lines.to_vec()));
}

#[test]
fn a_bundle_has_exactly_its_entries() {
    let place = Bundle::new(1, 2).expect("there is such a bundle");
    let long = vec![b'x'; 65_536];
    let longest = &long[1..];
    assert_eq!(bundle(place, &[b"a"]), Err(BundleError::Count { bundle: place, found: 1 }));
    assert_eq!(bundle(place, &[b"a", &long]), Err(BundleError::TooLong { record: 257, bytes: 65_536 }));
    let whole = bundle(place, &[longest, b"b"]).expect("they fit");
    assert_eq!(entries(place, &whole), Ok(vec![longest, b"b"]));
    for end in 0..whole.len() {
        let record = if end < 65_537 { 256 } else { 257 };
        assert_eq!(entries(place, &whole[..end]), Err(BundleError::Torn { record }));
    }
    let more = [whole.as_slice(), b"x"].concat();
    assert_eq!(entries(place, &more), Err(BundleError::Rest { found: 1 }));
}

proptest! {
    #[test]
    fn any_tile_reads_back_from_its_path(level in 0_u8..8, index in any::<u64>(), width in 1_u16..=256) {
        let index = index.checked_shr(8 * u32::from(level + 1)).unwrap_or(0);
        if let Ok(tile) = Tile::new(level, index, width) {
            prop_assert_eq!(tile.to_string().parse(), Ok(tile));
        }
    }

    #[test]
    fn any_text_that_is_a_path_is_the_only_one_of_its_tile(text in "tile/[0-9]/(x?[0-9]{3}/){0,2}[0-9]{3}(\\.p/[0-9]{1,3})?") {
        if let Ok(tile) = text.parse::<Tile>() {
            prop_assert_eq!(tile.to_string(), text);
        }
    }

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
