//! One record on one line of the table.

use mpp_audit::{
    Answer, Entry, Event, PackageIdentity, PolicyAction, Stage, TrustAction, TrustChange, TrustPolicy,
    TrustSubject,
};

/// What the table shows of a record.
pub(super) struct Row {
    /// Whom or what it is about.
    pub(super) subject: String,
    /// What was done, or tried.
    pub(super) what: String,
    /// What came of it.
    pub(super) result: String,
}

impl Row {
    pub(super) fn of(entry: &Entry) -> Self {
        match entry {
            Entry::Header(header) => Self {
                subject: String::new(),
                what: "log begun".to_owned(),
                result: format!("by {}", header.writer),
            },
            Entry::Torn(torn) => Self {
                subject: String::new(),
                what: "log mended".to_owned(),
                result: format!("{} bytes of a record that was never finished were cut off", torn.cut_bytes),
            },
            Entry::Lost(lost) => Self {
                subject: format!("record {}", lost.record),
                what: "log mended".to_owned(),
                result: format!("its {} was never durable", lost.field),
            },
            Entry::Heartbeat(_) => Self {
                subject: String::new(),
                what: "heartbeat".to_owned(),
                result: "nothing happened, and the log was there".to_owned(),
            },
            Entry::Intent(intent) => Self {
                subject: named(&intent.package),
                what: format!("call {}", intent.tool),
                result: String::new(),
            },
            Entry::Denial(denial) => Self {
                subject: format!("call {}", denial.id),
                what: denial.permission.clone(),
                result: with_reason("denied", Some(&denial.code)),
            },
            Entry::Outcome(outcome) => Self {
                subject: format!("call {}", outcome.id),
                what: "end of a call".to_owned(),
                result: with_reason(outcome.outcome.kind.as_str(), outcome.outcome.code.as_deref()),
            },
            Entry::Recovered(recovered) => Self {
                subject: format!("call {}", recovered.id),
                what: "end of a call".to_owned(),
                result: "unknown: the host was interrupted".to_owned(),
            },
            Entry::Erasure(erasure) => Self {
                subject: format!("record {}", erasure.record),
                what: format!("erase its {}", erasure.field),
                result: erasure.basis.clone(),
            },
            Entry::Retention(retention) => Self {
                subject: format!("records before {}", retention.before),
                what: "destroy payloads".to_owned(),
                result: retention.basis.clone(),
            },
            Entry::Hold(hold) => Self {
                subject: hold.id.as_ref().map_or_else(String::new, |id| format!("call {id}")),
                what: "hold".to_owned(),
                result: hold.basis.clone(),
            },
            Entry::Event(Event::Settings(_)) => {
                Self { subject: String::new(), what: "log settings".to_owned(), result: String::new() }
            }
            Entry::Event(Event::Refusal(refusal)) => Self {
                subject: refusal.package.as_ref().map_or_else(
                    || shortened(&refusal.presented),
                    |package| {
                        let claim = if refusal.verified { "" } else { " (claimed)" };
                        format!("{}{claim}", named(package))
                    },
                ),
                what: match refusal.stage {
                    Stage::Trust => "read a trust document",
                    Stage::Package | Stage::Signature | Stage::Grant | Stage::Imports | Stage::Compile => {
                        "load"
                    }
                }
                .to_owned(),
                result: with_reason(&refusal.code, Some(&refusal.reason)),
            },
            Entry::Event(Event::Cache(rejection)) => Self {
                subject: named(&rejection.package),
                what: "load compiled code".to_owned(),
                result: format!("{}: compiled anew", rejection.reason),
            },
            Entry::Event(Event::TrustChange(change)) => trust_change(change),
            Entry::Event(Event::PolicyChange(change)) => Self {
                subject: named(&change.package),
                what: match change.action {
                    PolicyAction::Install => "install",
                    PolicyAction::Update => "update",
                    PolicyAction::Approve => "grant for one run",
                    PolicyAction::Remove => "remove",
                }
                .to_owned(),
                result: match (change.action, change.answered) {
                    (PolicyAction::Remove, _) => "",
                    (_, Answer::Terminal) => "granted by a person",
                    (_, Answer::Flag) => "granted by --grant",
                    (_, Answer::Unneeded) => "nothing new to grant",
                }
                .to_owned(),
            },
        }
    }
}

/// The call that a record is about.
pub(super) fn call(entry: &Entry) -> Option<&str> {
    match entry {
        Entry::Intent(intent) => Some(&intent.id),
        Entry::Denial(denial) => Some(&denial.id),
        Entry::Outcome(outcome) => Some(&outcome.id),
        Entry::Recovered(recovered) => Some(&recovered.id),
        _ => None,
    }
}

fn trust_change(change: &TrustChange) -> Row {
    let TrustChange { action, publisher, subject, replaced_version, actor: _ } = change;
    let publisher = publisher.clone().unwrap_or_default();
    let (subject, result) = match subject {
        TrustSubject::Key { id } => (publisher, id.clone()),
        TrustSubject::Root { version, digest } | TrustSubject::Index { version, digest } => {
            let replaced = replaced_version.map_or(String::new(), |before| format!(" after {before}"));
            (publisher, format!("version {version}{replaced}, {}", shortened(digest)))
        }
        TrustSubject::Package { name } => {
            (format!("{publisher}/{name}"), "older releases count again".to_owned())
        }
        TrustSubject::Policy(TrustPolicy { max_index_age_s, stale_index }) => {
            let age = max_index_age_s.map_or("of any age".to_owned(), |age| format!("at most {age} s old"));
            (publisher, format!("an index {age}, or else {stale_index}"))
        }
    };
    Row { subject, what: trust_action(*action).to_owned(), result }
}

