//! A checkpoint is written back byte for byte, and the signature of an epoch is
//! read back as it was written.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mpp_audit::checkpoint::{MAX_TREE_SIZE, SignedCheckpoint};
use mpp_audit::epoch::{EpochKeys, EpochSignature};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(checkpoint) = SignedCheckpoint::parse(bytes) {
        assert_eq!(checkpoint.to_string().as_bytes(), bytes);
        assert_eq!(checkpoint.claimed().to_string(), checkpoint.note().text());
        assert!(checkpoint.claimed().head().size <= MAX_TREE_SIZE);
    }
    if let Some(signature) = EpochSignature::parse(bytes) {
        assert_eq!(signature.to_bytes(), bytes);
    }
    if let Some(keys) = EpochKeys::parse(bytes) {
        assert_eq!(keys.to_bytes(), bytes);
    }
});
