//! `mpp trust publish`

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use clap::Args;
use mpp_package::{Envelope, Index, IndexParts, RootParts, SigningRequest, Timestamp, Withdrawal};

use super::document;
use super::init::publish_at;
use super::issue::{self, New, Signers};
use super::listing::{Listing, ReleaseName, Withdrawn};
use super::releases;
use super::signatories::Signatories;
use crate::context::Context;
use crate::exit::{Failure, Outcome};
use crate::packages;

/// Days for which an index counts unless it says otherwise: for so long can
/// whoever keeps newer ones back hide a revocation.
const INDEX_DAYS: u64 = 30;

/// Make the next index: which releases you stand by, and which no longer
#[derive(Debug, Args)]
#[command(after_help = "\
The next index lists what the one before it did, and the packages named here. Each of them must be
signed as ROOT asks, and cannot be listed as other bytes than before.

A yanked release is not taken any more by those who do not have it. A revoked one runs nowhere, from
the moment an operator has the index, and for ever: no later index can take that back. A release that
was never listed is revoked by naming its file as well.

An index ends, so that whoever keeps a newer one back is noticed: publish one before that, even if
nothing has changed. Where the index key is offline, sign the bytes of --export there:

  mpp trust publish root-1.json tool.mpp --export index.msg
  openssl pkeyutl -sign -rawin -inkey index.pem -in index.msg -out index.sig
  mpp trust sign index.msg --root root-1.json --signature index.sig --public-key index.pub \\
      --out index.json")]
pub(super) struct Publish {
    /// The root of the publisher, whose index keys sign
    #[arg(value_name = "ROOT")]
    root: PathBuf,
    /// Signed packages to list
    #[arg(value_name = "PACKAGE")]
    packages: Vec<PathBuf>,
    /// The index before this one [default: the file of --out, if it is there]
    #[arg(long, value_name = "INDEX")]
    previous: Option<PathBuf>,
    /// Withdraw a release, so that nobody takes it any more; can be repeated
    #[arg(long, value_name = "NAME@VERSION", requires = "reason")]
    yank: Vec<ReleaseName>,
    /// Revoke a release for ever, so that it runs nowhere; can be repeated
    #[arg(long, value_name = "NAME@VERSION", requires = "reason")]
    revoke: Vec<ReleaseName>,
    /// Why, in one line, for those who have the release
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Last second in which it counts [default: in 30 days]
    #[arg(long, value_name = "TIME")]
    expires: Option<Timestamp>,
    #[command(flatten)]
    signers: Signers,
    /// Write the index to this file [default: index.json beside ROOT]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Publish {
    pub(super) fn run(self, context: &mut Context<'_, '_>) -> Outcome {
        let signed = document::read_root(&self.root)?;
        let root = signed.root().parts();
        let signatories = Signatories::of_index(root)?;
        let out = self.out.clone().unwrap_or_else(|| self.root.with_file_name("index.json"));
        let before = self.before(&out, root, &signatories)?;
        let parts = self.next(before, root, context)?;
        if parts.expires > root.expires {
            context.streams.warn(&format!("the root ends at {}, before this index does", root.expires));
        }
        let (version, releases) = (parts.version, parts.releases.len());
        let keys = self.signers.keys(context)?;
        let cannot = |error: &dyn std::error::Error| Failure::usage("this index cannot be").because(error);
        let index = Index::new(parts).map_err(|error| cannot(&error))?;
        let request = SigningRequest::index(index).map_err(|error| cannot(&error))?;
        context
            .streams
            .note("index", &format!("version {version} of {}, releases: {releases}", root.publisher));
        let new =
            New { request, signatories, under: Some(&self.root), out: &out, export: self.signers.export() };
        if new.issue(&keys, context)?.is_some() {
            publish_at(root.location.as_ref().map(|location| location.index()), context);
        }
        Ok(())
    }

    /// The index before this one. One that was only found where this one goes
    /// must be signed by the keys that sign now; one that was named, perhaps
    /// from before the keys changed, is taken on the word of who named it.
    fn before(&self, out: &Path, root: &RootParts, signatories: &Signatories) -> Outcome<Option<Index>> {
        let path = self.previous.as_deref().unwrap_or(out);
        let Some((index, envelope)) = document::read_index(path)? else {
            return match &self.previous {
                Some(named) => Err(Failure::usage(format!("there is no file {}", named.display()))),
                None => Ok(None),
            };
        };
        if index.parts().publisher != root.publisher {
            return Err(Failure::usage(format!(
                "{} is the index of {}",
                path.display(),
                index.parts().publisher
            ))
            .because(format!("the root is that of {}", root.publisher)));
        }
        if self.previous.is_none() {
            check_found(path, &envelope, signatories)?;
        }
        Ok(Some(index))
    }

    fn next(
        &self,
        before: Option<Index>,
        root: &RootParts,
        context: &mut Context<'_, '_>,
    ) -> Outcome<IndexParts> {
        let issued_at = packages::now()?;
        let version = before.as_ref().map_or(0, |before| before.parts().version) + 1;
        let mut listing = Listing::of(before.as_ref());
        for package in &self.packages {
            let verified = releases::verify(package, root, SystemTime::now())?;
            let news = listing.add(&verified)?;
            context
                .streams
                .note(news, &format!("{} {}", verified.manifest().name(), verified.manifest().version()));
        }
        self.withdraw(&mut listing, root, issued_at, context)?;
        Ok(IndexParts {
            publisher: root.publisher.clone(),
            version,
            issued_at,
            expires: issue::end(self.expires, INDEX_DAYS, issued_at)?,
            releases: listing.into_releases(),
        })
    }

    fn withdraw(
        &self,
        listing: &mut Listing,
        root: &RootParts,
        since: Timestamp,
        context: &mut Context<'_, '_>,
    ) -> Outcome {
        let yanks = self.yank.iter().map(|name| (name, Withdrawn::Yanked));
        let revocations = self.revoke.iter().map(|name| (name, Withdrawn::Revoked));
        if self.reason.is_some() && self.yank.is_empty() && self.revoke.is_empty() {
            return Err(Failure::usage("--reason is for --yank and --revoke").next("leave it out"));
        }
        let reason = self.reason.clone().unwrap_or_default();
        for (name, how) in yanks.chain(revocations) {
            let name = name.under(root)?;
            listing.withdraw(&name, how, Withdrawal { reason: reason.clone(), since })?;
            context.streams.note(how.word(), &name.to_string());
        }
        Ok(())
    }
}

fn check_found(path: &Path, envelope: &Envelope, signatories: &Signatories) -> Outcome {
    let tally = signatories.tally(envelope)?;
    if tally.complete {
        return Ok(());
    }
    let path = path.display();
    Err(Failure::usage(format!("{path} is not taken as the index before this one"))
        .because(format!("it has {}", tally.lines.join(", and ")))
        .next(format!("if signatures are still missing: mpp trust sign {path}"))
        .next(format!("if it is yours, and the keys have changed since: --previous {path}")))
}
