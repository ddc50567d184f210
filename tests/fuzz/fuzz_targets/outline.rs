//! A file that is read in pieces is the package that it is when it is read whole,
//! or refused for the same reason, and whoever trusts nobody lists nothing.

#![no_main]

use std::{io::Cursor, time::SystemTime};

use libfuzzer_sys::fuzz_target;
use mpp_package::{Keyring, Outline, Package, ReadError};

fuzz_target!(|bytes: &[u8]| {
    let (outline, package) = match (Outline::read(Cursor::new(bytes)), Package::parse(bytes)) {
        (Ok(outline), Ok(package)) => (outline, package),
        (Err(ReadError::Package(outline)), Err(whole)) => return assert_eq!(outline, whole),
        (outline, whole) => panic!("{outline:?} and {:?}", whole.err()),
    };
    assert_eq!(outline.manifest(), package.manifest());
    assert_eq!(outline.manifest_digest(), package.manifest_digest());
    assert_eq!(outline.envelope(), package.envelope());
    assert_eq!(outline.unsigned_size(), package.unsigned_bytes().len() as u64);
    assert!(Keyring::empty().verify_manifest(outline, SystemTime::UNIX_EPOCH).is_err());
});
