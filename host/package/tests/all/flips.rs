//! P1: one changed byte anywhere in a signed package.

use std::{io::Cursor, thread};

use mpp_package::{Keyring, Outline, Package, sign_detached};

use crate::support::{COMPONENT, accept, key, keyring, manifest, now, options, signed, unsigned};

/// Every byte of `bytes` in turn becomes every other value it can have.
fn flips(bytes: &[u8], refused: impl Fn(&[u8]) -> bool + Sync) {
    let middle = bytes.len() / 2;
    let flip = |range: std::ops::Range<usize>| {
        let mut changed = bytes.to_vec();
        for offset in range {
            let original = changed[offset];
            for difference in 1..=u8::MAX {
                changed[offset] = original ^ difference;
                assert!(
                    refused(&changed),
                    "offset {offset}: {original:#04x} became {:#04x} and the package was accepted",
                    changed[offset]
                );
            }
            changed[offset] = original;
        }
    };
    thread::scope(|scope| {
        scope.spawn(|| flip(0..middle));
        flip(middle..bytes.len());
    });
}

/// P1.
#[test]
fn any_changed_byte_of_a_signed_package_is_refused() {
    let keyring = keyring();
    assert!(accept(&signed(), &keyring).is_ok());
    flips(&signed(), |changed| accept(changed, &keyring).is_err());
}

/// P1: of a package that is listed without being read.
#[test]
fn any_changed_byte_of_a_manifest_or_its_signature_is_refused() {
    let (keyring, manifest) = (keyring(), manifest());
    let listed = |bytes: &[u8]| {
        let outline = Outline::read(Cursor::new(bytes)).ok()?;
        keyring.verify_manifest(outline, now()).ok()
    };
    assert!(listed(&signed()).is_some());
    // What is left is a change of the component, which says nothing of itself.
    let refused = |changed: &[u8]| {
        listed(changed).is_none_or(|listed| {
            *listed.manifest() == manifest && changed[COMPONENT.len()..] == signed()[COMPONENT.len()..]
        })
    };
    flips(&signed(), refused);
}

/// P1.
#[test]
fn any_changed_byte_of_a_detached_signature_is_refused() {
    let keyring = keyring();
    let package = Package::parse(unsigned()).unwrap();
    let envelope = sign_detached(&unsigned(), &key(), &options()).unwrap();
    assert!(accepted(&package, &envelope, &keyring));
    flips(&envelope, |changed| !accepted(&package, changed, &keyring));
}

fn accepted(package: &Package, envelope: &[u8], keyring: &Keyring) -> bool {
    let package = package.clone().with_detached(envelope);
    package.is_ok_and(|package| keyring.verify(package, now()).is_ok())
}

/// P6.
#[test]
fn a_package_cut_off_anywhere_is_refused() {
    let (signed, keyring) = (signed(), keyring());
    for length in 0..signed.len() {
        assert!(accept(&signed[..length], &keyring).is_err(), "{length}");
    }
}
