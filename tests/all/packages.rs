//! What becomes of packages that somebody changed: nothing, and a record.

use std::time::SystemTime;

use mpp_host::audit::{Event, Refusal, Stage};
use mpp_host::package::{Keyring, Package, PublisherName, SigningKey, Version, pack};
use mpp_host::policy::{OperatorPolicy, Permissions};
use mpp_host::{LoadError, Outcome};
use serde_json::json;

use crate::support::{Draft, Scene, TestHost, publisher, signing_key};
use crate::wat_tool::WatTool;

fn draft() -> Draft {
    Draft::of_component(WatTool::IDLE.component())
}

fn keyring() -> Keyring {
    let mut keyring = Keyring::empty();
    keyring.pin(&publisher(), signing_key().public_key()).expect("there is room for a key");
    keyring
}

fn nothing() -> OperatorPolicy {
    OperatorPolicy::approving(Permissions::none())
}

/// Presents bytes to a host, and returns the refusal and its record.
#[track_caller]
fn refused(host: &TestHost, bytes: Vec<u8>) -> (LoadError, Refusal) {
    let before = host.events().len();
    let error = match host.load(bytes, &nothing()) {
        Ok(tool) => panic!("it was loaded: {}", tool.digest()),
        Err(error) => error,
    };
    let events = host.events();
    assert_eq!(events.len(), before + 1, "a refusal leaves one record");
    let Some(Event::Refusal(refusal)) = events.last() else { panic!("{events:#?}") };
    assert_eq!(refusal.code, error.kind());
    (error, (**refusal).clone())
}

/// Every byte of a small package in turn, each with one bit changed and with
/// all of them.
#[test]
fn one_changed_byte_anywhere_in_a_package_is_refused() {
    let (keyring, mut bytes) = (keyring(), draft().signed());
    let accepted = |bytes: &[u8]| {
        Package::parse(bytes).is_ok_and(|package| keyring.verify(package, SystemTime::now()).is_ok())
    };
    assert!(accepted(&bytes));
    for offset in 0..bytes.len() {
        for change in [1, 2, 4, 8, 16, 32, 64, 128, 255] {
            bytes[offset] ^= change;
            assert!(!accepted(&bytes), "offset {offset} of {}, changed by {change:#04x}", bytes.len());
            bytes[offset] ^= change;
        }
    }
    assert!(accepted(&bytes));
}

/// The same, through a host, for a sample of the offsets.
#[test]
fn a_host_refuses_a_changed_package_and_puts_that_on_record() {
    let host = TestHost::new(|builder| builder);
    let bytes = draft().signed();
    assert!(host.load(bytes.clone(), &nothing()).is_ok());
    for offset in (0..bytes.len()).step_by(97).chain([bytes.len() - 1]) {
        let mut changed = bytes.clone();
        changed[offset] ^= 1;
        let (error, record) = refused(&host, changed);
        assert!(
            matches!(error, LoadError::Malformed(_) | LoadError::Unverified(_)),
            "offset {offset}: {error}"
        );
        assert!(!record.verified, "offset {offset}");
        assert!(matches!(record.stage, Stage::Package | Stage::Signature), "offset {offset}");
    }
}

#[test]
fn bytes_before_within_and_behind_a_package_are_refused() {
    let host = TestHost::new(|builder| builder);
    let bytes = draft().signed();
    let middle = Package::parse(bytes.clone()).expect("it is a package").unsigned_bytes().len();
    // A custom section that means nothing to anybody.
    let section = [0, 2, 1, b'x'];
    for at in [0, 8, middle, bytes.len()] {
        let mut longer = bytes.clone();
        longer.splice(at..at, section);
        let (error, _) = refused(&host, longer);
        assert!(matches!(error, LoadError::Malformed(_) | LoadError::Unverified(_)), "at {at}: {error}");
    }
}

