//! `mpp trust add`

use std::path::PathBuf;
use std::time::SystemTime;

use clap::Args;
use mpp_audit::{Event, TrustAction, TrustChange, TrustSubject};
use mpp_package::{
    DocumentType, DomainKeys, KeyId, MAX_DOMAIN_RECORD_BYTES, PublicKey, PublisherName, RootError, SignedRoot,
};

use super::describe;
use super::fingerprint::Fingerprint;
use super::offered::{Offered, Refused};
use crate::context::Context;
use crate::exit::{Blame, Failure, Outcome};
use crate::fetch::Source;
use crate::log::{self, AuditDirectory};
use crate::{blame, keys, trust};

/// Trust a publisher: pin its root, or a public key
#[derive(Debug, Args)]
#[command(after_help = "\
A root says which keys of the publisher sign what, and is followed by newer ones with `mpp trust
update`. A pinned key signs alone, until you remove it. Both are pinned by their fingerprint, which
you get from the publisher on a way that an attacker does not control: not from where you got the
package.

With --domain-record, the record that the publisher's domain shows to MCP registries is held against
the keys: com.example is vouched for by example.com.")]
pub(crate) struct Add {
    /// The publisher, such as com.example
    publisher: PublisherName,
    /// The root, or the public key: a file, an https:// URL, - for standard input, or `ed25519:...`
    #[arg(value_name = "ROOT|KEY")]
    what: String,
    /// The fingerprint you expect; it answers the question
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

/// What is to be pinned.
enum What {
    Key(PublicKey),
    Root(Box<SignedRoot>),
}

impl Add {
    pub(crate) fn run(self, context: &mut Context<'_, '_>) -> Outcome {
        let home = context.home()?;
        let log = || self.audit.of(&home);
        let what = self.read(&log, context)?;
        self.show(&what, context);
        self.hold_against_domain(&what, context)?;
        self.confirm(&what, context)?;
        let log = log::open(&log(), context.streams)?;
        let actor = context.environment.user();
        let new = trust::change(&home, |keyring| {
            let event = self.event(&what, actor);
            let new = match what {
                What::Key(key) => keyring
                    .pin(&self.publisher, key)
                    .map_err(|error| Failure::usage("the key cannot be pinned").because_of(&error))?,
                What::Root(root) => keyring
                    .pin_root(*root, SystemTime::now())
                    .map_err(|error| blame::root_refused(&self.what, &error))?,
            };
            // On record before it counts.
            if new {
                log::append(&log, &event)?;
            }
            Ok(new)
        })?;
        self.report(new, context)
    }

    /// Reads what is to be pinned, once.
    fn read(&self, log: &dyn Fn() -> PathBuf, context: &mut Context<'_, '_>) -> Outcome<What> {
        if keys::is_literal(&self.what) {
            return keys::read_public(&self.what, context.streams).map(What::Key);
        }
        let source: Source = self.what.parse().map_err(|why: String| Failure::usage(why))?;
        let offered = Offered::read(&source, DocumentType::Root, &self.ca_file, context)?;
        if !offered.is_json() {
            return keys::public_from(offered.bytes(), &offered.name).map(What::Key);
        }
        match self.root(&offered) {
            Ok(root) => Ok(What::Root(Box::new(root))),
            Err(error) => {
                let failure = blame::root_refused(&offered.name, &error);
                let log = log::open(&log(), context.streams)?;
                Err(offered.refuse(&log, Refused { code: error.code(), failure }))
            }
        }
    }

    fn root(&self, offered: &Offered) -> Result<SignedRoot, RootError> {
        let root = SignedRoot::parse(offered.bytes())?;
        let found = &root.root().parts().publisher;
        if *found != self.publisher {
            return Err(RootError::OtherPublisher { expected: self.publisher.clone(), found: found.clone() });
        }
        Ok(root)
    }

    fn show(&self, what: &What, context: &mut Context<'_, '_>) {
        match what {
            What::Key(key) => {
                context.streams.say(&format!("publisher    {}", self.publisher));
                context.streams.say(&format!("fingerprint  {}", key.id()));
            }
            What::Root(root) => {
                for line in describe::root(root) {
                    context.streams.say(&line);
                }
            }
        }
    }

