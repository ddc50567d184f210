//! Releases that a publisher withdraws, and those that it never listed.

use mpp_host::package::{Digest, Release, RootParts, Status};
use serde_json::{Value, json};

use super::documents::{
    INDEX, ROOT, index, listed, listed_as, release, revoked, root, sign_index, sign_root, yanked,
};
use super::{install, operator, operator_of, operator_with_release_1, refresh, refused_as, run};
use crate::cli::User;

/// The publisher takes back release 1.
fn withdraw(user: &User, status: Status) {
    refresh(user, &sign_index(index(2, vec![listed_as(&release(1), status)]), &[INDEX])).done();
}

/// What the last call was verified against.
fn evidence(user: &User) -> Value {
    user.last_intent()["body"]["package"]["trust"].clone()
}

#[test]
fn a_listed_release_is_installed_and_runs_and_its_record_says_what_it_was_judged_by() {
    let user = operator_with_release_1();
    let ended = run(&user).done();
    assert!(!ended.err.contains("warning"), "{}", ended.err);
    let expected = json!({ "sequence": 1, "root_version": 1, "index_version": 1, "lapse": null });
    assert_eq!(evidence(&user), expected);
}

#[test]
fn a_revoked_release_runs_no_longer_though_it_is_installed() {
    let user = operator_with_release_1();
    run(&user).done();
    withdraw(&user, revoked());
    refused_as(&user, "revoked", run(&user)).saying(&[
        "revoked by its publisher",
        "leaks the text",
        "get a newer release",
    ]);
    user.run(["trust", "policy", "--when-stale", "run-accepted"]).done();
    refused_as(&user, "revoked", run(&user));
    refused_as(&user, "revoked", install(&user, &release(1)));
}

#[test]
fn a_yanked_release_is_not_installed_and_an_accepted_one_runs_with_a_warning_on_record() {
    let (user, other) = (operator_with_release_1(), operator());
    withdraw(&user, yanked());
    withdraw(&other, yanked());
    refused_as(&other, "yanked", install(&other, &release(1))).saying(&["withdrawn by its publisher"]);
    run(&user).done().saying(&[
        "warning: the publisher withdrew this release",
        "counts wrong",
        "accepted before",
    ]);
    let expected = json!({ "sequence": 1, "root_version": 1, "index_version": 2, "lapse": "yanked" });
    assert_eq!(evidence(&user), expected);
    let again = install(&user, &release(1)).done();
    again.saying(&["warning: the publisher withdrew this release"]);
}

#[test]
fn a_removed_package_is_no_longer_an_accepted_one() {
    let user = operator_with_release_1();
    withdraw(&user, yanked());
    run(&user).done();
    user.run(["remove", "text-stats"]).done();
    refused_as(&user, "yanked", install(&user, &release(1)));
    let remembered = user.run(["trust", "show", "com.example", "--json"]).done().json();
    let accepted = &remembered["accepted"][0];
    assert_eq!(json!([accepted["sequence"], accepted["digest"]]), json!([1, null]));
}

#[test]
fn a_release_that_is_not_listed_or_other_bytes_than_listed_is_refused() {
    let user = operator();
    refused_as(&user, "no-index", install(&user, &release(1)));
    refresh(&user, &sign_index(index(1, vec![listed(&release(2))]), &[INDEX])).done();
    refused_as(&user, "unlisted", install(&user, &release(1)));
    // The index knows version 1.1.0 by the digest of another package.
    let other = Release { digest: Digest::of(b"other bytes"), ..listed(&release(1)) };
    refresh(&user, &sign_index(index(2, vec![other]), &[INDEX])).done();
    refused_as(&user, "not-as-indexed", install(&user, &release(1)));
}

#[test]
fn a_publisher_that_keeps_no_index_is_judged_by_its_root_alone() {
    let user = operator_of(&sign_root(RootParts { index: None, ..root(1) }, &[ROOT]));
    install(&user, &release(1)).done();
    run(&user).done();
    let expected = json!({ "sequence": 1, "root_version": 1, "index_version": null, "lapse": null });
    assert_eq!(evidence(&user), expected);
}
