//! What this command itself puts on record: answers and refusals. Calls are put
//! on record by the host.

use mpp_audit::{Answer, Document, Event, PackageIdentity, PolicyAction, PolicyChange, Refusal, Stage};
use mpp_host::record;
use mpp_package::{Digest, Package, VerifiedPackage, VerifyError};
use mpp_policy::Permissions;
use serde::Serialize;

use crate::consent::Consent;
use crate::exit::{Failure, Outcome};
use crate::installed::Installed;
use crate::packages::Refused;

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
        package: record::identity(package),
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
            trust: None,
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
        package: Some(record::identity(package)),
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
    refusal(presented.to_string(), None, Stage::Package, error.code(), error.to_string())
}

/// A package whose signature does not hold was presented.
pub(crate) fn unverified(package: &Package, error: &VerifyError) -> Event {
    let presented = package.digest().to_string();
    refusal(presented, Some(claim(package)), Stage::Signature, error.code(), error.to_string())
}

/// A publisher's root or index was presented and is not taken.
pub(crate) fn document_refused(presented: Digest, code: &str, failure: &Failure) -> Event {
    refusal(presented.to_string(), None, Stage::Trust, code, failure.why().join("; "))
}

/// Where an installed package should be, there is another one.
pub(crate) fn not_as_installed(package: &Package, failure: &Failure) -> Event {
    let presented = package.digest().to_string();
    let reason = failure.why().join("; ");
    refusal(presented, Some(claim(package)), Stage::Package, "not-as-installed", reason)
}

fn claim(package: &Package) -> PackageIdentity {
    record::claim(package.manifest(), package.digest())
}

fn refusal(
    presented: String,
    package: Option<PackageIdentity>,
    stage: Stage,
    code: &str,
    reason: String,
) -> Event {
    Event::Refusal(Box::new(Refusal {
        presented,
        package,
        verified: false,
        agent: None,
        stage,
        code: code.to_owned(),
        reason,
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
