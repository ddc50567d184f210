//! Files that are no package, or two packages at once.

use mpp_package::{
    EnvelopeError, MAX_PACKAGE_BYTES, MAX_SECTIONS, ManifestError, PackError, Package, PackageError,
    ReadError, StructureError, pack,
};

use crate::support::{
    COMPONENT, accept, keyring, malformed, manifest, section, signed, unsigned, with_envelope,
};

fn manifest_section() -> Vec<u8> {
    section("mpp:manifest", &manifest().to_json().unwrap())
}

/// P2.
#[test]
fn a_preamble_changed_to_that_of_a_core_module_is_refused() {
    let mut bytes = signed();
    bytes[4..8].copy_from_slice(&[1, 0, 0, 0]);
    assert_eq!(malformed(&bytes), StructureError::CoreModule.into());
}

/// P3.
#[test]
fn a_section_behind_the_signature_is_refused() {
    let end = signed().len();
    for extra in [section("note", b"x"), section("mpp:signature", b"x"), manifest_section(), vec![1, 0]] {
        let bytes = [signed(), extra].concat();
        assert_eq!(malformed(&bytes), PackageError::BehindSignature { offset: end });
    }
}

/// P3.
#[test]
fn garbage_behind_the_signature_is_refused() {
    let end = signed().len();
    let bytes = [signed(), vec![0]].concat();
    assert_eq!(malformed(&bytes), StructureError::Truncated { offset: end }.into());
    let bytes = [&signed()[..], b"\n"].concat();
    assert_eq!(malformed(&bytes), StructureError::Truncated { offset: end }.into());
}

/// P3.
#[test]
fn a_signature_before_other_sections_is_refused() {
    let bytes = [COMPONENT, &section("mpp:signature", b"x"), &manifest_section()].concat();
    let offset = bytes.len() - manifest_section().len();
    assert_eq!(malformed(&bytes), PackageError::BehindSignature { offset });
}

/// P5.
#[test]
fn a_section_length_in_a_longer_encoding_is_refused() {
    // The one section of the component: id at 8, length 6 at 9.
    let mut bytes = signed();
    assert_eq!(bytes[8..10], [0, 6]);
    bytes.splice(9..10, [0x86, 0]);
    assert_eq!(malformed(&bytes), StructureError::Length { offset: 9 }.into());

    // The length of the signature section.
    let mut bytes = signed();
    let offset = unsigned().len() + 1;
    assert!(bytes[offset] & 0x80 != 0 && bytes[offset + 1] & 0x80 == 0);
    bytes[offset + 1] |= 0x80;
    bytes.insert(offset + 2, 0);
    assert_eq!(malformed(&bytes), StructureError::Length { offset }.into());
}

/// P7.
#[test]
fn two_manifests_are_refused() {
    let bytes = [unsigned(), manifest_section()].concat();
    let offset = unsigned().len();
    assert_eq!(malformed(&bytes), PackageError::SecondManifest { offset });
}

/// P7.
#[test]
fn a_manifest_inside_a_nested_component_does_not_count() {
    let nested = [COMPONENT, &manifest_section()].concat();
    // 4: a component section.
    let length = crate::support::leb(nested.len());
    let bytes = [COMPONENT, &[4], &length, &nested].concat();
    assert_eq!(malformed(&bytes), PackageError::NoManifest);
}

/// P7.
#[test]
fn a_manifest_behind_the_signature_is_refused() {
    let signature = section("mpp:signature", b"x");
    let bytes = [COMPONENT, &signature, &manifest_section()].concat();
    let offset = COMPONENT.len() + signature.len();
    assert_eq!(malformed(&bytes), PackageError::BehindSignature { offset });
}

#[test]
fn a_component_without_manifest_is_no_package() {
    assert_eq!(malformed(COMPONENT), PackageError::NoManifest);
}

#[test]
fn a_section_of_an_unknown_format_is_refused() {
    let bytes = [COMPONENT, &section("mpp:restrictions", b"x"), &manifest_section()].concat();
    let name = "\"mpp:restrictions\"".to_owned();
    assert_eq!(malformed(&bytes), PackageError::UnknownSection { name });
}

