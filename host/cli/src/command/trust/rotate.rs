//! `mpp trust rotate`

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;
use mpp_package::{KeyId, Location, LocationError, PublisherName, RootParts, Timestamp};

use super::document;
use super::init::{self, ROOT_DAYS};
use super::issue::{self, New, Signers};
use super::roles::{OfRole, RoleName, Roles};
use super::signatories::Signatories;
use crate::context::Context;
use crate::exit::{Failure, Outcome};
use crate::keys::Key;
use crate::packages;

/// Make the next version of a root: other keys, names or place, or a later end
#[derive(Debug, Args)]
#[command(after_help = "\
ROLE is root, release or index; a KEY is as for `mpp trust init`. The new root needs the signatures
of the root keys of both versions, the old and the new: who trusts the old one then follows by
itself (`mpp trust update`). Keys of which too few are left cannot be replaced, so replace a lost
one while the others are there.

A release key that is removed takes with it what it alone has signed; sign those packages anew. After
a change of the index keys, publish an index (`mpp trust publish`).

Where a key is offline, carry the new file to it, or sign the bytes of --export there:

  mpp trust rotate root-1.json --remove release=OLD --add release=new.pub --export root-2.msg
  openssl pkeyutl -sign -rawin -inkey a.pem -in root-2.msg -out a.sig
  mpp trust sign root-2.msg --root root-1.json --signature a.sig --public-key a.pub --out root-2.json")]
pub(super) struct Rotate {
    /// The newest root
    #[arg(value_name = "ROOT")]
    file: PathBuf,
    /// Add a key to a role; can be repeated
    #[arg(long, value_name = "ROLE=KEY")]
    add: Vec<OfRole<String>>,
    /// Remove a key from a role; can be repeated
    #[arg(long, value_name = "ROLE=KEY|FINGERPRINT")]
    remove: Vec<OfRole<String>>,
    /// Set how many keys of a role must sign
    #[arg(long, value_name = "ROLE=N")]
    threshold: Vec<OfRole<u64>>,
    /// Keep no index any longer
    #[arg(long)]
    no_index: bool,
    /// Sign for another name below the publisher's; can be repeated
    #[arg(long = "add-namespace", value_name = "NAME")]
    add_namespaces: Vec<PublisherName>,
    /// Sign for this name no longer; can be repeated
    #[arg(long = "remove-namespace", value_name = "NAME")]
    remove_namespaces: Vec<PublisherName>,
    /// Where newer documents will be found [default: as before]
    #[arg(long, value_name = "URL|none")]
    location: Option<Place>,
    /// Last second in which it counts [default: in a year]
    #[arg(long, value_name = "TIME")]
    expires: Option<Timestamp>,
    #[command(flatten)]
    signers: Signers,
    /// Write the root to this file [default: root-VERSION.json beside ROOT]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// A location, or `none`.
#[derive(Debug, Clone)]
struct Place(Option<Location>);

impl FromStr for Place {
    type Err = LocationError;

    fn from_str(text: &str) -> Result<Self, LocationError> {
        if text == "none" {
            Ok(Self(None))
        } else {
            Location::parse(text).map(|location| Self(Some(location)))
        }
    }
}

impl Rotate {
    pub(super) fn run(self, context: &mut Context<'_, '_>) -> Outcome {
        let before = document::read_root(&self.file)?;
        let before = before.root().parts();
        let parts = self.next(before, context)?;
        let signatories = Signatories::of_root(Some(before), &parts);
        let RootParts { version, location, index, .. } = parts.clone();
        let out =
            self.out.clone().unwrap_or_else(|| self.file.with_file_name(format!("root-{version}.json")));
        let keys = self.signers.keys(context)?;
        let request = init::request(parts)?;
        document::show(&request, context.streams);
        let new =
            New { request, signatories, under: Some(&self.file), out: &out, export: self.signers.export() };
        if new.issue(&keys, context)?.is_some() {
            init::publish_at(location.map(|location| location.root(version)), context);
            let update =
                format!("who trusts version {} runs: mpp trust update {}", before.version, before.publisher);
            context.streams.note("next", &update);
            if index.is_some() && index != before.index {
                let publish = format!("sign an index with the new keys: mpp trust publish {}", out.display());
                context.streams.note("next", &publish);
            }
        }
        Ok(())
    }

    fn next(&self, before: &RootParts, context: &mut Context<'_, '_>) -> Outcome<RootParts> {
        let issued_at = packages::now()?;
        let (root, release, index) = self.roles(before, context)?.finish()?;
        let location = match &self.location {
            Some(Place(location)) => location.clone(),
            None => before.location.clone(),
        };
        Ok(RootParts {
            publisher: before.publisher.clone(),
            version: before.version + 1,
            issued_at,
            expires: issue::end(self.expires, ROOT_DAYS, issued_at)?,
            namespaces: self.namespaces(before)?,
            location,
            root,
            release,
            index,
        })
    }

    fn roles(&self, before: &RootParts, context: &mut Context<'_, '_>) -> Outcome<Roles> {
        let mut roles = Roles::of(&before.root, &before.release, before.index.as_ref());
        if self.no_index {
            self.refuse_index_changes()?;
            roles.drop_index();
        }
        for OfRole { role, value } in &self.add {
            roles.add(*role, Key::read(value, context)?.public());
        }
        for OfRole { role, value } in &self.remove {
            roles.remove(*role, key_id(value, context)?)?;
        }
        for OfRole { role, value } in &self.threshold {
            roles.set_threshold(*role, *value)?;
        }
        Ok(roles)
    }

    fn refuse_index_changes(&self) -> Outcome {
        let keys = self.add.iter().chain(&self.remove).map(|change| change.role);
        let mut changed = keys.chain(self.threshold.iter().map(|change| change.role));
        if changed.any(|role| role == RoleName::Index) {
            return Err(Failure::usage("--no-index leaves no index role to change")
                .next("leave it out, or what changes that role"));
        }
        Ok(())
    }

    fn namespaces(&self, before: &RootParts) -> Outcome<Vec<PublisherName>> {
        let mut namespaces = before.namespaces.clone();
        for gone in &self.remove_namespaces {
            if !namespaces.contains(gone) {
                return Err(Failure::usage(format!("the root does not sign as {gone}")));
            }
            namespaces.retain(|namespace| namespace != gone);
        }
        namespaces.extend(self.add_namespaces.iter().cloned());
        Ok(namespaces)
    }
}

/// A key that is removed may be lost: its fingerprint is enough.
fn key_id(reference: &str, context: &mut Context<'_, '_>) -> Outcome<KeyId> {
    match reference.parse() {
        Ok(id) => Ok(id),
        Err(_) => Key::read(reference, context).map(|key| key.public().id()),
    }
}