/// Each refusal that a package can meet, by its code, with the stage and
/// whether the record vouches for the name.
#[test]
fn every_refusal_has_a_code_of_its_own_on_record() {
    let host = TestHost::new(|builder| builder);
    let stranger = SigningKey::from_seed(&[8; 32]);
    let unsigned = draft().unsigned();
    let two = [draft().signed(), Draft { limits: fuel(), ..draft() }.signed()];
    let [one, other] = two.map(|bytes| Package::parse(bytes).expect("it is a package"));
    let envelope = other.envelope().expect("it is signed").to_json().expect("it can be written");
    let stolen = Package::parse(one.unsigned_bytes()).and_then(|package| package.with_detached(&envelope));
    let stolen = stolen.expect("an envelope goes with any package");
    let stolen = mpp_host::package::embed(&stolen, other.envelope().expect("it is signed"));

    let cases: [(&str, Vec<u8>, Stage, bool); 7] = [
        ("malformed", b"not a package".to_vec(), Stage::Package, false),
        ("unsigned", unsigned, Stage::Signature, false),
        ("untrusted-key", draft().signed_by(&stranger), Stage::Signature, false),
        ("untrusted-publisher", by_another_publisher(), Stage::Signature, false),
        ("statement-mismatch", stolen.expect("it can be embedded"), Stage::Signature, false),
        ("undeclared-import", importing_undeclared().signed(), Stage::Imports, true),
        ("contract", without_handler().signed(), Stage::Compile, true),
    ];
    for (code, bytes, stage, verified) in cases {
        let (error, record) = refused(&host, bytes);
        assert_eq!(error.kind(), code);
        assert_eq!((record.stage, record.verified), (stage, verified), "{code}");
        assert_eq!(record.package.is_some(), code != "malformed", "{code}");
        let key_ids = record.package.map_or(0, |package| package.key_ids.len());
        assert_eq!(key_ids > 0, verified, "{code}: only a key that signed is named");
    }
}

fn fuel() -> mpp_host::policy::LimitsRequest {
    mpp_host::policy::LimitsRequest { fuel: Some(1), ..mpp_host::policy::LimitsRequest::NONE }
}

fn by_another_publisher() -> Vec<u8> {
    let mut parts = draft().manifest().into_parts();
    parts.publisher = "org.example".parse::<PublisherName>().expect("a publisher's name");
    let manifest = mpp_host::package::Manifest::new(parts).expect("the parts are right");
    let unsigned = pack(&draft().component, &manifest).expect("it can be packed");
    let options = mpp_host::package::SignOptions {
        sequence: 1,
        issued_at: mpp_host::package::Timestamp::at(SystemTime::now()).expect("the clock is set"),
        not_after: None,
    };
    mpp_host::package::sign(&unsigned, &signing_key(), &options).expect("it can be signed")
}

fn importing_undeclared() -> Draft {
    let tool = WatTool {
        imports: r#"(import "mpp:tool/random@0.1.0" "bytes" (func $bytes (param i32 i32)))"#,
        ..WatTool::IDLE
    };
    Draft::of_component(tool.component())
}

fn without_handler() -> Draft {
    Draft::of_component(wat::parse_str("(component)").expect("the text is valid"))
}

/// Names, versions and permissions of the manifest are all under the signature.
#[test]
fn a_manifest_that_was_changed_does_not_hold() {
    let host = TestHost::new(|builder| builder);
    let bytes = draft().signed();
    for (from, to) in [
        ("\"name\":\"guest\"", "\"name\":\"guess\""),
        ("\"version\":\"1.0.0\"", "\"version\":\"9.0.0\""),
        ("\"clock\":false", "\"clock\":true "),
        ("\"clock\":false", "\"clock\": true"),
    ] {
        let at = bytes.windows(from.len()).position(|window| window == from.as_bytes());
        let at = at.unwrap_or_else(|| panic!("{from} is in no manifest"));
        let mut changed = bytes.clone();
        changed[at..at + to.len()].copy_from_slice(to.as_bytes());
        let (error, record) = refused(&host, changed);
        assert!(matches!(error, LoadError::Malformed(_) | LoadError::Unverified(_)), "{to}: {error}");
        assert!(!record.verified);
    }
}

/// A version is part of what is signed, not only of the name of a file.
#[tokio::test]
async fn the_record_of_a_call_names_the_package_by_all_that_was_signed() {
    let tool = Scene::of_draft(draft()).load();
    let ended = tool.call("tool", json!({})).await;
    assert!(matches!(ended.report.outcome, Outcome::Completed(_)));
    let package = ended.record.package;
    assert_eq!(package.publisher, publisher().to_string());
    assert_eq!(package.version, Version::new(1, 0, 0).to_string());
    assert_eq!(package.digest, tool.tool.digest().to_string());
    assert_eq!(package.key_ids, [signing_key().public_key().id().to_string()]);
    assert!(package.envelope_digest.is_some());
}
