//! The documents of a publisher as files: roots, indexes and detached
//! signatures, each in its envelope, or the bytes of one that are to be signed.

use std::path::Path;

use mpp_package::{
    Document, DocumentType, Envelope, EnvelopeError, Index, IndexParts, MAX_INDEX_ENVELOPE_BYTES, Release,
    SignError, SignedRoot, SignedRootError, SigningRequest, Statement, Status,
};

use super::describe;
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

/// An index has room for thousands of releases, and not for all that could be
/// said of them: one that nobody would read is not written.
fn json(envelope: &Envelope) -> Outcome<Vec<u8>> {
    envelope.to_json().map_err(|error| match error {
        EnvelopeError::TooLarge { .. } => {
            Failure::usage("the document is too large").because_of(&error).next("give a shorter reason")
        }
        _ => Failure::host("the document cannot be written").because_of(&error),
    })
}

/// Shows what is about to be signed, in full.
pub(super) fn show(request: &SigningRequest, streams: &mut Streams<'_>) {
    let lines = match request.document() {
        Document::Package(statement) => about_package(statement),
        Document::Root(root) => describe::root(root, request.digest()),
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

fn about_index(index: &Index) -> Vec<String> {
    let IndexParts { publisher, releases, .. } = index.parts();
    let mut lines =
        vec![format!("publisher    {publisher}"), format!("index        {}", describe::index(index))];
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
