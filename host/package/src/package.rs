//! A package file taken apart: well formed, and nothing more.

use std::{io, sync::Arc};

use crate::{
    digest::Digest,
    envelope::{Envelope, EnvelopeError},
    manifest::{Manifest, ManifestError},
    outline::Outline,
    section::StructureError,
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

impl From<StructureError> for ReadError {
    fn from(error: StructureError) -> Self {
        Self::Package(error.into())
    }
}

/// A package that is well formed. Everything it says is a *claim*: only
/// [`Keyring::verify`](crate::Keyring::verify) makes something of it that a
/// host may run. Cloning shares the bytes.
#[derive(Debug, Clone)]
pub struct Package {
    /// As it came: `Arc<[u8]>` would be a second copy of a large file.
    bytes: Arc<Vec<u8>>,
    digest: Digest,
    outline: Outline,
}

impl Package {
    /// Takes a file apart. The bytes are kept, a `Vec` without a copy, and never
    /// read from anywhere again, so that what is verified is what is compiled.
    pub fn parse(bytes: impl Into<Vec<u8>>) -> Result<Self, PackageError> {
        let bytes = Arc::new(bytes.into());
        let outline = Outline::of::<_, PackageError>(bytes.as_slice())?;
        let digest = Digest::of(&bytes[..outline.unsigned_len()]);
        Ok(Self { bytes, digest, outline })
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
        Ok(Self { outline: self.outline.with_detached(envelope)?, ..self })
    }

    /// The manifest. Unverified: anybody can write any name and any permission
    /// into a file.
    pub fn manifest(&self) -> &Manifest {
        self.outline.manifest()
    }

    /// The digest of the unsigned package: what the package is known by, signed
    /// or not.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The digest of the manifest section's contents.
    pub fn manifest_digest(&self) -> Digest {
        self.outline.manifest_digest()
    }

    /// The unsigned package P: the file without its signature section.
    pub fn unsigned_bytes(&self) -> &[u8] {
        &self.bytes[..self.outline.unsigned_len()]
    }

    /// The whole file as it was read.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The envelope, embedded or detached. Unverified.
    pub fn envelope(&self) -> Option<&Envelope> {
        self.outline.envelope()
    }

    /// Everything that can be said of the package without its bytes. Unverified.
    pub fn outline(&self) -> &Outline {
        &self.outline
    }
}
