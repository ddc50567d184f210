//! `mpp trust list`

use std::time::SystemTime;

use clap::Args;
use mpp_package::{HeldIndex, PublisherName, RootTrust};
use serde_json::{Value, json};

use crate::context::Context;
use crate::exit::Outcome;
use crate::trust;

/// List the publishers you trust
#[derive(Debug, Args)]
pub(crate) struct List {
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

impl List {
    pub(crate) fn run(self, context: &mut Context<'_, '_>) -> Outcome {
        let keyring = trust::keyring(&context.home()?)?;
        if self.json {
            let pinned = keyring.publishers().map(|(publisher, keys)| {
                let keys: Vec<_> =
                    keys.iter().map(|key| json!({ "fingerprint": key.id(), "public_key": key })).collect();
                json!({ "publisher": publisher, "keys": keys, "root": null, "index": null })
            });
            let roots = keyring.roots().map(|(publisher, trust)| rooted(publisher, trust));
            let publishers: Vec<_> = pinned.chain(roots).collect();
            return context.streams.json(&json!({ "publishers": publishers }));
        }
        let pinned = keyring.publishers().flat_map(|(publisher, keys)| {
            keys.iter()
                .map(move |key| vec![publisher.to_string(), format!("key {}", key.id()), String::new()])
        });
        let roots = keyring.roots().map(|(publisher, trust)| row(publisher, trust));
        let rows: Vec<_> = pinned.chain(roots).collect();
        if rows.is_empty() {
            context
                .streams
                .note("nobody", "is trusted; `mpp trust add PUBLISHER ROOT|KEY` trusts a publisher");
            return Ok(());
        }
        context.streams.table(&["publisher", "trusted by", "index"], rows)
    }
}

/// A publisher with a root, for a program.
pub(super) fn rooted(publisher: &PublisherName, trust: &RootTrust) -> Value {
    let parts = trust.root().parts();
    json!({
        "publisher": publisher,
        "keys": [],
        "root": {
            "version": parts.version,
            "fingerprint": trust.signed().digest(),
            "expires": parts.expires,
            "namespaces": parts.namespaces,
            "location": parts.location,
        },
        "index": trust.index().map(|held| {
            let parts = held.index().parts();
            json!({ "version": parts.version, "issued_at": parts.issued_at, "expires": parts.expires,
                "superseded": held.is_superseded() })
        }),
    })
}

fn row(publisher: &PublisherName, trust: &RootTrust) -> Vec<String> {
    let parts = trust.root().parts();
    let root = format!("root version {}, until {}", parts.version, parts.expires);
    let index = match trust.index() {
        _ if parts.index.is_none() => "keeps none".to_owned(),
        None => "none held: mpp trust refresh".to_owned(),
        Some(held) => index(held),
    };
    vec![publisher.to_string(), root, index]
}

fn index(held: &HeldIndex) -> String {
    let parts = held.index().parts();
    let state = if held.is_superseded() || parts.expires.to_system_time() < SystemTime::now() {
        ", out of date: mpp trust refresh"
    } else {
        ""
    };
    format!("version {}, until {}{state}", parts.version, parts.expires)
}
