//! Any bytes are a log that holds or have a first record that does not; the
//! reader and the verifier agree on which, but for what only the verifier knows:
//! which calls are open.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mpp_audit::{FaultKind, ReadError, Records, verify};

fuzz_target!(|bytes: &[u8]| {
    let read: Result<Vec<_>, _> = Records::new(bytes).collect();
    match (verify(bytes, &[]), read) {
        (Ok(summary), Ok(records)) => {
            assert_eq!(summary.records, records.len() as u64);
            assert_eq!(summary.bytes, bytes.len() as u64);
            assert!(verify(bytes, &[summary.head]).is_ok());
        }
        (Err(ReadError::Fault(fault)), Ok(_)) => assert!(matches!(fault.kind, FaultKind::NoOpenCall { .. })),
        (Err(_), Err(_)) => {}
        (verified, read) => panic!("{verified:?}, and {read:?}"),
    }
});
