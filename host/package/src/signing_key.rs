//! The publisher's secret.

use std::fmt;

use ed25519_dalek::{
    Signer as _,
    pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _, KeypairBytes, spki::der::pem::LineEnding},
};

use crate::key::{KeyError, PublicKey, Signature};

/// An Ed25519 secret key. Its memory is cleared when it is dropped, and its
/// `Debug` shows the public half only.
///
/// As text a standard PKCS#8 PEM (`PRIVATE KEY`, RFC 8410) without encryption:
/// what `openssl genpkey -algorithm ed25519` makes. Where it is kept and who may
/// read it is the caller's care.
pub struct SigningKey(ed25519_dalek::SigningKey);

impl SigningKey {
    /// Makes a key from the operating system's random bytes.
    pub fn generate() -> Result<Self, KeyError> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(|_| KeyError::NoRandomness)?;
        Ok(Self::from_seed(&seed))
    }

    /// The key of a 32-byte seed (the "private key" of RFC 8032). The seed must
    /// come from a cryptographic random source and must stay secret.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(ed25519_dalek::SigningKey::from_bytes(seed))
    }

    /// Reads a PKCS#8 PEM text. Where it carries the public key too, that must belong.
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        ed25519_dalek::SigningKey::from_pkcs8_pem(pem).map(Self).map_err(|_| KeyError::PrivateForm)
    }

    /// Writes a PKCS#8 PEM text of version 1, without the public key: the form
    /// that every release of OpenSSL reads. The text clears itself when dropped.
    pub fn to_pem(&self) -> Result<SecretPem, KeyError> {
        let pair = KeypairBytes { secret_key: self.0.to_bytes(), public_key: None };
        pair.to_pkcs8_pem(LineEnding::LF).map(SecretPem).map_err(|_| KeyError::PrivateForm)
    }

    /// The public half.
    pub fn public_key(&self) -> PublicKey {
        PublicKey::of(&self.0)
    }

    /// Signs exactly these bytes.
    pub(crate) fn sign(&self, message: &[u8]) -> Signature {
        Signature::from_bytes(self.0.sign(message).to_bytes())
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.public_key())
    }
}

/// A secret key in PEM form. Cleared from memory when dropped.
pub struct SecretPem(ed25519_dalek::pkcs8::spki::der::zeroize::Zeroizing<String>);

impl SecretPem {
    /// The text, to be written where only its owner can read it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretPem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretPem(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_reads_back_from_its_pem() {
        let key = SigningKey::from_seed(&[7; 32]);
        let pem = key.to_pem().unwrap();
        assert!(pem.as_str().starts_with("-----BEGIN PRIVATE KEY-----\n"));
        assert_eq!(SigningKey::from_pem(pem.as_str()).unwrap().public_key(), key.public_key());
    }

    #[test]
    fn a_public_key_reads_back_from_its_pem_and_its_text() {
        let key = SigningKey::from_seed(&[7; 32]).public_key();
        assert_eq!(PublicKey::from_pem(&key.to_pem().unwrap()), Ok(key.clone()));
        assert_eq!(key.to_string().parse(), Ok(key));
    }

    #[test]
    fn a_secret_is_never_shown() {
        let key = SigningKey::from_seed(&[7; 32]);
        let shown = format!("{key:?} {:?}", key.to_pem().unwrap());
        assert_eq!(shown, format!("SigningKey({}) SecretPem(..)", key.public_key()));
    }

    #[test]
    fn a_public_key_is_no_private_key() {
        let key = SigningKey::from_seed(&[7; 32]);
        let public = key.public_key().to_pem().unwrap();
        assert_eq!(SigningKey::from_pem(&public).err(), Some(KeyError::PrivateForm));
        let secret = key.to_pem().unwrap();
        assert_eq!(PublicKey::from_pem(secret.as_str()), Err(KeyError::PublicForm));
    }

    #[test]
    fn two_generated_keys_differ() {
        let [a, b] = [SigningKey::generate().unwrap(), SigningKey::generate().unwrap()];
        assert_ne!(a.public_key(), b.public_key());
    }
}
