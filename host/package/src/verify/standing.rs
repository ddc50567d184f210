//! Whether the publisher vouches for a release at this time.

use std::time::SystemTime;

use super::{Check, Passed, VerifyError, steps};
use crate::{
    index::{Release, Status, Withdrawal},
    keyring::{Authority, HeldIndex, Keyring, RootTrust, WhenStale},
    name::PublisherName,
    statement::Statement,
    timestamp::Timestamp,
};

/// By which documents of its publisher a package was judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The version of the publisher's root; `None`: the operator pinned keys.
    pub root_version: Option<u64>,
    /// The version of the publisher's index; `None`: there is none.
    pub index_version: Option<u64>,
    /// Why the publisher does not vouch for the package at this time. Only an
    /// accepted package has one, and only where the operator's policy lets it run.
    pub lapse: Option<Lapse>,
}

/// Why a publisher does not vouch for a package that it has signed and not
/// revoked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Lapse {
    /// The root has ended.
    #[error("the root of `{publisher}` ended at {expires}")]
    RootExpired {
        /// Whose root it is.
        publisher: PublisherName,
        /// The last second in which it counted.
        expires: Timestamp,
    },
    /// The publisher keeps an index, and none is held that counts.
    #[error("no index of `{publisher}` is held here, so nobody knows whether it was revoked")]
    NoIndex {
        /// The publisher.
        publisher: PublisherName,
    },
    /// The index has ended, or is older than the operator allows.
    #[error(
        "the index of `{publisher}` that is held is out of date: version {version}, issued at {issued_at}, ends at {expires}"
    )]
    StaleIndex {
        /// The publisher.
        publisher: PublisherName,
        /// The version of the index.
        version: u64,
        /// When it was issued.
        issued_at: Timestamp,
        /// The last second in which it counted.
        expires: Timestamp,
    },
    /// The index does not list the release.
    #[error("the index of `{publisher}`, version {version}, does not list this release")]
    Unlisted {
        /// The publisher.
        publisher: PublisherName,
        /// The version of the index.
        version: u64,
    },
    /// The publisher asks not to take it any more.
    #[error("the publisher withdrew this release at {since}: {reason}")]
    Yanked {
        /// The publisher's reason.
        reason: String,
        /// When it was withdrawn.
        since: Timestamp,
    },
}

impl Lapse {
    /// The one word for it in machine-readable output.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::RootExpired { .. } => "root-expired",
            Self::NoIndex { .. } => "no-index",
            Self::StaleIndex { .. } => "stale-index",
            Self::Unlisted { .. } => "unlisted",
            Self::Yanked { .. } => "yanked",
        }
    }

    /// The check that it fails.
    pub const fn check(&self) -> Check {
        match self {
            Self::RootExpired { .. } => Check::Root,
            Self::NoIndex { .. } | Self::StaleIndex { .. } => Check::Index,
            Self::Unlisted { .. } | Self::Yanked { .. } => Check::Listed,
        }
    }
}

impl Keyring {
    /// What the documents of the publisher say at `time` about the package, which
    /// is what its statement says.
    pub(super) fn standing(
        &self,
        by: &PublisherName,
        authority: &Authority,
        statement: &Statement,
        time: SystemTime,
        passed: &mut dyn FnMut(Passed),
    ) -> Result<Standing, VerifyError> {
        let Authority::Root(trust) = authority else {
            return Ok(Standing { root_version: None, index_version: None, lapse: None });
        };
        check_revocation(trust, statement)?;
        passed(Passed::because(Check::Revocation, steps::not_revoked(trust)));

        let mut lapse = None;
        let excused = self.excuses(statement);
        let judged = [
            (Check::Root, check_root(by, trust, time)),
            (Check::Index, self.check_index(by, trust, time)),
            (Check::Listed, check_listing(by, trust, statement)),
        ];
        for (check, found) in judged {
            match found {
                Ok(found) => passed(Passed::because(check, found)),
                Err(found) if excused => {
                    passed(Passed::excused(check, &found));
                    lapse.get_or_insert(found);
                }
                Err(found) => return Err(VerifyError::NotVouchedFor(found)),
            }
        }
        let index_version = trust.index().map(HeldIndex::version);
        Ok(Standing { root_version: Some(trust.version()), index_version, lapse })
    }

    /// Whether this very package was accepted, and the operator lets such a one
    /// run while its publisher does not vouch for it.
    fn excuses(&self, statement: &Statement) -> bool {
        let accepted = self.accepted(statement.publisher(), statement.name());
        match self.policy().when_stale {
            WhenStale::RunAccepted => {
                accepted.is_some_and(|accepted| accepted.digest == Some(statement.digest()))
            }
            WhenStale::Refuse => false,
        }
    }

    fn check_index(&self, by: &PublisherName, trust: &RootTrust, time: SystemTime) -> Result<String, Lapse> {
        if trust.root().parts().index.is_none() {
            return Ok(steps::KEEPS_NO_INDEX.to_owned());
        }
        let Some(held) = counting(trust) else {
            return Err(Lapse::NoIndex { publisher: by.clone() });
        };
        let parts = held.index().parts();
        let (version, issued_at, expires) = (parts.version, parts.issued_at, parts.expires);
        if self.policy().is_fresh(issued_at, expires, time) {
            Ok(steps::index(parts))
        } else {
            Err(Lapse::StaleIndex { publisher: by.clone(), version, issued_at, expires })
        }
    }
}

/// The index whose keys still sign.
fn counting(trust: &RootTrust) -> Option<&HeldIndex> {
    trust.index().filter(|held| !held.is_superseded())
}

/// A revocation counts however old the index is that tells of it, and whoever
/// signs the next one: nothing excuses it. Nor may a version be other bytes than
/// the publisher says.
fn check_revocation(trust: &RootTrust, statement: &Statement) -> Result<(), VerifyError> {
    let Some(held) = trust.index() else { return Ok(()) };
    if let Some(Release { status: Status::Revoked(Withdrawal { reason, since }), .. }) =
        held.index().release_of(statement.digest())
    {
        return Err(VerifyError::Revoked { reason: reason.clone(), since: *since });
    }
    match held.index().release(statement.publisher(), statement.name(), statement.version()) {
        Some(release) if release.digest != statement.digest() => {
            Err(VerifyError::NotAsIndexed { indexed: release.digest, found: statement.digest() })
        }
        _ => Ok(()),
    }
}

fn check_root(by: &PublisherName, trust: &RootTrust, time: SystemTime) -> Result<String, Lapse> {
    let parts = trust.root().parts();
    if parts.expires.has_passed(time) {
        return Err(Lapse::RootExpired { publisher: by.clone(), expires: parts.expires });
    }
    Ok(steps::root(parts))
}

fn check_listing(by: &PublisherName, trust: &RootTrust, statement: &Statement) -> Result<String, Lapse> {
    let held = counting(trust).filter(|_| trust.root().parts().index.is_some());
    let Some(held) = held else {
        return Ok(steps::KEEPS_NO_INDEX.to_owned());
    };
    match held.index().release_of(statement.digest()).map(|release| &release.status) {
        Some(Status::Active) => Ok(steps::LISTED.to_owned()),
        Some(
            Status::Yanked(Withdrawal { reason, since }) | Status::Revoked(Withdrawal { reason, since }),
        ) => Err(Lapse::Yanked { reason: reason.clone(), since: *since }),
        None => Err(Lapse::Unlisted { publisher: by.clone(), version: held.version() }),
    }
}
