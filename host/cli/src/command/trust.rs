//! `mpp trust`

use clap::{Args, Subcommand};
use mpp_audit::{Event, TrustAction, TrustChange};
use mpp_package::{KeyId, PublicKey, PublisherName};
use serde_json::json;

use crate::context::Context;
use crate::exit::{Blame, Failure, Outcome};
use crate::log::{self, AuditDirectory};
use crate::{keys, trust};

/// Say whose packages may run here
#[derive(Debug, Args)]
#[command(after_help = "\
Trust is a publisher's name with the keys pinned for it. Get a key, or its fingerprint, from the
publisher on a way that an attacker does not control: not from where you got the package.")]
pub(crate) struct Trust {
    #[command(subcommand)]
    command: TrustCommand,
}

#[derive(Debug, Subcommand)]
enum TrustCommand {
    Add(Add),
    List(List),
    Remove(Remove),
}

/// Pin a publisher's public key
#[derive(Debug, Args)]
struct Add {
    /// The publisher, such as com.example
    publisher: PublisherName,
    /// The public key: a PEM file, `ed25519:...`, or - for standard input
    key: String,
    /// The fingerprint you expect; it answers the question
    #[arg(long, value_name = "FINGERPRINT")]
    fingerprint: Option<KeyId>,
    /// Answer the question with yes
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    audit: AuditDirectory,
}

/// List the publishers you trust
#[derive(Debug, Args)]
struct List {
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

/// Trust a publisher, or one of its keys, no longer
#[derive(Debug, Args)]
struct Remove {
    /// The publisher
    publisher: PublisherName,
    /// Only the key with this fingerprint [default: all keys]
    #[arg(long, value_name = "FINGERPRINT")]
    key: Option<KeyId>,
    #[command(flatten)]
    audit: AuditDirectory,
}

impl Trust {
    pub(crate) fn run(self, context: &mut Context<'_, '_>) -> Outcome {
        match self.command {
            TrustCommand::Add(command) => command.run(context),
            TrustCommand::List(command) => command.run(context),
            TrustCommand::Remove(command) => command.run(context),
        }
    }
}

impl Add {
    fn run(self, context: &mut Context<'_, '_>) -> Outcome {
        let home = context.home()?;
        let key = keys::read_public(&self.key, context.streams)?;
        self.confirm(&key, context)?;
        let log = log::open(&self.audit.of(&home), context.streams)?;
        let publisher = &self.publisher;
        let event = change(TrustAction::Pin, publisher, &key.id(), context);
        let new = trust::change(&home, |keyring| {
            let new = keyring
                .pin(publisher, key)
                .map_err(|error| Failure::usage("the key cannot be pinned").because_of(&error))?;
            // On record before it counts.
            if new {
                log::append(&log, &event)?;
            }
            Ok(new)
        })?;
        let news = if new {
            "packages signed by this key can now be installed and run"
        } else {
            "was pinned before"
        };
        context.streams.note(publisher.as_str(), news);
        Ok(())
    }

    fn confirm(&self, key: &PublicKey, context: &mut Context<'_, '_>) -> Outcome {
        let found = key.id();
        let refused = |why: String| Failure::new(Blame::Grant, "the key was not pinned").because(why);
        if let Some(expected) = self.fingerprint {
            if expected == found {
                return Ok(());
            }
            return Err(refused(format!("its fingerprint is {found}, and {expected} was expected"))
                .next("this is another key than you were told of: do not use it; ask the publisher"));
        }
        context.streams.say(&format!("publisher    {}", self.publisher));
        context.streams.say(&format!("fingerprint  {found}"));
        if self.yes {
            return Ok(());
        }
        match context.streams.ask("Is this the fingerprint that the publisher told you?") {
            Some(true) => Ok(()),
            Some(false) => Err(refused("the answer was no".to_owned())),
            None => Err(refused("there is no terminal to ask on".to_owned())
                .next("compare the fingerprint and give it: --fingerprint FINGERPRINT")),
        }
    }
}

impl List {
    fn run(self, context: &mut Context<'_, '_>) -> Outcome {
        let home = context.home()?;
        let keyring = trust::keyring(&home)?;
        if self.json {
            let publishers: Vec<_> = keyring
                .publishers()
                .map(|(publisher, keys)| {
                    let keys: Vec<_> = keys
                        .iter()
                        .map(|key| json!({ "fingerprint": key.id(), "public_key": key }))
                        .collect();
                    json!({ "publisher": publisher, "keys": keys })
                })
                .collect();
            return context.streams.json(&json!({ "publishers": publishers }));
        }
        let rows: Vec<Vec<String>> = keyring
            .publishers()
            .flat_map(|(publisher, keys)| {
                keys.iter().map(move |key| vec![publisher.to_string(), key.id().to_string()])
            })
            .collect();
        if rows.is_empty() {
            context
                .streams
                .note("nobody", "is trusted; `mpp trust add PUBLISHER KEY` pins a publisher's key");
            return Ok(());
        }
        context.streams.table(&["publisher", "fingerprint"], rows)
    }
}

impl Remove {
    fn run(self, context: &mut Context<'_, '_>) -> Outcome {
        let home = context.home()?;
        let log = log::open(&self.audit.of(&home), context.streams)?;
        let publisher = &self.publisher;
        let removed = trust::change(&home, |keyring| {
            let gone: Vec<KeyId> = match self.key {
                Some(one) => keyring.remove_key(publisher, &one).then_some(one).into_iter().collect(),
                None => {
                    let keys = keyring.keys(publisher).iter().map(PublicKey::id).collect();
                    keyring.remove(publisher);
                    keys
                }
            };
            if gone.is_empty() {
                return Err(Failure::usage(format!("no such key is pinned for {publisher}"))
                    .next("`mpp trust list` shows what is"));
            }
            for key in &gone {
                log::append(&log, &change(TrustAction::Unpin, publisher, key, context))?;
            }
            Ok(gone.len())
        })?;
        let keys = if removed == 1 { "1 key".to_owned() } else { format!("{removed} keys") };
        context.streams.note(publisher.as_str(), &format!("{keys} removed; what it signed runs no longer"));
        Ok(())
    }
}

fn change(action: TrustAction, publisher: &PublisherName, key: &KeyId, context: &Context<'_, '_>) -> Event {
    Event::TrustChange(TrustChange {
        action,
        publisher: publisher.to_string(),
        key_id: key.to_string(),
        actor: context.environment.user(),
    })
}
