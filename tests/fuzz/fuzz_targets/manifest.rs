//! A manifest has one encoding: what parses is written the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mpp_package::Manifest;

fuzz_target!(|bytes: &[u8]| {
    let Ok(manifest) = Manifest::parse(bytes) else { return };
    assert_eq!(manifest.to_json().expect("what was read can be written"), bytes);
    assert!(!manifest.tools().is_empty());
});
