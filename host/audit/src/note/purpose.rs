//! Keys for one purpose: a log's, and a witness's.

use std::fmt;
use std::str::FromStr;

use ed25519_dalek::VerifyingKey;

use super::error::KeyError;
use super::key::{Algorithm, Material, VerifierKey};
use super::name::KeyName;
use crate::epoch::EpochKeys;

/// Keys for one purpose, around a [`VerifierKey`] of the algorithm for it.
macro_rules! purpose {
    ($(#[$doc:meta])* $name:ident, $material:ident, $($other:ident)?) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq)]
        pub struct $name(VerifierKey);

        impl $name {
            /// The public half of a secret key made for this purpose.
            pub(super) fn of(name: KeyName, key: VerifyingKey) -> Self {
                Self(VerifierKey::of(name, Material::$material(key)))
            }

            /// As a key of any purpose.
            pub const fn as_key(&self) -> &VerifierKey {
                &self.0
            }

            /// Whose key it is.
            pub const fn name(&self) -> &KeyName {
                self.0.name()
            }
        }

        impl TryFrom<VerifierKey> for $name {
            type Error = KeyError;

            fn try_from(key: VerifierKey) -> Result<Self, KeyError> {
                match key.material() {
                    Material::$material(_) $(| Material::$other(_))? => Ok(Self(key)),
                    _ => Err(KeyError::Purpose {
                        found: key.algorithm().byte(),
                        expected: Algorithm::$material.byte(),
                    }),
                }
            }
        }

        impl FromStr for $name {
            type Err = KeyError;

            fn from_str(text: &str) -> Result<Self, KeyError> {
                text.parse::<VerifierKey>()?.try_into()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }
    };
}

purpose! {
    /// A key with which a log signs: one key (`0x01`), or one for each epoch
    /// (`0xff`). Its name is the log's origin.
    LogKey, Ed25519, Epochs
}

purpose! {
    /// A key with which a witness cosigns (`0x04`).
    WitnessKey, CosignatureV1,
}

impl LogKey {
    /// The keys of all epochs of a log, as one key.
    pub fn of_epochs(name: KeyName, keys: EpochKeys) -> Self {
        Self(VerifierKey::of(name, Material::Epochs(keys)))
    }

    /// The keys of its epochs, if it has a key for each.
    pub fn epochs(&self) -> Option<&EpochKeys> {
        match self.0.material() {
            Material::Epochs(keys) => Some(keys),
            Material::Ed25519(_) | Material::CosignatureV1(_) => None,
        }
    }
}
