//! What was accepted before, and older releases.

use serde_json::json;

use super::documents::{INDEX, index, listed, release, sign_index};
use super::{INPUT, install, last_change, operator, refresh, refused_as, run};
use crate::cli::{User, text};

/// An operator whose publisher stands by releases 1 and 2.
fn operator_of_two_releases() -> User {
    let user = operator();
    refresh(&user, &sign_index(index(1, vec![listed(&release(1)), listed(&release(2))]), &[INDEX])).done();
    user
}

fn sequence(user: &User) -> serde_json::Value {
    let shown = user.run(["trust", "show", "com.example", "--json"]).done().json();
    shown["accepted"][0]["sequence"].clone()
}

#[test]
fn an_older_release_is_refused_until_the_newer_one_is_forgotten() {
    let user = operator_of_two_releases();
    install(&user, &release(2)).done();
    let refused = refused_as(&user, "rolled-back", install(&user, &release(1)))
        .saying(&["this is release 1, and release 2 was accepted", "get the newest release"]);
    assert!(!refused.err.contains("forget"), "an attacker would like that: {}", refused.err);
    let file = text(&user.path("package.mpp"));
    refused_as(&user, "rolled-back", user.run(["run", &file, "--grant", "--input", INPUT]));
    assert_eq!(user.run(["list", "--json"]).done().json()["packages"][0]["version"], "1.2.0");

    user.run(["trust", "forget", "com.example/text-stats"]).done().saying(&["release 2 is forgotten"]);
    let subject = json!({ "package": { "name": "text-stats" } });
    assert_eq!(last_change(&user), json!(["com.example", "forget-sequence", subject, null]));
    install(&user, &release(1)).done();
    assert_eq!(sequence(&user), 1);
    run(&user).done();
}

#[test]
fn a_newer_release_that_was_removed_is_remembered_all_the_same() {
    let user = operator_of_two_releases();
    install(&user, &release(2)).done();
    user.run(["remove", "text-stats"]).done();
    refused_as(&user, "rolled-back", install(&user, &release(1)));
    install(&user, &release(2)).done();
}

/// Who tries a package has not chosen it: the release before stays within reach.
#[test]
fn a_package_that_was_run_from_its_file_is_not_remembered() {
    let user = operator_of_two_releases();
    let file = text(&user.write("newer.mpp", release(2)));
    user.run(["run", &file, "--grant", "--input", INPUT]).done();
    assert_eq!(sequence(&user), json!(null));
    install(&user, &release(1)).done();
}

/// As after an installation that was interrupted at its very end.
#[test]
fn an_installed_package_that_is_not_remembered_is_when_it_runs() {
    let user = operator_of_two_releases();
    let before = super::trust_file(&user).expect("it is there");
    install(&user, &release(2)).done();
    let after = super::trust_file(&user);
    user.write("config/trust.json", before);
    run(&user).done();
    assert_eq!(super::trust_file(&user), after);
    run(&user).done();
    assert_eq!(super::trust_file(&user), after);
    refused_as(&user, "rolled-back", install(&user, &release(1)));
}

#[test]
fn nothing_is_forgotten_that_was_never_accepted() {
    let user = operator();
    let records = user.records().len();
    user.run(["trust", "forget", "com.example/text-stats"]).failed(2, &["nothing is remembered"]);
    user.run(["trust", "forget", "text-stats"]).failed(2, &["PUBLISHER/NAME"]);
    assert_eq!(user.records().len(), records);
}
