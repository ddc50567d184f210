//! A note that parses is written back byte for byte, and so is a key.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mpp_audit::note::{MAX_SIGNATURES, Note, VerifierKey};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(note) = Note::parse(bytes) {
        assert_eq!(note.to_string().as_bytes(), bytes);
        assert!(note.text().ends_with('\n'));
        assert!((1..=MAX_SIGNATURES).contains(&note.signatures().len()));
    }
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    if let Ok(key) = text.parse::<VerifierKey>() {
        assert_eq!(key.to_string(), text);
    }
});
