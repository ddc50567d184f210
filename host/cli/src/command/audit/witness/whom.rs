//! Which witnesses to ask, and which are enough.

use std::path::PathBuf;

use clap::Args;
use mpp_audit::note::{LogKey, WitnessKey};
use mpp_audit::policy::{MAX_POLICY_BYTES, Policy, Witness};
use mpp_witness::client::{Target, WitnessUrl};

use super::super::evidence;
use crate::exit::{Failure, Outcome};
use crate::output::Streams;

/// Whom to ask.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub(super) struct Whom {
    /// A policy: the witnesses, where they are, and which are enough (C2SP tlog-policy)
    #[arg(long, value_name = "FILE", conflicts_with_all = ["url", "key"])]
    policy: Option<PathBuf>,
    /// The address of one witness
    #[arg(long, requires = "key")]
    url: Option<WitnessUrl>,
    /// The key of that witness, as `mpp witness keygen` printed it
    #[arg(long, requires = "url")]
    key: Option<WitnessKey>,
}

impl Whom {
    /// What is enough for a log of this key, and the witnesses to ask.
    pub(super) fn read(&self, log: &LogKey, streams: &mut Streams<'_>) -> Outcome<(Policy, Vec<Target>)> {
        if let (Some(url), Some(key)) = (&self.url, &self.key) {
            let policy = Policy::witnessed(vec![log.clone()], vec![key.clone()], 1);
            let policy =
                policy.map_err(|fault| Failure::usage("this witness cannot be asked").because_of(&fault))?;
            return Ok((policy, vec![Target { key: key.clone(), url: url.clone() }]));
        }
        let Some(path) = &self.policy else {
            return Err(Failure::usage("no witness is named"));
        };
        let bytes = evidence::read_named(path, MAX_POLICY_BYTES as u64, streams)?;
        let unusable = || Failure::usage(format!("{} is no policy for this log", path.display()));
        let policy = Policy::parse(&bytes).map_err(|error| unusable().because_of(&error))?;
        if !policy.logs().contains(log) {
            return Err(unusable()
                .because(format!("it does not name the log {}", log.name()))
                .next(format!("if this is the log that is meant, add the line `log {log}`")));
        }
        let targets = targets(&policy).map_err(|why| unusable().because(why))?;
        Ok((policy, targets))
    }
}

/// Every witness of the policy: one that cannot be asked is a mistake in it.
fn targets(policy: &Policy) -> Result<Vec<Target>, String> {
    let target = |Witness { key, url }: &Witness| {
        let url = url.as_ref().ok_or_else(|| format!("it does not say where {} is", key.name()))?;
        let url = url.parse().map_err(|error| format!("the address of {}: {error}", key.name()))?;
        Ok(Target { key: key.clone(), url })
    };
    policy.witnesses().iter().map(target).collect()
}
