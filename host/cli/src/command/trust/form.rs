//! Roots, indexes and pinned keys as JSON, for a program.

use std::time::SystemTime;

use mpp_package::{
    Digest, HeldIndex, Index, IndexParts, PublicKey, PublisherName, Release, Role, Root, RootParts,
    RootTrust, Status, TrustPolicy,
};
use serde_json::{Value, json};

use crate::trust::ends::{self, Distance};

/// A publisher whose keys are pinned.
pub(super) fn pinned(publisher: &PublisherName, keys: &[PublicKey]) -> Value {
    json!({ "publisher": publisher, "keys": keys_of(keys), "root": null, "index": null })
}

/// A publisher whose root is pinned. `ended` says whether a document counts no
/// longer, by itself or by the operator's policy.
pub(super) fn rooted(publisher: &PublisherName, trust: &RootTrust, policy: TrustPolicy) -> Value {
    let mut form = root(trust.root(), trust.signed().digest());
    form["ended"] = is_past(ends::of_root(trust)).into();
    json!({
        "publisher": publisher,
        "keys": [],
        "root": form,
        "index": trust.index().map(|held| self::held(held, policy)),
    })
}

/// What a root says. `digest` is that of the signed bytes.
pub(super) fn root(document: &Root, digest: Digest) -> Value {
    let RootParts { publisher: _, version, issued_at, expires, namespaces, location, root, release, index } =
        document.parts();
    json!({
        "version": version,
        "fingerprint": digest,
        "issued_at": issued_at,
        "expires": expires,
        "namespaces": namespaces,
        "location": location,
        "roles": { "root": role(root), "release": role(release), "index": index.as_ref().map(role) },
    })
}

/// What an index says, but for what it lists as active. `digest` is that of the
/// signed bytes.
pub(super) fn index(document: &Index, digest: Digest) -> Value {
    let IndexParts { publisher: _, version, issued_at, expires, releases } = document.parts();
    json!({
        "version": version,
        "fingerprint": digest,
        "issued_at": issued_at,
        "expires": expires,
        "releases": releases.len(),
        "withdrawn": releases.iter().filter_map(withdrawn).collect::<Vec<_>>(),
    })
}

fn held(held: &HeldIndex, policy: TrustPolicy) -> Value {
    let mut form = index(held.index(), Digest::of(held.envelope().payload()));
    form["superseded"] = held.is_superseded().into();
    form["ended"] = is_past(ends::of_index(held, policy)).into();
    form
}

fn withdrawn(release: &Release) -> Option<Value> {
    let Release { publisher, name, version, digest, status } = release;
    let (Status::Yanked(withdrawal) | Status::Revoked(withdrawal)) = status else { return None };
    Some(json!({
        "publisher": publisher,
        "name": name,
        "version": version,
        "digest": digest,
        "status": status.word(),
        "reason": withdrawal.reason,
        "since": withdrawal.since,
    }))
}

fn role(role: &Role) -> Value {
    json!({ "threshold": role.threshold(), "keys": keys_of(role.keys()) })
}

fn keys_of(keys: &[PublicKey]) -> Vec<Value> {
    keys.iter().map(|key| json!({ "fingerprint": key.id(), "public_key": key })).collect()
}

fn is_past(end: mpp_package::Timestamp) -> bool {
    ends::distance(end, SystemTime::now()) == Distance::Past
}
