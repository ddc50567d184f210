//! `mpp trust show`

mod document;

use std::path::PathBuf;

use clap::Args;
use mpp_package::{Accepted, Keyring, PackageName, PublicKey, PublisherName, RootTrust};
use serde_json::json;

use super::{describe, form};
use crate::context::Context;
use crate::exit::{Failure, Outcome};
use crate::fetch::Source;
use crate::trust;

/// Show what is known of a publisher, or what a root or index says
#[derive(Debug, Args)]
#[command(after_help = "\
Of a publisher: its keys or root, its index, and which releases were accepted here. Of a document:
what it says, and whether it would be taken here; nothing changes. A name of a publisher that is
trusted here is that publisher; a file of the same name is ./NAME.")]
pub(super) struct Show {
    /// The publisher; or a root or index: a file, an https:// URL, or - for standard input
    #[arg(value_name = "PUBLISHER|FILE")]
    what: String,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
    /// Accept HTTPS certificates of the authorities in this PEM file, too; can be repeated
    #[arg(long, value_name = "FILE")]
    ca_file: Vec<PathBuf>,
}

/// A package that was accepted, and what is remembered of it.
type Remembered<'a> = (&'a PublisherName, &'a PackageName, &'a Accepted);

impl Show {
    pub(super) fn run(self, context: &mut Context<'_, '_>) -> Outcome {
        let keyring = trust::keyring(&context.home()?)?;
        let name = PublisherName::parse(&self.what);
        if let Ok(publisher) = &name {
            let (keys, trust) = (keyring.keys(publisher), keyring.root_trust(publisher));
            if !keys.is_empty() || trust.is_some() {
                return self.publisher(&keyring, publisher, keys, trust, context);
            }
        }
        let source: Source = self.what.parse().map_err(|why: String| Failure::usage(why))?;
        match (&source, name) {
            (Source::File(path), Ok(publisher)) if !path.exists() => {
                Err(Failure::usage(format!("{publisher} is not trusted here, and no file"))
                    .next("`mpp trust list` shows who is"))
            }
            _ => document::show(&source, &self.ca_file, keyring, self.json, context),
        }
    }

    fn publisher(
        &self,
        keyring: &Keyring,
        publisher: &PublisherName,
        keys: &[PublicKey],
        trust: Option<&RootTrust>,
        context: &mut Context<'_, '_>,
    ) -> Outcome {
        let accepted = accepted(keyring, publisher, trust);
        if self.json {
            let mut form = match trust {
                Some(trust) => form::rooted(publisher, trust, keyring.policy()),
                None => form::pinned(publisher, keys),
            };
            let accepted = accepted.map(|(publisher, name, Accepted { sequence, digest, signers })| {
                json!({ "publisher": publisher, "name": name, "sequence": sequence, "digest": digest,
                    "keys": signers })
            });
            form["accepted"] = accepted.collect();
            return context.streams.json(&form);
        }
        for line in lines(keys, trust).into_iter().chain(accepted.map(remembered)) {
            context.streams.line(&line)?;
        }
        Ok(())
    }
}

fn lines(keys: &[PublicKey], trust: Option<&RootTrust>) -> Vec<String> {
    let mut lines: Vec<_> = keys.iter().map(|key| format!("key          {} {key}", key.id())).collect();
    let Some(trust) = trust else { return lines };
    lines.extend(describe::root(trust.root(), trust.signed().digest()));
    if let Some(held) = trust.index() {
        lines.push(format!("index        {}", describe::held(held)));
        lines.extend(describe::withdrawn(held.index()).into_iter().map(|line| format!("  {line}")));
    } else if trust.root().parts().index.is_some() {
        lines.push("index        none held: mpp trust refresh takes it".to_owned());
    }
    lines
}

fn remembered((publisher, name, accepted): Remembered<'_>) -> String {
    let state = if accepted.digest.is_some() { "accepted" } else { "accepted once, removed since" };
    format!("package      {publisher}/{name}, release {}, {state}", accepted.sequence)
}

/// What is remembered of the packages that this publisher signs.
fn accepted<'a>(
    keyring: &'a Keyring,
    publisher: &'a PublisherName,
    trust: Option<&'a RootTrust>,
) -> impl Iterator<Item = Remembered<'a>> {
    keyring.all_accepted().filter(move |(name, _, _)| match trust {
        Some(trust) => trust.root().covers(name),
        None => *name == publisher,
    })
}
