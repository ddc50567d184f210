//! Any bytes are a log that holds or have a first record that does not; the
//! reader and the verifier agree on which.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mpp_audit::{Payloads, Records, verify};

fuzz_target!(|bytes: &[u8]| {
    let read: Result<Vec<_>, _> = Records::new(bytes).collect();
    match (verify(bytes, Payloads::Skipped, &[]), read) {
        (Ok(summary), Ok(records)) => {
            assert_eq!(summary.records, records.len() as u64);
            assert_eq!(summary.bytes, bytes.len() as u64);
            assert!(verify(bytes, Payloads::Skipped, &[summary.head]).is_ok());
        }
        (Err(_), Err(_)) => {}
        (verified, read) => panic!("{verified:?}, and {read:?}"),
    }
});