    /// Shows what the owner of the domain vouches for, where that was asked for.
    fn hold_against_domain(&self, what: &What, context: &mut Context<'_, '_>) -> Outcome {
        let Some(source) = &self.domain_record else { return Ok(()) };
        let standard = DomainKeys::location(&self.publisher);
        let source = match source {
            Some(source) => source.clone(),
            None => standard.parse().map_err(|why: String| Failure::usage(why))?,
        };
        let bytes = source.read(MAX_DOMAIN_RECORD_BYTES as u64, &self.ca_file, context)?;
        let refused = |why: String| {
            Failure::new(
                Blame::Grant,
                format!("nothing was pinned: {} does not vouch for it", self.publisher.domain()),
            )
            .because(why)
            .next("ask the publisher; without --domain-record the domain is not asked")
        };
        let found = DomainKeys::parse(&self.publisher, &bytes)
            .map_err(|error| refused(format!("{source}: {error}")))?;
        let vouched = match what {
            What::Key(key) => found.keys().iter().find(|named| *named == key).map(PublicKey::id),
            What::Root(root) => found.vouches_for(root).into_iter().next(),
        };
        let Some(key) = vouched else {
            return Err(refused(format!("{source} names other keys: {}", ids(found.keys()))));
        };
        context.streams.say(&proof(found.domain(), &key, what));
        if source.to_string() != standard {
            context.streams.say(&format!(
                "That holds if {source} is the record of {}: where it is from is for you to know.",
                found.domain()
            ));
        }
        Ok(())
    }

    fn confirm(&self, what: &What, context: &mut Context<'_, '_>) -> Outcome {
        let found = what.fingerprint();
        let refused = |why: String| {
            Failure::new(Blame::Grant, format!("the {} was not pinned", what.word())).because(why)
        };
        if let Some(expected) = &self.fingerprint {
            if *expected == found {
                return Ok(());
            }
            return Err(refused(format!("its fingerprint is {found}, and {expected} was expected")).next(
                format!(
                    "this is another {} than you were told of: do not use it; ask the publisher",
                    what.word()
                ),
            ));
        }
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

    fn event(&self, what: &What, actor: Option<String>) -> Event {
        let (action, subject) = match what {
            What::Key(key) => (TrustAction::Pin, TrustSubject::Key { id: key.id().to_string() }),
            What::Root(root) => {
                let version = root.root().parts().version;
                (TrustAction::PinRoot, TrustSubject::Root { version, digest: root.digest().to_string() })
            }
        };
        let publisher = Some(self.publisher.to_string());
        Event::TrustChange(TrustChange { action, publisher, subject, replaced_version: None, actor })
    }

    fn report(&self, new: bool, context: &mut Context<'_, '_>) -> Outcome {
        let news = if new { "its packages can now be installed and run" } else { "was pinned before" };
        context.streams.note(self.publisher.as_str(), news);
        let home = context.home()?;
        let keyring = trust::keyring(&home)?;
        let Some(trust) = keyring.root_trust(&self.publisher) else { return Ok(()) };
        if trust.root().parts().index.is_some() && trust.index().is_none() {
            let publisher = &self.publisher;
            context.streams.note(
                "next",
                &format!("nothing of it is accepted before its index is here: mpp trust refresh {publisher} [FILE|URL]"),
            );
        }
        Ok(())
    }
}

impl What {
    fn fingerprint(&self) -> Fingerprint {
        match self {
            Self::Key(key) => Fingerprint::from(key.id()),
            Self::Root(root) => Fingerprint::from(root.digest()),
        }
    }

    const fn word(&self) -> &'static str {
        match self {
            Self::Key(_) => "key",
            Self::Root(_) => "root",
        }
    }
}

/// What the record of a domain proves, and what not.
fn proof(domain: &str, key: &KeyId, what: &What) -> String {
    let (subject, verb) = match what {
        What::Key(_) => ("this key", "is the one to pin"),
        What::Root(_) => ("the key", "signed this root"),
    };
    format!(
        "{domain} names {subject} {key}, which {verb}: whoever controls {domain} vouches for it. \
         That says nothing about what the packages do."
    )
}

fn ids(keys: &[PublicKey]) -> String {
    keys.iter().map(|key| key.id().to_string()).collect::<Vec<_>>().join(", ")
}
