//! A trust file that parses trusts the same once it is written and read again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mpp_package::Keyring;

fuzz_target!(|bytes: &[u8]| {
    let Ok(keyring) = Keyring::from_json(bytes) else { return };
    assert!(keyring.publishers().all(|(_, keys)| !keys.is_empty()));
    let written = keyring.to_json().expect("what was read can be written");
    let again = Keyring::from_json(written.as_bytes()).expect("what was written can be read");
    assert!(again.publishers().eq(keyring.publishers()));
});
