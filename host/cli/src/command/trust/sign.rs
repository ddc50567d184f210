//! `mpp trust sign`

use std::path::{Path, PathBuf};

use clap::Args;
use mpp_package::{Envelope, PublicKey, SIGNATURE_BYTES, SignError, Signature, SigningKey, SigningRequest};

use super::document::{self, ToSign};
use super::issue;
use super::signatories::Signatories;
use crate::context::Context;
use crate::durable::{self, Readers};
use crate::exit::{Failure, Outcome};
use crate::{blame, keys};

/// Add a signature to a root, an index or a detached signature
#[derive(Debug, Args)]
#[command(after_help = "\
FILE is such a document, or the bytes to sign that --export wrote: for those, --out names the file
to make. What is about to be signed is shown first, in full.

With a key that is not on this machine, sign where it is and bring the signature back:

  mpp trust sign root-2.json --export root-2.msg
  openssl pkeyutl -sign -rawin -inkey key.pem -in root-2.msg -out root-2.sig
  mpp trust sign root-2.json --signature root-2.sig --public-key key.pub

--root names the root that says whose signature counts: for a root the version before it, for an
index or a package that of its publisher. With it, a key that has no say is refused, and the number
of signatures that are missing is known.")]
pub(super) struct Sign {
    /// The document, or the bytes to sign
    file: PathBuf,
    /// Sign with this key, can be repeated: a name from `mpp key list`, or a PKCS#8 PEM file
    /// [default: your default key]
    #[arg(long = "key", value_name = "NAME|FILE", conflicts_with_all = ["signature", "export"])]
    keys: Vec<String>,
    /// Attach this signature, made elsewhere: a file of 64 bytes
    #[arg(long, value_name = "FILE", requires = "public_key", conflicts_with = "export")]
    signature: Option<PathBuf>,
    /// The key that made it: `ed25519:...`, a PEM file, or -
    #[arg(long, value_name = "KEY", requires = "signature")]
    public_key: Option<String>,
    /// The root that says whose signature counts
    #[arg(long, value_name = "ROOT")]
    root: Option<PathBuf>,
    /// Write the bytes to sign to this file, and sign nothing
    #[arg(long, value_name = "FILE", conflicts_with = "out")]
    export: Option<PathBuf>,
    /// Write the document to this file [default: over FILE, unless that is the bytes to sign]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Who signs.
enum Signer {
    Here(SigningKey),
    Elsewhere(PublicKey, Signature),
}

impl Sign {
    pub(super) fn run(self, context: &mut Context<'_, '_>) -> Outcome {
        let (request, before) = self.read()?;
        document::show(&request, context.streams);
        if let Some(export) = &self.export {
            durable::create(export, &request.message(), Readers::Anyone)?;
            return context.streams.line(&export.display().to_string());
        }
        let under = self.root.as_deref().map(document::read_root).transpose()?;
        let under = under.as_ref().map(|signed| signed.root().parts());
        let signatories = Signatories::of(request.document(), under)?;
        let in_place = before.is_some();
        let envelope = self.sign(&request, before, &signatories, context)?;
        // A document with a signature that does not hold is not written.
        signatories.tally(&envelope)?;
        let out = self.write(&request, &envelope, in_place)?;
        context.streams.line(&out.display().to_string())?;
        if !issue::tell(&envelope, &signatories, context)? {
            context.streams.note("next", &command(out, self.root.as_deref()));
        }
        Ok(())
    }

    /// What is to be signed, and the envelope it is in, if it has one.
    fn read(&self) -> Outcome<(SigningRequest, Option<Envelope>)> {
        match document::read(&self.file)? {
            ToSign::Message(request) => Ok((request, None)),
            ToSign::Envelope(envelope) => {
                let request = SigningRequest::of(&envelope).map_err(|error| self.refused(&error))?;
                Ok((request, Some(envelope)))
            }
        }
    }

