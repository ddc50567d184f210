//! One word for each refusal that shares its code with others, so that a vector
//! is not refused for another reason than its own.

use mpp_package::{
    EnvelopeError, IconError, IndexError, IndexFormError, ManifestError, PackageError, RoleError, RootError,
    RootFormError, SignatureError, SignedRootError, StatementError, StructureError, VerifyError,
};

use super::judge::Verdict;

pub fn of_package(error: PackageError) -> Verdict {
    let detail = match &error {
        PackageError::Structure(error) => structure(error),
        PackageError::NoManifest => "no-manifest",
        PackageError::SecondManifest { .. } => "second-manifest",
        PackageError::BehindSignature { .. } => "behind-signature",
        PackageError::UnknownSection { .. } => "unknown-section",
        PackageError::Manifest(error) => manifest(error),
        PackageError::Envelope(error) => envelope(error),
        PackageError::SignedTwice => "signed-twice",
    };
    (error.code().to_owned(), Some(detail.to_owned()))
}

pub fn of_verification(error: VerifyError) -> Verdict {
    let detail = match &error {
        VerifyError::Statement(error) => Some(statement(error).to_owned()),
        VerifyError::StatementMismatch { field } => Some(field.to_string().replace(' ', "-")),
        _ => None,
    };
    (error.code().to_owned(), detail)
}

pub fn of_root(error: RootError) -> Verdict {
    let detail = match &error {
        RootError::Document(SignedRootError::Form(error)) => Some(root(error)),
        RootError::Document(SignedRootError::Signatures(error)) => Some(signatures("own", error)),
        RootError::NotByPredecessor { error, .. } => Some(signatures("predecessor", error)),
        _ => None,
    };
    (error.code().to_owned(), detail)
}

pub fn of_index(error: IndexError) -> Verdict {
    let detail = match &error {
        IndexError::Form(error) => Some(index(error).to_owned()),
        IndexError::Signatures { error, .. } => Some(signatures("index", error)),
        _ => None,
    };
    (error.code().to_owned(), detail)
}

const fn structure(error: &StructureError) -> &'static str {
    match error {
        StructureError::TooLarge { .. } => "too-large",
        StructureError::NotAComponent => "not-a-component",
        StructureError::CoreModule => "core-module",
        StructureError::Truncated { .. } => "truncated",
        StructureError::Length { .. } => "length",
        StructureError::Name { .. } => "section-name",
        StructureError::NameTooLong { .. } => "section-name-too-long",
        StructureError::TooManySections => "too-many-sections",
    }
}

const fn manifest(error: &ManifestError) -> &'static str {
    match error {
        ManifestError::TooLarge { .. } => "manifest-too-large",
        ManifestError::UnknownFormat => "manifest-format",
        ManifestError::Json(_) => "manifest-json",
        ManifestError::NotCanonical => "manifest-not-canonical",
        ManifestError::TooManyIcons { .. } => "too-many-icons",
        ManifestError::Icon { problem, .. } => icon(problem),
        ManifestError::Description(_)
        | ManifestError::VersionTooLong { .. }
        | ManifestError::BuildMetadata { .. }
        | ManifestError::NoTools
        | ManifestError::TooManyTools { .. }
        | ManifestError::DuplicateTool { .. }
        | ManifestError::Tool { .. } => "manifest-content",
    }
}

const fn icon(error: &IconError) -> &'static str {
    match error {
        IconError::Source => "icon-source",
        IconError::Base64 => "icon-base64",
        IconError::TooLarge { .. } => "icon-too-large",
        IconError::UnknownFormat => "icon-unknown-format",
        IconError::OtherFormat { .. } => "icon-other-format",
        IconError::Header { .. } => "icon-header",
        IconError::Size { .. } => "icon-size",
    }
}

const fn envelope(error: &EnvelopeError) -> &'static str {
    match error {
        EnvelopeError::TooLarge { .. } => "envelope-too-large",
        EnvelopeError::Json(_) => "envelope-json",
        EnvelopeError::PayloadType { .. } => "payload-type",
        EnvelopeError::PayloadEncoding => "payload-encoding",
        EnvelopeError::NoSignatures => "no-signatures",
        EnvelopeError::TooManySignatures { .. } => "too-many-signatures",
        EnvelopeError::SignatureEncoding { .. } => "signature-encoding",
        EnvelopeError::DuplicateKey { .. } => "key-twice",
    }
}

const fn statement(error: &StatementError) -> &'static str {
    match error {
        StatementError::Json(_) => "json",
        StatementError::Type => "type",
        StatementError::Subjects { .. } => "subjects",
        StatementError::SubjectName { .. } => "subject-name",
        StatementError::Digest => "digest",
        StatementError::Sequence { .. } => "sequence",
        StatementError::NeverValid { .. } => "never-valid",
    }
}

fn root(error: &RootFormError) -> String {
    match error {
        RootFormError::Envelope(error) => envelope(error),
        RootFormError::Json(_) => "json",
        RootFormError::Type => "type",
        RootFormError::Version { .. } => "version",
        RootFormError::Role { role: name, error } => return format!("{name}-{}", role(error)),
        RootFormError::NeverValid { .. } => "never-valid",
        RootFormError::ForeignNamespace { .. } => "foreign-namespace",
        RootFormError::DuplicateNamespace { .. } => "namespace-twice",
        RootFormError::NotOwnNamespace { .. } => "not-own-namespace",
        RootFormError::TooManyNamespaces { .. } => "too-many-namespaces",
    }
    .to_owned()
}

const fn role(error: &RoleError) -> &'static str {
    match error {
        RoleError::NoKeys => "without-keys",
        RoleError::TooManyKeys { .. } => "too-many-keys",
        RoleError::DuplicateKey { .. } => "key-twice",
        RoleError::Threshold { .. } => "threshold",
    }
}

const fn index(error: &IndexFormError) -> &'static str {
    match error {
        IndexFormError::Envelope(error) => envelope(error),
        IndexFormError::Json(_) => "json",
        IndexFormError::Type => "type",
        IndexFormError::Version { .. } => "version",
        IndexFormError::NeverValid { .. } => "never-valid",
        IndexFormError::TooManyReleases { .. } => "too-many-releases",
        IndexFormError::Order { .. } => "order",
        IndexFormError::ForeignRelease { .. } => "foreign-release",
        IndexFormError::DuplicateDigest { .. } => "digest-twice",
        IndexFormError::Status { .. } => "status",
        IndexFormError::Reason(_) => "reason",
    }
}

fn signatures(by: &str, error: &SignatureError) -> String {
    match error {
        SignatureError::Invalid { .. } => format!("{by}-invalid"),
        SignatureError::TooFew { .. } => format!("{by}-too-few"),
    }
}
