//! From an unsigned package to a signed one.

use crate::{
    envelope::{Envelope, EnvelopeError, EnvelopeSignature, PAYLOAD_TYPE, pre_authentication_encoding},
    key::{InvalidSignature, KeyId, PublicKey, Signature},
    package::{MAX_PACKAGE_BYTES, Package, PackageError, SIGNATURE_SECTION},
    section::{StructureError, append_custom},
    signing_key::SigningKey,
    statement::{Statement, StatementError},
    timestamp::Timestamp,
};

/// What the publisher adds to what the package says itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignOptions {
    /// Higher than that of every release signed before; at most
    /// [`MAX_SEQUENCE`](crate::MAX_SEQUENCE). Seconds since 1970 will do.
    pub sequence: u64,
    /// Now.
    pub issued_at: Timestamp,
    /// The last second in which the signature counts; `None`: no end.
    pub not_after: Option<Timestamp>,
}

/// Why nothing was signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// The bytes are no package.
    #[error(transparent)]
    Package(#[from] PackageError),
    /// The options make no sense.
    #[error(transparent)]
    Statement(#[from] StatementError),
    /// The envelope cannot be written.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// A signature made elsewhere does not hold.
    #[error("the signature was not made by the key {keyid} over the bytes to sign")]
    InvalidSignature {
        /// The key that should have made it.
        keyid: KeyId,
    },
}

/// Signs a package file and embeds the signature. One that it carries already
/// is replaced.
pub fn sign(package: &[u8], key: &SigningKey, options: &SignOptions) -> Result<Vec<u8>, SignError> {
    let package = Package::parse(package)?;
    let envelope = envelope(&package, key, options)?;
    embed(&package, &envelope)
}

/// Signs a package file and returns the contents of its `.mpp.sig` file: the
/// same bytes that [`sign`] embeds.
pub fn sign_detached(package: &[u8], key: &SigningKey, options: &SignOptions) -> Result<Vec<u8>, SignError> {
    let package = Package::parse(package)?;
    Ok(envelope(&package, key, options)?.to_json()?)
}

/// Puts `envelope` behind the unsigned bytes of `package`. One that it carries
/// already is replaced.
pub fn embed(package: &Package, envelope: &Envelope) -> Result<Vec<u8>, SignError> {
    let mut signed = package.unsigned_bytes().to_vec();
    append_custom(&mut signed, SIGNATURE_SECTION, &envelope.to_json()?);
    if signed.len() > MAX_PACKAGE_BYTES {
        return Err(PackageError::from(StructureError::TooLarge { found: signed.len() }).into());
    }
    Ok(signed)
}

fn envelope(package: &Package, key: &SigningKey, options: &SignOptions) -> Result<Envelope, SignError> {
    let request = SigningRequest::new(package, options)?;
    let signature = key.sign(&request.message());
    request.finish(&key.public_key(), signature)
}

/// What has to be signed, for a key that this process does not hold: one in a
/// hardware token, in a key service, or behind `openssl`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningRequest {
    payload: Vec<u8>,
}

impl SigningRequest {
    /// Writes the statement about `package`.
    pub fn new(package: &Package, options: &SignOptions) -> Result<Self, SignError> {
        let payload = Statement::about(package, options)?.to_json()?;
        Ok(Self { payload })
    }

    /// The bytes to sign with Ed25519, exactly as they are.
    pub fn message(&self) -> Vec<u8> {
        pre_authentication_encoding(PAYLOAD_TYPE, &self.payload)
    }

    /// Makes the envelope, after checking that the signature holds.
    pub fn finish(self, key: &PublicKey, signature: Signature) -> Result<Envelope, SignError> {
        let keyid = key.id();
        key.verify(&self.message(), &signature)
            .map_err(|InvalidSignature| SignError::InvalidSignature { keyid })?;
        Ok(Envelope::new(self.payload, vec![EnvelopeSignature { keyid, signature }])?)
    }
}
