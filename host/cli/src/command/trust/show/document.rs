//! `mpp trust show FILE`: what a root or an index says, and what would become of
//! it here. It is tried on a copy of what is trusted, so that nothing changes.

use std::path::PathBuf;
use std::time::SystemTime;

use mpp_package::{
    Digest, Document, DocumentType, Envelope, Index, Keyring, Root, SignedRoot, SigningRequest,
};
use serde_json::{Value, json};

use crate::command::trust::offered::Offered;
use crate::command::trust::{describe, form};
use crate::context::Context;
use crate::exit::{Failure, Outcome};
use crate::fetch::Source;

/// What would become of a document: a word for a program, and a sentence.
struct Verdict {
    word: &'static str,
    sentence: String,
}

/// Shows the document at `source`.
pub(super) fn show(
    source: &Source,
    ca_files: &[PathBuf],
    keyring: Keyring,
    json: bool,
    context: &mut Context<'_, '_>,
) -> Outcome {
    // An index is the larger of the two.
    let offered = Offered::read(source, DocumentType::Index, ca_files, context)?;
    let envelopes = [DocumentType::Root, DocumentType::Index].map(|kind| offered.envelope(kind));
    let envelope = envelopes.into_iter().find_map(Result::ok).ok_or_else(|| not_shown(&offered.name))?;
    let request =
        SigningRequest::of(&envelope).map_err(|error| not_shown(&offered.name).because_of(&error))?;
    let digest = Digest::of(envelope.payload());
    let (form, lines) = match request.document() {
        Document::Root(root) => about_root(root, digest, envelope, keyring),
        Document::Index(index) => about_index(index, digest, envelope, keyring),
        Document::Package(_) => return Err(not_shown(&offered.name)),
    };
    if json {
        return context.streams.json(&form);
    }
    lines.iter().try_for_each(|line| context.streams.line(line))
}

fn not_shown(name: &str) -> Failure {
    Failure::package(format!("{name} is neither a root nor an index"))
        .next("`mpp inspect` shows a package, and `mpp trust sign` what there is to sign")
}

fn about_root(root: &Root, digest: Digest, envelope: Envelope, keyring: Keyring) -> (Value, Vec<String>) {
    let Verdict { word, sentence } = judge_root(root, envelope, keyring);
    let mut lines = describe::root(root, digest);
    lines.push(format!("here         {sentence}"));
    let publisher = &root.parts().publisher;
    (json!({ "publisher": publisher, "root": form::root(root, digest), "here": word }), lines)
}

fn about_index(index: &Index, digest: Digest, envelope: Envelope, keyring: Keyring) -> (Value, Vec<String>) {
    let Verdict { word, sentence } = judge_index(index, envelope, keyring);
    let publisher = &index.parts().publisher;
    let mut lines = vec![
        format!("publisher    {publisher}"),
        format!("index        {}", describe::index(index)),
        format!("fingerprint  {digest}"),
    ];
    lines.extend(describe::withdrawn(index).into_iter().map(|line| format!("  {line}")));
    lines.push(format!("here         {sentence}"));
    (json!({ "publisher": publisher, "index": form::index(index, digest), "here": word }), lines)
}

fn judge_root(root: &Root, envelope: Envelope, mut keyring: Keyring) -> Verdict {
    let (publisher, now) = (&root.parts().publisher, SystemTime::now());
    let judged = if keyring.root_trust(publisher).is_some() {
        keyring.update_root(publisher, vec![envelope], now).map(|update| {
            if update.to == update.from {
                verdict("trusted", "this root is trusted".to_owned())
            } else {
                verdict("newer", format!("it follows version {}: mpp trust update {publisher}", update.from))
            }
        })
    } else {
        SignedRoot::open(envelope).map_err(Into::into).and_then(|signed| keyring.pin_root(signed, now)).map(
            |_| {
                let sentence =
                    format!("not trusted: compare the fingerprint, and mpp trust add {publisher} ROOT");
                verdict("new", sentence)
            },
        )
    };
    judged.unwrap_or_else(|error| verdict(error.code(), format!("refused: {error}")))
}

fn judge_index(index: &Index, envelope: Envelope, mut keyring: Keyring) -> Verdict {
    let publisher = &index.parts().publisher;
    match keyring.refresh(publisher, envelope, SystemTime::now()) {
        Ok(refreshed) if refreshed.unchanged => verdict("held", "this index is held".to_owned()),
        Ok(_) => verdict("newer", format!("newer than what is held: mpp trust refresh {publisher}")),
        Err(error) => verdict(error.code(), format!("refused: {error}")),
    }
}

const fn verdict(word: &'static str, sentence: String) -> Verdict {
    Verdict { word, sentence }
}
