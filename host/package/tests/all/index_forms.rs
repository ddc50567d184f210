//! What an index can say, and what nobody can sign.

use mpp_package::{
    Index, IndexFormError, IndexParts, MAX_REASON_BYTES, MAX_RELEASES, MAX_SEQUENCE, PackageName, Release,
    Status, Withdrawal,
};

use crate::{
    publisher::{index_parts, name, release, unsigned_version, withdrawal},
    support::{publisher, time, unsigned},
};

fn form(parts: IndexParts) -> IndexFormError {
    Index::new(parts).unwrap_err()
}

#[test]
fn an_index_has_one_order_and_lists_every_version_and_every_digest_once() {
    let [one, two] = [1, 2].map(|major| release(&unsigned_version(major), Status::Active));
    assert!(Index::new(index_parts(1, vec![one.clone(), two.clone()])).is_ok());
    let order = |release: &Release| IndexFormError::Order {
        publisher: publisher(),
        name: release.name.clone(),
        version: release.version.clone(),
    };
    assert_eq!(form(index_parts(1, vec![two.clone(), one.clone()])), order(&one));
    assert_eq!(form(index_parts(1, vec![one.clone(), one.clone()])), order(&one));
    let same_bytes = Release { digest: one.digest, ..two };
    let error = IndexFormError::DuplicateDigest { digest: one.digest };
    assert_eq!(form(index_parts(1, vec![one, same_bytes])), error);
}

/// P18.
#[test]
fn an_index_speaks_of_its_publishers_own_names_only() {
    for namespace in ["com.other", "com.example-evil", "com.exampleevil"] {
        let namespace = name(namespace);
        let foreign = Release { publisher: namespace.clone(), ..release(&unsigned(), Status::Active) };
        let error = IndexFormError::ForeignRelease {
            namespace,
            name: PackageName::parse("hello").unwrap(),
            publisher: publisher(),
        };
        assert_eq!(form(index_parts(1, vec![foreign])), error);
    }
}

#[test]
fn the_limits_of_an_index_are_inclusive() {
    let reason = |length| Withdrawal { reason: "x".repeat(length), since: withdrawal().since };
    let one = |length| index_parts(1, vec![release(&unsigned(), Status::Yanked(reason(length)))]);
    assert!(Index::new(one(MAX_REASON_BYTES)).is_ok());
    for length in [0, MAX_REASON_BYTES + 1] {
        assert!(matches!(form(one(length)), IndexFormError::Reason(_)), "{length}");
    }
    let many = vec![release(&unsigned(), Status::Active); MAX_RELEASES + 1];
    assert_eq!(form(index_parts(1, many)), IndexFormError::TooManyReleases { found: MAX_RELEASES + 1 });
    assert!(Index::new(index_parts(MAX_SEQUENCE, vec![])).is_ok());
    let found = MAX_SEQUENCE + 1;
    assert_eq!(form(index_parts(found, vec![])), IndexFormError::Version { found });
    let never = IndexParts { expires: time("2026-11-22T08:00:00Z"), ..index_parts(1, vec![]) };
    assert!(matches!(form(never), IndexFormError::NeverValid { .. }));
}
