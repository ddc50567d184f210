//! The manifest: what a package claims to be, to offer and to need.

mod form;

use mpp_policy::{LimitsRequest, Permissions};
use semver::Version;

use crate::{
    icon::{Icon, IconError, MAX_ICONS},
    json::{Json, JsonError},
    name::{PackageName, PublisherName, ToolName},
    text::{self, TextError},
    tool::{ToolEntry, ToolEntryError},
};

use form::ManifestForm;

/// The version of the manifest format that this crate reads and writes.
pub const MANIFEST_VERSION: &str = "1";

/// Largest manifest in bytes. Schemas make up most of one.
pub const MAX_MANIFEST_BYTES: usize = 1024 * 1024;

/// Longest description of a package in bytes: a few paragraphs.
pub const MAX_DESCRIPTION_BYTES: usize = 4 * 1024;

/// Longest version in bytes, so that `NAME-VERSION.mpp` fits any file system.
pub const MAX_VERSION_BYTES: usize = 64;

/// Most tools in one package; a model cannot choose well among more.
pub const MAX_TOOLS: usize = 256;

/// Everything a manifest says, each field named, to make a [`Manifest`] of.
#[derive(Debug, Clone, PartialEq)]
pub struct ManifestParts {
    /// Who publishes.
    pub publisher: PublisherName,
    /// What the publisher calls the package.
    pub name: PackageName,
    /// Which release this is; without build metadata, which orders nothing and
    /// fits no registry tag.
    pub version: Version,
    /// What the package is for, for a person.
    pub description: String,
    /// All that its tools may touch.
    pub permissions: Permissions,
    /// Limits its tools are content with, where lower than the operator's.
    pub limits: LimitsRequest,
    /// Its tools, at least one, in the order of the publisher.
    pub tools: Vec<ToolEntry>,
    /// Pictures to show each of its tools with, in the order of the publisher.
    pub icons: Vec<Icon>,
}

/// A manifest that is well formed. It exists only if every check passed, and
/// it has exactly one encoding.
///
/// Being well formed makes nothing in it true: see
/// [`VerifiedPackage::manifest`](crate::VerifiedPackage::manifest).
#[derive(Debug, Clone, PartialEq)]
pub struct Manifest(ManifestParts);

/// Why bytes or values are not a manifest. The publisher's fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    /// Over [`MAX_MANIFEST_BYTES`].
    #[error("the manifest is {found} bytes long, and at most {MAX_MANIFEST_BYTES} are allowed")]
    TooLarge {
        /// Bytes found.
        found: usize,
    },
    /// A format that this crate does not know.
    #[error(
        "the manifest does not say `\"mpp\":\"{MANIFEST_VERSION}\"`, the one format known here: it may need a newer host"
    )]
    UnknownFormat,
    /// Not the JSON of a manifest.
    #[error("the manifest is not the JSON of one: {0}")]
    Json(#[from] JsonError),
    /// A spelling other than the canonical one.
    #[error("the manifest is not in canonical form: build the package with `mpp build`")]
    NotCanonical,
    /// The description of the package.
    #[error("the description of the package {0}")]
    Description(TextError),
    /// Over [`MAX_VERSION_BYTES`].
    #[error("the version is {found} characters long, and at most {MAX_VERSION_BYTES} are allowed")]
    VersionTooLong {
        /// Bytes found.
        found: usize,
    },
    /// A version such as `1.0.0+build`.
    #[error(
        "the version `{version}` has build metadata, which does not order releases: drop the part after `+`"
    )]
    BuildMetadata {
        /// The version found.
        version: Version,
    },
    /// No tool.
    #[error("the package has no tool")]
    NoTools,
    /// Over [`MAX_TOOLS`].
    #[error("the package has {found} tools, and at most {MAX_TOOLS} are allowed")]
    TooManyTools {
        /// Tools found.
        found: usize,
    },
    /// Two tools of one name.
    #[error("two tools are named `{name}`")]
    DuplicateTool {
        /// The name both have.
        name: ToolName,
    },
    /// A tool that is not described well.
    #[error("the tool `{name}` cannot be accepted: {problem}")]
    Tool {
        /// The tool.
        name: ToolName,
        /// What is wrong.
        problem: ToolEntryError,
    },
    /// Over [`MAX_ICONS`].
    #[error("the package has {found} icons, and at most {MAX_ICONS} are allowed")]
    TooManyIcons {
        /// Icons found.
        found: usize,
    },
    /// An icon that is none.
    #[error("the icon number {number} cannot be accepted: {problem}")]
    Icon {
        /// Which it is, counted from 1.
        number: usize,
        /// What is wrong.
        problem: IconError,
    },
}

impl Manifest {
    /// Checks the parts and makes a manifest of them.
    pub fn new(parts: ManifestParts) -> Result<Self, ManifestError> {
        Ok(Self::with_encoding(parts)?.0)
    }

