//! What becomes of packages that somebody changed: nothing, and a record.

use std::time::SystemTime;

use mpp_host::audit::{Event, Refusal, Stage};
use mpp_host::package::{
    Keyring, Manifest, Package, PublicKey, Schema, SignOptions, SigningKey, Timestamp, Version, embed, pack,
    sign,
};
use mpp_host::policy::{LimitsRequest, OperatorPolicy, Permissions};
use mpp_host::{LoadError, Outcome, Request};
use serde_json::json;

use crate::support::{Draft, Scene, TestHost, permissions, publisher, signing_key};
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

/// Presents a package, and checks what the record says of its refusal: by its
/// code, at which stage, and whether it vouches for the name of the package.
#[track_caller]
fn refused_as(code: &str, stage: Stage, bytes: Vec<u8>, policy: &OperatorPolicy) {
    let host = TestHost::new(|builder| builder);
    let Err(error) = host.load(bytes, policy) else { panic!("{code}: it was loaded") };
    assert_eq!(error.kind(), code);
    let Event::Refusal(record) = host.only_event() else { panic!("{code}: the record is of another kind") };
    assert_eq!((record.code.as_str(), record.stage), (code, stage));
    assert_eq!(record.reason, error.to_string());
    let verified = !matches!(stage, Stage::Package | Stage::Signature);
    assert_eq!(record.verified, verified, "{code}");
    assert_eq!(record.package.is_some(), code != "malformed", "{code}");
    let signers = record.package.map_or(0, |package| package.key_ids.len());
    assert_eq!(signers > 0, verified, "{code}: only a key that was found to sign is named");
}

#[test]
fn what_is_no_package_is_refused_as_malformed() {
    refused_as("malformed", Stage::Package, b"not a package".to_vec(), &nothing());
    refused_as("malformed", Stage::Package, draft().component, &nothing());
}

#[test]
fn each_fault_of_a_signature_is_refused_by_its_own_code() {
    let stranger = SigningKey::from_seed(&[8; 32]);
    let cases = [
        ("unsigned", draft().unsigned()),
        ("untrusted-key", draft().signed_by(&stranger)),
        ("untrusted-publisher", by_another_publisher()),
        ("invalid-signature", with_another_signature()),
        ("statement-mismatch", with_the_signature_of_another_package()),
        ("expired", signed(&draft().unsigned(), "2001-01-01T00:00:00Z", Some("2001-01-02T00:00:00Z"))),
    ];
    for (code, bytes) in cases {
        refused_as(code, Stage::Signature, bytes, &nothing());
    }
}

#[test]
fn each_fault_of_a_signed_package_is_refused_by_its_own_code() {
    refused_as("undeclared-import", Stage::Imports, importing_random().signed(), &nothing());
    let declaring = Draft { permissions: permissions(json!({"random": true})), ..importing_random() };
    refused_as("not-granted", Stage::Grant, declaring.signed(), &nothing());
    let nowhere = permissions(json!({"filesystem": {"read": ["/no/such/directory"]}}));
    let reading = Draft { permissions: nowhere.clone(), ..draft() };
    refused_as("directory", Stage::Grant, reading.signed(), &OperatorPolicy::approving(nowhere));
    refused_as("contract", Stage::Compile, of_text("(component)"), &nothing());
    let invalid = of_text("(component (core module (func (result i32))))");
    refused_as("does-not-compile", Stage::Compile, invalid, &nothing());
    let mut tools = draft().tools;
    let pattern = json!({"type": "object", "properties": {"a": {"type": "string", "pattern": "(a)\\1"}}});
    tools[0].input_schema = Schema::parse(&pattern.to_string()).expect("a schema");
    refused_as("bad-schema", Stage::Compile, Draft { tools, ..draft() }.signed(), &nothing());
}

fn signed(unsigned: &[u8], issued_at: &str, not_after: Option<&str>) -> Vec<u8> {
    let time = |text: &str| text.parse::<Timestamp>().expect("a time");
    let options = SignOptions { sequence: 1, issued_at: time(issued_at), not_after: not_after.map(time) };
    sign(unsigned, &signing_key(), &options).expect("it can be signed")
}

