//! Roots and indexes in words for a person, a line each.

use mpp_package::{Digest, HeldIndex, Index, IndexParts, PublicKey, Role, Root, RootParts, Status};

/// A root, as it is shown before a person trusts it. `digest` is that of the
/// signed bytes.
pub(super) fn root(root: &Root, digest: Digest) -> Vec<String> {
    let RootParts { publisher, version, issued_at, expires, namespaces, location, root, release, index } =
        root.parts();
    let namespaces: Vec<_> = namespaces.iter().map(ToString::to_string).collect();
    let mut lines = vec![
        format!("publisher    {publisher}"),
        format!("root         version {version}, of {issued_at}, counts until {expires}"),
        format!("fingerprint  {digest}"),
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

/// The index that is held, in one line.
pub(super) fn held(held: &HeldIndex) -> String {
    let superseded = if held.is_superseded() { "; its keys sign no longer: refresh it" } else { "" };
    format!("{}{superseded}", index(held.index()))
}

/// An index in one line.
pub(super) fn index(index: &Index) -> String {
    let IndexParts { publisher: _, version, issued_at, expires, releases } = index.parts();
    let count = |word| releases.iter().filter(|release| release.status.word() == word).count();
    format!(
        "version {version}, of {issued_at}, counts until {expires}: {} releases, {} yanked, {} revoked",
        releases.len(),
        count("yanked"),
        count("revoked"),
    )
}

/// The releases of an index that are withdrawn, a line each.
pub(super) fn withdrawn(index: &Index) -> Vec<String> {
    let releases = index.parts().releases.iter();
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
