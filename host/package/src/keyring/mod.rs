//! Whom an operator trusts, to sign what, and what was accepted before.
//!
//! A [`Keyring`] is all that the judgement of a package rests on besides the
//! package itself. Every change of it is a method that checks first and changes
//! last, so that a document that is refused leaves nothing behind; and it is one
//! value with one [file](Keyring::to_json), so that an interrupted change leaves
//! the old one or the new.

mod file;
mod indexes;
mod memory;
mod policy;
mod roots;

use std::{collections::BTreeMap, time::SystemTime};

pub use self::{
    file::{KeyringError, MAX_TRUST_FILE_BYTES},
    indexes::{IndexError, Refreshed},
    memory::{Accepted, MAX_REMEMBERED, MemoryFull},
    policy::{TrustPolicy, WhenStale},
    roots::{MAX_ROOT_CHAIN, RootError, RootUpdate},
};
use crate::{
    envelope::Envelope,
    index::Index,
    key::{KeyId, PublicKey},
    name::PublisherName,
    role::MAX_KEYS,
    root::{Root, SignedRoot},
};

/// Whom an operator trusts, by publisher. A publisher that is not here is not
/// trusted; there is no entry that stands for everybody.
///
/// A publisher is trusted either by keys that the operator pinned, each of which
/// signs alone, or by a [root](Root), which says itself how many of which keys
/// sign what, and how it is followed by the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keyring {
    authorities: BTreeMap<PublisherName, Authority>,
    memory: memory::Memory,
    policy: TrustPolicy,
}

/// How a publisher is trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Authority {
    /// At least one key, none twice.
    Keys(Vec<PublicKey>),
    Root(Box<RootTrust>),
}

/// A root that the operator has pinned, with what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RootTrust {
    signed: SignedRoot,
    index: Option<HeldIndex>,
}

/// The newest index that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldIndex {
    index: Index,
    envelope: Envelope,
    superseded: bool,
}

/// Why a key was not pinned. The operator's fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PinError {
    /// Over [`MAX_KEYS`].
    #[error("more than {MAX_KEYS} keys for the publisher `{publisher}`: remove those that no longer sign")]
    TooManyKeys {
        /// The publisher.
        publisher: PublisherName,
    },
    /// The publisher has a root, which says who signs.
    #[error(
        "a root of `{by}` is pinned, and says who signs for `{publisher}`: a key beside it would undo that"
    )]
    HasRoot {
        /// The publisher.
        publisher: PublisherName,
        /// Whose root it is.
        by: PublisherName,
    },
}

impl Keyring {
    /// Trusts nobody.
    pub const fn empty() -> Self {
        Self { authorities: BTreeMap::new(), memory: BTreeMap::new(), policy: TrustPolicy::DEFAULT }
    }

    /// Trusts `key` to sign as `publisher`. Whoever calls this has made sure of
    /// the fingerprint. Says whether the key is new.
    pub fn pin(&mut self, publisher: &PublisherName, key: PublicKey) -> Result<bool, PinError> {
        if let Some((by, Authority::Root(_))) = self.authority(publisher) {
            return Err(PinError::HasRoot { publisher: publisher.clone(), by: by.clone() });
        }
        let keys = self.keys(publisher);
        if keys.contains(&key) {
            return Ok(false);
        }
        if keys.len() == MAX_KEYS {
            return Err(PinError::TooManyKeys { publisher: publisher.clone() });
        }
        let mut keys = keys.to_vec();
        keys.push(key);
        self.authorities.insert(publisher.clone(), Authority::Keys(keys));
        Ok(true)
    }

    /// Trusts `publisher` no longer, and forgets everything about it: keys or
    /// root, index, and what was accepted. Says whether it was trusted.
    pub fn remove(&mut self, publisher: &PublisherName) -> bool {
        match self.authorities.remove(publisher) {
            Some(Authority::Keys(_)) => self.forget_publisher(|name| name == publisher),
            Some(Authority::Root(trust)) => self.forget_publisher(|name| trust.root().covers(name)),
            None => return false,
        }
        true
    }

    /// Trusts one pinned key of `publisher` no longer. Says whether it was pinned.
    pub fn remove_key(&mut self, publisher: &PublisherName, keyid: &KeyId) -> bool {
        let Some(Authority::Keys(keys)) = self.authorities.get_mut(publisher) else {
            return false;
        };
        let before = keys.len();
        keys.retain(|key| key.id() != *keyid);
        let (left, removed) = (keys.len(), keys.len() < before);
        if left == 0 {
            self.remove(publisher);
        }
        removed
    }

