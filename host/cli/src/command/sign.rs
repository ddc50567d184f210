//! `mpp sign`

use std::path::{Path, PathBuf};

use clap::Args;
use mpp_package::{
    Document, Envelope, EnvelopeError, Package, SignError, SignOptions, SigningKey, SigningRequest, Timestamp,
};

use super::trust::sign::read_signature;
use crate::context::Context;
use crate::durable::{self, Readers};
use crate::exit::{Failure, Outcome};
use crate::{blame, keys, packages};

/// Largest file of bytes to sign: a statement is far smaller.
const MAX_MESSAGE_BYTES: u64 = 64 * 1024;

/// Sign a package with your key
#[derive(Debug, Args)]
#[command(after_help = "\
The signature goes into the file, as its last section. The package itself and its digest stay as
they are. One that is signed already gets a signature more, over the same statement: of a publisher
whose root asks for several, everybody signs the file in turn. --replace makes a new statement, and
drops all signatures there are.

With a key that is not on this machine, sign where it is and bring the signature back:

  mpp sign tool.mpp --export tool.msg
  openssl pkeyutl -sign -rawin -inkey key.pem -in tool.msg -out tool.sig
  mpp sign tool.mpp --attach tool.sig --message tool.msg --public-key key.pub")]
pub(crate) struct Sign {
    /// The package
    file: PathBuf,
    #[command(flatten)]
    options: SigningArguments,
    /// Make a new statement, and drop the signatures that there are
    #[arg(long)]
    replace: bool,
    /// Write the bytes to sign to this file, and sign nothing
    #[arg(long, value_name = "FILE", conflicts_with_all = ["key", "attach", "out", "detached"])]
    export: Option<PathBuf>,
    /// Attach this signature, made elsewhere: a file of 64 bytes
    #[arg(
        long,
        value_name = "FILE",
        requires_all = ["message", "public_key"],
        conflicts_with_all = ["key", "sequence", "expires"]
    )]
    attach: Option<PathBuf>,
    /// The bytes that it signs, from --export
    #[arg(long, value_name = "FILE", requires = "attach")]
    message: Option<PathBuf>,
    /// The key that made it: `ed25519:...`, a PEM file, or -
    #[arg(long, value_name = "KEY", requires = "attach")]
    public_key: Option<String>,
    /// Write the signed package, or with --detached the signature, to this file
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Write the signature to FILE.sig and leave the package as it is
    #[arg(long)]
    detached: bool,
}

/// How to sign, for every command that can.
#[derive(Debug, Args)]
pub(crate) struct SigningArguments {
    /// The key: a name from `mpp key list`, or a PKCS#8 PEM file
    #[arg(long, value_name = "NAME|FILE")]
    key: Option<String>,
    /// Number of this release; it must rise with each one [default: seconds since 1970]
    #[arg(long, value_name = "NUMBER")]
    sequence: Option<u64>,
    /// Last second in which the signature counts, such as 2027-01-01T00:00:00Z [default: no end]
    #[arg(long, value_name = "TIME")]
    expires: Option<Timestamp>,
}

impl SigningArguments {
    /// Whether any of them was given.
    pub(crate) fn any(&self) -> bool {
        let Self { key, sequence, expires } = self;
        key.is_some() || sequence.is_some() || expires.is_some()
    }

    /// The key that these arguments name.
    pub(crate) fn key(&self, context: &mut Context<'_, '_>) -> Outcome<SigningKey> {
        keys::signing(self.key.as_deref(), context)
    }

    /// What is stated beside the package.
    pub(crate) fn options(&self) -> Outcome<SignOptions> {
        Ok(SignOptions {
            sequence: self.sequence.map_or_else(packages::sequence, Ok)?,
            issued_at: packages::now()?,
            not_after: self.expires,
        })
    }
}

impl Sign {
    pub(crate) fn run(self, context: &mut Context<'_, '_>) -> Outcome {
        let package = packages::read(&self.file, None)?;
        let signed = package.envelope().filter(|_| !self.replace);
        if signed.is_some() && (self.options.sequence.is_some() || self.options.expires.is_some()) {
            return Err(Failure::usage("--sequence and --expires are part of what is signed already")
                .because(format!("{} carries a signature", self.file.display()))
                .next("leave them out, or sign anew, without the signatures there are: --replace"));
        }
        if let Some(export) = &self.export {
            return self.export(export, &package, signed, context);
        }
        let envelope = match &self.attach {
            Some(signature) => self.attach(signature, &package, signed, context)?,
            None => self.sign(&package, signed, context)?,
        };
        let out = self.write(&package, &envelope)?;
        context.streams.line(&out.display().to_string())?;
        if let Some(last) = envelope.signatures().last() {
            context.streams.note("signed", &format!("with the key {}", last.keyid));
        }
        if envelope.signatures().len() > 1 {
            context.streams.note("signatures", &envelope.signatures().len().to_string());
        }
        remind_of_trust(&package, context);
        Ok(())
    }

