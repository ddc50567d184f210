//! Who signed what.

mod author;
mod digest;
mod envelope;
mod hex;
mod json;
mod key;
mod keyring;
mod manifest;
mod name;
mod pack;
mod package;
mod schema;
mod section;
mod sign;
mod signing_key;
mod statement;
mod text;
mod timestamp;
mod tool;
mod verify;

pub use author::{
    AuthorManifest, AuthorManifestError, Build, DEFAULT_STACK_BYTES, MAX_AUTHOR_MANIFEST_BYTES,
    Target,
};
pub use digest::{Digest, DigestError};
pub use envelope::{
    Envelope, EnvelopeError, EnvelopeSignature, MAX_ENVELOPE_BYTES, MAX_SIGNATURES, PAYLOAD_TYPE,
    pre_authentication_encoding,
};
pub use json::{JsonError, MAX_JSON_DEPTH};
pub use key::{
    InvalidSignature, KeyError, KeyId, KeyIdError, PublicKey, SIGNATURE_BYTES, Signature,
};
pub use keyring::{Keyring, KeyringError, MAX_KEYS, MAX_TRUST_FILE_BYTES};
pub use manifest::{
    MANIFEST_VERSION, MAX_DESCRIPTION_BYTES, MAX_MANIFEST_BYTES, MAX_TOOLS, MAX_VERSION_BYTES,
    Manifest, ManifestError, ManifestParts,
};
pub use name::{
    MAX_PACKAGE_NAME_BYTES, MAX_PUBLISHER_BYTES, MAX_TOOL_NAME_BYTES, NameError, PackageName,
    PublisherName, ToolName,
};
pub use pack::{PackError, pack};
pub use package::{
    MANIFEST_SECTION, MAX_PACKAGE_BYTES, Package, PackageError, ReadError, SIGNATURE_SECTION,
};
pub use schema::{MAX_SCHEMA_BYTES, Schema, SchemaError};
pub use section::{MAX_SECTIONS, StructureError};
pub use semver::Version;
pub use sign::{SignError, SignOptions, SigningRequest, embed, sign, sign_detached};
pub use signing_key::{SecretPem, SigningKey};
pub use statement::{
    MAX_SEQUENCE, PREDICATE_TYPE, STATEMENT_TYPE, Statement, StatementError, StatementField,
};
pub use text::TextError;
pub use timestamp::{Timestamp, TimestampError};
pub use tool::{MAX_TITLE_BYTES, MAX_TOOL_DESCRIPTION_BYTES, ToolEntry, ToolEntryError};
pub use verify::{VerifiedPackage, VerifyError};
