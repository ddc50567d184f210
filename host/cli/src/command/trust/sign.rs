//! `mpp trust sign`

use std::path::{Path, PathBuf};

use clap::Args;
use mpp_package::{
    Document, Envelope, PublicKey, PublisherName, RootParts, SIGNATURE_BYTES, SignError, Signature,
    SigningKey, SigningRequest,
};

use super::document::{self, ToSign};
use super::issue;
use super::quorum::{self, Quorum};
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

impl Sign {
    pub(super) fn run(self, context: &mut Context<'_, '_>) -> Outcome {
        let presented = document::read(&self.file)?;
        let request = match &presented {
            ToSign::Message(request) => request.clone(),
            ToSign::Envelope(envelope) => {
                SigningRequest::of(envelope).map_err(|error| document::unusable(&self.file, &error))?
            }
        };
        document::show(&request, context.streams);
        if let Some(export) = &self.export {
            durable::create(export, &request.message(), Readers::Anyone)?;
            return context.streams.line(&export.display().to_string());
        }
        let quorums = self.quorums(request.document())?;
        let mut envelope = match presented {
            ToSign::Envelope(envelope) => Some(envelope),
            ToSign::Message(_) => None,
        };
        if let Some(envelope) = &envelope {
            quorum::check(&quorums, envelope)?;
        }
        for by in self.signatures(context)? {
            quorum::admit(&quorums, &by.key())?;
            envelope = Some(by.put(envelope, &request).map_err(|error| self.refused(&error))?);
        }
        let Some(envelope) = envelope else { return Err(self.refused(&SignError::Unsigned)) };
        let out = self.write(&envelope, request.document())?;
        context.streams.line(&out.display().to_string())?;
        self.tell(&envelope, &quorums, out, context)
    }

    /// The signatures to add.
    fn signatures(&self, context: &mut Context<'_, '_>) -> Outcome<Vec<By>> {
        let (Some(file), Some(key)) = (&self.signature, &self.public_key) else {
            let named = self.keys.iter().map(|key| keys::signing(Some(key), context).map(By::Key));
            let named = named.collect::<Outcome<Vec<_>>>()?;
            let default = || keys::signing(None, context).map(|key| vec![By::Key(key)]);
            return if named.is_empty() { default() } else { Ok(named) };
        };
        let key = keys::read_public(key, context.streams)?;
        Ok(vec![By::Elsewhere(key, read_signature(file)?)])
    }

    fn write(&self, envelope: &Envelope, document: &Document) -> Outcome<&Path> {
        let in_place = matches!(document::read(&self.file)?, ToSign::Envelope(_));
        match &self.out {
            Some(out) => document::write_new(out, envelope, document).map(|()| out.as_path()),
            None if in_place => document::write(&self.file, envelope).map(|()| self.file.as_path()),
            None => Err(Failure::usage("there is no document yet to put the signature into")
                .because(format!("{} is the bytes to sign", self.file.display()))
                .next("name the file to make: --out FILE")),
        }
    }

    fn quorums(&self, document: &Document) -> Outcome<Vec<Quorum>> {
        let _ = document;
        Ok(Vec::new())
    }
}
