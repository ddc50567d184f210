//! What an index withdraws that the one before it did not.

use mpp_package::{Digest, Release, RootTrust, Status};

use crate::installed::Installed;
use crate::output::Streams;

/// The releases that a publisher has yanked or revoked, as far as known.
pub(super) fn withdrawn(trust: &RootTrust) -> Vec<Release> {
    let Some(held) = trust.index() else { return Vec::new() };
    let releases = held.index().parts().releases.iter();
    releases.filter(|release| release.status != Status::Active).cloned().collect()
}

/// What of `after` is new, or worse than before.
pub(super) fn since(before: &[Release], after: Vec<Release>) -> Vec<Release> {
    after.into_iter().filter(|release| !before.contains(release)).collect()
}

/// Says what is withdrawn, and what of it is installed here.
pub(super) fn tell(news: &[Release], installed: &[Installed], streams: &mut Streams<'_>) {
    for release in news {
        let (Status::Yanked(withdrawal) | Status::Revoked(withdrawal)) = &release.status else { continue };
        let Release { publisher, name, version, digest, status } = release;
        let line = format!("{publisher}/{name} {version} is {}: {}", status.word(), withdrawal.reason);
        match (status, is_installed(*digest, installed)) {
            (_, false) => streams.say(&format!("  {line}")),
            (Status::Revoked(_), true) => {
                streams.warn(&format!("{line}; it is installed here, and runs no longer"));
            }
            (_, true) => streams.warn(&format!("{line}; it is installed here: get a newer release")),
        }
    }
}

fn is_installed(digest: Digest, installed: &[Installed]) -> bool {
    installed.iter().any(|package| package.digest == digest)
}
