//! Packages that parse and must not be trusted.

use std::time::Duration;

use mpp_package::{
    Envelope, Keyring, Manifest, ManifestParts, Package, PackageError, PackageName, PublisherName,
    StatementField, VerifyError, Version, embed, pack, sign, sign_detached,
};

use crate::support::{
    COMPONENT, accept, distrust, envelope_of, key, keyring, later, manifest, now, options, parts, pinned,
    publisher, section, signed, signed_by, stranger, time, unsigned,
};

fn packed(parts: ManifestParts) -> Vec<u8> {
    pack(COMPONENT, &Manifest::new(parts).unwrap()).unwrap()
}

fn second_release() -> Vec<u8> {
    packed(ManifestParts { version: Version::new(2, 0, 0), ..parts() })
}

const OTHER_PACKAGE: VerifyError = VerifyError::StatementMismatch { field: StatementField::Digest };

#[test]
fn a_package_signed_by_a_pinned_key_is_accepted() {
    let verified = accept(&signed(), &keyring()).unwrap();
    assert_eq!(*verified.manifest(), manifest());
    assert_eq!(*verified.publisher(), publisher());
    assert_eq!(verified.key_ids(), [key().public_key().id()]);
    assert_eq!(verified.statement().sequence(), 1);
    assert_eq!(verified.statement().size(), unsigned().len() as u64);
    let envelope = envelope_of(&signed());
    assert_eq!(verified.envelope_digest(), mpp_package::Digest::of(&envelope));
}

/// P4.
#[test]
fn a_signature_moved_to_another_component_is_refused() {
    let component = [COMPONENT, &section("payload", b"evil")].concat();
    let evil = pack(&component, &manifest()).unwrap();
    let moved = [evil, section("mpp:signature", &envelope_of(&signed()))].concat();
    assert_eq!(distrust(&moved, &keyring()), OTHER_PACKAGE);
}

/// P4.
#[test]
fn a_section_slipped_in_before_the_signature_is_refused() {
    let (head, tail) = (unsigned(), signed()[unsigned().len()..].to_vec());
    let longer = [head, section("payload", b"evil"), tail].concat();
    assert_eq!(distrust(&longer, &keyring()), OTHER_PACKAGE);
}

/// P8.
#[test]
fn a_detached_signature_for_one_version_does_not_fit_another() {
    let envelope = sign_detached(&unsigned(), &key(), &options()).unwrap();
    let newer = Package::parse(second_release()).unwrap();
    let newer = newer.with_detached(&envelope).unwrap();
    assert_eq!(keyring().verify(newer, now()).unwrap_err(), OTHER_PACKAGE);
}

/// P8.
#[test]
fn a_renamed_package_is_refused() {
    let name = PackageName::parse("better").unwrap();
    let renamed = Package::parse(packed(ManifestParts { name, ..parts() })).unwrap();
    let envelope = Envelope::parse(mpp_package::DocumentType::Package, &envelope_of(&signed())).unwrap();
    let renamed = embed(&renamed, &envelope).unwrap();
    assert_eq!(distrust(&renamed, &keyring()), OTHER_PACKAGE);
}

/// P8.
#[test]
fn a_package_in_the_namespace_of_another_publisher_is_refused() {
    let mallory = stranger();
    let forged = signed_by(&mallory, &unsigned());
    let claimed_keys = vec![mallory.public_key().id()];
    // Mallory is trusted, and as somebody else.
    let both = pinned(&[("com.example", &key()), ("com.mallory", &mallory)]);
    let expected = VerifyError::UntrustedKey { publisher: publisher(), claimed_keys };
    assert_eq!(distrust(&forged, &both), expected);
}

/// P8.
#[test]
fn a_key_pinned_for_two_publishers_signs_for_the_one_in_the_manifest_only() {
    let other = PublisherName::parse("com.other").unwrap();
    let theirs = packed(ManifestParts { publisher: other.clone(), ..parts() });
    let both = pinned(&[("com.example", &key()), ("com.other", &key())]);
    let verified = accept(&signed_by(&key(), &theirs), &both).unwrap();
    assert_eq!(*verified.publisher(), other);
    let envelope = Envelope::parse(mpp_package::DocumentType::Package, &envelope_of(&signed())).unwrap();
    let crossed = embed(&Package::parse(theirs).unwrap(), &envelope).unwrap();
    assert_eq!(distrust(&crossed, &both), OTHER_PACKAGE);
}

