//! The trust file: a [`Keyring`] as JSON.

use std::{collections::btree_map::Entry, time::Duration};

use serde::{Deserialize, Serialize};

use super::{
    Accepted, Authority, HeldIndex, Keyring, MAX_REMEMBERED, PinError, RootError, RootTrust, TrustPolicy,
    WhenStale,
};
use crate::{
    digest::Digest,
    envelope::{DocumentType, Envelope, EnvelopeError, EnvelopeForm},
    index::IndexFormError,
    json::{Exactly, Json, JsonError, read_parts},
    key::{KeyId, PublicKey},
    name::{PackageName, PublisherName},
    root::{RootFormError, SignedRoot},
    statement::MAX_SEQUENCE,
};

/// Largest trust file in bytes: some ten thousand publishers with a short index,
/// or a few with the longest.
pub const MAX_TRUST_FILE_BYTES: usize = 64 * 1024 * 1024;

/// The version of the trust file that this crate reads and writes.
const TRUST_FILE_VERSION: u64 = 2;

/// Why a trust file was refused. The operator's fault, or the disk's.
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
    #[error("the trust file has version {found}, and only version {TRUST_FILE_VERSION} is read here")]
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
    /// A key that cannot be pinned.
    #[error("a key of the trust file cannot be pinned: {0}")]
    Pin(#[from] PinError),
    /// An envelope that is none.
    #[error("a document of the trust file is damaged: {0}")]
    Envelope(#[from] EnvelopeError),
    /// A root that is none.
    #[error("a root of the trust file is damaged: {0}")]
    Root(#[from] RootFormError),
    /// A root beside another that claims the same name.
    #[error("a root of the trust file contradicts the rest: {0}")]
    Contradiction(RootError),
    /// An index that is none.
    #[error("an index of the trust file is damaged: {0}")]
    Index(#[from] IndexFormError),
    /// The index of somebody else.
    #[error("the trust file has an index of `{found}` for `{expected}`")]
    ForeignIndex {
        /// The publisher of the entry.
        expected: PublisherName,
        /// The publisher of the index.
        found: PublisherName,
    },
    /// A package that stands there twice, or with a number that cannot be, or
    /// one too many.
    #[error("what the trust file remembers of `{publisher}/{name}` cannot be")]
    Memory {
        /// The publisher.
        publisher: PublisherName,
        /// The package.
        name: PackageName,
    },
    /// A word that says nothing about stale documents.
    #[error("the trust file says neither `run-accepted` nor `refuse` about stale documents")]
    WhenStale,
}

/// The wire form.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TrustFile {
    version: u64,
    policy: Exactly<PolicyForm>,
    publishers: Vec<Exactly<PublisherForm>>,
    roots: Vec<Exactly<RootTrustForm>>,
    accepted: Vec<Exactly<AcceptedForm>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PolicyForm {
    max_index_age_s: Option<u64>,
    when_stale: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PublisherForm {
    publisher: PublisherName,
    keys: Vec<PublicKey>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RootTrustForm {
    root: EnvelopeForm,
    index: Option<HeldIndexForm>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HeldIndexForm {
    envelope: EnvelopeForm,
    superseded: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AcceptedForm {
    publisher: PublisherName,
    name: PackageName,
    sequence: u64,
    digest: Option<Digest>,
    signers: Vec<KeyId>,
}

impl Keyring {
    /// Reads a trust file. Anything it does not understand is an error, for a
    /// file that is half understood trusts somebody else than it says.
    ///
    /// The signatures of the documents in it were checked when they were taken
    /// and are not checked again: whoever can write this file can pin any key.
    pub fn from_json(bytes: &[u8]) -> Result<Self, KeyringError> {
        check_size(bytes.len())?;
        check_version(bytes)?;
        let TrustFile { version: _, policy, publishers, roots, accepted } = read_parts(bytes)?;
        let mut keyring = Self::empty();
        keyring.policy = policy.0.read()?;
        for Exactly(PublisherForm { publisher, keys }) in publishers {
            keyring.read_keys(publisher, keys)?;
        }
        for Exactly(form) in roots {
            keyring.read_root(form)?;
        }
        for Exactly(form) in accepted {
            keyring.read_accepted(form)?;
        }
        Ok(keyring)
    }

    fn read_keys(&mut self, publisher: PublisherName, keys: Vec<PublicKey>) -> Result<(), KeyringError> {
        if self.authorities.contains_key(&publisher) {
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

    fn read_root(&mut self, form: RootTrustForm) -> Result<(), KeyringError> {
        let RootTrustForm { root, index } = form;
        let signed = SignedRoot::trusted(Envelope::from_form(DocumentType::Root, root)?)?;
        let publisher = signed.root().parts().publisher.clone();
        if self.authorities.contains_key(&publisher) {
            return Err(KeyringError::DuplicatePublisher { publisher });
        }
        self.check_namespaces(&signed).map_err(KeyringError::Contradiction)?;
        let index = index.map(|form| form.read(&publisher)).transpose()?;
        let trust = RootTrust { signed, index };
        self.authorities.insert(publisher, Authority::Root(Box::new(trust)));
        Ok(())
    }

    fn read_accepted(&mut self, form: AcceptedForm) -> Result<(), KeyringError> {
        let AcceptedForm { publisher, name, sequence, digest, mut signers } = form;
        let room = sequence <= MAX_SEQUENCE && self.memory.len() < MAX_REMEMBERED;
        match self.memory.entry((publisher, name)) {
            Entry::Vacant(place) if room => {
                // Read with room for more.
                signers.shrink_to_fit();
                place.insert(Accepted { sequence, digest, signers });
                Ok(())
            }
            place => {
                let (publisher, name) = place.key().clone();
                Err(KeyringError::Memory { publisher, name })
            }
        }
    }

    /// Writes a trust file for people to read: indented, everything in the order
    /// of the names. One that would be too large to be read is not written, for it
    /// would leave the operator without any.
    pub fn to_json(&self) -> Result<String, KeyringError> {
        let Self { authorities: _, memory, policy } = self;
        let publishers = self
            .publishers()
            .map(|(publisher, keys)| PublisherForm { publisher: publisher.clone(), keys: keys.to_vec() })
            .map(Exactly);
        let accepted = memory.iter().map(|((publisher, name), accepted)| {
            let Accepted { sequence, digest, signers } = accepted.clone();
            let (publisher, name) = (publisher.clone(), name.clone());
            Exactly(AcceptedForm { publisher, name, sequence, digest, signers })
        });
        let file = TrustFile {
            version: TRUST_FILE_VERSION,
            policy: Exactly(PolicyForm::of(*policy)),
            publishers: publishers.collect(),
            roots: self.roots().map(|(_, trust)| Exactly(RootTrustForm::of(trust))).collect(),
            accepted: accepted.collect(),
        };
        let value = Json::from_serialize(&file)?;
        let text = serde_json::to_string_pretty(&value).map_err(JsonError::from)? + "\n";
        check_size(text.len())?;
        Ok(text)
    }
}

fn check_size(found: usize) -> Result<(), KeyringError> {
    if found > MAX_TRUST_FILE_BYTES { Err(KeyringError::TooLarge { found }) } else { Ok(()) }
}

/// Comes before everything else in the file, for another version has other keys.
fn check_version(bytes: &[u8]) -> Result<(), KeyringError> {
    #[derive(Deserialize)]
    struct Version {
        version: u64,
    }
    let Version { version: found } = serde_json::from_slice(bytes).map_err(JsonError::from)?;
    if found == TRUST_FILE_VERSION { Ok(()) } else { Err(KeyringError::Version { found }) }
}

impl PolicyForm {
    fn of(policy: TrustPolicy) -> Self {
        let TrustPolicy { max_index_age, when_stale } = policy;
        Self {
            max_index_age_s: max_index_age.map(|age| age.as_secs()),
            when_stale: when_stale.word().to_owned(),
        }
    }

    fn read(&self) -> Result<TrustPolicy, KeyringError> {
        let when_stale = [WhenStale::RunAccepted, WhenStale::Refuse]
            .into_iter()
            .find(|when| when.word() == self.when_stale)
            .ok_or(KeyringError::WhenStale)?;
        Ok(TrustPolicy { max_index_age: self.max_index_age_s.map(Duration::from_secs), when_stale })
    }
}

impl RootTrustForm {
    fn of(trust: &RootTrust) -> Self {
        let RootTrust { signed, index } = trust;
        Self { root: signed.envelope().to_form(), index: index.as_ref().map(HeldIndexForm::of) }
    }
}

impl HeldIndexForm {
    fn of(held: &HeldIndex) -> Self {
        let HeldIndex { index: _, envelope, superseded } = held;
        Self { envelope: envelope.to_form(), superseded: *superseded }
    }

    fn read(self, publisher: &PublisherName) -> Result<HeldIndex, KeyringError> {
        let Self { envelope, superseded } = self;
        let mut held = HeldIndex::open(Envelope::from_form(DocumentType::Index, envelope)?)?;
        let found = &held.index.parts().publisher;
        if found != publisher {
            return Err(KeyringError::ForeignIndex { expected: publisher.clone(), found: found.clone() });
        }
        held.superseded = superseded;
        Ok(held)
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
        let good = Keyring::empty().to_json().unwrap();
        for text in [
            good.replacen('{', r#"{"default":"allow","#, 1).as_str(),
            good.replacen('{', r#"{"version":2,"#, 1).as_str(),
            good.replace("max_index_age_s", "max_index_age").as_str(),
            r#"{"version":2}"#,
            r#"[1,[]]"#,
            "",
        ] {
            assert!(matches!(read(text), Err(KeyringError::Json(_))), "{text}");
        }
    }

    #[test]
    fn a_part_of_a_trust_file_is_spelled_out_wherever_it_stands() {
        let mut keyring = keyring();
        let accepted = Accepted { sequence: 1, digest: None, signers: vec![key(1).id()] };
        let name = (publisher("com.example"), PackageName::parse("tool").unwrap());
        keyring.memory.insert(name, accepted);
        let good = keyring.to_json().unwrap().split_whitespace().collect::<String>();
        assert_eq!(read(&good), Ok(keyring));
        let in_a_list = format!(r#"["org.other",["{}"]]"#, key(1));
        let as_an_object = format!(r#"{{"keys":["{}"],"publisher":"org.other"}}"#, key(1));
        for text in [
            good.replace(r#""digest":null,"#, ""),
            good.replace(r#""sequence":1,"#, r#""sequence":1.0,"#),
            good.replace(r#""max_index_age_s":null,"#, ""),
            good.replace(&as_an_object, &in_a_list),
            good.replace(r#""roots":[],"#, ""),
            good.replace(r#""roots":[],"#, r#""roots":[[{},null]],"#),
        ] {
            assert_ne!(text, good);
            assert!(matches!(read(&text), Err(KeyringError::Json(_))), "{text}");
        }
    }

    #[test]
    fn another_version_of_the_trust_file_is_refused() {
        let text = keyring().to_json().unwrap().replace("\"version\": 2", "\"version\": 1");
        assert_eq!(read(&text), Err(KeyringError::Version { found: 1 }));
    }

    #[test]
    fn a_publisher_twice_or_without_key_is_refused() {
        let entry = |name: &str, keys: &str| format!(r#"{{"publisher":"{name}","keys":[{keys}]}}"#);
        let empty = Keyring::empty().to_json().unwrap();
        let file = |entries: &[String]| {
            empty.replace(r#""publishers": []"#, &format!(r#""publishers": [{}]"#, entries.join(",")))
        };
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

    /// A keyring as large as the limits of its parts allow it to grow.
    #[test]
    fn a_trust_file_that_could_not_be_read_is_not_written() {
        let mut keyring = Keyring::empty();
        let signers: Vec<_> = (0..16).map(|seed| key(seed).id()).collect();
        for number in 0..MAX_REMEMBERED as u64 / 2 {
            let name = PackageName::parse(&format!("p{number}")).unwrap();
            let accepted = Accepted { sequence: number, digest: None, signers: signers.clone() };
            keyring.memory.insert((publisher("com.example"), name), accepted);
        }
        assert!(matches!(keyring.to_json(), Err(KeyringError::TooLarge { .. })));
        let too_long = " ".repeat(MAX_TRUST_FILE_BYTES + 1);
        assert_eq!(read(&too_long), Err(KeyringError::TooLarge { found: MAX_TRUST_FILE_BYTES + 1 }));
    }

    proptest::proptest! {
        #[test]
        fn reading_never_panics(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
            proptest::prop_assert!(Keyring::from_json(&bytes).is_err());
        }
    }
}