fn trust_action(action: TrustAction) -> &'static str {
    match action {
        TrustAction::Pin => "trust a key",
        TrustAction::Unpin => "trust a key no longer",
        TrustAction::PinRoot => "trust a root",
        TrustAction::UnpinRoot => "trust a root no longer",
        TrustAction::UpdateRoot => "update a root",
        TrustAction::RefreshIndex => "refresh an index",
        TrustAction::ForgetSequence => "forget the highest sequence",
        TrustAction::SetPolicy => "set the policy on indexes",
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
    match reason {
        None => word.to_owned(),
        Some(reason) if reason.chars().count() > MAX_REASON => {
            format!("{word}: {}…", reason.chars().take(MAX_REASON).collect::<String>())
        }
        Some(reason) => format!("{word}: {reason}"),
    }
}

#[cfg(test)]
mod tests {
    use mpp_audit::{CacheFault, CacheRejection, Refusal, TrustEvidence};

    use super::*;

    fn row(event: Event) -> [String; 3] {
        let Row { subject, what, result } = Row::of(&Entry::Event(event));
        [subject, what, result]
    }

    fn package(lapse: Option<&str>) -> PackageIdentity {
        let lapse = lapse.map(str::to_owned);
        PackageIdentity {
            publisher: "com.example".to_owned(),
            name: "greet".to_owned(),
            version: "1.0.0".to_owned(),
            digest: "sha256:00".to_owned(),
            envelope_digest: None,
            key_ids: Vec::new(),
            trust: Some(TrustEvidence { sequence: 1, root_version: None, index_version: None, lapse }),
        }
    }

    #[test]
    fn a_change_of_trust_says_what_was_done_and_with_what() {
        use TrustAction::{ForgetSequence, Pin, PinRoot, RefreshIndex, SetPolicy, UpdateRoot};
        let digest = || format!("sha256:{}", "0123456789abcdef".repeat(4));
        let root = |version| TrustSubject::Root { version, digest: digest() };
        let index = TrustSubject::Index { version: 9, digest: digest() };
        let policy = |max_index_age_s| {
            let stale_index = "refuse".to_owned();
            TrustSubject::Policy(TrustPolicy { max_index_age_s, stale_index })
        };
        let (example, short) = (Some("com.example"), "sha256:0123456789abcdef…");
        for (action, publisher, subject, replaced_version, expected) in [
            (Pin, example, TrustSubject::Key { id: "k".to_owned() }, None, "com.example | trust a key | k"),
            (PinRoot, example, root(1), None, &format!("com.example | trust a root | version 1, {short}")),
            (
                UpdateRoot,
                example,
                root(2),
                Some(1),
                &format!("com.example | update a root | version 2 after 1, {short}"),
            ),
            (
                RefreshIndex,
                example,
                index,
                Some(7),
                &format!("com.example | refresh an index | version 9 after 7, {short}"),
            ),
            (
                ForgetSequence,
                example,
                TrustSubject::Package { name: "greet".to_owned() },
                None,
                "com.example/greet | forget the highest sequence | older releases count again",
            ),
            (
                SetPolicy,
                None,
                policy(Some(60)),
                None,
                " | set the policy on indexes | an index at most 60 s old, or else refuse",
            ),
            (
                SetPolicy,
                example,
                policy(None),
                None,
                "com.example | set the policy on indexes | an index of any age, or else refuse",
            ),
        ] {
            let publisher = publisher.map(str::to_owned);
            let change = TrustChange { action, publisher, subject, replaced_version, actor: None };
            assert_eq!(row(Event::TrustChange(change)).join(" | "), expected);
        }
    }

    #[test]
    fn compiled_code_that_was_not_loaded_says_why() {
        let rejection = CacheRejection {
            package: package(None),
            entry: "00.cwasm".to_owned(),
            reason: CacheFault::TooLarge,
        };
        let expected = ["com.example/greet@1.0.0", "load compiled code", "too-large: compiled anew"];
        assert_eq!(row(Event::Cache(Box::new(rejection))), expected);
    }

    #[test]
    fn a_document_about_trust_is_told_from_a_package() {
        let refusal = |stage| Refusal {
            presented: "sha256:00".to_owned(),
            package: None,
            verified: false,
            agent: None,
            stage,
            code: "rolled-back".to_owned(),
            reason: "it is older".to_owned(),
            cut_bytes: 0,
        };
        let what = |stage| row(Event::Refusal(Box::new(refusal(stage))))[1].clone();
        assert_eq!(what(Stage::Trust), "read a trust document");
        assert_eq!(what(Stage::Package), "load");
    }

    #[test]
    fn a_package_that_its_index_no_longer_vouches_for_is_marked() {
        assert_eq!(named(&package(None)), "com.example/greet@1.0.0");
        assert_eq!(named(&package(Some("yanked"))), "com.example/greet@1.0.0 (yanked)");
    }
}