/// P18, as far as it concerns names: there is no namespace below another.
#[test]
fn a_publisher_does_not_sign_for_names_below_its_own() {
    let publisher = PublisherName::parse("com.example.tools").unwrap();
    let below = packed(ManifestParts { publisher: publisher.clone(), ..parts() });
    let claimed_keys = vec![key().public_key().id()];
    let expected = VerifyError::UntrustedPublisher { publisher, claimed_keys };
    assert_eq!(distrust(&signed_by(&key(), &below), &keyring()), expected);
}

/// P20.
#[test]
fn every_reason_to_distrust_has_an_error_and_a_code_of_its_own() {
    let key_ids = |signer: &mpp_package::SigningKey| vec![signer.public_key().id()];
    let unsigned_error = distrust(&unsigned(), &keyring());
    assert_eq!(unsigned_error, VerifyError::Unsigned { publisher: publisher() });

    let nobody = distrust(&signed(), &Keyring::empty());
    let claimed_keys = key_ids(&key());
    assert_eq!(nobody, VerifyError::UntrustedPublisher { publisher: publisher(), claimed_keys });

    let somebody = distrust(&signed_by(&stranger(), &unsigned()), &keyring());
    let claimed_keys = key_ids(&stranger());
    assert_eq!(somebody, VerifyError::UntrustedKey { publisher: publisher(), claimed_keys });

    let keyid = key().public_key().id();
    let invalid = distrust(&crate::envelopes::signature_of_another_message(), &keyring());
    assert_eq!(invalid, VerifyError::InvalidSignature { keyid });

    let not_after = time("2026-11-22T08:00:01Z");
    let short = mpp_package::SignOptions { not_after: Some(not_after), ..options() };
    let short = Package::parse(sign(&unsigned(), &key(), &short).unwrap()).unwrap();
    let expired = keyring().verify(short, later(60)).unwrap_err();
    assert_eq!(expired, VerifyError::Expired { not_after });

    let malformed = Package::parse(COMPONENT).unwrap_err();
    assert_eq!(malformed, PackageError::NoManifest);

    let codes = [unsigned_error, nobody, somebody, invalid, expired].map(|error| error.code());
    let expected = ["unsigned", "untrusted-publisher", "untrusted-key", "invalid-signature", "expired"];
    assert_eq!(codes, expected);
    assert_eq!(malformed.code(), "malformed");
}

/// P23.
#[test]
fn a_package_whose_signature_was_taken_off_is_unsigned() {
    let package = Package::parse(signed()).unwrap();
    let stripped = package.unsigned_bytes();
    assert_eq!(distrust(stripped, &keyring()), VerifyError::Unsigned { publisher: publisher() });
}

#[test]
fn a_signature_counts_to_the_end_of_its_last_second() {
    let last = mpp_package::SignOptions { not_after: Some(time("2026-11-22T08:00:10Z")), ..options() };
    let package = Package::parse(sign(&unsigned(), &key(), &last).unwrap()).unwrap();
    let nearly = later(11) - Duration::from_nanos(1);
    assert!(keyring().verify(package.clone(), nearly).is_ok());
    assert!(matches!(keyring().verify(package, later(11)), Err(VerifyError::Expired { .. })));
}

#[test]
fn a_detached_signature_is_worth_the_same_as_an_embedded_one() {
    let envelope = sign_detached(&unsigned(), &key(), &options()).unwrap();
    assert_eq!(envelope, envelope_of(&signed()));
    let package = Package::parse(unsigned()).unwrap().with_detached(&envelope).unwrap();
    let verified = keyring().verify(package, now()).unwrap();
    assert_eq!(verified.component_bytes(), unsigned());
    assert_eq!(verified.envelope_digest(), mpp_package::Digest::of(&envelope));
}

#[test]
fn a_signed_package_takes_no_detached_signature() {
    let envelope = sign_detached(&unsigned(), &key(), &options()).unwrap();
    let error = Package::parse(signed()).unwrap().with_detached(&envelope).unwrap_err();
    assert_eq!(error, PackageError::SignedTwice);
}

#[test]
fn signing_again_replaces_the_signature() {
    let by_stranger = signed_by(&stranger(), &unsigned());
    assert_eq!(signed_by(&key(), &by_stranger), signed());
}
