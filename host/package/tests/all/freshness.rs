//! Whether a publisher vouches for a release at this time, and what becomes of
//! one that was accepted when it does not.

use std::time::{Duration, SystemTime};

use mpp_package::{
    Check, IndexParts, Keyring, Lapse, Release, RootParts, SignOptions, Standing, Status, TrustPolicy,
    VerifyError, WhenStale, Withdrawal,
};

use crate::{
    publisher::{
        INDEX_KEY, RELEASE_KEY, accept_into, hello, index_envelope, index_parts, indexed, listed,
        package_signed_with, release, role, root_envelope, root_parts, rooted, unsigned_version, version,
        withdrawal,
    },
    support::{keyring, later, now, options, parts, publisher, time, unsigned},
};

const DAY: u64 = 24 * 60 * 60;

/// After the end of the index, and before that of the root.
fn next_month() -> SystemTime {
    later(31 * DAY)
}

/// After the end of both.
fn next_year() -> SystemTime {
    later(366 * DAY)
}

/// Why the publisher does not vouch for the release that `keyring` never accepted.
fn lapse(keyring: &Keyring, now: SystemTime) -> Lapse {
    match keyring.verify(hello(), now).unwrap_err() {
        VerifyError::NotVouchedFor(lapse) => lapse,
        other => panic!("{other:?}"),
    }
}

fn standing(keyring: &Keyring, now: SystemTime) -> Standing {
    keyring.verify(hello(), now).unwrap().standing().clone()
}

fn stale() -> Lapse {
    let IndexParts { version, issued_at, expires, .. } = index_parts(1, vec![]);
    Lapse::StaleIndex { publisher: publisher(), version, issued_at, expires }
}

fn root_expired() -> Lapse {
    Lapse::RootExpired { publisher: publisher(), expires: root_parts(1).expires }
}

fn yanked() -> Lapse {
    let Withdrawal { reason, since } = withdrawal();
    Lapse::Yanked { reason, since }
}

/// An operator who accepted the release, and has then taken another index.
fn then(releases: Vec<Release>) -> Keyring {
    let mut keyring = listed(Status::Active);
    accept_into(&mut keyring, hello()).unwrap();
    let next = index_envelope(index_parts(2, releases), &[INDEX_KEY]);
    keyring.refresh(&publisher(), next, now()).unwrap();
    keyring
}

#[test]
fn a_package_says_by_which_documents_it_was_judged() {
    let none = Standing { root_version: None, index_version: None, lapse: None };
    assert_eq!(standing(&keyring(), now()), none);
    let root = Standing { root_version: Some(1), ..none.clone() };
    let without_index = rooted(RootParts { index: None, ..root_parts(1) });
    assert_eq!(standing(&without_index, now()), root);
    let index = Standing { index_version: Some(1), ..root };
    assert_eq!(standing(&listed(Status::Active), now()), index);
}

/// P13 and P14: each reason has its own code, and belongs to a check.
#[test]
fn a_new_package_that_its_publisher_does_not_vouch_for_is_refused() {
    let other = || indexed(vec![release(&unsigned_version(2), Status::Active)]);
    let without_index = rooted(RootParts { index: None, ..root_parts(1) });
    let unlisted = Lapse::Unlisted { publisher: publisher(), version: 1 };
    let yank = listed(Status::Yanked(withdrawal()));
    let cases = [
        (without_index, next_year(), root_expired(), "root-expired", Check::Root),
        (rooted(root_parts(1)), now(), Lapse::NoIndex { publisher: publisher() }, "no-index", Check::Index),
        (listed(Status::Active), next_month(), stale(), "stale-index", Check::Index),
        (other(), now(), unlisted, "unlisted", Check::Listed),
        (yank, now(), yanked(), "yanked", Check::Listed),
    ];
    for (keyring, now, expected, code, check) in cases {
        let error = VerifyError::NotVouchedFor(lapse(&keyring, now));
        assert_eq!(error, VerifyError::NotVouchedFor(expected));
        assert_eq!((error.code(), error.check()), (code, check));
    }
}

/// P13 and P14: what was accepted goes on running, and says what is amiss.
#[test]
fn an_accepted_package_outlives_the_word_of_its_publisher() {
    let mut keyring = listed(Status::Active);
    accept_into(&mut keyring, hello()).unwrap();
    assert_eq!(standing(&keyring, now()).lapse, None);
    assert_eq!(standing(&keyring, next_month()).lapse, Some(stale()));
    assert_eq!(standing(&keyring, next_year()).lapse, Some(root_expired()));
    let yank = then(vec![release(&unsigned(), Status::Yanked(withdrawal()))]);
    assert_eq!(standing(&yank, now()).lapse, Some(yanked()));
    let unlisted = Lapse::Unlisted { publisher: publisher(), version: 2 };
    assert_eq!(standing(&then(vec![]), now()).lapse, Some(unlisted));
}

