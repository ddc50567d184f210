//! What a newer root changes, a line each.

use mpp_package::{KeyId, PublicKey, PublisherName, Role, RootParts};

/// What `after` says otherwise than `before`.
pub(super) fn between(before: &RootParts, after: &RootParts) -> Vec<String> {
    let mut lines = Vec::new();
    lines.extend(role("root", Some(&before.root), Some(&after.root)));
    lines.extend(role("release", Some(&before.release), Some(&after.release)));
    lines.extend(role("index", before.index.as_ref(), after.index.as_ref()));
    lines.extend(namespaces(&before.namespaces, &after.namespaces));
    if before.location != after.location {
        let place = after.location.as_ref().map_or("come by hand", |location| location.as_str());
        lines.push(format!("documents: {place}"));
    }
    lines.push(format!("counts until {}", after.expires));
    lines
}

fn role(name: &str, before: Option<&Role>, after: Option<&Role>) -> Vec<String> {
    let (old, new) = (ids(before), ids(after));
    let mut lines = Vec::new();
    lines.extend(only_in(&new, &old).map(|key| format!("{name} keys: now also {key}")));
    lines.extend(only_in(&old, &new).map(|key| format!("{name} keys: no longer {key}")));
    match (before.map(Role::threshold), after.map(Role::threshold)) {
        (Some(_), None) => lines.push(format!("{name} keys: none, and so no {name}")),
        (old, Some(new)) if old != Some(new) => lines.push(format!("{name} keys: {new} must sign")),
        _ => {}
    }
    lines
}

fn namespaces(before: &[PublisherName], after: &[PublisherName]) -> Vec<String> {
    let new = only_in(after, before).map(|name| format!("signs packages of {name}, too"));
    let gone = only_in(before, after).map(|name| format!("signs packages of {name} no longer"));
    new.chain(gone).collect()
}

fn only_in<'a, T: PartialEq>(these: &'a [T], those: &'a [T]) -> impl Iterator<Item = &'a T> {
    these.iter().filter(|this| !those.contains(this))
}

fn ids(role: Option<&Role>) -> Vec<KeyId> {
    role.map_or(&[][..], Role::keys).iter().map(PublicKey::id).collect()
}