fn by_another_publisher() -> Vec<u8> {
    let mut parts = draft().manifest().into_parts();
    parts.publisher = "org.example".parse().expect("a publisher's name");
    let manifest = Manifest::new(parts).expect("the parts are right");
    let unsigned = pack(&draft().component, &manifest).expect("it can be packed");
    signed(&unsigned, "2001-01-01T00:00:00Z", None)
}

/// The first digit of the signature becomes another.
fn with_another_signature() -> Vec<u8> {
    let mut bytes = draft().signed();
    let key = b"\"sig\":\"";
    let at = bytes.windows(key.len()).position(|window| window == key).expect("it is signed") + key.len();
    bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
    bytes
}

/// One package with the envelope of another by the same publisher.
fn with_the_signature_of_another_package() -> Vec<u8> {
    let limits = LimitsRequest { fuel: Some(1), ..LimitsRequest::NONE };
    let other = Package::parse(Draft { limits, ..draft() }.signed()).expect("it is a package");
    let package = Package::parse(draft().unsigned()).expect("it is a package");
    embed(&package, other.envelope().expect("it is signed")).expect("an envelope goes with any package")
}

fn of_text(component: &str) -> Vec<u8> {
    Draft::of_component(wat::parse_str(component).expect("the text is well formed")).signed()
}

fn importing_random() -> Draft {
    let tool = WatTool {
        imports: r#"(import "mpp:tool/random@0.1.0" "bytes" (func $bytes (param i32 i32)))"#,
        ..WatTool::IDLE
    };
    Draft::of_component(tool.component())
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

/// Who is trusted changes while a host runs; all else is the same host.
#[tokio::test]
async fn with_another_keyring_a_host_loads_by_that_and_keeps_its_log_and_what_is_loaded() {
    let host = TestHost::new(|builder| builder);
    let loaded = host.load(draft().signed(), &nothing()).expect("its publisher is trusted");
    let distrusting = host.host.with_keyring(Keyring::empty());
    let refused = distrusting.load_bytes(draft().signed(), &nothing());
    assert_eq!(refused.err().expect("nobody is trusted").kind(), "untrusted-publisher");
    let Event::Refusal(refusal) = host.only_event() else { panic!("the record is of another kind") };
    assert_eq!((refusal.stage, refusal.code.as_str()), (Stage::Signature, "untrusted-publisher"));

    let report = loaded.call(Request::new("tool", "{}")).await.expect("it is on record");
    assert!(matches!(report.outcome, Outcome::Completed(_)), "{:?}", report.outcome);
    let trusting = distrusting.with_keyring(keyring());
    trusting.load_bytes(draft().signed(), &nothing()).expect("its publisher is trusted again");
    host.load(draft().signed(), &nothing()).expect("the first one trusts as before");
    assert_eq!(host.calls().len(), 1);
}

/// A package as it was signed on the day the format was made. What was signed
/// once, verifies and runs from then on.
const FIRST: &[u8] = include_bytes!("../vectors/idle.mpp");

/// What `sha256sum` says of it without its signature, the last 888 bytes.
const FIRST_DIGEST: &str = "sha256:c54e1a2c908996ed239d8f243a9b206404f836fd9ac089c20af493f7c569806a";

#[tokio::test]
async fn a_package_of_the_first_day_verifies_and_runs() {
    let host = TestHost::new(|builder| builder);
    let tool = host.load(FIRST.to_vec(), &nothing()).expect("it is a good package");
    assert_eq!(tool.digest().to_string(), FIRST_DIGEST);
    let report = tool.call(Request::new("tool", "{}")).await.expect("it is on record");
    assert!(matches!(report.outcome, Outcome::Completed(_)), "{:?}", report.outcome);
}

/// Signing is exact: the same key over the same package at the same time gives
/// the same bytes.
#[test]
fn a_package_of_the_first_day_is_signed_the_same_today() {
    let package = Package::parse(FIRST).expect("it is a package");
    let key = PublicKey::from_pem(include_str!("../vectors/idle.pem")).expect("it is a key");
    assert_eq!(key, signing_key().public_key());
    assert_eq!(signed(package.unsigned_bytes(), "2026-11-22T08:00:00Z", None), FIRST);
}
