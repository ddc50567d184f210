//! From a component and a manifest to an unsigned package.

use crate::{
    manifest::{Manifest, ManifestError},
    package::{MANIFEST_SECTION, Package, PackageError, RESERVED_PREFIX, SIGNATURE_SECTION},
    section::{COMPONENT_PREAMBLE, Sections, StructureError, append_custom},
    text,
};

/// Why no package could be made. The publisher's fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PackError {
    /// The bytes are no component.
    #[error(transparent)]
    Structure(#[from] StructureError),
    /// The component is a signed package.
    #[error("the component is a signed package: pack the component it was made from")]
    Signed,
    /// The component holds a section that only this format may add.
    #[error("the component holds a custom section {name}, a name kept for the package format")]
    ReservedSection {
        /// Its name, quoted and cut.
        name: String,
    },
    /// The manifest cannot be encoded.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// What was packed does not read back: some list or count is over its limit.
    #[error("the package would not be accepted: {0}")]
    Refused(PackageError),
}

/// Makes the unsigned package P: the component without any manifest it had,
/// and the manifest behind it as the last section. Equal input gives equal bytes.
pub fn pack(component: &[u8], manifest: &Manifest) -> Result<Vec<u8>, PackError> {
    let mut sections = Sections::of(component)?;
    let mut package = Vec::with_capacity(component.len());
    package.extend_from_slice(&COMPONENT_PREAMBLE);
    while let Some(section) = sections.read()? {
        match section.custom.map(|custom| custom.name) {
            Some(MANIFEST_SECTION) => continue,
            Some(SIGNATURE_SECTION) => return Err(PackError::Signed),
            Some(name) if name.starts_with(RESERVED_PREFIX) => {
                return Err(PackError::ReservedSection { name: text::quoted(name) });
            }
            _ => package.extend_from_slice(&component[section.range]),
        }
    }
    append_custom(&mut package, MANIFEST_SECTION, &manifest.to_json()?);
    // Nothing leaves here that a host would refuse as malformed.
    Package::parse(package.as_slice()).map_err(PackError::Refused)?;
    Ok(package)
}
