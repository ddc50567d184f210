//! What a package says of itself: all of it but its code.
//!
//! A host that lists ten thousand packages does not read ten thousand
//! components. It reads where their sections stand, and then the two that it
//! needs: the manifest, and the signature that names the manifest's digest.

use std::{
    io::{Read, Seek},
    ops::Range,
    sync::Arc,
};

use crate::{
    digest::Digest,
    envelope::{DocumentType, Envelope, EnvelopeError},
    manifest::{MAX_MANIFEST_BYTES, Manifest, ManifestError},
    package::{MANIFEST_SECTION, PackageError, RESERVED_PREFIX, ReadError, SIGNATURE_SECTION},
    section::{Section, Sections},
    source::{Source, Window},
    text,
};

/// The manifest and the signature of a package, without its component. Every
/// word of it is a *claim*: see
/// [`Keyring::verify_manifest`](crate::Keyring::verify_manifest). Cloning shares them.
#[derive(Debug, Clone)]
pub struct Outline {
    /// Bytes of the unsigned package P.
    unsigned_len: usize,
    manifest: Arc<Manifest>,
    manifest_digest: Digest,
    envelope: Option<Sealed>,
}

/// An envelope with the digest of its bytes.
#[derive(Debug, Clone)]
pub(crate) struct Sealed {
    pub(crate) envelope: Arc<Envelope>,
    pub(crate) digest: Digest,
}

impl Outline {
    /// Reads a package file from its beginning, wherever it stands, and passes
    /// over what is inside all sections but two. A file that
    /// [`Package::parse`](crate::Package::parse) refuses is refused for the same
    /// reason.
    ///
    /// The file is read in few and large pieces, so there is no use in a buffer
    /// around it. Of one that changes meanwhile, the manifest and the signature
    /// can be of two files; then the one is not what the other was made for, and
    /// [`Keyring::verify_manifest`](crate::Keyring::verify_manifest) refuses both.
    pub fn read(file: impl Read + Seek) -> Result<Self, ReadError> {
        Self::of(Window::over(file)?)
    }

    /// Takes a file apart.
    pub(crate) fn of<S, E>(source: S) -> Result<Self, E>
    where
        S: Source,
        E: From<S::Error> + From<PackageError>,
    {
        let mut sections = Sections::of(source)?;
        let Layout { manifest, signature, unsigned_len } = Layout::of::<S, E>(&mut sections)?;
        let mut source = sections.into_source();
        let (manifest, manifest_digest) = read_manifest::<S, E>(&mut source, manifest)?;
        let envelope = signature.map(|place| read_envelope::<S, E>(&mut source, place)).transpose()?;
        Ok(Self { unsigned_len, manifest: Arc::new(manifest), manifest_digest, envelope })
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

    /// The digest of the manifest section's contents.
    pub fn manifest_digest(&self) -> Digest {
        self.manifest_digest
    }

    /// The envelope, embedded or detached. Unverified.
    pub fn envelope(&self) -> Option<&Envelope> {
        self.envelope.as_ref().map(|sealed| &*sealed.envelope)
    }

    /// Bytes of the unsigned package.
    pub fn unsigned_size(&self) -> u64 {
        self.unsigned_len as u64
    }

    pub(crate) fn unsigned_len(&self) -> usize {
        self.unsigned_len
    }

    pub(crate) fn sealed(&self) -> Option<&Sealed> {
        self.envelope.as_ref()
    }

    pub(crate) fn into_manifest(self) -> Arc<Manifest> {
        self.manifest
    }
}

impl Sealed {
    fn parse(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        Ok(Self {
            envelope: Arc::new(Envelope::parse(DocumentType::Package, bytes)?),
            digest: Digest::of(bytes),
        })
    }
}

fn read_manifest<S, E>(source: &mut S, place: Option<Range<usize>>) -> Result<(Manifest, Digest), E>
where
    S: Source,
    E: From<S::Error> + From<PackageError>,
{
    let place = place.ok_or(PackageError::NoManifest)?;
    let found = place.len();
    // Before it is read: the section can be as long as the file.
    if found > MAX_MANIFEST_BYTES {
        return Err(PackageError::from(ManifestError::TooLarge { found }).into());
    }
    let contents = source.bytes(place)?;
    let manifest = Manifest::parse(contents).map_err(PackageError::from)?;
    Ok((manifest, Digest::of(contents)))
}

fn read_envelope<S, E>(source: &mut S, place: Range<usize>) -> Result<Sealed, E>
where
    S: Source,
    E: From<S::Error> + From<PackageError>,
{
    let (found, limit) = (place.len(), DocumentType::Package.max_bytes());
    if found > limit {
        return Err(PackageError::from(EnvelopeError::TooLarge { found, limit }).into());
    }
    Ok(Sealed::parse(source.bytes(place)?).map_err(PackageError::from)?)
}

/// Where the sections of the format stand in a file.
struct Layout {
    manifest: Option<Range<usize>>,
    signature: Option<Range<usize>>,
    unsigned_len: usize,
}

impl Layout {
    fn of<S, E>(sections: &mut Sections<S>) -> Result<Self, E>
    where
        S: Source,
        E: From<S::Error> + From<PackageError>,
    {
        let mut layout = Self { manifest: None, signature: None, unsigned_len: sections.end() };
        while let Some(section) = sections.read()? {
            layout.place(section)?;
        }
        Ok(layout)
    }

    fn place(&mut self, section: Section<'_>) -> Result<(), PackageError> {
        let offset = section.range.start;
        if self.signature.is_some() {
            return Err(PackageError::BehindSignature { offset });
        }
        let Some(custom) = section.custom else {
            return Ok(());
        };
        match custom.name {
            MANIFEST_SECTION if self.manifest.is_some() => {
                return Err(PackageError::SecondManifest { offset });
            }
            MANIFEST_SECTION => self.manifest = Some(custom.contents),
            SIGNATURE_SECTION => {
                self.signature = Some(custom.contents);
                self.unsigned_len = offset;
            }
            name if name.starts_with(RESERVED_PREFIX) => {
                return Err(PackageError::UnknownSection { name: text::quoted(name) });
            }
            _ => {}
        }
        Ok(())
    }
}
