//! The documents of a publisher as files: roots, indexes and detached
//! signatures, each in its envelope, or the bytes of one that are to be signed.

use std::path::Path;

use mpp_package::{
    Document, DocumentType, Envelope, Index, IndexParts, MAX_INDEX_ENVELOPE_BYTES, PublicKey, Release, Role,
    Root, RootParts, SignError, SignedRoot, SignedRootError, SigningRequest, Statement, Status,
};

use crate::blame;
use crate::durable::{self, Readers};
use crate::exit::{Failure, Outcome};
use crate::output::{Streams, plain_line};

/// Largest file of a document: the largest envelope, or what it is signed as,
/// with the line before it.
const MAX_DOCUMENT_BYTES: u64 = MAX_INDEX_ENVELOPE_BYTES as u64 + 1024;

/// How the bytes to sign begin (DSSE, protocol version 1).
const MESSAGE: &[u8] = b"DSSEv1 ";

/// How a package begins.
const COMPONENT: &[u8] = b"\0asm";

/// What a file holds that is to be signed.
#[derive(Debug)]
pub(super) enum ToSign {
    /// A document with at least one signature.
    Envelope(Envelope),
    /// The bytes to sign, without any.
    Message(SigningRequest),
}

/// Reads a file that is to be signed. Who signed it already is not looked at.
pub(super) fn read(path: &Path) -> Outcome<ToSign> {
    let bytes = durable::read_named(path, MAX_DOCUMENT_BYTES)?;
    if bytes.starts_with(COMPONENT) {
        return Err(Failure::usage(format!("{} is a package", path.display()))
            .next(format!("sign it with: mpp sign {}", path.display())));
    }
    if bytes.starts_with(MESSAGE) {
        return SigningRequest::from_message(&bytes)
            .map(ToSign::Message)
            .map_err(|error| blame::cannot_sign(path, &error));
    }
    let envelopes = DocumentType::ALL.map(|kind| Envelope::parse(kind, &bytes));
    match envelopes.into_iter().find_map(Result::ok) {
        Some(envelope) => Ok(ToSign::Envelope(envelope)),
        None => Err(Failure::package(format!("{} is no document of a publisher", path.display()))
            .because("it is neither a root, an index or a detached signature, nor bytes to sign of one")),
    }
}

/// Reads a root that as many of its own root keys have signed as it asks for.
pub(super) fn read_root(path: &Path) -> Outcome<SignedRoot> {
    let bytes = durable::read_named(path, MAX_DOCUMENT_BYTES)?;
    SignedRoot::parse(&bytes).map_err(|error| {
        let failure = Failure::package(format!("{} is no signed root", path.display())).because_of(&error);
        match error {
            SignedRootError::Signatures(_) => {
                failure.next(format!("let the others sign first: mpp trust sign {}", path.display()))
            }
            SignedRootError::Form(_) => failure,
        }
    })
}

/// Reads an index, without looking at who signed it; `None` where there is no
/// file.
pub(super) fn read_index(path: &Path) -> Outcome<Option<(Index, Envelope)>> {
    let Some(bytes) = durable::read_if_there(path, MAX_DOCUMENT_BYTES)? else { return Ok(None) };
    let refused = |error: &dyn std::error::Error| {
        Failure::package(format!("{} is no index", path.display())).because(error)
    };
    let envelope = Envelope::parse(DocumentType::Index, &bytes).map_err(|error| refused(&error))?;
    let request = SigningRequest::of(&envelope).map_err(|error| refused(&error))?;
    match request.document() {
        Document::Index(index) => Ok(Some((Index::clone(index), envelope))),
        Document::Package(_) | Document::Root(_) => Err(refused(&SignError::NotAMessage)),
    }
}

