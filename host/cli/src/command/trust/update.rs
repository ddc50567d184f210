//! `mpp trust update`

mod changes;

use std::path::PathBuf;
use std::time::SystemTime;

use clap::Args;
use mpp_audit::{Event, TrustAction, TrustChange, TrustSubject, Writer};
use mpp_package::{
    DocumentType, Envelope, Keyring, Location, MAX_ROOT_CHAIN, PublisherName, RootError, RootParts,
    RootTrust, RootUpdate, SignedRootError,
};

use super::offered::{Offered, Refused};
use crate::context::Context;
use crate::exit::{Failure, Outcome};
use crate::fetch::Source;
use crate::log::{self, AuditDirectory};
use crate::trust::ends::{self, Distance};
use crate::{blame, trust};

/// Follow a publisher's root to a newer version
#[derive(Debug, Args)]
#[command(after_help = "\
Each new root must be the next version exactly, signed by the root keys of the version that is
trusted here and by its own. All of them are followed, or none. So a publisher can change its keys
without anybody comparing a fingerprint again, and a thief of some of them cannot.

Without a SOURCE, the newer roots are fetched from the place that the trusted root names:
root-2.json, root-3.json, and so on, until there is none.")]
pub(super) struct Update {
    /// The publisher
    publisher: PublisherName,
    /// The newer roots in their order: files, https:// URLs, or - for standard input
    #[arg(value_name = "SOURCE")]
    sources: Vec<Source>,
    /// Accept HTTPS certificates of the authorities in this PEM file, too; can be repeated
    #[arg(long, value_name = "FILE")]
    ca_file: Vec<PathBuf>,
    #[command(flatten)]
    audit: AuditDirectory,
}

/// What came of following a root.
struct Followed {
    update: RootUpdate,
    before: RootParts,
    after: RootParts,
}

impl Update {
    pub(super) fn run(self, context: &mut Context<'_, '_>) -> Outcome {
        let home = context.home()?;
        let keyring = trust::keyring(&home)?;
        let held = pinned(&keyring, &self.publisher)?;
        let offered = self.read(held, context)?;
        if offered.is_empty() {
            self.report_nothing(held, context);
            return Ok(());
        }
        let log = log::open(&self.audit.of(&home), context.streams)?;
        let actor = context.environment.user();
        let followed = trust::change(&home, |keyring| {
            let before = pinned(keyring, &self.publisher)?.root().parts().clone();
            let update = self.follow(&offered, keyring, &log)?;
            if update.to != update.from {
                // On record before it counts.
                log::append(&log, &self.event(&update, actor))?;
            }
            let after = pinned(keyring, &self.publisher)?.root().parts().clone();
            Ok(Followed { update, before, after })
        })?;
        self.report(&followed, context);
        Ok(())
    }

    /// The documents that the command line names, or those that lie where the
    /// trusted root says.
    fn read(&self, held: &RootTrust, context: &mut Context<'_, '_>) -> Outcome<Vec<Offered>> {
        if self.sources.is_empty() {
            return self.fetch(self.location(held)?, held.version(), context);
        }
        let read = |source| Offered::read(source, DocumentType::Root, &self.ca_file, context);
        self.sources.iter().map(read).collect()
    }

    fn fetch(&self, location: &Location, held: u64, context: &mut Context<'_, '_>) -> Outcome<Vec<Offered>> {
        let mut found = Vec::new();
        for version in (held + 1..).take(MAX_ROOT_CHAIN) {
            let source = source_in(location.root(version))?;
            match Offered::read_if_there(&source, DocumentType::Root, &self.ca_file, context)? {
                Some(document) => found.push(document),
                None => break,
            }
        }
        Ok(found)
    }

