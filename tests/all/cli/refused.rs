//! Packages that somebody changed, and signed anew or not.

use std::fs;
use std::time::SystemTime;

use mpp_host::package::{Manifest, ManifestParts, Package, SignOptions, SigningKey, Timestamp, pack, sign};
use mpp_host::policy::Permissions;

use super::{PUBLISHER, User, text};
use crate::support::guests;

/// The publisher signs this.
fn signed(package: &[u8]) -> Vec<u8> {
    let pem = fs::read_to_string(PUBLISHER.secret_key()).expect("the key is there");
    let key = SigningKey::from_pem(&pem).expect("the key is a key");
    let issued_at = Timestamp::at(SystemTime::now()).expect("the clock is right");
    sign(package, &key, &SignOptions { sequence: 2, issued_at, not_after: None })
        .expect("a package can be signed")
}

/// The publisher declares less than the component imports, and signs that.
#[test]
fn a_manifest_without_a_permission_is_refused_before_any_code_runs_though_it_is_signed() {
    let user = User::who_trusts();
    let yaml = "permissions: { filesystem: { read: [/data] } }\n";
    let package = PUBLISHER.make("stripped", guests::READS_FILES, yaml);
    let package = Package::parse(fs::read(package).expect("it was made")).expect("it is a package");
    let parts = ManifestParts { permissions: Permissions::none(), ..package.manifest().clone().into_parts() };
    let manifest = Manifest::new(parts).expect("the parts are right");
    let stripped = pack(package.unsigned_bytes(), &manifest).expect("the component can be packed");
    let stripped = text(&user.write("stripped.mpp", signed(&stripped)));

    user.run(["verify", &stripped]).done();
    user.run(["inspect", &stripped, "--json"]).with_status(3).saying(&["imports what it does not declare"]);
    let run = user.run(["run", &stripped, "--grant", "--tool", "read", "--input", r#"{"path": "/data/a"}"#]);
    run.failed(3, &["is refused", "mpp:tool/fs@0.1.0", "permissions.filesystem.read"]);
    let record = user.last_record();
    assert_eq!(record["kind"], "refusal");
    assert_eq!(record["body"]["stage"], "imports");
    assert_eq!(record["body"]["code"], "undeclared-import");
    assert_eq!(record["body"]["verified"], true);
}

#[test]
fn a_package_signed_by_somebody_else_is_refused_with_the_key_to_compare() {
    let (user, stranger) = (User::who_trusts(), User::new());
    stranger.run(["key", "new"]).done();
    let package = text(&user.write("theirs.mpp", fs::read(PUBLISHER.text_stats()).expect("it is there")));
    stranger.run(["sign", &package, "--replace"]).done();
    user.run(["verify", &package]).failed(3, &["an untrusted key", "a hint to compare"]);
    user.run(["run", &package, "--grant"]).failed(3, &["an untrusted key"]);
    assert_eq!(user.last_record()["body"]["code"], "untrusted-key");
}

#[test]
fn a_signature_that_has_ended_is_refused() {
    let user = User::who_trusts();
    let package = text(&user.write("old.mpp", fs::read(PUBLISHER.text_stats()).expect("it is there")));
    let key = text(&PUBLISHER.secret_key());
    let sign = |expires: &str| user.run(["sign", &package, "--key", &key, "--replace", "--expires", expires]);
    sign("2001-01-01T00:00:00Z").failed(2, &["cannot be signed"]);
    sign("2999-01-01T00:00:00Z").done();
    user.run(["verify", &package]).done();
}

#[test]
fn an_installed_package_that_was_changed_on_disk_does_not_run() {
    let user = User::with_text_stats();
    let run = || user.run(["run", "text-stats", "--input", r#"{"text": "a"}"#]);
    let mut packages = fs::read_dir(user.path("data/packages")).expect("there are packages");
    let file = packages.next().expect("there is one").expect("it can be listed").path();
    let good = fs::read(&file).expect("it can be read");
    for offset in [0, good.len() / 2, good.len() - 1] {
        let mut changed = good.clone();
        changed[offset] ^= 1;
        fs::write(&file, changed).expect("it can be written");
        let ended = run();
        assert!(matches!(ended.status, 1 | 3), "{}", ended.err);
        assert_eq!(ended.out, "");
    }
    user.run(["doctor"]).with_status(1).saying(&["installed"]);
    fs::remove_file(&file).expect("it can be removed");
    run().failed(1, &["damaged", "install it again"]);
    fs::write(&file, good).expect("it can be written");
    run().done();
}
