//! `mpp trust init`

use std::path::PathBuf;

use clap::Args;
use mpp_package::{Location, PublisherName, Root, RootParts, SigningRequest, Timestamp};

use super::document;
use super::issue::{self, New};
use super::roles::{OfRole, Roles};
use super::signatories::Signatories;
use crate::context::Context;
use crate::exit::{Failure, Outcome};
use crate::keys::Key;
use crate::packages;

/// Days for which a root counts unless it says otherwise: long enough to be kept
/// offline, short enough that its keys are used once in a while.
pub(super) const ROOT_DAYS: u64 = 365;

/// Make the first root of a publisher: which keys sign for it
#[derive(Debug, Args)]
#[command(after_help = "\
A KEY is a name from `mpp key list`, a PEM file of a private or a public key, or `ed25519:...`.

The root keys sign the next root, so that everything else can be replaced: keep them offline, and
more of them than must sign. The release keys sign packages. The index keys sign the list of what
you stand by, again and again; without --index there is no such list, and what is signed once can
not be revoked.

A root key that is at hand signs at once. For one that is not, carry the file to it and run
`mpp trust sign` there, or sign the bytes of --export with stock OpenSSL:

  mpp trust init com.example --root a.pub --root b.pub --threshold root=2 --release release.pub \\
      --export root-1.msg
  openssl pkeyutl -sign -rawin -inkey a.pem -in root-1.msg -out a.sig
  mpp trust sign root-1.msg --signature a.sig --public-key a.pub --out root-1.json
  openssl pkeyutl -sign -rawin -inkey b.pem -in root-1.msg -out b.sig
  mpp trust sign root-1.json --signature b.sig --public-key b.pub

Tell those who trust you the fingerprint on a way that an attacker does not control.")]
pub(super) struct Init {
    /// The publisher, such as com.example
    publisher: PublisherName,
    /// A key that signs the next root; can be repeated
    #[arg(long, value_name = "KEY", required = true)]
    root: Vec<String>,
    /// A key that signs packages; can be repeated
    #[arg(long, value_name = "KEY", required = true)]
    release: Vec<String>,
    /// A key that signs the index; can be repeated [default: no index is kept]
    #[arg(long, value_name = "KEY")]
    index: Vec<String>,
    /// How many keys of a role must sign, such as root=2 [default: 1]
    #[arg(long, value_name = "ROLE=N")]
    threshold: Vec<OfRole<u64>>,
    /// A name below the publisher's that the release keys sign for, too; can be repeated
    #[arg(long = "namespace", value_name = "NAME")]
    namespaces: Vec<PublisherName>,
    /// Where newer documents will be found, such as https://example.com/mpp/ [default: nowhere]
    #[arg(long, value_name = "URL")]
    location: Option<Location>,
    /// Last second in which it counts, such as 2027-01-01T00:00:00Z [default: in a year]
    #[arg(long, value_name = "TIME")]
    expires: Option<Timestamp>,
    /// Write the root to this file
    #[arg(long, value_name = "FILE", default_value = "root-1.json")]
    out: PathBuf,
    /// Write the bytes to sign to this file, for a key on another machine or in a token
    #[arg(long, value_name = "FILE")]
    export: Option<PathBuf>,
}

impl Init {
    pub(super) fn run(self, context: &mut Context<'_, '_>) -> Outcome {
        let root_keys = read_all(&self.root, context)?;
        let public = |keys: &[Key]| keys.iter().map(Key::public).collect();
        let mut roles = Roles::new(
            public(&root_keys),
            public(&read_all(&self.release, context)?),
            public(&read_all(&self.index, context)?),
        );
        for OfRole { role, value } in &self.threshold {
            roles.set_threshold(*role, *value)?;
        }
        let parts = self.parts(roles)?;
        let signatories = Signatories::of_root(None, &parts);
        let location = parts.location.clone();
        let request = request(parts)?;
        document::show(&request, context.streams);
        let new = New { request, signatories, under: None, out: &self.out, export: self.export.as_deref() };
        let signers: Vec<_> = root_keys.into_iter().filter_map(Key::private).collect();
        if new.issue(&signers, context)?.is_some() {
            let add = format!("tell others the fingerprint; they run: mpp trust add {} ROOT", self.publisher);
            context.streams.note("next", &add);
            publish_at(location.map(|location| location.root(1)), context);
        }
        Ok(())
    }

    fn parts(&self, roles: Roles) -> Outcome<RootParts> {
        let issued_at = packages::now()?;
        let (root, release, index) = roles.finish()?;
        let own = std::iter::once(&self.publisher);
        let others = self.namespaces.iter().filter(|namespace| **namespace != self.publisher);
        Ok(RootParts {
            publisher: self.publisher.clone(),
            version: 1,
            issued_at,
            expires: issue::end(self.expires, ROOT_DAYS, issued_at)?,
            namespaces: own.chain(others).cloned().collect(),
            location: self.location.clone(),
            root,
            release,
            index,
        })
    }
}

/// The root that these parts are, ready to be signed.
pub(super) fn request(parts: RootParts) -> Outcome<SigningRequest> {
    let cannot = |error: &dyn std::error::Error| Failure::usage("this root cannot be").because(error);
    let root = Root::new(parts).map_err(|error| cannot(&error))?;
    SigningRequest::root(root).map_err(|error| cannot(&error))
}

/// Says where a finished document belongs, if its publisher has a place.
pub(super) fn publish_at(place: Option<String>, context: &mut Context<'_, '_>) {
    if let Some(place) = place {
        context.streams.note("next", &format!("put it at {place}"));
    }
}

fn read_all(references: &[String], context: &mut Context<'_, '_>) -> Outcome<Vec<Key>> {
    references.iter().map(|reference| Key::read(reference, context)).collect()
}
