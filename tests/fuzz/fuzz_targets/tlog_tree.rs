//! Whatever hashes a proof has and whatever sizes it is for, verifying it ends.
//! A proof that leads to a root has exactly one number of hashes.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mpp_audit::Hash;
use mpp_audit::tree::{ConsistencyProof, InclusionProof, ProofError, TreeHead};

fuzz_target!(|input: (u64, u64, u8)| {
    let (first, second, length) = input;
    let hash = Hash::of_payload(&[length]);
    let (old, new) = (TreeHead { size: first, root: hash }, TreeHead { size: second, root: hash });
    let hashes = |more: usize| vec![hash; usize::from(length) + more];
    let fits = |more| {
        let error = InclusionProof::from_hashes(hashes(more)).verify(first, hash, &new);
        matches!(error, Ok(()) | Err(ProofError::Root))
    };
    assert!(!(fits(0) && fits(1)));
    let fits = |more| {
        let error = ConsistencyProof::from_hashes(hashes(more)).verify(&old, &new);
        matches!(error, Ok(()) | Err(ProofError::Root | ProofError::OldRoot))
    };
    assert!(!(fits(0) && fits(1)));
});