#[test]
fn an_empty_signature_section_is_malformed_and_not_unsigned() {
    let error = malformed(&with_envelope(b""));
    assert!(matches!(error, PackageError::Envelope(EnvelopeError::Json(_))), "{error:?}");
}

/// P19.
#[test]
fn a_four_gigabyte_section_in_a_small_file_is_refused() {
    let bytes = [COMPONENT, &[1, 0xff, 0xff, 0xff, 0xff, 0x0f, 0]].concat();
    let offset = COMPONENT.len();
    assert_eq!(malformed(&bytes), StructureError::Truncated { offset }.into());
}

/// P19.
#[test]
fn a_million_sections_are_refused() {
    let bytes = [COMPONENT, &[1, 0].repeat(1_000_000)].concat();
    assert_eq!(malformed(&bytes), StructureError::TooManySections.into());
}

/// P19.
#[test]
fn a_manifest_nested_a_million_levels_deep_is_refused() {
    let deep = "[".repeat(1_000_000);
    let bytes = [COMPONENT, &section("mpp:manifest", deep.as_bytes())].concat();
    let error = malformed(&bytes);
    assert!(matches!(error, PackageError::Manifest(ManifestError::Json(_))), "{error:?}");
}

/// P19.
#[test]
fn an_oversized_manifest_or_envelope_is_refused_before_it_is_read() {
    let bytes = [COMPONENT, &section("mpp:manifest", &vec![b'['; 1024 * 1024 + 1])].concat();
    let error = PackageError::Manifest(ManifestError::TooLarge { found: 1024 * 1024 + 1 });
    assert_eq!(malformed(&bytes), error);
    let bytes = with_envelope(&vec![b'['; 64 * 1024 + 1]);
    let error = PackageError::Envelope(EnvelopeError::TooLarge { found: 64 * 1024 + 1, limit: 64 * 1024 });
    assert_eq!(malformed(&bytes), error);
}

/// P19.
#[test]
fn a_file_over_the_limit_is_refused_and_not_read_to_its_end() {
    let endless = std::io::Read::chain(COMPONENT, std::io::repeat(0));
    let found = MAX_PACKAGE_BYTES + 1;
    match Package::read(endless) {
        Err(ReadError::Package(PackageError::Structure(error))) => {
            assert_eq!(error, StructureError::TooLarge { found });
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_stream_that_fails_is_not_the_publishers_fault() {
    struct Broken;
    impl std::io::Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::PermissionDenied.into())
        }
    }
    assert!(matches!(Package::read(Broken), Err(ReadError::Io(_))));
}

#[test]
fn a_package_is_read_whole_from_a_stream() {
    let package = Package::read(&signed()[..]).unwrap();
    assert_eq!(package.bytes(), signed());
    assert_eq!(package.unsigned_bytes(), unsigned());
}

#[test]
fn packing_replaces_the_manifest_of_a_package() {
    let again = pack(&unsigned(), &manifest()).unwrap();
    assert_eq!(again, unsigned());
}

#[test]
fn packing_refuses_a_signed_package_and_reserved_sections() {
    assert_eq!(pack(&signed(), &manifest()), Err(PackError::Signed));
    let reserved = [COMPONENT, &section("mpp:x", b"")].concat();
    let name = "\"mpp:x\"".to_owned();
    assert_eq!(pack(&reserved, &manifest()), Err(PackError::ReservedSection { name }));
}

#[test]
fn packing_never_writes_what_parsing_refuses() {
    let full = [COMPONENT, &[1, 0].repeat(MAX_SECTIONS - 1)].concat();
    let error = PackError::Refused(StructureError::TooManySections.into());
    assert_eq!(pack(&full, &manifest()), Err(error));
}

#[test]
fn the_component_stays_a_prefix_of_the_signed_file() {
    let signed = signed();
    assert!(signed.starts_with(&unsigned()) && unsigned().starts_with(COMPONENT));
    let verified = accept(&signed, &keyring()).unwrap();
    assert_eq!(verified.component_bytes(), unsigned());
    assert_eq!(verified.digest(), mpp_package::Digest::of(&unsigned()));
}
