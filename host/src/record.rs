//! From what happened to what the audit log keeps.
//!
//! Public is only how a package is named in a record, so that whoever puts
//! more on record than a host does (an installer, a question that a person
//! answered) names the same package by the same words.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use mpp_audit::{
    Allowed, CacheFault, CacheRejection, Denied, Document, Ended, Event, LogError, NewCall, PackageIdentity,
    Stage, Subject, TrustEvidence, Usage,
};
use mpp_package::{Digest, Manifest, Standing, VerifiedPackage};
use mpp_policy::{Denial, Grant, Limits, Permissions};
use serde::Serialize;

use crate::error::LoadError;
use crate::invoke::Request;
use crate::journal::{Check, Entries, LogLine};
use crate::outcome::Outcome;

/// What every call of a package has in common on record.
pub(crate) fn subject(package: &VerifiedPackage, grant: &Grant) -> Result<Arc<Subject>, LogError> {
    Subject::new(
        identity(package),
        document::<Permissions>(package.manifest().permissions()),
        document::<Permissions>(grant.permissions()),
        document::<Limits>(grant.limits()),
    )
}

/// What is on record of a call before any code of the tool runs.
pub(crate) fn intent(id: &str, subject: &Arc<Subject>, request: &Request, started: SystemTime) -> NewCall {
    let Request { tool, input, caller, progress: _, timed: _ } = request;
    NewCall {
        id: id.to_owned(),
        subject: Arc::clone(subject),
        tool: tool.clone(),
        caller: caller.clone(),
        input: input.clone(),
        started: started.into(),
    }
}

/// What is on record of a denial, as it happens.
pub(crate) fn denied(resource: &str, denial: &Denial) -> Denied {
    Denied {
        permission: denial.permission.to_string(),
        code: denial.reason.code().to_owned(),
        resource: resource.to_owned(),
        reason: denial.explanation(),
    }
}

/// What is on record of how a call ended. `output` is what the tool answered,
/// also where it is withheld.
pub(crate) fn outcome(
    outcome: &Outcome,
    output: Option<String>,
    entries: &Entries,
    usage: Usage,
    ended: SystemTime,
) -> Ended {
    Ended {
        output,
        allowed: entries.checks.iter().filter_map(allowed).collect(),
        allowed_unlisted: entries.allowed_unlisted,
        denied: entries.denied(),
        log: entries.said.lines.iter().map(log_line).collect(),
        log_dropped: 0,
        usage,
        kind: outcome.kind(),
        code: outcome.code().map(str::to_owned),
        reason: outcome.reason(),
        ended: ended.into(),
        cut_bytes: entries.said.dropped_bytes,
    }
}

fn allowed(check: &Check) -> Option<Allowed> {
    let Check { permission, resource, denial, count } = check;
    denial.is_none().then(|| Allowed {
        permission: permission.to_string(),
        resource: resource.clone(),
        count: *count,
    })
}

/// The sums of a call, as records and reports show them.
pub(crate) fn usage(
    entries: &Entries,
    fuel: Option<u64>,
    took: Duration,
    input: usize,
    output: usize,
) -> Usage {
    let counters = &entries.counters;
    Usage {
        wall_us: u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
        fuel,
        peak_memory_bytes: counters.peak_memory_bytes,
        hostcalls: counters.host_calls,
        input_bytes: input as u64,
        output_bytes: output as u64,
        log_bytes: entries.said.bytes(),
        read_bytes: counters.read_bytes,
        written_bytes: counters.written_bytes,
        peak_open_files: counters.peak_open_files,
        http_requests: counters.http_requests,
        http_request_bytes: counters.http_sent_bytes,
        http_response_bytes: counters.http_received_bytes,
    }
}

/// The record of a package that was not loaded. `verified` is there if its
/// signature held; otherwise `claimed` is what it says of itself.
pub(crate) fn refusal(
    presented: Digest,
    verified: Option<&VerifiedPackage>,
    claimed: Option<&Manifest>,
    error: &LoadError,
) -> Event {
    let package = verified.map(identity).or_else(|| claimed.map(|manifest| claim(manifest, presented)));
    Event::Refusal(Box::new(mpp_audit::Refusal {
        package,
        presented: presented.to_string(),
        verified: verified.is_some(),
        agent: None,
        stage: stage(error),
        code: error.kind().to_owned(),
        reason: error.to_string(),
        cut_bytes: 0,
    }))
}

/// The record of compiled code that was found and not loaded.
pub(crate) fn cache_rejection(package: &VerifiedPackage, entry: &str, reason: CacheFault) -> Event {
    Event::Cache(Box::new(CacheRejection { package: identity(package), entry: entry.to_owned(), reason }))
}

fn stage(error: &LoadError) -> Stage {
    match error {
        LoadError::Malformed(_) => Stage::Package,
        LoadError::Unverified(_) => Stage::Signature,
        LoadError::NotGranted(_) | LoadError::Directory { .. } => Stage::Grant,
        LoadError::Undeclared(_) => Stage::Imports,
        LoadError::Compile(_)
        | LoadError::CompileCap(_)
        | LoadError::CompilerCrash(_)
        | LoadError::Contract(_)
        | LoadError::Schema { .. }
        | LoadError::Audit(_)
        | LoadError::Host(_) => Stage::Compile,
    }
}

/// A package whose signature was found to hold.
#[must_use]
pub fn identity(package: &VerifiedPackage) -> PackageIdentity {
    PackageIdentity {
        envelope_digest: Some(package.envelope_digest().to_string()),
        key_ids: package.key_ids().iter().map(ToString::to_string).collect(),
        trust: Some(evidence(package)),
        ..claim(package.manifest(), package.digest())
    }
}

/// A package by what it says of itself, while nothing proves it. `digest` is
/// that of the bytes.
#[must_use]
pub fn claim(manifest: &Manifest, digest: Digest) -> PackageIdentity {
    PackageIdentity {
        publisher: manifest.publisher().to_string(),
        name: manifest.name().to_string(),
        version: manifest.version().to_string(),
        digest: digest.to_string(),
        envelope_digest: None,
        key_ids: Vec::new(),
        trust: None,
    }
}

/// What was in force when the package was verified: the one place that says it.
fn evidence(package: &VerifiedPackage) -> TrustEvidence {
    let Standing { root_version, index_version, lapse } = package.standing();
    TrustEvidence {
        sequence: package.statement().sequence(),
        root_version: *root_version,
        index_version: *index_version,
        lapse: lapse.as_ref().map(|lapse| lapse.code().to_owned()),
    }
}

fn log_line(line: &LogLine) -> mpp_audit::LogLine {
    let LogLine { source, text } = line;
    mpp_audit::LogLine { level: source.as_str().to_owned(), text: text.clone() }
}

fn document<T: Serialize>(value: &T) -> Document {
    // Plain structs of numbers and strings always serialise; were one not to,
    // the record would say so rather than be missing.
    let value = serde_json::to_value(value).unwrap_or_else(|error| error.to_string().into());
    Document::from(value)
}
