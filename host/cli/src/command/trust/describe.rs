//! Roots and indexes in words for a person, a line each.

use mpp_package::{HeldIndex, PublicKey, Role, RootParts, SignedRoot, Status};

/// A root, as it is shown before a person trusts it.
pub(super) fn root(signed: &SignedRoot) -> Vec<String> {
    let RootParts { publisher, version, issued_at, expires, namespaces, location, root, release, index } =
        signed.root().parts();
    let namespaces: Vec<_> = namespaces.iter().map(ToString::to_string).collect();
    let mut lines = vec![
        format!("publisher    {publisher}"),
        format!("root         version {version}, of {issued_at}, counts until {expires}"),
        format!("fingerprint  {}", signed.digest().to_hex()),
        format!("signs as     {}", namespaces.join(", ")),
    ];
    lines.extend(role("root keys", Some(root)));
    lines.extend(role("release keys", Some(release)));
    lines.extend(role("index keys", index.as_ref()));
    lines.push(format!(
        "documents    {}",
        location.as_ref().map_or("come by hand", |location| location.as_str())
    ));
    lines
}

fn role(name: &str, role: Option<&Role>) -> Vec<String> {
    let Some(role) = role else {
        return vec![format!("{name}   none: this publisher keeps no index, and cannot revoke a release")];
    };
    let mut lines = vec![format!("{name}, {} of {} must sign:", role.threshold(), role.keys().len())];
    lines.extend(role.keys().iter().map(PublicKey::id).map(|id| format!("  {id}")));
    lines
}

/// An index in one line.
pub(super) fn index(held: &HeldIndex) -> String {
    let parts = held.index().parts();
    let count = |word| parts.releases.iter().filter(|release| release.status.word() == word).count();
    let superseded = if held.is_superseded() { "; its keys sign no longer: refresh it" } else { "" };
    format!(
        "version {}, of {}, counts until {}: {} releases, {} yanked, {} revoked{superseded}",
        parts.version,
        parts.issued_at,
        parts.expires,
        parts.releases.len(),
        count("yanked"),
        count("revoked"),
    )
}

/// The releases of an index that are withdrawn, a line each.
pub(super) fn withdrawn(held: &HeldIndex) -> Vec<String> {
    let releases = held.index().parts().releases.iter();
    let lines = releases.filter_map(|release| {
        let (Status::Yanked(withdrawal) | Status::Revoked(withdrawal)) = &release.status else {
            return None;
        };
        let (word, reason) = (release.status.word(), &withdrawal.reason);
        Some(format!(
            "{}/{} {} {word} since {}: {reason}",
            release.publisher, release.name, release.version, withdrawal.since
        ))
    });
    lines.collect()
}
