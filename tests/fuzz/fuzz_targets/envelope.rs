//! An envelope that parses says the same once it is written and read again, and
//! is an envelope of one type only.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mpp_package::{DocumentType, Envelope, MAX_SIGNATURES};

fuzz_target!(|bytes: &[u8]| {
    let read = DocumentType::ALL.into_iter().filter_map(|kind| Envelope::parse(kind, bytes).ok());
    let read: Vec<_> = read.collect();
    assert!(read.len() <= 1);
    let Some(envelope) = read.into_iter().next() else { return };
    assert!((1..=MAX_SIGNATURES).contains(&envelope.signatures().len()));
    let written = envelope.to_json().expect("what was read can be written");
    assert_eq!(Envelope::parse(envelope.kind(), &written), Ok(envelope));
});
