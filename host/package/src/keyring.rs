//! Which keys an operator trusts, and for whom.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    json::{Json, JsonError, read_exactly},
    key::{KeyId, PublicKey},
    name::PublisherName,
};

/// Most keys pinned for one publisher: a few for rotation, and a bound on the
/// work that one envelope can cause.
pub const MAX_KEYS: usize = 16;

/// Largest trust file in bytes: some ten thousand publishers.
pub const MAX_TRUST_FILE_BYTES: usize = 4 * 1024 * 1024;

/// The version of the trust file that this crate reads and writes.
const TRUST_FILE_VERSION: u64 = 1;

/// The keys an operator has pinned, by publisher. A publisher without a key is
/// not trusted; there is no entry that stands for everybody.
///
/// As a file it is JSON:
///
/// ```json
/// {
///   "publishers": [
///     { "keys": ["ed25519:6kpsY+KcUgq+9VB7Ey7F+ZVHdq6+vnuSQh7qaRRG0iw="], "publisher": "com.example" }
///   ],
///   "version": 1
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keyring {
    /// No publisher without a key, no key twice for one publisher.
    pinned: BTreeMap<PublisherName, Vec<PublicKey>>,
}

/// Why a trust file or a pin was refused. The operator's fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyringError {
    /// Over [`MAX_TRUST_FILE_BYTES`].
    #[error("the trust file is {found} bytes long, and at most {MAX_TRUST_FILE_BYTES} are allowed")]
    TooLarge {
        /// Bytes found.
        found: usize,
    },
    /// Not the JSON of a trust file.
    #[error("the trust file is not the JSON of one: {0}")]
    Json(#[from] JsonError),
    /// Another version.
    #[error("the trust file has version {found}, and only {TRUST_FILE_VERSION} is known here")]
    Version {
        /// The version found.
        found: u64,
    },
    /// A publisher that stands there twice.
    #[error("the trust file names the publisher `{publisher}` twice")]
    DuplicatePublisher {
        /// The publisher.
        publisher: PublisherName,
    },
    /// A publisher without a key.
    #[error("the trust file has no key for the publisher `{publisher}`: remove the entry or give it a key")]
    NoKeys {
        /// The publisher.
        publisher: PublisherName,
    },
    /// A key that stands there twice.
    #[error("the trust file has the key {keyid} twice for the publisher `{publisher}`")]
    DuplicateKey {
        /// The publisher.
        publisher: PublisherName,
        /// The key.
        keyid: KeyId,
    },
    /// Over [`MAX_KEYS`].
    #[error("more than {MAX_KEYS} keys for the publisher `{publisher}`: remove those that no longer sign")]
    TooManyKeys {
        /// The publisher.
        publisher: PublisherName,
    },
}

/// The wire form.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TrustFile {
    version: u64,
    publishers: Vec<PublisherForm>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PublisherForm {
    publisher: PublisherName,
    keys: Vec<PublicKey>,
}

impl Keyring {
    /// Trusts nobody.
    pub const fn empty() -> Self {
        Self { pinned: BTreeMap::new() }
    }

    /// Trusts `key` to sign as `publisher`. Whoever calls this has made sure of
    /// the fingerprint. Says whether the key is new.
    pub fn pin(&mut self, publisher: &PublisherName, key: PublicKey) -> Result<bool, KeyringError> {
        let keys = self.keys(publisher);
        if keys.contains(&key) {
            return Ok(false);
        }
        if keys.len() == MAX_KEYS {
            return Err(KeyringError::TooManyKeys { publisher: publisher.clone() });
        }
        self.pinned.entry(publisher.clone()).or_default().push(key);
        Ok(true)
    }

    /// Trusts `publisher` no longer; returns the keys that were pinned.
    pub fn remove(&mut self, publisher: &PublisherName) -> Vec<PublicKey> {
        self.pinned.remove(publisher).unwrap_or_default()
    }

    /// Trusts one key of `publisher` no longer. Says whether it was pinned.
    pub fn remove_key(&mut self, publisher: &PublisherName, keyid: &KeyId) -> bool {
        let mut keys = self.remove(publisher);
        let before = keys.len();
        keys.retain(|key| key.id() != *keyid);
        let removed = keys.len() < before;
        if !keys.is_empty() {
            self.pinned.insert(publisher.clone(), keys);
        }
        removed
    }

    /// The keys pinned for `publisher`, in the order of pinning; empty: none.
    pub fn keys(&self, publisher: &PublisherName) -> &[PublicKey] {
        self.pinned.get(publisher).map_or(&[], Vec::as_slice)
    }

    /// Every publisher with a pinned key, in the order of their names.
    pub fn publishers(&self) -> impl Iterator<Item = (&PublisherName, &[PublicKey])> {
        self.pinned.iter().map(|(publisher, keys)| (publisher, keys.as_slice()))
    }

    /// Reads a trust file. Anything it does not understand is an error, for a
    /// file that is half understood trusts somebody else than it says.
    pub fn from_json(bytes: &[u8]) -> Result<Self, KeyringError> {
        if bytes.len() > MAX_TRUST_FILE_BYTES {
            return Err(KeyringError::TooLarge { found: bytes.len() });
        }
        let TrustFile { version, publishers } = read_exactly(bytes)?;
        if version != TRUST_FILE_VERSION {
            return Err(KeyringError::Version { found: version });
        }
        let mut keyring = Self::empty();
        for PublisherForm { publisher, keys } in publishers {
            keyring.add_entry(publisher, keys)?;
        }
        Ok(keyring)
    }

