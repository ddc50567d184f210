//! A request is written back byte for byte, and so are the lines of an answer.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mpp_audit::tree::MAX_PROOF_HASHES;
use mpp_audit::witness::{AddCheckpoint, parse_conflict, parse_cosignatures};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(request) = AddCheckpoint::parse(bytes) {
        assert_eq!(request.to_string().as_bytes(), bytes);
        assert!(request.proof().hashes().len() <= MAX_PROOF_HASHES);
    }
    if let Ok(lines) = parse_cosignatures(bytes) {
        let written: String = lines.iter().map(|line| format!("{line}\n")).collect();
        assert_eq!(written.as_bytes(), bytes);
    }
    if let Ok(size) = parse_conflict(bytes) {
        assert_eq!(format!("{size}\n").as_bytes(), bytes);
    }
});
