//! From a new document to files: signed with the keys that are at hand, and as
//! the bytes to sign for those that are not.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use mpp_package::{Envelope, SigningKey, SigningRequest, Timestamp};

use super::signatories::Signatories;
use super::{document, sign};
use crate::context::Context;
use crate::durable::{self, Readers};
use crate::exit::{Failure, Outcome};
use crate::trust::ends::SECONDS_PER_DAY;
use crate::{blame, keys, packages};

/// Who signs a new document: for every command that makes one of an older one.
#[derive(Debug, Args)]
pub(super) struct Signers {
    /// Sign with this key, can be repeated: a name from `mpp key list`, or a PKCS#8 PEM file
    /// [default: your default key, unless --export is given]
    #[arg(long = "key", value_name = "NAME|FILE")]
    keys: Vec<String>,
    /// Write the bytes to sign to this file, for a key on another machine or in a token
    #[arg(long, value_name = "FILE")]
    export: Option<PathBuf>,
}

impl Signers {
    /// The keys that sign here.
    pub(super) fn keys(&self, context: &mut Context<'_, '_>) -> Outcome<Vec<SigningKey>> {
        if self.keys.is_empty() && self.export.is_none() {
            return Ok(vec![keys::signing(None, context)?]);
        }
        self.keys.iter().map(|key| keys::signing(Some(key), context)).collect()
    }

    /// Where the bytes to sign go.
    pub(super) fn export(&self) -> Option<&Path> {
        self.export.as_deref()
    }
}

/// A document that was just made.
pub(super) struct New<'a> {
    pub(super) request: SigningRequest,
    /// Whose signatures it needs.
    pub(super) signatories: Signatories,
    /// The root that tells who signs it, where that is another document.
    pub(super) under: Option<&'a Path>,
    /// Where it goes.
    pub(super) out: &'a Path,
    /// Where the bytes to sign go.
    pub(super) export: Option<&'a Path>,
}

impl New<'_> {
    /// Signs the document with `keys`, writes it, and says what is missing.
    /// Returns it if nothing is.
    pub(super) fn issue(
        self,
        keys: &[SigningKey],
        context: &mut Context<'_, '_>,
    ) -> Outcome<Option<Envelope>> {
        if keys.is_empty() && self.export.is_none() {
            return Err(Failure::usage("nobody can sign this here")
                .because("none of the keys named has its private half on this machine")
                .next("--export FILE writes the bytes to sign, for a key on another machine"));
        }
        for key in keys {
            self.signatories.admit(&key.public_key())?;
        }
        let Self { request, signatories, under, out, export } = self;
        let document = request.document().clone();
        document::check_place(out, &document)?;
        if let Some(export) = export {
            durable::create(export, &request.message(), Readers::Anyone)?;
        }
        let Some(envelope) = sign_with(request, keys, out)? else {
            return to_be_signed(export.unwrap_or(out), out, under, context).map(|()| None);
        };
        document::write_new(out, &envelope, &document)?;
        context.streams.line(&out.display().to_string())?;
        let complete = tell(&envelope, &signatories, context)?;
        if !complete {
            context.streams.note("next", &sign::command(out, under));
        }
        Ok(complete.then_some(envelope))
    }
}

/// The document with one signature of each key; `None` without keys.
fn sign_with(request: SigningRequest, keys: &[SigningKey], out: &Path) -> Outcome<Option<Envelope>> {
    let refused = |error| blame::cannot_sign(out, &error);
    let Some((first, others)) = keys.split_first() else { return Ok(None) };
    let envelope = request.sign(first).map_err(refused)?;
    let add = |envelope, key| mpp_package::add_signature(envelope, key);
    others.iter().try_fold(envelope, add).map(Some).map_err(refused)
}

/// Says how many signatures a document has, and returns whether these are all.
pub(super) fn tell(
    envelope: &Envelope,
    signatories: &Signatories,
    context: &mut Context<'_, '_>,
) -> Outcome<bool> {
    let tally = signatories.tally(envelope)?;
    for line in &tally.lines {
        context.streams.note("signed", line);
    }
    Ok(tally.complete)
}

/// Nobody has signed: there are only the bytes to sign.
fn to_be_signed(message: &Path, out: &Path, under: Option<&Path>, context: &mut Context<'_, '_>) -> Outcome {
    context.streams.line(&message.display().to_string())?;
    context.streams.note("next", &sign::elsewhere(message, out, under));
    Ok(())
}

/// The end of a document that begins now: what the command line says, or so many
/// days.
pub(super) fn end(expires: Option<Timestamp>, days: u64, now: Timestamp) -> Outcome<Timestamp> {
    let later = now.to_system_time() + Duration::from_secs(days * SECONDS_PER_DAY);
    expires.map_or_else(|| packages::at(later), Ok)
}
