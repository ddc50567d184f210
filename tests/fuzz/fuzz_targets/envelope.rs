//! An envelope that parses says the same once it is written and read again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mpp_package::{Envelope, MAX_SIGNATURES};

fuzz_target!(|bytes: &[u8]| {
    let Ok(envelope) = Envelope::parse(mpp_package::DocumentType::Package, bytes) else { return };
    assert!((1..=MAX_SIGNATURES).contains(&envelope.signatures().len()));
    let written = envelope.to_json().expect("what was read can be written");
    let again = Envelope::parse(mpp_package::DocumentType::Package, &written).expect("what was written can be read");
    assert_eq!(again.payload(), envelope.payload());
    assert_eq!(again.signatures(), envelope.signatures());
});
