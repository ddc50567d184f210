//! Names of tiles, and bundles of entries.

use mpp_audit::tiles::{Bundle, BundleError, Tile, TileError, bundle, entries};
use proptest::prelude::*;

fn tile(level: u8, index: u64, width: u16) -> Tile {
    Tile::new(level, index, width).expect("there is such a tile")
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
    for (level, index, width) in [(7, u64::MAX, 256), (7, 1 << 56, 1), (0, u64::MAX, 256), (0, 1 << 56, 1)] {
        assert_eq!(Tile::new(level, index, width), Err(TileError::Index { level, index }));
    }
    assert_eq!("tile/0/000".parse::<Bundle>(), Err(TileError::Path));
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
}
