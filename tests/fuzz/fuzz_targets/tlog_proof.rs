//! A proof is written back byte for byte; no policy without logs believes it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mpp_audit::policy::Policy;
use mpp_audit::proof::RecordProof;

fuzz_target!(|bytes: &[u8]| {
    let Ok(proof) = RecordProof::parse(bytes) else { return };
    assert_eq!(proof.to_string().as_bytes(), bytes);
    let nobody = Policy::unwitnessed(vec![]).expect("no key is there twice");
    assert!(proof.verify(&nobody).is_err());
});
