//! `mpp trust policy`

use std::time::Duration;

use clap::{Args, ValueEnum};
use mpp_audit::{Event, TrustAction, TrustChange, TrustSubject};
use mpp_package::{TrustPolicy, WhenStale};
use serde_json::json;

use crate::context::Context;
use crate::exit::Outcome;
use crate::log::{self, AuditDirectory};
use crate::trust;

const SECONDS_PER_DAY: u64 = 24 * 60 * 60;

/// Longest age that can be asked for, in days: ten years, beyond which no index
/// will count by itself.
const MAX_DAYS: u64 = 3650;

/// Show, or set, how old a publisher's word may be
#[derive(Debug, Args)]
#[command(after_help = "\
A publisher's index ends at a time of its own. --max-index-age ends it earlier: whoever keeps newer
indexes away from this machine can hide a revocation for that long and no longer.

Nothing new is accepted while an index is out of date. --when-stale says what becomes of packages
that were accepted before: run-accepted lets them run, with a warning and a word in the record of
each call; refuse stops them. One that is revoked never runs.")]
pub(super) struct Policy {
    /// Days since its issue for which an index counts, 1d to 3650d, or none for as long as it says
    #[arg(long, value_name = "DAYS|none")]
    max_index_age: Option<MaxAge>,
    /// What becomes of accepted packages while their publisher's documents are out of date
    #[arg(long, value_name = "WORD")]
    when_stale: Option<WhenStaleWord>,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    audit: AuditDirectory,
}

#[derive(Debug, Clone, Copy)]
struct MaxAge(Option<Duration>);

impl std::str::FromStr for MaxAge {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "none" {
            return Ok(Self(None));
        }
        match text.strip_suffix('d').and_then(|days| days.parse().ok()) {
            Some(days @ 1..=MAX_DAYS) => Ok(Self(Some(Duration::from_secs(days * SECONDS_PER_DAY)))),
            _ => Err(format!("write a number of days from 1d to {MAX_DAYS}d, such as 7d, or none")),
        }
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum WhenStaleWord {
    /// They run, with a warning and a word in the record
    RunAccepted,
    /// They are refused
    Refuse,
}

impl Policy {
    pub(super) fn run(self, context: &mut Context<'_, '_>) -> Outcome {
        let home = context.home()?;
        if self.max_index_age.is_some() || self.when_stale.is_some() {
            let log = log::open(&self.audit.of(&home), context.streams)?;
            let actor = context.environment.user();
            trust::change(&home, |keyring| {
                let policy = self.applied_to(keyring.policy());
                if policy != keyring.policy() {
                    // On record before it counts.
                    log::append(&log, &event(policy, actor))?;
                    keyring.set_policy(policy);
                }
                Ok(())
            })?;
        }
        self.show(trust::keyring(&home)?.policy(), context)
    }

    fn applied_to(&self, policy: TrustPolicy) -> TrustPolicy {
        let TrustPolicy { max_index_age, when_stale } = policy;
        TrustPolicy {
            max_index_age: self.max_index_age.map_or(max_index_age, |MaxAge(age)| age),
            when_stale: match self.when_stale {
                None => when_stale,
                Some(WhenStaleWord::RunAccepted) => WhenStale::RunAccepted,
                Some(WhenStaleWord::Refuse) => WhenStale::Refuse,
            },
        }
    }

    fn show(&self, policy: TrustPolicy, context: &mut Context<'_, '_>) -> Outcome {
        let TrustPolicy { max_index_age, when_stale } = policy;
        let seconds = max_index_age.map(|age| age.as_secs());
        if self.json {
            return context
                .streams
                .json(&json!({ "max_index_age_s": seconds, "when_stale": when_stale.word() }));
        }
        let age = match seconds {
            None => "as long as the index says".to_owned(),
            Some(seconds) if seconds % SECONDS_PER_DAY == 0 => format!("{}d", seconds / SECONDS_PER_DAY),
            Some(seconds) => format!("{seconds} seconds"),
        };
        context.streams.line(&format!("max-index-age  {age}"))?;
        context.streams.line(&format!("when-stale     {}", when_stale.word()))
    }
}

fn event(policy: TrustPolicy, actor: Option<String>) -> Event {
    let TrustPolicy { max_index_age, when_stale } = policy;
    Event::TrustChange(TrustChange {
        action: TrustAction::SetPolicy,
        publisher: None,
        subject: TrustSubject::Policy(mpp_audit::TrustPolicy {
            max_index_age_s: max_index_age.map(|age| age.as_secs()),
            stale_index: when_stale.word().to_owned(),
        }),
        replaced_version: None,
        actor,
    })
}