/// P13: by the digest, and not by the name.
#[test]
fn only_the_very_package_that_was_accepted_is_excused() {
    let mut keyring = indexed(vec![
        release(&unsigned_version(1), Status::Active),
        release(&unsigned_version(2), Status::Active),
    ]);
    accept_into(&mut keyring, version(1, 1, &[RELEASE_KEY])).unwrap();
    let next = keyring.verify(version(2, 2, &[RELEASE_KEY]), next_month());
    assert_eq!(next.unwrap_err(), VerifyError::NotVouchedFor(stale()));
    keyring.withdraw(&publisher(), &parts().name);
    let withdrawn = keyring.verify(version(1, 1, &[RELEASE_KEY]), next_month());
    assert_eq!(withdrawn.unwrap_err(), VerifyError::NotVouchedFor(stale()));
}

#[test]
fn an_operator_can_refuse_what_was_accepted_too() {
    let mut keyring = listed(Status::Active);
    accept_into(&mut keyring, hello()).unwrap();
    let policy = TrustPolicy { when_stale: WhenStale::Refuse, ..TrustPolicy::DEFAULT };
    keyring.set_policy(policy);
    assert_eq!(keyring.policy(), policy);
    assert_eq!(lapse(&keyring, next_month()), stale());
    let mut keyring = then(vec![release(&unsigned(), Status::Yanked(withdrawal()))]);
    keyring.set_policy(policy);
    assert_eq!(lapse(&keyring, now()), yanked());
}

/// P13.
#[test]
fn an_index_counts_as_long_as_it_says_and_the_operator_allows() {
    let age = |max_index_age| {
        let mut keyring = listed(Status::Active);
        keyring.set_policy(TrustPolicy { max_index_age, ..TrustPolicy::DEFAULT });
        keyring
    };
    let hour = Some(Duration::from_secs(3600));
    assert!(age(hour).verify(hello(), later(3600)).is_ok());
    assert_eq!(lapse(&age(hour), later(3601)), stale());
    for unbounded in [None, Some(Duration::MAX), Some(Duration::from_secs(366 * DAY))] {
        assert!(age(unbounded).verify(hello(), later(30 * DAY)).is_ok());
        assert_eq!(lapse(&age(unbounded), later(30 * DAY + 1)), stale());
    }
}

/// P13: a clock that stands before the newest document is judged by that.
#[test]
fn a_clock_set_back_brings_no_ended_document_to_life() {
    let yesterday = now() - Duration::from_secs(DAY);
    let ended = SignOptions {
        issued_at: time("2026-11-20T08:00:00Z"),
        not_after: Some(time("2026-11-22T07:59:59Z")),
        ..options()
    };
    let ended = package_signed_with(&unsigned(), &ended, &[RELEASE_KEY]);
    let error = VerifyError::Expired { not_after: time("2026-11-22T07:59:59Z") };
    // The root was made after the end of the signature, and so was the index.
    for keyring in [rooted(RootParts { index: None, ..root_parts(1) }), listed(Status::Active)] {
        assert_eq!(keyring.verify(ended.clone(), yesterday).unwrap_err(), error);
    }
    // A pinned key knows of no other time than the clock's.
    assert!(keyring().verify(ended, yesterday).is_ok());
}

/// P13.
#[test]
fn a_clock_set_back_behind_a_newer_root_does_not_renew_the_index() {
    let mut keyring = listed(Status::Active);
    let next = RootParts { issued_at: time("2026-12-25T08:00:00Z"), ..root_parts(2) };
    keyring.update_root(&publisher(), vec![root_envelope(next, &[11, 12])], now()).unwrap();
    assert_eq!(lapse(&keyring, now()), stale());
    assert_eq!(lapse(&keyring, SystemTime::UNIX_EPOCH), stale());
}

/// P13: a thief of the index key dates an index to the end of time.
#[test]
fn an_index_of_lost_keys_does_not_tell_the_time() {
    let mut keyring = rooted(root_parts(1));
    let future = IndexParts {
        issued_at: time("9000-01-01T00:00:00Z"),
        expires: time("9999-01-01T00:00:00Z"),
        ..index_parts(2, vec![release(&unsigned(), Status::Active)])
    };
    keyring.refresh(&publisher(), index_envelope(future, &[INDEX_KEY]), now()).unwrap();
    assert_eq!(lapse(&keyring, now()), root_expired());
    let rotated = RootParts { index: Some(role(&[22], 1)), ..root_parts(2) };
    keyring.update_root(&publisher(), vec![root_envelope(rotated, &[11, 12])], now()).unwrap();
    let genuine = index_parts(1, vec![release(&unsigned(), Status::Active)]);
    keyring.refresh(&publisher(), index_envelope(genuine, &[22]), now()).unwrap();
    assert!(keyring.verify(hello(), now()).is_ok());
}

#[test]
fn of_several_reasons_the_first_is_given() {
    let mut keyring = listed(Status::Active);
    accept_into(&mut keyring, hello()).unwrap();
    let next = index_envelope(index_parts(2, vec![]), &[INDEX_KEY]);
    keyring.refresh(&publisher(), next, now()).unwrap();
    let (steps, verdict) = keyring.explain(hello(), next_year());
    assert_eq!(verdict.unwrap().standing().lapse, Some(root_expired()));
    let excused: Vec<_> = steps.iter().filter(|step| step.excused).map(|step| step.check).collect();
    assert_eq!(excused, [Check::Root, Check::Index, Check::Listed]);
}
