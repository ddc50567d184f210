//! The trust file of a person who reads what they pin.

use mpp_package::{Keyring, PublicKey};

use crate::support::{accept, key, keyring, signed};

#[test]
fn a_package_is_accepted_by_a_keyring_that_was_written_and_read() {
    let file = keyring().to_json().unwrap();
    assert!(accept(&signed(), &Keyring::from_json(file.as_bytes()).unwrap()).is_ok());
}

#[test]
fn a_trust_file_is_short_enough_to_read() {
    let key: PublicKey = key().public_key();
    assert_eq!(
        keyring().to_json().unwrap(),
        format!(
            r#"{{
  "accepted": [],
  "policy": {{
    "max_index_age_s": null,
    "when_stale": "run-accepted"
  }},
  "publishers": [
    {{
      "keys": [
        "{key}"
      ],
      "publisher": "com.example"
    }}
  ],
  "roots": [],
  "version": 1
}}
"#
        )
    );
}
