//! Documents that have grown old, and what the operator says about them.

use std::time::{Duration, SystemTime};

use mpp_host::package::{
    DocumentType, Envelope, IndexParts, Keyring, Package, RootParts, SignedRoot, Timestamp,
};
use serde_json::json;

use super::documents::{INDEX, ROOT, in_days, index, listed, name, release, root, sign_index, sign_root};
use super::{install, last_change, operator_with_release_1, refused_as, run};
use crate::cli::User;

/// A user who trusted `com.example`, and took its index and release 1, when all
/// of that was young; it is 30 days later now, and these ended meanwhile.
fn operator_after_a_month(root_ends: Timestamp, index_ends: Timestamp) -> User {
    let user = operator_with_release_1();
    let then = SystemTime::now() - Duration::from_secs(30 * 24 * 60 * 60);
    let root = sign_root(RootParts { expires: root_ends, ..root(1) }, &[ROOT]);
    let index =
        IndexParts { issued_at: in_days(-40), expires: index_ends, ..index(1, vec![listed(&release(1))]) };
    let index = Envelope::parse(DocumentType::Index, &sign_index(index, &[INDEX])).expect("an envelope");
    let mut keyring = Keyring::empty();
    keyring.pin_root(SignedRoot::parse(&root).expect("a root"), then).expect("it counted then");
    keyring.refresh(&name("com.example"), index, then).expect("it counted then");
    let package = Package::parse(release(1)).expect("a package");
    let package = keyring.verify(package, then).expect("the publisher vouched for it then");
    keyring.accept(&package).expect("there is room");
    user.write("config/trust.json", keyring.to_json().expect("it can be written"));
    user
}

fn lapse(user: &User) -> serde_json::Value {
    user.last_intent()["body"]["package"]["trust"]["lapse"].clone()
}

#[test]
fn the_policy_is_shown_set_on_record_and_not_set_to_nonsense() {
    let user = User::new();
    let shown = || user.run(["trust", "policy", "--json"]).done().json();
    assert_eq!(shown(), json!({ "max_index_age_s": null, "when_stale": "run-accepted" }));
    let set = user.run(["trust", "policy", "--max-index-age", "7d", "--when-stale", "refuse"]).done();
    assert_eq!(set.out, "max-index-age  7d\nwhen-stale     refuse\n");
    assert_eq!(shown(), json!({ "max_index_age_s": 604_800, "when_stale": "refuse" }));
    let subject = json!({ "policy": { "max_index_age_s": 604_800, "stale_index": "refuse" } });
    assert_eq!(last_change(&user), json!([null, "set-policy", subject, null]));
    let records = user.records().len();
    user.run(["trust", "policy", "--when-stale", "refuse"]).done();
    assert_eq!(user.records().len(), records);
    user.run(["trust", "policy", "--max-index-age", "none"]).done();
    assert_eq!(shown(), json!({ "max_index_age_s": null, "when_stale": "refuse" }));
    for age in ["0d", "7", "-1d", "1w", "3651d", "99999999999999999999d"] {
        user.run(["trust", "policy", &format!("--max-index-age={age}")]).failed(2, &["a number of days"]);
    }
    user.run(["trust", "policy", "--when-stale", "run"]).failed(2, &["run-accepted", "refuse"]);
}

#[test]
fn an_index_older_than_the_operator_allows_lets_nothing_new_in() {
    let user = operator_with_release_1();
    user.run(["trust", "policy", "--max-index-age", "7d"]).done();
    run(&user).done().saying(&["warning: the index of `com.example` that is held is out of date"]);
    assert_eq!(lapse(&user), "stale-index");
    user.run(["remove", "text-stats"]).done();
    refused_as(&user, "stale-index", install(&user, &release(1))).saying(&["mpp trust refresh com.example"]);
    user.run(["trust", "policy", "--max-index-age", "11d"]).done();
    install(&user, &release(1)).done();
}

#[test]
fn an_operator_who_wants_fresh_documents_runs_nothing_without_them() {
    let user = operator_with_release_1();
    user.run(["trust", "policy", "--max-index-age", "7d", "--when-stale", "refuse"]).done();
    refused_as(&user, "stale-index", run(&user));
    user.run(["trust", "policy", "--max-index-age", "none"]).done();
    run(&user).done();
}

#[test]
fn an_index_that_ended_lets_run_what_was_accepted() {
    let user = operator_after_a_month(in_days(365), in_days(-1));
    run(&user).done().saying(&["is out of date", "next: take the publisher's newest index"]);
    assert_eq!(lapse(&user), "stale-index");
    user.run(["trust", "policy", "--when-stale", "refuse"]).done();
    refused_as(&user, "stale-index", run(&user));
}

#[test]
fn a_root_that_ended_lets_run_what_was_accepted() {
    let user = operator_after_a_month(in_days(-1), in_days(10));
    run(&user)
        .done()
        .saying(&["warning: the root of `com.example` ended at", "mpp trust update com.example"]);
    assert_eq!(lapse(&user), "root-expired");
    refused_as(&user, "root-expired", install(&user, &release(2)));
    user.run(["trust", "policy", "--when-stale", "refuse"]).done();
    refused_as(&user, "root-expired", run(&user));
}