    fn location<'a>(&self, held: &'a RootTrust) -> Outcome<&'a Location> {
        let publisher = &self.publisher;
        held.root().parts().location.as_ref().ok_or_else(|| {
            Failure::usage(format!("there is nowhere to look for a newer root of {publisher}"))
                .because("the trusted root names no place")
                .next(format!("name the file: mpp trust update {publisher} FILE|URL"))
        })
    }

    /// Follows all of the documents, or none. What refuses them is on record
    /// with the document that it is about.
    fn follow(&self, offered: &[Offered], keyring: &mut Keyring, log: &Writer) -> Outcome<RootUpdate> {
        let refuse = |document: &Offered, error: &RootError| {
            let failure = blame::root_refused(&document.name, error);
            document.refuse(Refused { code: error.code(), failure }, log)
        };
        let mut chain = Vec::new();
        for document in offered {
            let envelope = document.envelope(DocumentType::Root);
            let error = |error| RootError::Document(SignedRootError::from(error));
            chain.push(envelope.map_err(|envelope| refuse(document, &error(envelope)))?);
        }
        let now = SystemTime::now();
        keyring.update_root(&self.publisher, chain.clone(), now).map_err(|error| {
            let refused = self.refused(keyring, &chain, &error, now);
            // What no shorter chain is refused for is about the last of them.
            match refused.and_then(|place| offered.get(place)).or(offered.last()) {
                Some(document) => refuse(document, &error),
                None => blame::root_refused("offered", &error),
            }
        })
    }

    /// The place of the document that the whole chain is refused for: the end of
    /// the shortest beginning that is refused in the same way.
    fn refused(
        &self,
        keyring: &Keyring,
        chain: &[Envelope],
        error: &RootError,
        now: SystemTime,
    ) -> Option<usize> {
        let refused = |place: &usize| {
            let beginning = chain[..=*place].to_vec();
            keyring.clone().update_root(&self.publisher, beginning, now).as_ref() == Err(error)
        };
        (0..chain.len()).find(refused)
    }

    fn event(&self, update: &RootUpdate, actor: Option<String>) -> Event {
        Event::TrustChange(TrustChange {
            action: TrustAction::UpdateRoot,
            publisher: Some(self.publisher.to_string()),
            subject: TrustSubject::Root { version: update.to, digest: update.digest.to_string() },
            replaced_version: Some(update.from),
            actor,
        })
    }

    fn report_nothing(&self, held: &RootTrust, context: &mut Context<'_, '_>) {
        let (publisher, version, end) = (&self.publisher, held.version(), ends::of_root(held));
        context.streams.note(publisher.as_str(), &format!("no root is newer than version {version}"));
        if ends::distance(end, SystemTime::now()) == Distance::Past {
            context
                .streams
                .warn(&format!("version {version} ended at {end}: ask the publisher for a newer one"));
        }
    }

    fn report(&self, followed: &Followed, context: &mut Context<'_, '_>) {
        let Followed { update: RootUpdate { from, to, digest: _, index_superseded }, before, after } =
            followed;
        let publisher = self.publisher.as_str();
        if to == from {
            context.streams.note(publisher, &format!("root version {to} was trusted already"));
            return;
        }
        context.streams.note(publisher, &format!("root version {from} is followed by {to}"));
        for change in changes::between(before, after) {
            context.streams.say(&format!("  {change}"));
        }
        if *index_superseded && after.index.is_some() {
            context.streams.note(
                "next",
                &format!(
                    "the keys that signed the index sign no longer; take a new one: mpp trust refresh {publisher} [FILE|URL]"
                ),
            );
        }
    }
}

/// The root that is pinned for a publisher.
pub(super) fn pinned<'a>(keyring: &'a Keyring, publisher: &PublisherName) -> Outcome<&'a RootTrust> {
    keyring.root_trust(publisher).ok_or_else(|| {
        let failure = Failure::usage(format!("no root of {publisher} is trusted here"));
        if keyring.keys(publisher).is_empty() {
            return failure
                .next(format!("pin it, once you know its fingerprint: mpp trust add {publisher} ROOT"));
        }
        failure
            .because("keys are pinned for it, and keys are not followed by others")
            .next(format!("if it has a root by now: mpp trust add {publisher} ROOT"))
    })
}

/// A place that a trusted root names.
pub(super) fn source_in(url: String) -> Outcome<Source> {
    url.parse().map_err(|why: String| {
        Failure::package("the trusted root names a place that cannot be used").because(why)
    })
}
