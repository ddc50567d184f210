//! Package by package: what it declares, what it was granted, and what it used.

use std::collections::BTreeMap;

use mpp_audit::view::{How, Invocation, OutcomeSeen};
use mpp_audit::{Allowed, PackageIdentity};

use super::number::{counted, grouped};
use super::permissions::{Covered, covered};
use crate::payload::Payloads;
use crate::text::Visible;
use crate::weight::Ending;

/// Most releases of packages on one page.
const MAX_RELEASES: usize = 200;

/// Most kinds of permission of one release; a host knows six.
const MAX_KINDS: usize = 32;

/// Most resources shown for one kind of permission.
const MAX_RESOURCES: usize = 20;

/// Longest resource shown, in characters.
const MAX_RESOURCE: usize = 200;

/// Which release: publisher, name, version, digest.
type Key = (String, String, String, String);

/// All releases that were called.
#[derive(Debug, Default)]
pub(crate) struct Packages {
    releases: BTreeMap<Key, Release>,
    /// Calls of releases that found no room.
    left_out: u64,
}

impl Packages {
    /// Counts a call.
    pub(crate) fn add(&mut self, call: &Invocation, payloads: Payloads) {
        let PackageIdentity { publisher, name, version, digest, .. } = call.package.clone();
        let key = (publisher, name, version, digest);
        if !self.releases.contains_key(&key) && self.releases.len() == MAX_RELEASES {
            self.left_out += 1;
            return;
        }
        self.releases.entry(key).or_default().add(call, payloads);
    }

    /// How many there are.
    pub(crate) fn len(&self) -> u64 {
        self.releases.len() as u64
    }

    /// Calls of releases that are not shown.
    pub(crate) fn left_out(&self) -> u64 {
        self.left_out
    }

    /// What the page says of each.
    pub(crate) fn cards(&self) -> Vec<Card> {
        self.releases.iter().map(|(key, release)| Card::new(key, release)).collect()
    }
}

/// One release, added up over its calls.
#[derive(Debug, Default)]
struct Release {
    endings: [u64; Ending::ALL.len()],
    declared: Covered,
    granted: Covered,
    /// Whether the grant was another in an earlier call.
    regranted: bool,
    uses: BTreeMap<String, Use>,
    /// Calls of which it is not known what they used.
    unseen: u64,
}

/// What was used of one kind of permission.
#[derive(Debug, Default)]
struct Use {
    allowed: u64,
    denied: u64,
    resources: BTreeMap<String, u64>,
    /// Allowed host calls on resources that found no room.
    elsewhere: u64,
}

impl Release {
    fn add(&mut self, call: &Invocation, payloads: Payloads) {
        let granted = covered(&call.granted);
        self.regranted |= self.endings.iter().any(|count| *count > 0) && granted != self.granted;
        self.granted = granted;
        self.declared = covered(&call.declared);
        self.endings[Ending::of(call) as usize] += 1;
        for denial in &call.denials {
            if let Some(used) = self.used(&denial.permission) {
                used.denied += 1;
            }
        }
        match call.end.as_ref().map(|end| &end.how) {
            Some(How::Outcome(outcome)) => self.add_uses(outcome, payloads),
            Some(How::Recovered) | None => self.unseen += 1,
        }
    }

    fn add_uses(&mut self, outcome: &OutcomeSeen, payloads: Payloads) {
        let OutcomeSeen { calls, allowed, unlisted, .. } = outcome;
        let untold = match calls.value() {
            Some(calls) => {
                calls.iter().for_each(|call| self.allow(call, payloads));
                *unlisted > 0
            }
            None => *allowed > 0,
        };
        self.unseen += u64::from(untold);
    }

    fn allow(&mut self, Allowed { permission, resource, count }: &Allowed, payloads: Payloads) {
        let Some(used) = self.used(permission) else { return };
        used.allowed = used.allowed.saturating_add(*count);
        if payloads == Payloads::Withheld {
            return;
        }
        if used.resources.len() < MAX_RESOURCES || used.resources.contains_key(resource) {
            let sum = used.resources.entry(resource.clone()).or_default();
            *sum = sum.saturating_add(*count);
        } else {
            used.elsewhere = used.elsewhere.saturating_add(*count);
        }
    }

    fn used(&mut self, kind: &str) -> Option<&mut Use> {
        if !self.uses.contains_key(kind) && self.uses.len() == MAX_KINDS {
            return None;
        }
        Some(self.uses.entry(kind.to_owned()).or_default())
    }
}

