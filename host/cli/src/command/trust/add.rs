//! `mpp trust add`

mod candidate;
mod domain;

use std::path::PathBuf;

use clap::Args;
use mpp_audit::{Event, TrustAction, TrustChange, TrustSubject};
use mpp_package::{DocumentType, Keyring, PublisherName};

use self::candidate::Candidate;
use super::fingerprint::Fingerprint;
use super::offered::{NotTaken, Offered, Refused};
use crate::context::Context;
use crate::exit::{Blame, Failure, Outcome};
use crate::fetch::Source;
use crate::home::Home;
use crate::log::{self, AuditDirectory};
use crate::{keys, trust};

/// Trust a publisher: pin its root, or a public key
#[derive(Debug, Args)]
#[command(after_help = "\
A root says which keys of the publisher sign what, and is followed by newer ones with `mpp trust
update`. It takes the place of keys that were pinned for the publisher. A pinned key signs alone,
until you remove it. Both are pinned by their fingerprint, which you get from the publisher on a way
that an attacker does not control: not from where you got the package.

With --domain-record, the record that the publisher's domain shows to MCP registries is held against
the keys: com.example is vouched for by example.com. It does not answer the question.")]
pub(super) struct Add {
    /// The publisher, such as com.example
    publisher: PublisherName,
    /// The root, or the public key: a file, an https:// URL, - for standard input, or `ed25519:...`
    #[arg(value_name = "ROOT|KEY")]
    what: String,
    /// The fingerprint you expect; it answers the question, and no --yes overrules it
    #[arg(long, value_name = "FINGERPRINT")]
    fingerprint: Option<Fingerprint>,
    /// Answer the question with yes
    #[arg(long)]
    yes: bool,
    /// Demand that the publisher's domain vouches for it, by the record at SOURCE: a file, - or a
    /// URL [default: https://DOMAIN/.well-known/mcp-registry-auth]
    #[arg(long, value_name = "SOURCE", num_args = 0..=1, require_equals = true)]
    domain_record: Option<Option<Source>>,
    /// Accept HTTPS certificates of the authorities in this PEM file, too; can be repeated
    #[arg(long, value_name = "FILE")]
    ca_file: Vec<PathBuf>,
    #[command(flatten)]
    audit: AuditDirectory,
}

impl Add {
    pub(super) fn run(self, context: &mut Context<'_, '_>) -> Outcome {
        let home = context.home()?;
        let site = self.audit.of(&home);
        let offered = self.read(context)?;
        let candidate = self
            .agreed(&offered, &home, context)
            .map_err(|not_taken| offered.refuse_in(&site, not_taken, context.streams))?;
        let log = log::open(&site, context.streams)?;
        let actor = context.environment.user();
        let new = trust::change(&home, |keyring| {
            let replaced = candidate.replaces(keyring);
            let new = candidate.pin(keyring).map_err(|not_taken| offered.refuse(not_taken, &log))?;
            if new {
                // On record before it counts.
                for (action, subject) in replaced.into_iter().chain([candidate.pinned()]) {
                    log::append(&log, &self.event(action, subject, actor.clone()))?;
                }
            }
            Ok(new)
        })?;
        self.report(new, &trust::keyring(&home)?, context);
        Ok(())
    }

    /// Reads what is to be pinned, once.
    fn read(&self, context: &mut Context<'_, '_>) -> Outcome<Offered> {
        if keys::is_literal(&self.what) {
            return Ok(Offered::literal(&self.what));
        }
        let source: Source = self.what.parse().map_err(|why: String| Failure::usage(why))?;
        Offered::read(&source, DocumentType::Root, &self.ca_file, context)
    }

    /// What is to be pinned, once a person has agreed. Nobody is asked about what
    /// would be refused all the same.
    fn agreed(
        &self,
        offered: &Offered,
        home: &Home,
        context: &mut Context<'_, '_>,
    ) -> Result<Candidate, NotTaken> {
        let candidate = Candidate::read(offered, &self.publisher)?;
        let keyring = trust::keyring(home)?;
        candidate.pin(&mut keyring.clone())?;
        for line in candidate.describe() {
            context.streams.say(&line);
        }
        match candidate.replaces(&keyring).len() {
            0 => {}
            1 => context.streams.say("It takes the place of the key that is pinned now."),
            keys => {
                context.streams.say(&format!("It takes the place of the {keys} keys that are pinned now."))
            }
        }
        if let Some(source) = &self.domain_record {
            domain::ask(&self.publisher, &candidate, source.as_ref(), &self.ca_file, context)?;
        }
        self.confirm(&candidate, context)?;
        Ok(candidate)
    }

    fn confirm(&self, candidate: &Candidate, context: &mut Context<'_, '_>) -> Result<(), Refused> {
        let what = candidate.word();
        let refused = |code, why: String, next: String| {
            let failure = Failure::new(Blame::Grant, format!("the {what} was not pinned")).because(why);
            Refused { code, failure: failure.next(next) }
        };
        if let Some(expected) = &self.fingerprint {
            let found = candidate.fingerprint();
            return if *expected == found {
                Ok(())
            } else {
                Err(refused(
                    "other-fingerprint",
                    format!("its fingerprint is {found}, and {expected} was expected"),
                    format!("this is another {what} than you were told of: do not use it; ask the publisher"),
                ))
            };
        }
        if self.yes {
            return Ok(());
        }
        match context.streams.ask("Is this the fingerprint that the publisher told you?") {
            Some(true) => Ok(()),
            Some(false) => Err(refused(
                "not-confirmed",
                "the answer was no".to_owned(),
                "ask the publisher for the fingerprint, on a way of its own".to_owned(),
            )),
            None => Err(refused(
                "not-confirmed",
                "there is no terminal to ask on".to_owned(),
                "compare the fingerprint and give it: --fingerprint FINGERPRINT".to_owned(),
            )),
        }
    }

    fn event(&self, action: TrustAction, subject: TrustSubject, actor: Option<String>) -> Event {
        let publisher = Some(self.publisher.to_string());
        Event::TrustChange(TrustChange { action, publisher, subject, replaced_version: None, actor })
    }

    fn report(&self, new: bool, keyring: &Keyring, context: &mut Context<'_, '_>) {
        let publisher = &self.publisher;
        let trust = keyring.root_trust(publisher);
        let needs_index =
            trust.is_some_and(|trust| trust.root().parts().index.is_some() && trust.index().is_none());
        let has_a_place = trust.is_some_and(|trust| trust.root().parts().location.is_some());
        let news = match (new, needs_index) {
            (false, _) => "was pinned before",
            (true, true) => "its root is pinned; nothing of it is accepted before its index is here",
            (true, false) => "its packages can now be installed and run",
        };
        context.streams.note(publisher.as_str(), news);
        // A root counts until it ends, also one that was followed long ago, with
        // keys that were stolen since.
        if new && has_a_place {
            context.streams.note("next", &format!("if there is a newer root: mpp trust update {publisher}"));
        }
        if needs_index {
            context.streams.note("next", &format!("mpp trust refresh {publisher} [FILE|URL]"));
        }
    }
}
