//! A policy that parses asks for no more witnesses than it names.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mpp_audit::policy::Policy;

fuzz_target!(|bytes: &[u8]| {
    let Ok(policy) = Policy::parse(bytes) else { return };
    let lines = bytes.iter().filter(|byte| **byte == b'\n').count();
    assert!(policy.logs().len() + policy.witnesses().len() < lines);
});
