//! `mpp.yaml`: the manifest as its author writes it.

mod icon;

use mpp_policy::{ByteSize, DeclaredLimits, DeclaredPermissions, LimitsRequest, Permissions};
use semver::Version;
use serde::{Deserialize, Deserializer, de};

use crate::{
    icon::Icon,
    manifest::{Manifest, ManifestError, ManifestParts},
    name::{PackageName, PublisherName},
    tool::ToolEntry,
};

pub use icon::IconFile;
use icon::IconFiles;

/// Largest `mpp.yaml` in bytes.
pub const MAX_AUTHOR_MANIFEST_BYTES: usize = 64 * 1024;

/// Stack of a guest where the author asks for no other, in bytes. A fresh
/// instance clears its stack, so that a small one makes every call faster.
pub const DEFAULT_STACK_BYTES: u64 = 64 * 1024;

/// What an author writes in `mpp.yaml`. Its tools are not among it: they are
/// described by the code, and [`AuthorManifest::freeze`] brings them in. Nor are
/// the pictures of its icons: it names their files.
///
/// ```yaml
/// publisher: com.example
/// name: csv-report
/// version: 1.0.0
/// description: Group and sum a CSV file and write a report.
/// permissions:                 # all keys may be left out: absent is nothing
///   filesystem:
///     read: ["/data"]
///     write: ["/data/reports"]
///   network:
///     outbound: ["api.example.com:443"]
///   env: [REPORT_TOKEN]
///   clock: false
///   random: false
/// limits: { memory: 64MiB, time: 30s }
/// icons:                       # PNG, JPEG or WebP, beside this file or below
///   - icon.png
///   - { file: icon-dark.png, theme: dark }
/// build: { target: wasm32-wasip2, stack: 64KiB }
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct AuthorManifest {
    /// Who publishes.
    pub publisher: PublisherName,
    /// The name of the package.
    pub name: PackageName,
    /// Which release this is.
    pub version: Version,
    /// What the package is for, for a person.
    pub description: String,
    /// All that its tools may touch.
    pub permissions: Permissions,
    /// Limits its tools are content with.
    pub limits: LimitsRequest,
    /// Pictures to show each of its tools with.
    pub icons: Vec<IconFile>,
    /// How to build it.
    pub build: Build,
}

/// How `mpp build` builds a package. Not part of the manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Build {
    /// What to compile for.
    pub target: Target,
    /// Bytes of stack to link the guest with.
    pub stack: ByteSize,
}

/// What a guest is compiled for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Target {
    /// With the whole standard library, through WASI 0.2.
    #[serde(rename = "wasm32-wasip2")]
    Wasip2,
    /// Without WASI: smaller, and imports nothing but what is used.
    #[serde(rename = "wasm32-unknown-unknown")]
    Unknown,
}

impl Target {
    /// The name that rustc knows it by.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Wasip2 => "wasm32-wasip2",
            Self::Unknown => "wasm32-unknown-unknown",
        }
    }
}

/// Why a text is not an author's manifest. The author's fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuthorManifestError {
    /// Over [`MAX_AUTHOR_MANIFEST_BYTES`].
    #[error("mpp.yaml is {found} bytes long, and at most {MAX_AUTHOR_MANIFEST_BYTES} are allowed")]
    TooLarge {
        /// Bytes found.
        found: usize,
    },
    /// Not YAML, or not that of a manifest.
    #[error("mpp.yaml cannot be read: {message}")]
    Form {
        /// Line, from 1; 0 where it is not known.
        line: u64,
        /// Column, from 1; 0 where it is not known.
        column: u64,
        /// What is wrong, with place and excerpt; several lines.
        message: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AuthorForm {
    publisher: PublisherName,
    name: PackageName,
    #[serde(deserialize_with = "version")]
    version: Version,
    description: String,
    permissions: Option<DeclaredPermissions>,
    limits: Option<DeclaredLimits>,
    icons: Option<IconFiles>,
    build: Option<BuildForm>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BuildForm {
    target: Option<Target>,
    stack: Option<ByteSize>,
}

/// Explains itself better than the parser of versions does.
fn version<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Version, D::Error> {
    let text = String::deserialize(deserializer)?;
    Version::parse(&text).map_err(|problem| {
        de::Error::custom(format_args!("{text:?} is not a semantic version such as `1.0.0`: {problem}"))
    })
}

impl AuthorManifest {
    /// Reads an `mpp.yaml`: one document, no unknown or repeated keys, no
    /// anchors, aliases, merge keys or tags.
    pub fn parse(yaml: &str) -> Result<Self, AuthorManifestError> {
        if yaml.len() > MAX_AUTHOR_MANIFEST_BYTES {
            return Err(AuthorManifestError::TooLarge { found: yaml.len() });
        }
        let form: AuthorForm = serde_saphyr::from_str_with_options(yaml, options())?;
        let AuthorForm { publisher, name, version, description, permissions, limits, icons, build } = form;
        Ok(Self {
            publisher,
            name,
            version,
            // A folded block ends in a line break that nobody means.
            description: description.trim().to_owned(),
            permissions: permissions.map_or_else(Permissions::none, Permissions::from),
            limits: limits.map_or(LimitsRequest::NONE, LimitsRequest::from),
            icons: icons.map_or_else(Vec::new, |IconFiles(files)| files),
            build: Build::from_form(build),
        })
    }

    /// Makes the manifest of the package, with the tools as its code describes
    /// them and an icon for each of the files that [`AuthorManifest::icons`] names.
    pub fn freeze(self, tools: Vec<ToolEntry>, icons: Vec<Icon>) -> Result<Manifest, ManifestError> {
        let Self { publisher, name, version, description, permissions, limits, icons: _, build: _ } = self;
        Manifest::new(ManifestParts {
            publisher,
            name,
            version,
            description,
            permissions,
            limits,
            tools,
            icons,
        })
    }
}

impl Build {
    fn from_form(form: Option<BuildForm>) -> Self {
        let (target, stack) = match form {
            Some(BuildForm { target, stack }) => (target, stack),
            None => (None, None),
        };
        Self {
            target: target.unwrap_or(Target::Wasip2),
            stack: stack.unwrap_or(ByteSize::from_bytes(DEFAULT_STACK_BYTES)),
        }
    }
}

/// The plain part of YAML: what a reader sees is what there is.
fn options() -> serde_saphyr::Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: 16,
            max_documents: 1,
            max_anchors: 0,
            max_aliases: 0,
            max_merge_keys: 0,
        },
        duplicate_keys: serde_saphyr::options::DuplicateKeyPolicy::Error,
        merge_keys: serde_saphyr::options::MergeKeyPolicy::Error,
        strict_booleans: true,
        reject_unsupported_tags: true,
        with_snippet: true,
    }
}

impl From<serde_saphyr::Error> for AuthorManifestError {
    fn from(error: serde_saphyr::Error) -> Self {
        let location = error.location();
        Self::Form {
            line: location.map_or(0, |at| at.line()),
            column: location.map_or(0, |at| at.column()),
            message: error.to_string(),
        }
    }
}
