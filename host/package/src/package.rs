//! A package file taken apart: well formed, and nothing more.

use std::{io, sync::Arc};

use crate::{
    digest::Digest,
    envelope::{DocumentType, Envelope, EnvelopeError},
    manifest::{Manifest, ManifestError},
    section::{Sections, StructureError},
    text,
};

/// Largest package file in bytes. A package is held in memory while it is
/// verified and compiled; the largest useful guests are some tens of megabytes.
pub const MAX_PACKAGE_BYTES: usize = 64 * 1024 * 1024;

/// The name of the custom section that holds the manifest.
pub const MANIFEST_SECTION: &str = "mpp:manifest";

/// The name of the custom section that holds the envelope.
pub const SIGNATURE_SECTION: &str = "mpp:signature";

/// Custom section names that this format keeps for itself. A section of a later
/// format may restrict what a package may do, so an unknown one is no package
/// for this host.
pub(crate) const RESERVED_PREFIX: &str = "mpp:";

/// Why bytes are not a package. The publisher's fault, or damage on the way.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PackageError {
    /// No component, or one that is cut off or ambiguous.
    #[error(transparent)]
    Structure(#[from] StructureError),
    /// A component without a manifest.
    #[error("the component holds no `{MANIFEST_SECTION}` section: make a package of it with `mpp build`")]
    NoManifest,
    /// Two manifests.
    #[error("a second `{MANIFEST_SECTION}` section stands at offset {offset}: a package has exactly one")]
    SecondManifest {
        /// Where the second one begins.
        offset: usize,
    },
    /// Something behind the signature, a second signature included.
    #[error("the section at offset {offset} stands behind the signature, which must be the last")]
    BehindSignature {
        /// Where the section begins.
        offset: usize,
    },
    /// A section of a format that this crate does not know.
    #[error("the custom section {name} belongs to no package format known here: it may need a newer host")]
    UnknownSection {
        /// Its name, quoted and cut.
        name: String,
    },
    /// The manifest.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// The signature section or the detached signature.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// An embedded and a detached signature.
    #[error("the package carries a signature already: a detached one goes with an unsigned package only")]
    SignedTwice,
}

impl PackageError {
    /// The one word for this refusal in machine-readable output.
    pub const fn code(&self) -> &'static str {
        "malformed"
    }
}

/// Why a package could not be read from a stream.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The stream failed. The host's fault.
    #[error("reading the package failed: {0}")]
    Io(#[from] io::Error),
    /// What was read is no package.
    #[error(transparent)]
    Package(#[from] PackageError),
}

/// A package that is well formed. Everything it says is a *claim*: only
/// [`Keyring::verify`](crate::Keyring::verify) makes something of it that a
/// host may run. Cloning shares the bytes.
#[derive(Debug, Clone)]
pub struct Package {
    /// As it came: `Arc<[u8]>` would be a second copy of a large file.
    pub(crate) bytes: Arc<Vec<u8>>,
    /// How many of `bytes`, from the first, are the unsigned package P.
    pub(crate) unsigned_len: usize,
    pub(crate) digest: Digest,
    pub(crate) manifest: Arc<Manifest>,
    pub(crate) manifest_digest: Digest,
    pub(crate) envelope: Option<Sealed>,
}

/// An envelope with the digest of its bytes.
#[derive(Debug, Clone)]
pub(crate) struct Sealed {
    pub(crate) envelope: Arc<Envelope>,
    pub(crate) digest: Digest,
}

impl Sealed {
    fn parse(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        Ok(Self {
            envelope: Arc::new(Envelope::parse(DocumentType::Package, bytes)?),
            digest: Digest::of(bytes),
        })
    }
}

impl Package {
    /// Takes a file apart. The bytes are kept, a `Vec` without a copy, and never
    /// read from anywhere again, so that what is verified is what is compiled.
    pub fn parse(bytes: impl Into<Vec<u8>>) -> Result<Self, PackageError> {
        let bytes = Arc::new(bytes.into());
        let layout = Layout::of(&bytes)?;
        let contents = layout.manifest.ok_or(PackageError::NoManifest)?;
        let manifest = Arc::new(Manifest::parse(contents)?);
        let manifest_digest = Digest::of(contents);
        let envelope = layout.signature.map(Sealed::parse).transpose()?;
        let unsigned_len = layout.unsigned_len;
        let digest = Digest::of(&bytes[..unsigned_len]);
        Ok(Self { bytes, unsigned_len, digest, manifest, manifest_digest, envelope })
    }

    /// Reads a stream to its end, at most [`MAX_PACKAGE_BYTES`], and takes that apart.
    pub fn read(stream: impl io::Read) -> Result<Self, ReadError> {
        let mut bytes = Vec::new();
        // One byte more than allowed, so that a longer stream is seen to be longer.
        io::Read::read_to_end(&mut io::Read::take(stream, MAX_PACKAGE_BYTES as u64 + 1), &mut bytes)?;
        Ok(Self::parse(bytes)?)
    }

    /// Adds a detached signature (the contents of an `.mpp.sig` file) to an
    /// unsigned package.
    pub fn with_detached(self, envelope: &[u8]) -> Result<Self, PackageError> {
        if self.envelope.is_some() {
            return Err(PackageError::SignedTwice);
        }
        Ok(Self { envelope: Some(Sealed::parse(envelope)?), ..self })
    }

    /// The manifest. Unverified: anybody can write any name and any permission
    /// into a file.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The digest of the unsigned package: what the package is known by, signed
    /// or not.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The digest of the manifest section's contents.
    pub fn manifest_digest(&self) -> Digest {
        self.manifest_digest
    }

    /// The unsigned package P: the file without its signature section.
    pub fn unsigned_bytes(&self) -> &[u8] {
        &self.bytes[..self.unsigned_len]
    }

    /// The whole file as it was read.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The envelope, embedded or detached. Unverified.
    pub fn envelope(&self) -> Option<&Envelope> {
        self.envelope.as_ref().map(|sealed| &*sealed.envelope)
    }
}

/// Where the sections of the format stand in a file.
struct Layout<'a> {
    manifest: Option<&'a [u8]>,
    signature: Option<&'a [u8]>,
    unsigned_len: usize,
}

impl<'a> Layout<'a> {
    fn of(bytes: &'a [u8]) -> Result<Self, PackageError> {
        let mut layout = Self { manifest: None, signature: None, unsigned_len: bytes.len() };
        for section in Sections::of(bytes)? {
            let section = section?;
            let offset = section.range.start;
            if layout.signature.is_some() {
                return Err(PackageError::BehindSignature { offset });
            }
            let Some(custom) = section.custom else {
                continue;
            };
            match custom.name {
                MANIFEST_SECTION if layout.manifest.is_some() => {
                    return Err(PackageError::SecondManifest { offset });
                }
                MANIFEST_SECTION => layout.manifest = Some(custom.contents),
                SIGNATURE_SECTION => {
                    layout.signature = Some(custom.contents);
                    layout.unsigned_len = offset;
                }
                name if name.starts_with(RESERVED_PREFIX) => {
                    return Err(PackageError::UnknownSection { name: text::quoted(name) });
                }
                _ => {}
            }
        }
        Ok(layout)
    }
}
