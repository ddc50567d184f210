//! What is to be pinned for a publisher: a key, or a root.

use std::time::SystemTime;

use mpp_audit::{TrustAction, TrustSubject};
use mpp_package::{DomainKeys, KeyId, Keyring, PublicKey, PublisherName, RootError, SignedRoot};

use crate::command::trust::describe;
use crate::command::trust::fingerprint::Fingerprint;
use crate::command::trust::offered::{NotTaken, Offered, Refused};
use crate::{blame, keys};

/// What is to be pinned, and where it is from.
pub(super) struct Candidate {
    publisher: PublisherName,
    name: String,
    what: What,
}

enum What {
    Key(PublicKey),
    Root(Box<SignedRoot>),
}

impl Candidate {
    /// Reads a root of `publisher`, or a public key.
    pub(super) fn read(offered: &Offered, publisher: &PublisherName) -> Result<Self, NotTaken> {
        let what = if offered.is_json() {
            let root = root(offered, publisher).map_err(|error| root_refused(&offered.name, &error))?;
            What::Root(Box::new(root))
        } else {
            What::Key(keys::public_from(offered.bytes(), &offered.name)?)
        };
        Ok(Self { publisher: publisher.clone(), name: offered.name.clone(), what })
    }

    /// Pins it. Says whether anything changed.
    pub(super) fn pin(&self, keyring: &mut Keyring) -> Result<bool, NotTaken> {
        match &self.what {
            What::Key(key) => keyring
                .pin(&self.publisher, key.clone())
                .map_err(|error| blame::key_not_pinned(&error).into()),
            What::Root(root) => keyring
                .pin_root(SignedRoot::clone(root), SystemTime::now())
                .map_err(|error| root_refused(&self.name, &error).into()),
        }
    }

    /// The keys that give way to it.
    pub(super) fn replaces(&self, keyring: &Keyring) -> Vec<(TrustAction, TrustSubject)> {
        let keys = match &self.what {
            What::Key(_) => &[],
            What::Root(_) => keyring.keys(&self.publisher),
        };
        keys.iter().map(|key| (TrustAction::Unpin, TrustSubject::Key { id: key.id().to_string() })).collect()
    }

    /// That it was pinned, for the record.
    pub(super) fn pinned(&self) -> (TrustAction, TrustSubject) {
        match &self.what {
            What::Key(key) => (TrustAction::Pin, TrustSubject::Key { id: key.id().to_string() }),
            What::Root(root) => {
                let version = root.root().parts().version;
                (TrustAction::PinRoot, TrustSubject::Root { version, digest: root.digest().to_string() })
            }
        }
    }

    /// What a person sees before the question.
    pub(super) fn describe(&self) -> Vec<String> {
        match &self.what {
            What::Key(key) => {
                vec![format!("publisher    {}", self.publisher), format!("fingerprint  {}", key.id())]
            }
            What::Root(root) => describe::root(root.root(), root.digest()),
        }
    }

    /// What a person compares.
    pub(super) fn fingerprint(&self) -> Fingerprint {
        match &self.what {
            What::Key(key) => Fingerprint::from(key.id()),
            What::Root(root) => Fingerprint::from(root.digest()),
        }
    }

    /// The word for it in a sentence.
    pub(super) const fn word(&self) -> &'static str {
        match self.what {
            What::Key(_) => "key",
            What::Root(_) => "root",
        }
    }

    /// The key by which the owner of the domain vouches for it, and in words what
    /// that key did.
    pub(super) fn vouched_for_by(&self, domain: &DomainKeys) -> Option<(KeyId, &'static str)> {
        match &self.what {
            What::Key(key) => domain.keys().contains(key).then(|| (key.id(), "is the one to pin")),
            What::Root(root) => Some((domain.vouches_for(root).into_iter().next()?, "signed this root")),
        }
    }
}

fn root(offered: &Offered, publisher: &PublisherName) -> Result<SignedRoot, RootError> {
    let root = SignedRoot::parse(offered.bytes())?;
    let found = &root.root().parts().publisher;
    if found == publisher {
        Ok(root)
    } else {
        Err(RootError::OtherPublisher { expected: publisher.clone(), found: found.clone() })
    }
}

fn root_refused(name: &str, error: &RootError) -> Refused {
    Refused { code: error.code(), failure: blame::root_refused(name, error) }
}