    /// Writes the bytes to sign: of the statement that is signed already, or of a
    /// new one.
    fn export(
        &self,
        file: &Path,
        package: &Package,
        signed: Option<&Envelope>,
        context: &mut Context<'_, '_>,
    ) -> Outcome {
        let request = match signed {
            Some(envelope) => SigningRequest::of(envelope),
            None => SigningRequest::new(package, &self.options.options()?),
        };
        let request = request.map_err(|error| self.cannot(&error))?;
        self.check_about(&request, package)?;
        durable::create(file, &request.message(), Readers::Anyone)?;
        context.streams.line(&file.display().to_string())?;
        let (file, package) = (file.display(), self.file.display());
        context.streams.note(
            "next",
            &format!(
                "openssl pkeyutl -sign -rawin -inkey KEY.pem -in {file} -out SIG\n\
                 mpp sign {package} --attach SIG --message {file} --public-key KEY.pub"
            ),
        );
        Ok(())
    }

    /// Takes a signature that was made elsewhere.
    fn attach(
        &self,
        signature: &Path,
        package: &Package,
        signed: Option<&Envelope>,
        context: &mut Context<'_, '_>,
    ) -> Outcome<Envelope> {
        let (Some(message), Some(key)) = (&self.message, &self.public_key) else {
            return Err(Failure::usage("--attach goes with --message and --public-key"));
        };
        let key = keys::read_public(key, context.streams)?;
        let signature = read_signature(signature)?;
        let message = durable::read_named(message, MAX_MESSAGE_BYTES)?;
        let request = SigningRequest::from_message(&message).map_err(|error| self.cannot(&error))?;
        self.check_about(&request, package)?;
        let Some(envelope) = signed else {
            return request.finish(&key, signature).map_err(|error| self.cannot(&error));
        };
        let stated = SigningRequest::of(envelope).map_err(|error| self.cannot(&error))?;
        if stated.message() != message {
            return Err(Failure::usage(format!("{} is signed with another statement", self.file.display()))
                .because("the signatures of one package are all over the same bytes")
                .next("sign those it carries: --export without --replace writes them")
                .next("or drop the signatures there are: --replace"));
        }
        mpp_package::attach_signature(envelope.clone(), &key, signature).map_err(|error| self.cannot(&error))
    }

    fn sign(
        &self,
        package: &Package,
        signed: Option<&Envelope>,
        context: &mut Context<'_, '_>,
    ) -> Outcome<Envelope> {
        let key = self.options.key(context)?;
        let envelope = match signed {
            Some(_) => mpp_package::cosign(package, &key),
            None => {
                SigningRequest::new(package, &self.options.options()?).and_then(|request| request.sign(&key))
            }
        };
        envelope.map_err(|error| self.cannot(&error))
    }

    /// Writes the signature where the one before it was: into the package, or
    /// beside it.
    fn write(&self, package: &Package, envelope: &Envelope) -> Outcome<PathBuf> {
        let beside = self.detached || (is_beside(package) && self.out.is_none());
        let (bytes, place) = if beside {
            let json = envelope.to_json().map_err(|error| self.cannot(&error.into()))?;
            (json, packages::beside(&self.file))
        } else {
            let bytes = mpp_package::embed(package, envelope).map_err(|error| self.cannot(&error))?;
            (bytes, self.file.clone())
        };
        let out = self.out.clone().unwrap_or(place);
        durable::write(&out, &bytes, Readers::Anyone)?;
        Ok(out)
    }

    /// Refuses a statement about another package than this one.
    fn check_about(&self, request: &SigningRequest, package: &Package) -> Outcome {
        let manifest = package.manifest();
        let about = match request.document() {
            Document::Package(statement) => {
                statement.digest() == package.digest()
                    && statement.size() == package.unsigned_bytes().len() as u64
                    && statement.manifest_digest() == package.manifest_digest()
                    && statement.publisher() == manifest.publisher()
                    && statement.name() == manifest.name()
                    && statement.version() == manifest.version()
            }
            Document::Root(_) | Document::Index(_) => false,
        };
        if about {
            return Ok(());
        }
        Err(Failure::usage(format!("what is to be signed is not about {}", self.file.display()))
            .because("it names another digest, or is another document")
            .next(format!("make it anew: mpp sign {} --replace --export FILE", self.file.display())))
    }

    fn cannot(&self, error: &SignError) -> Failure {
        let failure = blame::cannot_sign(&self.file, error);
        match error {
            SignError::Envelope(EnvelopeError::DuplicateKey { .. }) => {
                Failure::usage(format!("{} is signed by this key already", self.file.display()))
                    .next("--replace signs anew, without the signatures there are")
            }
            SignError::Mismatch { .. } => {
                failure.next("--replace signs anew, without the signatures there are")
            }
            _ => failure,
        }
    }
}

/// Whether the signature of a package came from a file of its own.
fn is_beside(package: &Package) -> bool {
    package.envelope().is_some() && package.bytes().len() == package.unsigned_bytes().len()
}

/// Whoever signs a package wants to run it next, and that needs trust too.
fn remind_of_trust(package: &Package, context: &mut Context<'_, '_>) {
    let Ok(keyring) = context.home().and_then(|home| crate::trust::keyring(&home)) else { return };
    let publisher = package.manifest().publisher();
    if !keyring.trusts(publisher) {
        context.streams.note(
            "next",
            &format!("whoever runs it must trust the key: `mpp trust add {publisher} KEY.pem`, with KEY.pem from `mpp key show`"),
        );
    }
}

/// Signs the bytes of a package that was just built.
pub(crate) fn sign(bytes: &[u8], key: &SigningKey, options: &SignOptions) -> Outcome<Vec<u8>> {
    mpp_package::sign(bytes, key, options)
        .map_err(|error| Failure::package("the package cannot be signed").because_of(&error))
}
