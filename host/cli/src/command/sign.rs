//! `mpp sign`

use std::path::{Path, PathBuf};

use clap::Args;
use mpp_package::{MAX_PACKAGE_BYTES, SignOptions, SigningKey, Timestamp};

use crate::context::Context;
use crate::durable::{self, Readers};
use crate::exit::{Failure, Outcome};
use crate::{blame, keys, packages};

/// Sign a package with your key
#[derive(Debug, Args)]
#[command(after_help = "\
The signature goes into the file, as its last section, and replaces one that is there. The
package itself and its digest stay as they are.")]
pub(crate) struct Sign {
    /// The package
    file: PathBuf,
    #[command(flatten)]
    options: SigningArguments,
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
        let path = match self.key.as_deref() {
            Some(file) if !keys::is_name(file) => PathBuf::from(file),
            reference => keys::path_of(&context.home()?, reference),
        };
        keys::read(&path, context.streams)
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
        let bytes = durable::read_named(&self.file, MAX_PACKAGE_BYTES as u64)?;
        let key = self.options.key(context)?;
        let options = self.options.options()?;
        let cannot = |error: mpp_package::SignError| blame::cannot_sign(&self.file, &error);
        let (signed, beside) = if self.detached {
            let envelope = mpp_package::sign_detached(&bytes, &key, &options).map_err(cannot)?;
            (envelope, packages::beside(&self.file))
        } else {
            (mpp_package::sign(&bytes, &key, &options).map_err(cannot)?, self.file.clone())
        };
        let out = self.out.unwrap_or(beside);
        durable::write(&out, &signed, Readers::Anyone)?;
        context.streams.line(&out.display().to_string())?;
        context.streams.note("signed", &format!("with the key {}", key.public_key().id()));
        remind_of_trust(&out, context);
        Ok(())
    }
}

/// Whoever signs a package wants to run it next, and that needs trust too.
fn remind_of_trust(out: &Path, context: &mut Context<'_, '_>) {
    let Ok(package) = packages::read(out, None) else { return };
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
