//! A path has one tile, and bytes are the hashes or entries of at most one width.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mpp_audit::tiles::{Bundle, Tile, TileHashes, bundle, entries};

fuzz_target!(|input: (&str, &[u8])| {
    let (path, bytes) = input;
    if let Ok(tile) = path.parse::<Tile>() {
        assert_eq!(tile.to_string(), path);
        if let Ok(read) = TileHashes::parse(tile, bytes) {
            assert_eq!(read.to_bytes(), bytes);
        }
    }
    if let Ok(place) = path.parse::<Bundle>() {
        assert_eq!(place.to_string(), path);
        if let Ok(lines) = entries(place, bytes) {
            assert_eq!(bundle(place, &lines).expect("what was read can be written"), bytes);
        }
    }
});