    /// The keys pinned for `publisher`, in the order of pinning; empty where none
    /// is, and where a root says who signs.
    pub fn keys(&self, publisher: &PublisherName) -> &[PublicKey] {
        match self.authorities.get(publisher) {
            Some(Authority::Keys(keys)) => keys,
            _ => &[],
        }
    }

    /// Whether anybody is trusted to sign as `publisher`.
    pub fn trusts(&self, publisher: &PublisherName) -> bool {
        self.authority(publisher).is_some()
    }

    /// Every publisher with pinned keys, in the order of their names.
    pub fn publishers(&self) -> impl Iterator<Item = (&PublisherName, &[PublicKey])> {
        self.authorities.iter().filter_map(|(publisher, authority)| match authority {
            Authority::Keys(keys) => Some((publisher, keys.as_slice())),
            Authority::Root(_) => None,
        })
    }

    /// Every publisher with a pinned root, in the order of their names.
    pub fn roots(&self) -> impl Iterator<Item = (&PublisherName, &RootTrust)> {
        self.authorities.iter().filter_map(|(publisher, authority)| match authority {
            Authority::Root(trust) => Some((publisher, &**trust)),
            Authority::Keys(_) => None,
        })
    }

    /// The root that is pinned for `publisher` itself.
    pub fn root_trust(&self, publisher: &PublisherName) -> Option<&RootTrust> {
        match self.authorities.get(publisher) {
            Some(Authority::Root(trust)) => Some(trust),
            _ => None,
        }
    }

    /// What the operator says about documents that have grown old.
    pub const fn policy(&self) -> TrustPolicy {
        self.policy
    }

    /// Sets what the operator says about documents that have grown old.
    pub const fn set_policy(&mut self, policy: TrustPolicy) {
        self.policy = policy;
    }

    /// Who is trusted to sign as `publisher`: its own entry, or a root above it
    /// that names it among its namespaces. There is at most one, for neither a
    /// key nor a root is pinned where another holds the name.
    pub(crate) fn authority(&self, publisher: &PublisherName) -> Option<(&PublisherName, &Authority)> {
        publisher.and_above().find_map(|above| {
            let (by, authority) = self.authorities.get_key_value(&above)?;
            let trusted = match authority {
                Authority::Keys(_) => by == publisher,
                Authority::Root(trust) => trust.root().covers(publisher),
            };
            trusted.then_some((by, authority))
        })
    }
}

impl RootTrust {
    /// The root.
    pub fn root(&self) -> &Root {
        self.signed.root()
    }

    /// The root in its envelope.
    pub fn signed(&self) -> &SignedRoot {
        &self.signed
    }

    /// The version of the root.
    pub fn version(&self) -> u64 {
        self.root().parts().version
    }

    /// The newest index that was taken.
    pub fn index(&self) -> Option<&HeldIndex> {
        self.index.as_ref()
    }

    /// The time by which what this publisher has signed is judged: that of the
    /// clock, or that of the newest document where the clock stands before it.
    /// Turning the clock back must not bring an ended document to life.
    pub(crate) fn time(&self, now: SystemTime) -> SystemTime {
        let index = self.index.as_ref().filter(|index| !index.superseded);
        let issued = index.map(|index| index.index.parts().issued_at);
        let newest = issued.into_iter().fold(self.root().parts().issued_at, Ord::max);
        newest.to_system_time().max(now)
    }
}

impl HeldIndex {
    /// The index.
    pub fn index(&self) -> &Index {
        &self.index
    }

    /// The envelope it came in.
    pub fn envelope(&self) -> &Envelope {
        &self.envelope
    }

    /// The version of the index.
    pub fn version(&self) -> u64 {
        self.index.parts().version
    }

    /// Whether the keys that signed it sign no longer. What it revoked stays so
    /// until the next one is taken; for everything else it is out of date.
    pub fn is_superseded(&self) -> bool {
        self.superseded
    }

    fn is_signed_as(&self, root: &Root) -> bool {
        root.parts().index.as_ref().is_some_and(|role| role.signers(&self.envelope).is_ok())
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
            Err(PinError::TooManyKeys { publisher: publisher.clone() })
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
        assert!(keyring.remove(&publisher("com.example")));
        assert!(!keyring.remove(&publisher("com.example")));
        assert_eq!(keyring, Keyring::empty());
    }
}
