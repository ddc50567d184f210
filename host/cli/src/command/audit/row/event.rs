//! What happened outside a call, on one line of the table.

use mpp_audit::{
    Answer, Event, Keeping, PolicyAction, SettingsChange, Stage, TrustAction, TrustChange, TrustPolicy,
    TrustSubject,
};

use super::{Row, named, shortened, with_reason};

impl Row {
    pub(super) fn of_event(event: &Event) -> Self {
        match event {
            Event::Refusal(refusal) => Self {
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
            Event::Cache(rejection) => Self {
                subject: named(&rejection.package),
                what: "load compiled code".to_owned(),
                result: format!("{}: compiled anew", rejection.reason),
            },
            Event::TrustChange(change) => trust_change(change),
            Event::PolicyChange(change) => Self {
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
            Event::Settings(settings) => Self::of_log("choose how the log is kept", settings_of(settings)),
        }
    }
}

fn settings_of(settings: &SettingsChange) -> String {
    let SettingsChange { durability, keeping, retention_days, actor: _ } = settings;
    let days = retention_days.map_or("for good".to_owned(), |days| format!("for {days} days"));
    let whole = *keeping == Keeping::WHOLE;
    let what = if whole { "everything is kept" } else { "some of what is said is kept" };
    format!("{durability}, {what} {days}")
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

#[cfg(test)]
mod tests {
    use mpp_audit::{CacheFault, CacheRejection, Entry, PackageIdentity, Refusal, TrustEvidence};

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
