//! Whose signatures a document of a publisher needs, and how many it has.

use mpp_package::{Document, Envelope, PublicKey, Role, RootParts, pre_authentication_encoding};

use crate::exit::{Failure, Outcome};

/// Everybody whose signature counts on one document.
#[derive(Debug)]
pub(super) struct Signatories {
    quorums: Vec<Quorum>,
    /// Whether these are all. Without the root that says so, nobody knows.
    known: bool,
}

/// Keys of which a number must sign.
#[derive(Debug)]
struct Quorum {
    /// Words for them, in the plural.
    whose: String,
    role: Role,
}

/// How many signatures a document has.
#[derive(Debug)]
pub(super) struct Tally {
    /// A line for each quorum.
    pub(super) lines: Vec<String>,
    /// Whether no signature is missing.
    pub(super) complete: bool,
}

impl Signatories {
    /// Those of a new root: the root keys of the version before it, and its own
    /// (The Update Framework, specification 1.0, section 6.1).
    pub(super) fn of_root(before: Option<&RootParts>, next: &RootParts) -> Self {
        let keys = |parts: &RootParts| {
            Quorum::new(format!("the root keys of version {}", parts.version), &parts.root)
        };
        let quorums = match before {
            Some(before) if before.root != next.root => vec![keys(before), keys(next)],
            _ => vec![keys(next)],
        };
        Self { quorums, known: before.is_some() || next.version == 1 }
    }

    /// Those of an index of this root.
    pub(super) fn of_index(root: &RootParts) -> Outcome<Self> {
        let Some(role) = &root.index else {
            return Err(Failure::usage(format!("{} keeps no index", root.publisher))
                .because(format!("version {} of its root names no index keys", root.version))
                .next("name some: mpp trust rotate ROOT --add index=KEY"));
        };
        Ok(Self::one("the index keys", role, root))
    }

    /// Those of any document, as far as the root that it stands under tells.
    pub(super) fn of(document: &Document, under: Option<&RootParts>) -> Outcome<Self> {
        match (document, under) {
            (Document::Root(next), under) => {
                let next = next.parts();
                under.map_or(Ok(()), |before| check_next(before, next))?;
                Ok(Self::of_root(under, next))
            }
            (Document::Index(_) | Document::Package(_), None) => {
                Ok(Self { quorums: Vec::new(), known: false })
            }
            (Document::Index(index), Some(root)) => {
                if index.parts().publisher != root.publisher {
                    return Err(foreign(&index.parts().publisher, root));
                }
                Self::of_index(root)
            }
            (Document::Package(statement), Some(root)) => {
                if !root.namespaces.contains(statement.publisher()) {
                    return Err(foreign(statement.publisher(), root));
                }
                Ok(Self::one("the release keys", &root.release, root))
            }
        }
    }

    fn one(whose: &str, role: &Role, root: &RootParts) -> Self {
        let whose = format!("{whose} of root version {}", root.version);
        Self { quorums: vec![Quorum::new(whose, role)], known: true }
    }

    /// Refuses a key whose signature would count for nobody.
    pub(super) fn admit(&self, key: &PublicKey) -> Outcome {
        if !self.known || self.quorums.iter().any(|quorum| quorum.role.keys().contains(key)) {
            return Ok(());
        }
        let whose: Vec<_> = self.quorums.iter().map(|quorum| quorum.whose.as_str()).collect();
        Err(Failure::usage(format!("the key {} has no say in this", key.id()))
            .because(format!("it is not one of {}", whose.join(", nor of ")))
            .next("name a key that is: --key NAME|FILE"))
    }

    /// Counts the signatures. One that names a key that counts and does not hold
    /// means that the document is damaged, or forged.
    pub(super) fn tally(&self, envelope: &Envelope) -> Outcome<Tally> {
        let mut tally = Tally { lines: Vec::new(), complete: self.known };
        for quorum in &self.quorums {
            let (found, needed) = (quorum.signatures(envelope)?, quorum.role.threshold());
            tally.complete &= found >= needed;
            let signatures = if needed == 1 { "signature" } else { "signatures" };
            // More than enough is enough.
            let counted = found.min(needed);
            tally.lines.push(format!("{counted} of {needed} {signatures} by {}", quorum.whose));
        }
        if !self.known {
            tally.lines.push("--root ROOT says whether others must sign, too".to_owned());
        }
        Ok(tally)
    }
}

impl Quorum {
    fn new(whose: String, role: &Role) -> Self {
        Self { whose, role: role.clone() }
    }

    fn signatures(&self, envelope: &Envelope) -> Outcome<usize> {
        let message = pre_authentication_encoding(envelope.kind().payload_type(), envelope.payload());
        let mut signed = 0;
        for entry in envelope.signatures() {
            let Some(key) = self.role.keys().iter().find(|key| key.id() == entry.keyid) else { continue };
            key.verify(&message, &entry.signature).map_err(|error| {
                Failure::package(format!("the signature by the key {} does not hold", entry.keyid))
                    .because_of(&error)
                    .next("do not use this file; start from a good copy of it")
            })?;
            signed += 1;
        }
        Ok(signed)
    }
}

fn check_next(before: &RootParts, next: &RootParts) -> Outcome {
    if before.publisher != next.publisher {
        return Err(foreign(&next.publisher, before));
    }
    if before.version + 1 != next.version {
        return Err(Failure::usage(format!("--root is version {}", before.version))
            .because(format!("version {} follows the one just before it", next.version)));
    }
    Ok(())
}

fn foreign(found: &mpp_package::PublisherName, root: &RootParts) -> Failure {
    Failure::usage(format!("the root of {} says nothing about {found}", root.publisher))
        .next("name the root of the publisher: --root ROOT")
}
