//! What the people of the vectors publish: packages, roots and indexes.

use serde_json::{Value, json};

use super::format::{
    INDEX_TYPE, PACKAGE_TYPE, PREAMBLE, ROOT_TYPE, canonical, envelope, key_text, public, section, sha256,
};

/// When all of it happens.
pub const NOW: &str = "2026-11-22T08:00:00Z";

/// Signs packages, and is pinned where no root is.
pub const RELEASE_KEY: u8 = 1;

/// Signs packages after the second root, in the place of the first.
pub const NEXT_RELEASE_KEY: u8 = 4;

/// Signs the index.
pub const INDEX_KEY: u8 = 21;

/// Signs the index after the second root.
pub const NEXT_INDEX_KEY: u8 = 22;

/// Nobody trusts it.
pub const STRANGER: u8 = 2;

/// A package with its statement.
#[derive(Clone)]
pub struct Release<'a> {
    pub publisher: &'a str,
    pub name: &'a str,
    pub version: &'a str,
    /// Each by its source, and the theme it is for.
    pub icons: &'a [(&'a str, Option<&'a str>)],
    pub sequence: u64,
    pub issued_at: &'a str,
    pub not_after: Option<&'a str>,
    pub signers: &'a [u8],
}

/// The first release.
pub const HELLO: Release<'_> = Release {
    publisher: "com.example",
    name: "hello",
    version: "1.0.0",
    icons: &[],
    sequence: 1,
    issued_at: NOW,
    not_after: None,
    signers: &[RELEASE_KEY],
};

/// The second.
pub const HELLO_1_1: Release<'_> = Release { version: "1.1.0", sequence: 2, ..HELLO };

impl Release<'_> {
    pub fn manifest(&self) -> String {
        let mut manifest = json!({
            "description": "Says hello.",
            "limits": { "time_ms": 1000 },
            "mpp": "1",
            "name": self.name,
            "permissions": {
                "clock": false,
                "env": ["LANG"],
                "filesystem": { "read": [], "write": [] },
                "network": { "outbound": [] },
                "random": false,
            },
            "publisher": self.publisher,
            "tools": [{
                "description": "Says hello.",
                "input_schema": { "type": "object" },
                "name": "hello",
                "output_schema": null,
                "title": null,
            }],
            "version": self.version,
        });
        if !self.icons.is_empty() {
            manifest["icons"] =
                self.icons.iter().map(|(src, theme)| json!({ "src": src, "theme": theme })).collect();
        }
        canonical(&manifest)
    }

    /// P: the preamble, one section of the component, the manifest.
    pub fn unsigned(&self) -> Vec<u8> {
        let manifest = section("mpp:manifest", self.manifest().as_bytes());
        [PREAMBLE, &section("note", b"X"), &manifest].concat()
    }

    pub fn digest(&self) -> String {
        format!("sha256:{}", sha256(&self.unsigned()))
    }

    pub fn statement(&self) -> Value {
        let Self { publisher, name, version, icons: _, sequence, issued_at, not_after, signers: _ } = self;
        json!({
            "_type": "https://in-toto.io/Statement/v1",
            "predicate": {
                "issuedAt": issued_at,
                "manifestDigest": { "sha256": sha256(self.manifest().as_bytes()) },
                "name": name,
                "notAfter": not_after,
                "publisher": publisher,
                "sequence": sequence,
                "size": self.unsigned().len(),
                "version": version,
            },
            "predicateType": "mpp:package/v1",
            "subject": [{
                "digest": { "sha256": sha256(&self.unsigned()) },
                "name": format!("pkg:mpp/{publisher}/{name}@{version}"),
            }],
        })
    }

    pub fn payload(&self) -> Vec<u8> {
        canonical(&self.statement()).into_bytes()
    }

    pub fn envelope(&self) -> String {
        envelope(PACKAGE_TYPE, &self.payload(), self.signers)
    }

    pub fn signed(&self) -> Vec<u8> {
        self.with_envelope(&self.envelope())
    }

    /// P and these bytes as its signature.
    pub fn with_envelope(&self, envelope: &str) -> Vec<u8> {
        [self.unsigned(), section("mpp:signature", envelope.as_bytes())].concat()
    }

    /// How an index lists it.
    pub fn listed(&self, status: &str) -> Value {
        let withdrawn = status != "active";
        json!({
            "digest": self.digest(),
            "name": self.name,
            "publisher": self.publisher,
            "reason": withdrawn.then_some("leaks the file name"),
            "since": withdrawn.then_some("2026-11-21T08:00:00Z"),
            "status": status,
            "version": self.version,
        })
    }
}

pub fn role(seeds: &[u8], threshold: i64) -> Value {
    let keys: Vec<_> = seeds.iter().map(|&seed| key_text(&public(seed))).collect();
    json!({ "keys": keys, "threshold": threshold })
}

/// A version of the root of `com.example`: two of three people make the next one.
pub fn root(version: u64) -> Value {
    json!({
        "expires": "2027-11-22T08:00:00Z",
        "issuedAt": NOW,
        "location": null,
        "namespaces": ["com.example", "com.example.labs"],
        "publisher": "com.example",
        "roles": {
            "index": role(&[INDEX_KEY], 1),
            "release": role(&[RELEASE_KEY], 1),
            "root": role(&[11, 12, 13], 2),
        },
        "type": "mpp:publisher-root/v1",
        "version": version,
    })
}

/// The second root: a person left, and the release key and the index key with them.
pub fn next_root() -> Value {
    let mut next = root(2);
    next["roles"] = json!({
        "index": role(&[NEXT_INDEX_KEY], 1),
        "release": role(&[NEXT_RELEASE_KEY], 1),
        "root": role(&[12, 13, 14], 2),
    });
    next
}

pub fn signed_root(root: &Value, seeds: &[u8]) -> Vec<u8> {
    envelope(ROOT_TYPE, canonical(root).as_bytes(), seeds).into_bytes()
}

/// A version of the index of `com.example`, a month long.
pub fn index(version: u64, releases: &[Value]) -> Value {
    json!({
        "expires": "2026-12-22T08:00:00Z",
        "issuedAt": NOW,
        "publisher": "com.example",
        "releases": releases,
        "type": "mpp:publisher-index/v1",
        "version": version,
    })
}

pub fn signed_index(index: &Value, seeds: &[u8]) -> Vec<u8> {
    envelope(INDEX_TYPE, canonical(index).as_bytes(), seeds).into_bytes()
}