/// Refuses a place where something is that must stay. Every version of a root
/// does; an index makes way for a newer one of its publisher.
pub(super) fn check_place(path: &Path, document: &Document) -> Outcome {
    if !path.exists() {
        return Ok(());
    }
    if let (Document::Index(new), Ok(Some((old, _)))) = (document, read_index(path)) {
        let (new, old) = (new.parts(), old.parts());
        if new.publisher == old.publisher && new.version > old.version {
            return Ok(());
        }
    }
    Err(Failure::usage(format!("{} exists already", path.display()))
        .next("name another file, or move that one away first"))
}

/// Writes an envelope where [`check_place`] lets it be.
pub(super) fn write_new(path: &Path, envelope: &Envelope, document: &Document) -> Outcome {
    check_place(path, document)?;
    if path.exists() {
        write(path, envelope)
    } else {
        durable::create(path, &json(envelope)?, Readers::Anyone)
    }
}

/// Writes an envelope over the one that was read from the same file.
pub(super) fn write(path: &Path, envelope: &Envelope) -> Outcome {
    durable::write(path, &json(envelope)?, Readers::Anyone)
}

fn json(envelope: &Envelope) -> Outcome<Vec<u8>> {
    envelope.to_json().map_err(|error| Failure::host("the signatures cannot be written").because_of(&error))
}

/// Shows what is about to be signed.
pub(super) fn show(request: &SigningRequest, streams: &mut Streams<'_>) {
    let lines = match request.document() {
        Document::Package(statement) => about_package(statement),
        Document::Root(root) => about_root(root),
        Document::Index(index) => about_index(index),
    };
    for line in lines {
        streams.say(&line);
    }
}

fn about_package(statement: &Statement) -> Vec<String> {
    let end = statement.not_after().map_or("no end".to_owned(), |end| end.to_string());
    vec![
        format!("publisher    {}", statement.publisher()),
        format!(
            "package      {} {}, release {}",
            statement.name(),
            statement.version(),
            statement.sequence()
        ),
        format!("digest       {}", statement.digest()),
        format!("counts until {end}"),
    ]
}

fn about_root(root: &Root) -> Vec<String> {
    let RootParts { publisher, version, issued_at, expires, namespaces, location, root, release, index } =
        root.parts();
    let namespaces: Vec<_> = namespaces.iter().map(ToString::to_string).collect();
    let location = location.as_ref().map_or("come by hand", |location| location.as_str());
    let mut lines = vec![
        format!("publisher    {publisher}"),
        format!("root         version {version}, of {issued_at}, counts until {expires}"),
        format!("signs as     {}", namespaces.join(", ")),
        format!("documents    {location}"),
    ];
    lines.extend(about_role("root keys", root));
    lines.extend(about_role("release keys", release));
    match index {
        Some(index) => lines.extend(about_role("index keys", index)),
        None => {
            lines.push("index keys   none: this publisher keeps no index, and can revoke nothing".to_owned())
        }
    }
    lines
}

fn about_role(name: &str, role: &Role) -> Vec<String> {
    let keys = role.keys().iter().map(PublicKey::id).map(|id| format!("             {id}"));
    let mut lines = vec![format!("{name:<13}{} of {} must sign", role.threshold(), role.keys().len())];
    lines.extend(keys);
    lines
}

fn about_index(index: &Index) -> Vec<String> {
    let IndexParts { publisher, version, issued_at, expires, releases } = index.parts();
    let mut lines = vec![
        format!("publisher    {publisher}"),
        format!("index        version {version}, of {issued_at}, counts until {expires}"),
        format!("releases     {}", releases.len()),
    ];
    lines.extend(releases.iter().map(about_release));
    lines
}

fn about_release(release: &Release) -> String {
    let Release { publisher, name, version, digest, status } = release;
    let why = match status {
        Status::Active => String::new(),
        Status::Yanked(withdrawal) | Status::Revoked(withdrawal) => {
            format!(", since {}: {}", withdrawal.since, plain_line(&withdrawal.reason))
        }
    };
    format!("  {:<8} {publisher}/{name} {version} {digest}{why}", status.word())
}
