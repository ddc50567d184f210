//! Whom this user trusts, and whose word ends soon or has ended.

use std::time::SystemTime;

use mpp_package::{HeldIndex, Keyring, PublisherName, RootTrust, Timestamp, TrustPolicy, WhenStale};

use super::Finding;
use crate::home::Home;
use crate::trust;
use crate::trust::ends::{self, Distance};

/// Everything about trust.
pub(super) fn findings(home: &Home) -> Vec<Finding> {
    let keyring = match trust::keyring(home) {
        Ok(keyring) => keyring,
        Err(failure) => return vec![Finding::failed("trust", &failure)],
    };
    let policy = keyring.policy();
    let mut findings = vec![publishers(&keyring), about_policy(policy)];
    for (publisher, trust) in keyring.roots() {
        findings.push(root(publisher, trust));
        findings.extend(index(publisher, trust, policy));
    }
    findings
}

fn publishers(keyring: &Keyring) -> Finding {
    match (keyring.roots().count(), keyring.publishers().count()) {
        (0, 0) => Finding::note("trust", "no publisher is trusted yet", "mpp trust add PUBLISHER ROOT|KEY"),
        (roots, keys) => {
            Finding::good("trust", format!("publishers: {roots} by a root, {keys} by pinned keys"))
        }
    }
}

fn about_policy(TrustPolicy { max_index_age, when_stale }: TrustPolicy) -> Finding {
    let age = match max_index_age {
        None => "an index counts as long as it says".to_owned(),
        Some(age) => format!("an index counts for {} hours at most", age.as_secs() / 3600),
    };
    let then = match when_stale {
        WhenStale::RunAccepted => "accepted packages run on without one",
        WhenStale::Refuse => "nothing runs without one",
    };
    Finding::good("trust policy", format!("{age}; {then} ({})", when_stale.word()))
}

fn root(publisher: &PublisherName, trust: &RootTrust) -> Finding {
    let what = format!("{publisher} version {}", trust.version());
    let next = format!("mpp trust update {publisher} [FILE|URL]");
    until("root", &what, ends::of_root(trust), next)
}

/// Nothing where the publisher keeps none.
fn index(publisher: &PublisherName, trust: &RootTrust, policy: TrustPolicy) -> Option<Finding> {
    trust.root().parts().index.as_ref()?;
    let next = format!("mpp trust refresh {publisher} [FILE|URL]");
    let missing = |why| Finding::bad("index", format!("{publisher}: {why}"), next.clone());
    Some(match trust.index() {
        None => missing("none is held, and nothing is accepted without it"),
        Some(held) if held.is_superseded() => missing("the keys that signed it sign no longer"),
        Some(held) => until("index", &named(publisher, held), ends::of_index(held, policy), next),
    })
}

fn named(publisher: &PublisherName, held: &HeldIndex) -> String {
    format!("{publisher} version {}", held.version())
}

/// An end that is near is no problem yet; one that is past keeps every new
/// release of the publisher out.
fn until(subject: &'static str, what: &str, end: Timestamp, next: String) -> Finding {
    match ends::distance(end, SystemTime::now()) {
        Distance::Far => Finding::good(subject, format!("{what}, until {end}")),
        Distance::Near => Finding::note(subject, format!("{what} ends soon, at {end}"), next),
        Distance::Past => Finding::bad(subject, format!("{what} ended at {end}"), next),
    }
}