    /// The manifest, and what [`Manifest::to_json`] says of it.
    fn with_encoding(mut parts: ManifestParts) -> Result<(Self, Vec<u8>), ManifestError> {
        parts.permissions = parts.permissions.normalised();
        check_version(&parts.version)?;
        text::paragraph(&parts.description, MAX_DESCRIPTION_BYTES).map_err(ManifestError::Description)?;
        check_tools(&parts.tools)?;
        check_icons(&parts.icons)?;
        let manifest = Self(parts);
        let encoding = manifest.to_json()?;
        if encoding.len() > MAX_MANIFEST_BYTES {
            return Err(ManifestError::TooLarge { found: encoding.len() });
        }
        Ok((manifest, encoding))
    }

    /// Reads the canonical encoding, and no other.
    pub fn parse(bytes: &[u8]) -> Result<Self, ManifestError> {
        if bytes.len() > MAX_MANIFEST_BYTES {
            return Err(ManifestError::TooLarge { found: bytes.len() });
        }
        check_json(bytes)?;
        let form: ManifestForm<'_> = serde_json::from_slice(bytes).map_err(JsonError::from)?;
        let (manifest, encoding) = Self::with_encoding(form.try_into()?)?;
        // Canonical as JSON is not yet canonical as a manifest: a list of
        // permissions has an order, and an absent value has one spelling.
        if encoding == bytes { Ok(manifest) } else { Err(ManifestError::NotCanonical) }
    }

    /// The canonical encoding: what stands in the package, byte for byte.
    pub fn to_json(&self) -> Result<Vec<u8>, ManifestError> {
        let form = ManifestForm::from(&self.0);
        Ok(Json::from_serialize(&form)?.to_string().into_bytes())
    }

    /// Who publishes.
    pub fn publisher(&self) -> &PublisherName {
        &self.0.publisher
    }

    /// What the publisher calls the package.
    pub fn name(&self) -> &PackageName {
        &self.0.name
    }

    /// Which release this is.
    pub fn version(&self) -> &Version {
        &self.0.version
    }

    /// What the package is for, for a person.
    pub fn description(&self) -> &str {
        &self.0.description
    }

    /// All that its tools may touch.
    pub fn permissions(&self) -> &Permissions {
        &self.0.permissions
    }

    /// Limits its tools are content with.
    pub fn limits(&self) -> &LimitsRequest {
        &self.0.limits
    }

    /// Its tools, at least one, each name once.
    pub fn tools(&self) -> &[ToolEntry] {
        &self.0.tools
    }

    /// The tool of this name.
    pub fn tool(&self, name: &str) -> Option<&ToolEntry> {
        self.0.tools.iter().find(|tool| tool.name.as_str() == name)
    }

    /// Pictures to show each of its tools with, none to [`MAX_ICONS`].
    pub fn icons(&self) -> &[Icon] {
        &self.0.icons
    }

    /// The parts, to make another manifest of.
    pub fn into_parts(self) -> ManifestParts {
        self.0
    }
}

/// Reads the text as JSON alone. What that takes is free again before a manifest
/// is made of it.
fn check_json(bytes: &[u8]) -> Result<(), ManifestError> {
    let json = Json::parse(bytes)?;
    check_format(&json)?;
    // The cheap refusal, so that no text makes this write more than its own
    // length before it is known to be canonical.
    if json.is_canonical(bytes) { Ok(()) } else { Err(ManifestError::NotCanonical) }
}

/// Comes first, so that a newer format is named as such and not as an unknown key.
fn check_format(json: &Json) -> Result<(), ManifestError> {
    match json {
        Json::Object(members) if members.get("mpp") == Some(&Json::String(MANIFEST_VERSION.into())) => Ok(()),
        _ => Err(ManifestError::UnknownFormat),
    }
}

fn check_version(version: &Version) -> Result<(), ManifestError> {
    let found = version.to_string().len();
    if found > MAX_VERSION_BYTES {
        return Err(ManifestError::VersionTooLong { found });
    }
    if !version.build.is_empty() {
        return Err(ManifestError::BuildMetadata { version: version.clone() });
    }
    Ok(())
}

fn check_tools(tools: &[ToolEntry]) -> Result<(), ManifestError> {
    if tools.is_empty() {
        return Err(ManifestError::NoTools);
    }
    if tools.len() > MAX_TOOLS {
        return Err(ManifestError::TooManyTools { found: tools.len() });
    }
    for (index, tool) in tools.iter().enumerate() {
        let name = tool.name.clone();
        if tools[..index].iter().any(|earlier| earlier.name == name) {
            return Err(ManifestError::DuplicateTool { name });
        }
        tool.check().map_err(|problem| ManifestError::Tool { name, problem })?;
    }
    Ok(())
}

fn check_icons(icons: &[Icon]) -> Result<(), ManifestError> {
    let found = icons.len();
    if found > MAX_ICONS { Err(ManifestError::TooManyIcons { found }) } else { Ok(()) }
}
