//! `mpp verify`

mod explain;

use std::path::PathBuf;
use std::time::SystemTime;

use clap::Args;
use mpp_package::{Keyring, Lapse};
use serde_json::json;

use crate::context::Context;
use crate::exit::{Blame, Outcome};
use crate::{blame, keys, packages, trust};

/// Check that a package is by a publisher you trust, and unchanged
#[derive(Debug, Args)]
#[command(after_help = "\
Checks the signature, and what the publisher's root and index say of the release; asks no network.
Exit status 0 if every check is passed, 3 if one is not. --explain names the checks.")]
pub(crate) struct Verify {
    /// The package
    file: PathBuf,
    /// The detached signature [default: FILE.sig, if the package carries none]
    #[arg(long, value_name = "FILE")]
    signature: Option<PathBuf>,
    /// Check against this public key instead of the keys you trust: `ed25519:...`, a PEM file, or -
    #[arg(long, value_name = "KEY")]
    public_key: Option<String>,
    /// Go through the checks in their order, and say of each how it went
    #[arg(long)]
    explain: bool,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

impl Verify {
    pub(crate) fn run(self, context: &mut Context<'_, '_>) -> Outcome {
        let package = packages::read(&self.file, self.signature.as_deref());
        let package = match package {
            Err(failure) if self.explain && failure.blame() == Blame::Package => {
                return Err(explain::no_package(failure, self.json, context)?);
            }
            package => package?,
        };
        let keyring = match &self.public_key {
            None => trust::keyring(&context.home()?)?,
            Some(reference) => {
                let key = keys::read_public(reference, context.streams)?;
                let mut one = Keyring::empty();
                one.pin(package.manifest().publisher(), key)
                    .map_err(|error| blame::key_not_pinned(&error))?;
                one
            }
        };
        if self.explain {
            return explain::run(&self.file, package, &keyring, self.json, context);
        }
        let verified = match keyring.verify(package, SystemTime::now()) {
            Ok(verified) => verified,
            Err(error) => {
                if self.json {
                    let (code, reason) = (error.code(), error.to_string());
                    context.streams.json(&json!({ "verified": false, "code": code, "reason": reason }))?;
                }
                return Err(blame::unverified(&self.file.display().to_string(), &error));
            }
        };
        trust::warn_of_lapse(&verified, context.streams);
        let (manifest, statement, standing) =
            (verified.manifest(), verified.statement(), verified.standing());
        if self.json {
            return context.streams.json(&json!({
                "verified": true,
                "publisher": manifest.publisher(),
                "name": manifest.name(),
                "version": manifest.version(),
                "digest": verified.digest(),
                "keys": verified.key_ids(),
                "sequence": statement.sequence(),
                "issued_at": statement.issued_at(),
                "not_after": statement.not_after(),
                "root_version": standing.root_version,
                "index_version": standing.index_version,
                "lapse": standing.lapse.as_ref().map(Lapse::code),
            }));
        }
        context.streams.line(&format!(
            "{} {} by {}: the signature holds",
            manifest.name(),
            manifest.version(),
            manifest.publisher()
        ))?;
        context.streams.line(&format!("digest  {}", verified.digest()))?;
        for key in verified.key_ids() {
            context.streams.line(&format!("key     {key}"))?;
        }
        let end = statement.not_after().map_or(String::new(), |end| format!(", counts until {end}"));
        context.streams.line(&format!(
            "signed  {}, release {}{end}",
            statement.issued_at(),
            statement.sequence()
        ))
    }
}
