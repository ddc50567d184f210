//! From a document to a signed one: packages, roots and indexes.

use crate::{
    digest::Digest,
    envelope::{DocumentType, Envelope, EnvelopeError, EnvelopeSignature, pre_authentication_encoding},
    index::{Index, IndexFormError},
    key::{InvalidSignature, KeyId, PublicKey, Signature},
    package::{MAX_PACKAGE_BYTES, Package, PackageError, SIGNATURE_SECTION},
    root::{Root, RootFormError},
    section::{StructureError, append_custom},
    signing_key::SigningKey,
    statement::{Statement, StatementError, StatementField},
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
    /// The options make no sense, or what is signed already is no statement.
    #[error(transparent)]
    Statement(#[from] StatementError),
    /// What is to be signed is no root.
    #[error(transparent)]
    Root(#[from] RootFormError),
    /// What is to be signed is no index.
    #[error(transparent)]
    Index(#[from] IndexFormError),
    /// The envelope cannot be written, or the key has signed it already.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// A signature made elsewhere does not hold.
    #[error("the signature was not made by the key {keyid} over the bytes to sign")]
    InvalidSignature {
        /// The key that should have made it.
        keyid: KeyId,
    },
    /// There is no signature to add another to.
    #[error("the package is not signed yet, so there is no signature to add another to")]
    Unsigned,
    /// The signatures on the package are for other bytes.
    #[error("the package carries a signature for other bytes: its {field} differs")]
    Mismatch {
        /// The first field that differs.
        field: StatementField,
    },
    /// Not the bytes of a signing request.
    #[error("these are not the bytes to sign of an MPP document")]
    NotAMessage,
}

/// Signs a package file and embeds the signature. Those that it carries already
/// are replaced.
pub fn sign(package: &[u8], key: &SigningKey, options: &SignOptions) -> Result<Vec<u8>, SignError> {
    let package = Package::parse(package)?;
    embed(&package, &SigningRequest::new(&package, options)?.sign(key)?)
}

/// Signs a package file and returns the contents of its `.mpp.sig` file: the
/// same bytes that [`sign`] embeds.
pub fn sign_detached(package: &[u8], key: &SigningKey, options: &SignOptions) -> Result<Vec<u8>, SignError> {
    let package = Package::parse(package)?;
    Ok(SigningRequest::new(&package, options)?.sign(key)?.to_json()?)
}

/// The envelope of a signed package with one signature more, over the same
/// statement. It must be about this package; who signed it before is not looked at.
pub fn cosign(package: &Package, key: &SigningKey) -> Result<Envelope, SignError> {
    let envelope = package.envelope().ok_or(SignError::Unsigned)?;
    match Statement::parse(envelope.payload())?.contradiction(package) {
        Some(field) => Err(SignError::Mismatch { field }),
        None => add_signature(envelope.clone(), key),
    }
}

/// An envelope with one signature more, by a key that has not signed it yet.
pub fn add_signature(envelope: Envelope, key: &SigningKey) -> Result<Envelope, SignError> {
    let request = SigningRequest::of(&envelope)?;
    let entry = request.entry(&key.public_key(), key.sign(&request.message()))?;
    Ok(envelope.with(entry)?)
}

/// An envelope with a signature that was made elsewhere, after checking that it
/// holds.
pub fn attach_signature(
    envelope: Envelope,
    key: &PublicKey,
    signature: Signature,
) -> Result<Envelope, SignError> {
    let entry = SigningRequest::of(&envelope)?.entry(key, signature)?;
    Ok(envelope.with(entry)?)
}

/// Puts `envelope` behind the unsigned bytes of `package`. One that it carries
/// already is replaced.
pub fn embed(package: &Package, envelope: &Envelope) -> Result<Vec<u8>, SignError> {
    envelope.must_hold(DocumentType::Package)?;
    let mut signed = package.unsigned_bytes().to_vec();
    append_custom(&mut signed, SIGNATURE_SECTION, &envelope.to_json()?);
    if signed.len() > MAX_PACKAGE_BYTES {
        return Err(PackageError::from(StructureError::TooLarge { found: signed.len() }).into());
    }
    Ok(signed)
}

/// A document that was read from the bytes to sign, so that whoever is about to
/// sign sees what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Document {
    /// About a package.
    Package(Box<Statement>),
    /// Who signs for a publisher.
    Root(Box<Root>),
    /// Which releases a publisher stands by.
    Index(Box<Index>),
}

/// What has to be signed, for a key that this process does not hold: one in a
/// hardware token, on another machine, or behind `openssl`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningRequest {
    document: Document,
    payload: Vec<u8>,
}

impl SigningRequest {
    /// Writes the statement about `package`.
    pub fn new(package: &Package, options: &SignOptions) -> Result<Self, SignError> {
        let statement = Statement::about(package, options)?;
        let payload = statement.to_json()?;
        Ok(Self { document: Document::Package(Box::new(statement)), payload })
    }

    /// Writes a root.
    pub fn root(root: Root) -> Result<Self, SignError> {
        let payload = root.to_json().map_err(RootFormError::from)?;
        Ok(Self { document: Document::Root(Box::new(root)), payload })
    }

    /// Writes an index.
    pub fn index(index: Index) -> Result<Self, SignError> {
        let payload = index.to_json().map_err(IndexFormError::from)?;
        Ok(Self { document: Document::Index(Box::new(index)), payload })
    }

    /// What the signatures of an envelope are about.
    pub fn of(envelope: &Envelope) -> Result<Self, SignError> {
        Self::read(envelope.kind(), envelope.payload().to_vec())
    }

    /// Reads what [`SigningRequest::message`] writes. Nothing that is not a
    /// document of this format is ever signed.
    pub fn from_message(message: &[u8]) -> Result<Self, SignError> {
        DocumentType::ALL
            .into_iter()
            .find_map(|kind| Some((kind, payload_of(kind, message)?)))
            .map_or(Err(SignError::NotAMessage), |(kind, payload)| Self::read(kind, payload.to_vec()))
    }

    fn read(kind: DocumentType, payload: Vec<u8>) -> Result<Self, SignError> {
        let document = match kind {
            DocumentType::Package => Document::Package(Box::new(Statement::parse(&payload)?)),
            DocumentType::Root => Document::Root(Box::new(Root::parse(&payload)?)),
            DocumentType::Index => Document::Index(Box::new(Index::parse(&payload)?)),
        };
        Ok(Self { document, payload })
    }

    /// What is to be signed.
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// The type of what is to be signed.
    pub fn kind(&self) -> DocumentType {
        match self.document {
            Document::Package(_) => DocumentType::Package,
            Document::Root(_) => DocumentType::Root,
            Document::Index(_) => DocumentType::Index,
        }
    }

    /// The SHA-256 of the document: of a root, its fingerprint. Who signs does
    /// not change it.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.payload)
    }

    /// The bytes to sign with Ed25519, exactly as they are.
    pub fn message(&self) -> Vec<u8> {
        pre_authentication_encoding(self.kind().payload_type(), &self.payload)
    }

    /// Signs, and makes the envelope.
    pub fn sign(self, key: &SigningKey) -> Result<Envelope, SignError> {
        let signature = key.sign(&self.message());
        self.finish(&key.public_key(), signature)
    }

    /// Makes the envelope, after checking that the signature holds.
    pub fn finish(self, key: &PublicKey, signature: Signature) -> Result<Envelope, SignError> {
        let entry = self.entry(key, signature)?;
        Ok(Envelope::new(self.kind(), self.payload, vec![entry])?)
    }

    fn entry(&self, key: &PublicKey, signature: Signature) -> Result<EnvelopeSignature, SignError> {
        let keyid = key.id();
        key.verify(&self.message(), &signature)
            .map_err(|InvalidSignature| SignError::InvalidSignature { keyid })?;
        Ok(EnvelopeSignature { keyid, signature })
    }
}

/// The payload in the pre-authentication encoding of one type of document. What
/// was found is encoded again and compared, so that there is one spelling.
fn payload_of(kind: DocumentType, message: &[u8]) -> Option<&[u8]> {
    let name = kind.payload_type();
    let rest = message.strip_prefix(format!("DSSEv1 {} {name} ", name.len()).as_bytes())?;
    let space = rest.iter().position(|&byte| byte == b' ')?;
    let payload = &rest[space + 1..];
    let fits = payload.len() <= kind.max_bytes() && rest[..space] == *payload.len().to_string().as_bytes();
    fits.then_some(payload)
}
