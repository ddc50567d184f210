//! `mpp trust remove`

use clap::Args;
use mpp_audit::{Event, TrustAction, TrustChange, TrustSubject};
use mpp_package::{KeyId, Keyring, PublicKey, PublisherName};

use crate::context::Context;
use crate::exit::{Failure, Outcome};
use crate::log::{self, AuditDirectory};
use crate::trust;

/// Trust a publisher, or one of its pinned keys, no longer
#[derive(Debug, Args)]
#[command(after_help = "\
Everything about the publisher is forgotten: keys or root, index, and which releases were accepted.
What of it is installed stays and does not run.")]
pub(super) struct Remove {
    /// The publisher
    publisher: PublisherName,
    /// Only the pinned key with this fingerprint [default: everything]
    #[arg(long, value_name = "FINGERPRINT")]
    key: Option<KeyId>,
    #[command(flatten)]
    audit: AuditDirectory,
}

impl Remove {
    pub(super) fn run(self, context: &mut Context<'_, '_>) -> Outcome {
        let home = context.home()?;
        let log = log::open(&self.audit.of(&home), context.streams)?;
        let actor = context.environment.user();
        let gone = trust::change(&home, |keyring| {
            let gone = self.remove_from(keyring);
            if gone.is_empty() {
                let publisher = &self.publisher;
                let what = if self.key.is_some() { "no such key" } else { "nothing" };
                return Err(Failure::usage(format!("{what} is pinned for {publisher}"))
                    .next("`mpp trust list` shows what is"));
            }
            // On record before it counts.
            for subject in &gone {
                log::append(&log, &self.event(subject.clone(), actor.clone()))?;
            }
            Ok(gone)
        })?;
        let what = match gone.as_slice() {
            [TrustSubject::Root { version, .. }] => format!("root version {version}"),
            [_] => "1 key".to_owned(),
            keys => format!("{} keys", keys.len()),
        };
        let publisher = self.publisher.as_str();
        context.streams.note(publisher, &format!("{what} removed; what it signed runs no longer"));
        Ok(())
    }

    /// Removes what was asked for, and says what that was.
    fn remove_from(&self, keyring: &mut Keyring) -> Vec<TrustSubject> {
        let publisher = &self.publisher;
        let key = |id: KeyId| TrustSubject::Key { id: id.to_string() };
        if let Some(one) = self.key {
            return keyring.remove_key(publisher, &one).then(|| key(one)).into_iter().collect();
        }
        let root = keyring.root_trust(publisher).map(|trust| TrustSubject::Root {
            version: trust.version(),
            digest: trust.signed().digest().to_string(),
        });
        let keys = keyring.keys(publisher).iter().map(PublicKey::id).map(key);
        let gone = root.into_iter().chain(keys).collect();
        keyring.remove(publisher);
        gone
    }

    fn event(&self, subject: TrustSubject, actor: Option<String>) -> Event {
        let action = match subject {
            TrustSubject::Root { .. } => TrustAction::UnpinRoot,
            _ => TrustAction::Unpin,
        };
        let publisher = Some(self.publisher.to_string());
        Event::TrustChange(TrustChange { action, publisher, subject, replaced_version: None, actor })
    }
}
