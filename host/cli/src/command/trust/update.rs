//! `mpp trust update`

use std::path::PathBuf;
use std::time::SystemTime;

use clap::Args;
use mpp_audit::{Event, TrustAction, TrustChange, TrustSubject};
use mpp_package::{
    DocumentType, EnvelopeError, KeyId, MAX_ROOT_CHAIN, PublicKey, PublisherName, Role, RootError, RootParts,
    RootTrust, RootUpdate, SignedRootError,
};

use super::offered::{Offered, Refused};
use crate::context::Context;
use crate::exit::{Failure, Outcome};
use crate::fetch::Source;
use crate::log::{self, AuditDirectory};
use crate::{blame, trust};

/// Follow a publisher's root to a newer version
#[derive(Debug, Args)]
#[command(after_help = "\
Each new root must be the next version exactly, signed by the root keys of the version that is
trusted here and by its own. All of them are followed, or none. So a publisher can change its keys
without anybody comparing a fingerprint again, and a thief of some of them cannot.

Without a SOURCE, the newer roots are fetched from the place that the trusted root names:
root-2.json, root-3.json, and so on, until there is none.")]
pub(crate) struct Update {
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

impl Update {
    pub(crate) fn run(self, context: &mut Context<'_, '_>) -> Outcome {
        let home = context.home()?;
        let keyring = trust::keyring(&home)?;
        let held = pinned(&keyring, &self.publisher)?;
        let before = held.root().parts().clone();
        let offered = self.read(held, context)?;
        let Some(last) = offered.last() else {
            context.streams.note(
                self.publisher.as_str(),
                &format!("version {} is the newest root there is", before.version),
            );
            return Ok(());
        };
        let log = log::open(&self.audit.of(&home), context.streams)?;
        let actor = context.environment.user();
        let (update, after) = trust::change(&home, |keyring| {
            let refuse = |offered: &Offered, error: &RootError| offered.refuse(&log, refused(offered, error));
            let mut chain = Vec::new();
            for document in &offered {
                let envelope = document.envelope(DocumentType::Root);
                chain.push(envelope.map_err(|error| refuse(document, &no_envelope(error)))?);
            }
            let update = keyring
                .update_root(&self.publisher, chain, SystemTime::now())
                .map_err(|error| refuse(last, &error))?;
            if update.to != update.from {
                log::append(&log, &event(&self.publisher, &update, actor))?;
            }
            Ok((update, pinned(keyring, &self.publisher)?.root().parts().clone()))
        })?;
        self.report(&update, &before, &after, context);
        Ok(())
    }

    /// The documents that the command line names, or those that lie where the
    /// trusted root says.
    fn read(&self, held: &RootTrust, context: &mut Context<'_, '_>) -> Outcome<Vec<Offered>> {
        if !self.sources.is_empty() {
            let read = |source| Offered::read(source, DocumentType::Root, &self.ca_file, context);
            return self.sources.iter().map(read).collect();
        }
        let parts = held.root().parts();
        let Some(location) = &parts.location else {
            return Err(Failure::usage(format!(
                "there is nowhere to look for a newer root of {}",
                self.publisher
            ))
            .because("the trusted root names no place")
            .next(format!("name the file: mpp trust update {} FILE|URL", self.publisher)));
        };
        let mut found = Vec::new();
        for version in (parts.version + 1..).take(MAX_ROOT_CHAIN) {
            let source = location.root(version).parse().map_err(|why: String| {
                Failure::package("the trusted root names a place that cannot be used").because(why)
            })?;
            match Offered::read_if_there(&source, DocumentType::Root, &self.ca_file, context)? {
                Some(document) => found.push(document),
                None => break,
            }
        }
        Ok(found)
    }

    fn report(
        &self,
        update: &RootUpdate,
        before: &RootParts,
        after: &RootParts,
        context: &mut Context<'_, '_>,
    ) {
        let publisher = self.publisher.as_str();
        if update.to == update.from {
            context.streams.note(publisher, &format!("version {} was trusted already", update.to));
            return;
        }
        context
            .streams
            .note(publisher, &format!("root version {} is followed by {}", update.from, update.to));
        for change in changes(before, after) {
            context.streams.say(&format!("  {change}"));
        }
        if update.index_superseded {
            context.streams.note(
                "next",
                &format!(
                    "the keys that signed the index sign no longer: `mpp trust refresh {publisher}` takes the new one"
                ),
            );
        }
    }
}

/// The root that is pinned for a publisher.
pub(super) fn pinned<'a>(
    keyring: &'a mpp_package::Keyring,
    publisher: &PublisherName,
) -> Outcome<&'a RootTrust> {
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

fn no_envelope(error: EnvelopeError) -> RootError {
    RootError::Document(SignedRootError::from(error))
}

fn refused(offered: &Offered, error: &RootError) -> Refused {
    Refused { code: error.code(), failure: blame::root_refused(&offered.name, error) }
}

fn event(publisher: &PublisherName, update: &RootUpdate, actor: Option<String>) -> Event {
    Event::TrustChange(TrustChange {
        action: TrustAction::UpdateRoot,
        publisher: Some(publisher.to_string()),
        subject: TrustSubject::Root { version: update.to, digest: update.digest.to_string() },
        replaced_version: Some(update.from),
        actor,
    })
}

/// What a newer root changes, in words.
fn changes(before: &RootParts, after: &RootParts) -> Vec<String> {
    let mut lines = Vec::new();
    let roles = [
        ("root", Some(&before.root), Some(&after.root)),
        ("release", Some(&before.release), Some(&after.release)),
        ("index", before.index.as_ref(), after.index.as_ref()),
    ];
    for (name, old, new) in roles {
        let (old_keys, new_keys) = (ids(old), ids(new));
        lines.extend(
            new_keys
                .iter()
                .filter(|key| !old_keys.contains(key))
                .map(|key| format!("{name}: now also {key}")),
        );
        lines.extend(
            old_keys
                .iter()
                .filter(|key| !new_keys.contains(key))
                .map(|key| format!("{name}: no longer {key}")),
        );
        let (old, new) = (old.map(Role::threshold), new.map(Role::threshold));
        if old != new {
            let count =
                |threshold: Option<usize>| threshold.map_or("none".to_owned(), |count| count.to_string());
            lines.push(format!("{name}: {} must sign, before {}", count(new), count(old)));
        }
    }
    for namespace in after.namespaces.iter().filter(|name| !before.namespaces.contains(name)) {
        lines.push(format!("signs packages of {namespace}, too"));
    }
    for namespace in before.namespaces.iter().filter(|name| !after.namespaces.contains(name)) {
        lines.push(format!("no longer signs packages of {namespace}"));
    }
    lines.push(format!("counts until {}", after.expires));
    lines
}

fn ids(role: Option<&Role>) -> Vec<KeyId> {
    role.map_or(&[][..], Role::keys).iter().map(PublicKey::id).collect()
}
