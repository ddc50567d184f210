//! A checkpoint or a statement about a key is written back byte for byte, and
//! no bytes are both.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mpp_audit::checkpoint::{MAX_TREE_SIZE, SignedCheckpoint};
use mpp_audit::epoch::SignedStatement;

fuzz_target!(|bytes: &[u8]| {
    let checkpoint = SignedCheckpoint::parse(bytes);
    let statement = SignedStatement::parse(bytes);
    if let Ok(checkpoint) = &checkpoint {
        assert_eq!(checkpoint.to_string().as_bytes(), bytes);
        assert_eq!(checkpoint.claimed().to_string(), checkpoint.note().text());
        assert!(checkpoint.claimed().head().size <= MAX_TREE_SIZE);
    }
    if let Ok(statement) = &statement {
        assert_eq!(statement.to_string().as_bytes(), bytes);
        assert_eq!(statement.claimed().to_string(), statement.note().text());
    }
    assert!(checkpoint.is_err() || statement.is_err());
});
