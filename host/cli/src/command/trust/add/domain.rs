//! `--domain-record`: what the owner of the publisher's domain says about it.

use std::path::PathBuf;

use mpp_package::{DomainKeys, MAX_DOMAIN_RECORD_BYTES, PublicKey, PublisherName};

use super::candidate::Candidate;
use crate::command::trust::offered::{NotTaken, Refused};
use crate::context::Context;
use crate::exit::{Blame, Failure};
use crate::fetch::Source;

/// Shows what the record of the publisher's domain proves about what is to be
/// pinned. A record that does not name its key refuses it.
pub(super) fn ask(
    publisher: &PublisherName,
    candidate: &Candidate,
    source: Option<&Source>,
    ca_files: &[PathBuf],
    context: &mut Context<'_, '_>,
) -> Result<(), NotTaken> {
    let standard: Source =
        DomainKeys::location(publisher).parse().map_err(|why: String| Failure::usage(why))?;
    let source = source.unwrap_or(&standard);
    let bytes = source.read(MAX_DOMAIN_RECORD_BYTES as u64, ca_files, context)?;
    let keys = DomainKeys::parse(publisher, &bytes)
        .map_err(|error| refused(publisher, candidate, format!("{source}: {error}")))?;
    let Some((key, did)) = candidate.vouched_for_by(&keys) else {
        let why = format!("{source} names other keys: {}", ids(keys.keys()));
        return Err(refused(publisher, candidate, why).into());
    };
    let domain = keys.domain();
    context.streams.say(&format!(
        "{domain} names the key {key}, which {did}: whoever controls {domain} vouches for it. \
         It says nothing about the packages."
    ));
    if *source != standard {
        context.streams.say(&format!(
            "That holds if {source} is the record of {domain}: where it is from is for you to know."
        ));
    }
    Ok(())
}

fn refused(publisher: &PublisherName, candidate: &Candidate, why: String) -> Refused {
    let what =
        format!("the {} was not pinned: {} does not vouch for it", candidate.word(), publisher.domain());
    let failure = Failure::new(Blame::Grant, what)
        .because(why)
        .next("ask the publisher; without --domain-record the domain is not asked");
    Refused { code: "not-vouched-for", failure }
}

fn ids(keys: &[PublicKey]) -> String {
    keys.iter().map(|key| key.id().to_string()).collect::<Vec<_>>().join(", ")
}