    fn add_entry(&mut self, publisher: PublisherName, keys: Vec<PublicKey>) -> Result<(), KeyringError> {
        if self.pinned.contains_key(&publisher) {
            return Err(KeyringError::DuplicatePublisher { publisher });
        }
        if keys.is_empty() {
            return Err(KeyringError::NoKeys { publisher });
        }
        for key in keys {
            let keyid = key.id();
            if !self.pin(&publisher, key)? {
                return Err(KeyringError::DuplicateKey { publisher, keyid });
            }
        }
        Ok(())
    }

    /// Writes a trust file for people to read: indented, publishers in the order
    /// of their names.
    pub fn to_json(&self) -> Result<String, KeyringError> {
        let publishers = self
            .publishers()
            .map(|(publisher, keys)| PublisherForm { publisher: publisher.clone(), keys: keys.to_vec() });
        let file = TrustFile { version: TRUST_FILE_VERSION, publishers: publishers.collect() };
        let value = Json::from_serialize(&file)?;
        Ok(serde_json::to_string_pretty(&value).map_err(JsonError::from)? + "\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signing_key::SigningKey;

    fn publisher(name: &str) -> PublisherName {
        PublisherName::parse(name).unwrap()
    }

    fn key(seed: u8) -> PublicKey {
        SigningKey::from_seed(&[seed; 32]).public_key()
    }

    fn keyring() -> Keyring {
        let mut keyring = Keyring::empty();
        keyring.pin(&publisher("com.example"), key(1)).unwrap();
        keyring.pin(&publisher("com.example"), key(2)).unwrap();
        keyring.pin(&publisher("org.other"), key(1)).unwrap();
        keyring
    }

    fn read(text: &str) -> Result<Keyring, KeyringError> {
        Keyring::from_json(text.as_bytes())
    }

    #[test]
    fn a_trust_file_reads_back() {
        assert_eq!(read(&keyring().to_json().unwrap()), Ok(keyring()));
        assert_eq!(read(&Keyring::empty().to_json().unwrap()), Ok(Keyring::empty()));
    }

    #[test]
    fn an_unknown_or_repeated_key_of_a_trust_file_is_refused() {
        for text in [
            r#"{"version":1,"publishers":[],"default":"allow"}"#,
            r#"{"version":1,"version":1,"publishers":[]}"#,
            r#"{"version":1}"#,
            r#"[1,[]]"#,
            "",
        ] {
            assert!(matches!(read(text), Err(KeyringError::Json(_))), "{text}");
        }
    }

    #[test]
    fn another_version_of_the_trust_file_is_refused() {
        let text = keyring().to_json().unwrap().replace("\"version\": 1", "\"version\": 2");
        assert_eq!(read(&text), Err(KeyringError::Version { found: 2 }));
    }

    #[test]
    fn a_publisher_twice_or_without_key_is_refused() {
        let entry = |name: &str, keys: &str| format!(r#"{{"publisher":"{name}","keys":[{keys}]}}"#);
        let file = |entries: &[String]| format!(r#"{{"version":1,"publishers":[{}]}}"#, entries.join(","));
        let quoted = format!("\"{}\"", key(1));
        let twice = file(&[entry("com.example", &quoted), entry("com.example", &quoted)]);
        assert_eq!(
            read(&twice),
            Err(KeyringError::DuplicatePublisher { publisher: publisher("com.example") })
        );
        let none = file(&[entry("com.example", "")]);
        assert_eq!(read(&none), Err(KeyringError::NoKeys { publisher: publisher("com.example") }));
        let double = file(&[entry("com.example", &format!("{quoted},{quoted}"))]);
        assert_eq!(
            read(&double),
            Err(KeyringError::DuplicateKey { publisher: publisher("com.example"), keyid: key(1).id() })
        );
    }

    #[test]
    fn a_weak_key_in_a_trust_file_is_refused() {
        let identity = "ed25519:AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
        let text = keyring().to_json().unwrap().replace(&key(2).to_string(), identity);
        let error = read(&text).unwrap_err().to_string();
        assert!(error.contains("a weak key"), "{error}");
    }

    #[test]
    fn pinning_the_same_key_again_changes_nothing() {
        let mut again = keyring();
        assert_eq!(again.pin(&publisher("com.example"), key(1)), Ok(false));
        assert_eq!(again, keyring());
    }

    #[test]
    fn the_seventeenth_key_of_a_publisher_is_refused() {
        let mut keyring = Keyring::empty();
        let publisher = publisher("com.example");
        for seed in 0..16 {
            assert_eq!(keyring.pin(&publisher, key(seed)), Ok(true));
        }
        assert_eq!(
            keyring.pin(&publisher, key(16)),
            Err(KeyringError::TooManyKeys { publisher: publisher.clone() })
        );
    }

    #[test]
    fn a_publisher_without_its_last_key_is_gone() {
        let mut keyring = keyring();
        assert!(keyring.remove_key(&publisher("org.other"), &key(1).id()));
        assert!(!keyring.remove_key(&publisher("org.other"), &key(1).id()));
        assert!(keyring.remove_key(&publisher("com.example"), &key(1).id()));
        let left: Vec<_> = keyring.publishers().collect();
        assert_eq!(left, [(&publisher("com.example"), &[key(2)][..])]);
        assert_eq!(keyring.remove(&publisher("com.example")), [key(2)]);
        assert_eq!(keyring, Keyring::empty());
    }

    proptest::proptest! {
        #[test]
        fn reading_never_panics(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
            proptest::prop_assert!(Keyring::from_json(&bytes).is_err());
        }
    }
}
