//! Packages that are refused, and leave nothing behind but their record.
//!
//! Above all they raise no number: who could have a release remembered that is
//! then refused, could keep every release after it away.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use mpp_host::audit::{Event, Filter, Record, show};
use mpp_host::package::{
    Manifest, ManifestParts, Package, SignOptions, Timestamp, pack, sign, sign_detached,
};

use super::change::Change;
use super::home::{Home, files};
use super::releases::{ONE, TWO, changed, signed_by, stranger, unsigned};
use crate::support::{permissions, signing_key};

/// Release 2 is installed, and remembered.
fn home() -> Home {
    Home::with_one().after(&["install", "two.mpp", "--grant"])
}

/// Release 3, with another manifest.
fn with(change: impl FnOnce(ManifestParts) -> ManifestParts) -> Vec<u8> {
    let package = Package::parse(unsigned(3)).expect("it is a package");
    let manifest = Manifest::new(change(package.manifest().clone().into_parts()));
    pack(package.unsigned_bytes(), &manifest.expect("it is well formed")).expect("it can be packed")
}

fn by(publisher: &str) -> Vec<u8> {
    with(|parts| ManifestParts { publisher: publisher.parse().expect("a publisher's name"), ..parts })
}

fn with_a_clock() -> Vec<u8> {
    let permissions = permissions(serde_json::json!({"clock": true}));
    with(|parts| ManifestParts { permissions, ..parts })
}

/// Its signature ended long ago.
fn ended() -> Vec<u8> {
    let at = |time: &str| time.parse::<Timestamp>().expect("a time");
    let (issued_at, end) = (at("2001-01-01T00:00:00Z"), at("2001-12-31T23:59:59Z"));
    let options = SignOptions { sequence: 3, issued_at, not_after: Some(end) };
    sign(&unsigned(3), &signing_key(), &options).expect("it can be signed")
}

/// The signature of release 2, for whatever it lies beside.
fn another_ones_signature() -> Vec<u8> {
    let issued_at = "2026-01-01T00:00:00Z".parse().expect("a time");
    let options = SignOptions { sequence: 2, issued_at, not_after: None };
    sign_detached(&unsigned(2), &signing_key(), &options).expect("it can be signed")
}

/// All that the command keeps, but for the log.
fn kept(home: &Home) -> BTreeMap<PathBuf, Vec<u8>> {
    let below = |directory: &str| files(home.path(), Path::new(directory));
    let paths = below("config").into_iter().chain(below("data"));
    let kept = paths.filter(|path| !path.starts_with("data/audit"));
    let bytes = |path: &PathBuf| fs::read(home.path().join(path)).expect("a file of ours can be read");
    kept.map(|path| (path.clone(), bytes(&path))).collect()
}

/// The records of the log, which holds.
fn records(home: &Home) -> Vec<Record> {
    let shown = show(&home.path().join("data/audit"), &Filter::default()).expect("the log can be read");
    assert_eq!(shown.fault, None);
    shown.records
}

/// Runs a command that leaves everything as it was, but for one record more.
#[track_caller]
fn refuses(home: &Home, arguments: &[&str], status: i32) {
    let (before, recorded) = (kept(home), records(home).len());
    let ended = home.run(arguments);
    assert_eq!(ended.status, Ok(status), "{arguments:?}: {}", ended.err);
    assert_eq!(kept(home), before, "{arguments:?}: {}", ended.err);
    assert_eq!(records(home).len(), recorded + 1, "{arguments:?}: {}", ended.err);
}

/// Installs a package that is refused, and returns the code on record.
#[track_caller]
fn refused(home: &Home, package: &[u8], status: i32) -> String {
    home.write("refused.mpp", package);
    refuses(home, &["install", "refused.mpp"], status);
    match records(home).last().and_then(Record::event) {
        Some(Event::Refusal(refusal)) => refusal.code.clone(),
        other => panic!("{other:?}"),
    }
}

/// Attack P15: state that is kept before all checks have passed.
#[test]
fn a_refused_install_leaves_everything_byte_for_byte_and_one_record() {
    let home = home();
    let half = &TWO[..TWO.len() / 2];
    assert_eq!(refused(&home, b"no package", 3), "malformed");
    assert_eq!(refused(&home, half, 3), "malformed");
    assert_eq!(refused(&home, &unsigned(3), 3), "unsigned");
    assert_eq!(refused(&home, &changed(&TWO), 3), "statement-mismatch");
    assert_eq!(refused(&home, &signed_by(&stranger(), &unsigned(3), 3), 3), "untrusted-key");
    assert_eq!(refused(&home, &signed_by(&stranger(), &by("org.example"), 3), 3), "untrusted-publisher");
    assert_eq!(refused(&home, &ended(), 3), "expired");
    assert_eq!(refused(&home, &ONE, 3), "rolled-back");
    // All that is wrong with this one is that nobody agrees.
    let wider = signed_by(&signing_key(), &with_a_clock(), 3);
    assert_eq!(refused(&home, &wider, 4), "not-granted");

    home.write("refused.mpp.sig", &another_ones_signature());
    assert_eq!(refused(&home, &unsigned(3), 3), "statement-mismatch");
}

/// The same of roots and indexes: changed, or older than what is held.
#[test]
fn a_refused_root_or_index_leaves_everything_byte_for_byte_and_one_record() {
    let home = Home::with_one_under_a_root();
    for (command, file) in [("update", "root-2.json"), ("refresh", "index-2.json")] {
        let good = fs::read_to_string(home.path().join(file)).expect("it is there");
        let other = good.replacen(r#""sig":""#, r#""sig":"AAAA"#, 1);
        let changed = [&good[..good.len() / 2], &other].map(|text| text.as_bytes().to_owned());
        for changed in changed {
            home.write("changed.json", &changed);
            refuses(&home, &["trust", command, "com.example", "changed.json"], 3);
        }
    }
    let home = home.after(&["trust", "refresh", "com.example", "index-2.json"]);
    refuses(&home, &["trust", "refresh", "com.example", "index-1.json"], 3);
}

/// A refused install, with the command killed while it refuses.
#[test]
fn a_kill_at_any_file_operation_of_a_refused_install_leaves_everything_as_it_was() {
    let home = home();
    home.write("refused.mpp", &signed_by(&stranger(), &unsigned(3), 3));
    Change::new(home, &["install", "refused.mpp", "--grant"], 3, &[]).killed_anywhere();
}

#[test]
fn a_failure_of_any_file_operation_of_a_refused_install_leaves_everything_as_it_was() {
    let home = home();
    home.write("refused.mpp", &changed(&TWO));
    Change::new(home, &["install", "refused.mpp", "--grant"], 3, &[]).failing_anywhere();
}
