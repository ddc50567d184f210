//! `mpp trust show`

use clap::Args;
use mpp_package::{Accepted, Keyring, PackageName, PublicKey, PublisherName, RootTrust};
use serde_json::{Value, json};

use super::{describe, list};
use crate::context::Context;
use crate::exit::{Failure, Outcome};
use crate::trust;

/// Show what is known of a publisher: keys or root, index, accepted releases
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// The publisher
    publisher: PublisherName,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

impl Show {
    pub(crate) fn run(self, context: &mut Context<'_, '_>) -> Outcome {
        let keyring = trust::keyring(&context.home()?)?;
        let publisher = &self.publisher;
        let keys = keyring.keys(publisher);
        let trust = keyring.root_trust(publisher);
        if keys.is_empty() && trust.is_none() {
            return Err(Failure::usage(format!("{publisher} is not trusted here"))
                .next("`mpp trust list` shows who is"));
        }
        if self.json {
            return context.streams.json(&document(&keyring, publisher, keys, trust));
        }
        for line in lines(keys, trust) {
            context.streams.line(&line)?;
        }
        for (publisher, name, accepted) in accepted(&keyring, publisher, trust) {
            let state = if accepted.digest.is_some() { "accepted" } else { "accepted once, removed since" };
            context.streams.line(&format!("{publisher}/{name}  release {} {state}", accepted.sequence))?;
        }
        Ok(())
    }
}

fn lines(keys: &[PublicKey], trust: Option<&RootTrust>) -> Vec<String> {
    let mut lines: Vec<_> = keys.iter().map(|key| format!("key          {} {key}", key.id())).collect();
    let Some(trust) = trust else { return lines };
    lines.extend(describe::root(trust.signed()));
    if let Some(held) = trust.index() {
        lines.push(format!("index        {}", describe::index(held)));
        lines.extend(describe::withdrawn(held).into_iter().map(|line| format!("  {line}")));
    } else if trust.root().parts().index.is_some() {
        lines.push("index        none held: mpp trust refresh takes it".to_owned());
    }
    lines
}

/// What is remembered of the packages that this publisher signs.
fn accepted<'a>(
    keyring: &'a Keyring,
    publisher: &'a PublisherName,
    trust: Option<&'a RootTrust>,
) -> impl Iterator<Item = (&'a PublisherName, &'a PackageName, &'a Accepted)> {
    keyring.all_accepted().filter(move |(name, _, _)| match trust {
        Some(trust) => trust.root().covers(name),
        None => *name == publisher,
    })
}

fn document(
    keyring: &Keyring,
    publisher: &PublisherName,
    keys: &[PublicKey],
    trust: Option<&RootTrust>,
) -> Value {
    let mut document = match trust {
        Some(trust) => list::rooted(publisher, trust),
        None => json!({ "publisher": publisher, "keys": keys, "root": null, "index": null }),
    };
    document["accepted"] = accepted(keyring, publisher, trust)
        .map(|(publisher, name, accepted)| {
            json!({ "publisher": publisher, "name": name, "sequence": accepted.sequence,
                "digest": accepted.digest, "keys": accepted.signers })
        })
        .collect();
    document["withdrawn"] =
        trust.and_then(RootTrust::index).map(describe::withdrawn).unwrap_or_default().into();
    document
}
