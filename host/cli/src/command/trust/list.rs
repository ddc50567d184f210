//! `mpp trust list`

use std::time::SystemTime;

use clap::Args;
use mpp_package::{HeldIndex, Keyring, PublicKey, PublisherName, RootTrust, Timestamp, TrustPolicy};
use serde_json::json;

use super::form;
use crate::context::Context;
use crate::exit::Outcome;
use crate::trust;
use crate::trust::ends::{self, Distance};

/// List the publishers you trust
#[derive(Debug, Args)]
pub(super) struct List {
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

/// How a publisher is trusted.
enum By<'a> {
    Keys(&'a [PublicKey]),
    Root(&'a RootTrust),
}

impl List {
    pub(super) fn run(self, context: &mut Context<'_, '_>) -> Outcome {
        let keyring = trust::keyring(&context.home()?)?;
        let policy = keyring.policy();
        let publishers = publishers(&keyring);
        if self.json {
            let form = |(publisher, by): &(&PublisherName, By<'_>)| match by {
                By::Keys(keys) => form::pinned(publisher, keys),
                By::Root(trust) => form::rooted(publisher, trust, policy),
            };
            let publishers: Vec<_> = publishers.iter().map(form).collect();
            return context.streams.json(&json!({ "publishers": publishers }));
        }
        if publishers.is_empty() {
            context
                .streams
                .note("nobody", "is trusted; `mpp trust add PUBLISHER ROOT|KEY` trusts a publisher");
            return Ok(());
        }
        let rows = publishers.into_iter().flat_map(|(publisher, by)| rows(publisher, &by, policy)).collect();
        context.streams.table(&["publisher", "trusted by", "index"], rows)
    }
}

/// Everybody who is trusted, in the order of the names.
fn publishers(keyring: &Keyring) -> Vec<(&PublisherName, By<'_>)> {
    let keys = keyring.publishers().map(|(publisher, keys)| (publisher, By::Keys(keys)));
    let roots = keyring.roots().map(|(publisher, trust)| (publisher, By::Root(trust)));
    let mut all: Vec<_> = keys.chain(roots).collect();
    all.sort_by_key(|(publisher, _)| *publisher);
    all
}

fn rows(publisher: &PublisherName, by: &By<'_>, policy: TrustPolicy) -> Vec<Vec<String>> {
    let row = |by, index| vec![publisher.to_string(), by, index];
    match by {
        By::Keys(keys) => keys.iter().map(|key| row(format!("key {}", key.id()), String::new())).collect(),
        By::Root(trust) => {
            let version = format!("root version {}, ", trust.version());
            vec![row(version + &until(ends::of_root(trust), "update"), index(trust, policy))]
        }
    }
}

fn index(trust: &RootTrust, policy: TrustPolicy) -> String {
    let version = |held: &HeldIndex| format!("version {}, ", held.version());
    match trust.index() {
        _ if trust.root().parts().index.is_none() => "keeps none".to_owned(),
        None => "none held: mpp trust refresh".to_owned(),
        Some(held) if held.is_superseded() => version(held) + "its keys sign no longer: mpp trust refresh",
        Some(held) => version(held) + &until(ends::of_index(held, policy), "refresh"),
    }
}

fn until(end: Timestamp, command: &str) -> String {
    match ends::distance(end, SystemTime::now()) {
        Distance::Far | Distance::Near => format!("until {end}"),
        Distance::Past => format!("ended at {end}: mpp trust {command}"),
    }
}
