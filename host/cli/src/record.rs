//! What this command itself puts on record: answers and refusals. Calls are put
//! on record by the host.

use mpp_audit::{Answer, Document, Event, PackageIdentity, PolicyAction, PolicyChange, Refusal, Stage};
use mpp_package::{Package, VerifiedPackage, VerifyError};
use mpp_policy::Permissions;
use serde::Serialize;

use crate::consent::Consent;
use crate::exit::{Failure, Outcome};
use crate::installed::Installed;
use crate::packages::Refused;

/// A package whose signature was found to hold.
pub(crate) fn identity(package: &VerifiedPackage) -> PackageIdentity {
    let manifest = package.manifest();
    PackageIdentity {
        publisher: manifest.publisher().to_string(),
        name: manifest.name().to_string(),
        version: manifest.version().to_string(),
        digest: package.digest().to_string(),
        envelope_digest: Some(package.envelope_digest().to_string()),
        key_ids: package.key_ids().iter().map(ToString::to_string).collect(),
    }
}

/// Somebody granted a package what it declares.
pub(crate) fn granted(
    action: PolicyAction,
    package: &VerifiedPackage,
    answered: Answer,
    actor: Option<String>,
) -> Outcome<Event> {
    let declared = document(package.manifest().permissions())?;
    Ok(Event::PolicyChange(Box::new(PolicyChange {
        action,
        package: identity(package),
        approved: declared.clone(),
        declared,
        answered,
        actor,
    })))
}

/// An installed package was removed, and what it was granted with it.
pub(crate) fn removed(entry: &Installed, actor: Option<String>) -> Outcome<Event> {
    Ok(Event::PolicyChange(Box::new(PolicyChange {
        action: PolicyAction::Remove,
        package: PackageIdentity {
            publisher: entry.publisher.to_string(),
            name: entry.name.to_string(),
            version: entry.version.to_string(),
            digest: entry.digest.to_string(),
            envelope_digest: None,
            key_ids: Vec::new(),
        },
        declared: document(&entry.granted)?,
        approved: document(&Permissions::none())?,
        answered: Answer::Unneeded,
        actor,
    })))
}

/// Nobody granted a package what it asks for.
pub(crate) fn not_granted(package: &VerifiedPackage, failure: &Failure) -> Event {
    Event::Refusal(Box::new(Refusal {
        presented: package.digest().to_string(),
        package: Some(identity(package)),
        verified: true,
        agent: None,
        stage: Stage::Grant,
        code: "not-granted".to_owned(),
        reason: failure.why().join("; "),
        cut_bytes: 0,
    }))
}

/// Bytes that are no package were presented as one.
pub(crate) fn malformed(refused: &Refused) -> Event {
    let Refused { presented, error } = refused;
    Event::Refusal(Box::new(Refusal {
        presented: presented.to_string(),
        package: None,
        verified: false,
        agent: None,
        stage: Stage::Package,
        code: error.code().to_owned(),
        reason: error.to_string(),
        cut_bytes: 0,
    }))
}

/// A package whose signature does not hold was to be installed. What it says of
/// itself is a claim.
pub(crate) fn unverified(package: &Package, error: &VerifyError) -> Event {
    let manifest = package.manifest();
    Event::Refusal(Box::new(Refusal {
        presented: package.digest().to_string(),
        package: Some(PackageIdentity {
            publisher: manifest.publisher().to_string(),
            name: manifest.name().to_string(),
            version: manifest.version().to_string(),
            digest: package.digest().to_string(),
            envelope_digest: None,
            key_ids: Vec::new(),
        }),
        verified: false,
        agent: None,
        stage: Stage::Signature,
        code: error.code().to_owned(),
        reason: error.to_string(),
        cut_bytes: 0,
    }))
}

impl From<Consent> for Answer {
    fn from(consent: Consent) -> Self {
        match consent {
            Consent::Person => Self::Terminal,
            Consent::CommandLine => Self::Flag,
        }
    }
}

fn document(value: &impl Serialize) -> Outcome<Document> {
    serde_json::to_value(value)
        .map(Document::Inline)
        .map_err(|error| Failure::host("permissions cannot be put on record").because(error))
}
