//! One call, or one record, on one line of the table.

mod event;

use mpp_audit::view::{How, Invocation, OutcomeSeen, Seen};
use mpp_audit::{Entry, HoldAction, PackageIdentity};

/// What the table shows.
pub(super) struct Row {
    /// Whom or what it is about.
    pub(super) subject: String,
    /// What was done, or tried.
    pub(super) what: String,
    /// What came of it.
    pub(super) result: String,
}

/// How a call ended that was open when its writer was interrupted.
const INTERRUPTED: &str = "interrupted: what became of it is not known";

impl Row {
    /// A call, with all that its records say together.
    pub(super) fn of_call(call: &Invocation) -> Self {
        let result = match call.end.as_ref().map(|end| &end.how) {
            None => "not ended yet".to_owned(),
            Some(How::Recovered) => INTERRUPTED.to_owned(),
            Some(How::Outcome(outcome)) => outcome_of(outcome),
        };
        Self { subject: named(&call.package), what: format!("call {}", call.tool), result }
    }

    /// One record by itself.
    pub(super) fn of(entry: &Entry) -> Self {
        match entry {
            Entry::Header(header) => Self::of_log("log begun", format!("by {}", header.writer)),
            Entry::Heartbeat(_) => Self::of_log("heartbeat", "nothing happened, and the log was there"),
            Entry::Torn(torn) => Self::of_log(
                "log recovered",
                format!("{} bytes of a record that was never finished were cut off", torn.cut_bytes),
            ),
            Entry::Lost(lost) => Self::of_log(
                "log recovered",
                format!("the {} of record {} was lost: it was never on the disk", lost.field, lost.record),
            ),
            Entry::Intent(intent) => Self {
                subject: named(&intent.package),
                what: format!("call {}", intent.tool),
                result: format!("begun as call {}", intent.id),
            },
            Entry::Denial(denial) => Self {
                subject: format!("call {}", denial.id),
                what: "denial".to_owned(),
                result: with_code(&denial.permission, Some(&denial.code)),
            },
            Entry::Outcome(outcome) => Self {
                subject: format!("call {}", outcome.id),
                what: "end of a call".to_owned(),
                result: with_code(outcome.outcome.kind.as_str(), outcome.outcome.code.as_deref()),
            },
            Entry::Recovered(recovered) => Self {
                subject: format!("call {}", recovered.id),
                what: "end of a call".to_owned(),
                result: INTERRUPTED.to_owned(),
            },
            Entry::Erasure(erasure) => Self::of_log(
                "erase",
                format!("the {} of record {}: {}", erasure.field, erasure.record, shortly(&erasure.basis)),
            ),
            Entry::Retention(retention) => Self::of_log(
                "erase what is old",
                format!("what records before {} bind: {}", retention.before, shortly(&retention.basis)),
            ),
            Entry::Hold(hold) => Self::of_log(
                match hold.action {
                    HoldAction::Place => "hold",
                    HoldAction::Lift => "release",
                },
                match &hold.id {
                    Some(id) => format!("the call {id}: {}", shortly(&hold.basis)),
                    None => format!("everything: {}", shortly(&hold.basis)),
                },
            ),
            Entry::Event(event) => Self::of_event(event),
        }
    }

    fn of_log(what: &str, result: impl Into<String>) -> Self {
        Self { subject: String::new(), what: what.to_owned(), result: result.into() }
    }
}

/// How a call ended, and what it was denied on the way.
fn outcome_of(outcome: &OutcomeSeen) -> String {
    let reason = outcome.reason.as_ref().and_then(Seen::value);
    let ended = with_code(outcome.kind.as_str(), outcome.code.as_deref());
    let ended = with_reason(&ended, reason.map(String::as_str));
    match outcome.denied {
        0 => ended,
        1 => format!("{ended} (1 denial)"),
        denied => format!("{ended} ({denied} denials)"),
    }
}

/// A digest as a person tells it from others; the record has all of it.
fn shortened(digest: &str) -> String {
    /// `sha256:` and sixteen digits.
    const LENGTH: usize = 23;
    digest.get(..LENGTH).map_or_else(|| digest.to_owned(), |start| format!("{start}…"))
}

/// A package, and what its publisher's index no longer vouches for.
fn named(package: &PackageIdentity) -> String {
    let PackageIdentity { publisher, name, version, trust, .. } = package;
    let lapse = trust.as_ref().and_then(|trust| trust.lapse.as_deref());
    let lapse = lapse.map_or(String::new(), |lapse| format!(" ({lapse})"));
    format!("{publisher}/{name}@{version}{lapse}")
}

/// Longest reason in a table, in characters; the record has all of it.
const MAX_REASON: usize = 100;

fn with_reason(word: &str, reason: Option<&str>) -> String {
    reason.map_or_else(|| word.to_owned(), |reason| format!("{word}: {}", shortly(reason)))
}

fn with_code(word: &str, code: Option<&str>) -> String {
    code.map_or_else(|| word.to_owned(), |code| format!("{word} ({code})"))
}

fn shortly(text: &str) -> String {
    if text.chars().count() <= MAX_REASON {
        return text.to_owned();
    }
    text.chars().take(MAX_REASON).chain(['…']).collect()
}
