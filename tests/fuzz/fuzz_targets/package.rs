//! Bytes that parse as a package are its unsigned part and at most one
//! signature behind it, and nobody that nobody trusts is ever verified.

#![no_main]

use std::time::SystemTime;

use libfuzzer_sys::fuzz_target;
use mpp_package::{Digest, Keyring, Package};

fuzz_target!(|bytes: &[u8]| {
    let Ok(package) = Package::parse(bytes) else { return };
    assert_eq!(package.bytes(), bytes);
    assert!(bytes.starts_with(package.unsigned_bytes()));
    assert_eq!(package.digest(), Digest::of(package.unsigned_bytes()));
    assert_eq!(package.envelope().is_none(), package.unsigned_bytes().len() == bytes.len());
    let unsigned = Package::parse(package.unsigned_bytes()).expect("a package without its signature is one");
    assert_eq!(unsigned.manifest_digest(), package.manifest_digest());
    assert!(Keyring::empty().verify(package, SystemTime::UNIX_EPOCH).is_err());
});