    fn sign(
        &self,
        request: &SigningRequest,
        mut envelope: Option<Envelope>,
        signatories: &Signatories,
        context: &mut Context<'_, '_>,
    ) -> Outcome<Envelope> {
        for signer in self.signers(context)? {
            signatories.admit(&signer.public_key())?;
            let signed = signer.sign(request, envelope).map_err(|error| self.refused(&error))?;
            envelope = Some(signed);
        }
        envelope.ok_or_else(|| self.refused(&SignError::Unsigned))
    }

    fn signers(&self, context: &mut Context<'_, '_>) -> Outcome<Vec<Signer>> {
        if let (Some(file), Some(key)) = (&self.signature, &self.public_key) {
            let key = keys::read_public(key, context.streams)?;
            return Ok(vec![Signer::Elsewhere(key, read_signature(file)?)]);
        }
        if self.keys.is_empty() {
            return Ok(vec![Signer::Here(keys::signing(None, context)?)]);
        }
        self.keys.iter().map(|key| keys::signing(Some(key), context).map(Signer::Here)).collect()
    }

    fn write(&self, request: &SigningRequest, envelope: &Envelope, in_place: bool) -> Outcome<&Path> {
        match &self.out {
            Some(out) => document::write_new(out, envelope, request.document()).map(|()| out.as_path()),
            None if in_place => document::write(&self.file, envelope).map(|()| self.file.as_path()),
            None => Err(Failure::usage("there is no document yet to put the signature into")
                .because(format!("{} is the bytes to sign", self.file.display()))
                .next("name the file to make: --out FILE")),
        }
    }

    fn refused(&self, error: &SignError) -> Failure {
        blame::cannot_sign(&self.file, error)
    }
}

impl Signer {
    fn public_key(&self) -> PublicKey {
        match self {
            Self::Here(key) => key.public_key(),
            Self::Elsewhere(key, _) => key.clone(),
        }
    }

    fn sign(self, request: &SigningRequest, envelope: Option<Envelope>) -> Result<Envelope, SignError> {
        match (self, envelope) {
            (Self::Here(key), None) => request.clone().sign(&key),
            (Self::Here(key), Some(envelope)) => mpp_package::add_signature(envelope, &key),
            (Self::Elsewhere(key, signature), None) => request.clone().finish(&key, signature),
            (Self::Elsewhere(key, signature), Some(envelope)) => {
                mpp_package::attach_signature(envelope, &key, signature)
            }
        }
    }
}

/// Reads a signature as `openssl pkeyutl -sign` writes it.
pub(in crate::command) fn read_signature(file: &Path) -> Outcome<Signature> {
    let bytes = durable::read_named(file, SIGNATURE_BYTES as u64 * 2)?;
    let length = bytes.len();
    let bytes = bytes.try_into().map_err(|_| {
        Failure::usage(format!("{} is no Ed25519 signature", file.display()))
            .because(format!("it is {length} bytes long, and a signature has {SIGNATURE_BYTES}"))
            .next("`openssl pkeyutl -sign -rawin -inkey KEY.pem -in BYTES -out FILE` makes one")
    })?;
    Ok(Signature::from_bytes(bytes))
}

/// The command with which another key signs a document.
pub(super) fn command(document: &Path, root: Option<&Path>) -> String {
    format!("mpp trust sign {}{} --key NAME|FILE, where another key is", document.display(), option(root))
}

/// The commands with which the first key signs, where this command is not.
pub(super) fn elsewhere(message: &Path, out: &Path, root: Option<&Path>) -> String {
    let (message, out, root) = (message.display(), out.display(), option(root));
    format!(
        "openssl pkeyutl -sign -rawin -inkey KEY.pem -in {message} -out SIG\n\
         mpp trust sign {message}{root} --signature SIG --public-key KEY.pub --out {out}"
    )
}

fn option(root: Option<&Path>) -> String {
    root.map_or(String::new(), |root| format!(" --root {}", root.display()))
}