/// What the page says of a release.
#[derive(Debug)]
pub(crate) struct Card {
    pub(crate) publisher: Visible,
    pub(crate) name: Visible,
    pub(crate) version: Visible,
    pub(crate) digest: Visible,
    pub(crate) calls: String,
    /// How many ended in each way: the word, and the number where it is not zero.
    pub(crate) endings: Vec<(&'static str, String)>,
    pub(crate) rows: Vec<Row>,
    pub(crate) regranted: bool,
    /// Calls of which it is not known what they used; empty for none.
    pub(crate) unseen: Option<String>,
}

/// One kind of permission of a release.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) kind: Visible,
    pub(crate) declared: Vec<Visible>,
    pub(crate) granted: Vec<Visible>,
    pub(crate) allowed: Option<String>,
    pub(crate) denied: Option<String>,
    pub(crate) resources: Vec<Visible>,
    /// What stands out.
    pub(crate) mark: Mark,
}

/// What stands out about a kind of permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    /// Granted and used.
    Used,
    /// Used, and not granted to the newest call: an earlier one had another grant.
    UsedBefore,
    /// Granted, and used by no call that is here.
    NeverUsed,
    /// Granted, and nobody can tell whether it was used.
    Untold,
    /// Declared, and not granted.
    NotGranted,
    /// Not even declared, and tried.
    Undeclared,
}

impl Mark {
    /// How the page spells it; also the name of its look.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Used => "used",
            Self::UsedBefore => "used, no longer granted",
            Self::NeverUsed => "never used",
            Self::Untold => "not known",
            Self::NotGranted => "not granted",
            Self::Undeclared => "not declared",
        }
    }

    /// The name of its look.
    pub(crate) fn look(self) -> &'static str {
        match self {
            Self::Used => "ok",
            Self::NeverUsed | Self::Untold | Self::NotGranted => "unknown",
            Self::Undeclared | Self::UsedBefore => "denied",
        }
    }
}

impl Card {
    fn new((publisher, name, version, digest): &Key, release: &Release) -> Self {
        let kinds: std::collections::BTreeSet<&String> =
            release.declared.keys().chain(release.granted.keys()).chain(release.uses.keys()).collect();
        let endings = Ending::ALL.into_iter().zip(release.endings).filter(|(_, count)| *count > 0);
        Self {
            publisher: publisher.as_str().into(),
            name: name.as_str().into(),
            version: version.as_str().into(),
            digest: digest.as_str().into(),
            calls: counted(release.endings.iter().sum(), "call"),
            endings: endings.map(|(ending, count)| (ending.as_str(), grouped(count))).collect(),
            rows: kinds.into_iter().filter_map(|kind| Row::new(kind, release)).collect(),
            regranted: release.regranted,
            unseen: (release.unseen > 0).then(|| counted(release.unseen, "call")),
        }
    }
}

impl Row {
    /// Nothing for a kind that was neither declared nor granted nor tried.
    fn new(kind: &String, release: &Release) -> Option<Self> {
        let nothing = Use::default();
        let used = release.uses.get(kind).unwrap_or(&nothing);
        let declared = release.declared.get(kind).cloned().unwrap_or_default();
        let granted = release.granted.get(kind).cloned().unwrap_or_default();
        let mark = match (declared.is_empty(), granted.is_empty()) {
            (_, false) if used.allowed > 0 => Mark::Used,
            (_, true) if used.allowed > 0 => Mark::UsedBefore,
            (_, false) if release.unseen > 0 => Mark::Untold,
            (_, false) => Mark::NeverUsed,
            (false, true) => Mark::NotGranted,
            (true, true) if used.denied > 0 => Mark::Undeclared,
            (true, true) => return None,
        };
        let count = |number: u64| (number > 0).then(|| grouped(number));
        Some(Self {
            kind: kind.as_str().into(),
            declared,
            granted,
            allowed: count(used.allowed),
            denied: count(used.denied),
            resources: used.shown(),
            mark,
        })
    }
}

impl Use {
    fn shown(&self) -> Vec<Visible> {
        let resources = self.resources.iter().map(|(resource, count)| {
            Visible::from(format!("{} × {}", grouped(*count), Visible::cut(resource, MAX_RESOURCE)))
        });
        let elsewhere =
            (self.elsewhere > 0).then(|| Visible::from(format!("{} × elsewhere", grouped(self.elsewhere))));
        resources.chain(elsewhere).collect()
    }
}
