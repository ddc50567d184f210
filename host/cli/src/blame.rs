//! Whose fault an error of another room is, and what a person can do about it.
//!
//! The numbers are in [`exit`](crate::exit); this module only decides which
//! [`Blame`] an error carries. Each match names every variant, so that a new
//! kind of error has to be judged here before it builds.

use std::path::Path;

use mpp_host::outcome::{Refusal, Stop, ToolError};
use mpp_host::{BuildError, CallError, DescribeError, LoadError, Outcome, Report};
use mpp_package::{
    EnvelopeError, IndexError, KeyId, Lapse, PackageError, PinError, RootError, SignError, VerifyError,
};
use mpp_policy::{Denial, DenialReason, IpNet};

use crate::exit::{Blame, Failure};
use crate::log;

/// A file that is no package.
pub(crate) fn malformed(path: &Path, error: &PackageError) -> Failure {
    Failure::package(format!("{} is not a package", path.display())).because_of(error)
}

/// A file that is no signature of a package.
pub(crate) fn not_a_signature(path: &Path, error: &PackageError) -> Failure {
    Failure::package(format!("{} is not a signature that can be used", path.display())).because_of(error)
}

/// A package that cannot be signed.
pub(crate) fn cannot_sign(path: &Path, error: &SignError) -> Failure {
    let what = format!("{} cannot be signed", path.display());
    match error {
        SignError::Package(_) | SignError::Mismatch { .. } => Failure::package(what),
        SignError::Statement(_)
        | SignError::Root(_)
        | SignError::Index(_)
        | SignError::Unsigned
        | SignError::NotAMessage
        | SignError::InvalidSignature { .. }
        | SignError::Envelope(EnvelopeError::DuplicateKey { .. }) => Failure::usage(what),
        SignError::Envelope(_) => Failure::host(what),
    }
    .because_of(error)
}

/// A package whose signature, publisher or statement does not hold. `what` is
/// the name the command line gave it.
pub(crate) fn unverified(what: &str, error: &VerifyError) -> Failure {
    let failure = Failure::package(format!("{what} is refused: {}", short(error))).because_of(error);
    match error {
        VerifyError::Unsigned { .. } => failure.next(format!("if it is yours: mpp sign {what}")),
        VerifyError::UntrustedPublisher { publisher, claimed_keys } => {
            failure.because(claims(claimed_keys)).next(format!(
                "if the publisher itself told you a fingerprint: mpp trust add {publisher} ROOT|KEY"
            ))
        }
        VerifyError::UntrustedKey { publisher, claimed_keys } => failure
            .because(claims(claimed_keys))
            .next(format!(
                "if its root is trusted here, a newer one may have other keys: mpp trust update {publisher}"
            ))
            .next(format!(
                "if its keys are pinned here, and it told you of a new one: mpp trust add {publisher} KEY"
            )),
        VerifyError::InvalidSignature { .. }
        | VerifyError::StatementMismatch { .. }
        | VerifyError::NotAsIndexed { .. } => {
            failure.next("do not use it; get the package again from its publisher")
        }
        VerifyError::Revoked { .. } => failure.next("do not use it; get a newer release from its publisher"),
        VerifyError::NotVouchedFor(lapse) => failure.next(vouching(lapse)),
        // Whoever wants an older release to be taken is helped by no command here.
        VerifyError::RolledBack { .. } => {
            failure.next("do not use it; get the newest release from its publisher")
        }
        VerifyError::Statement(_) | VerifyError::TooFewSignatures { .. } | VerifyError::Expired { .. } => {
            failure
        }
    }
}

/// What makes a publisher vouch for its release again.
pub(crate) fn vouching(lapse: &Lapse) -> String {
    match lapse {
        Lapse::RootExpired { publisher, .. } => {
            format!("follow the publisher's newer root: mpp trust update {publisher} [FILE|URL]")
        }
        Lapse::NoIndex { publisher } | Lapse::StaleIndex { publisher, .. } => {
            format!("take the publisher's newest index: mpp trust refresh {publisher} [FILE|URL]")
        }
        Lapse::Unlisted { publisher, .. } => {
            format!("a newer index may list it: mpp trust refresh {publisher} [FILE|URL]")
        }
        Lapse::Yanked { .. } => "get a newer release from its publisher".to_owned(),
    }
}

/// A key that is not pinned.
pub(crate) fn key_not_pinned(error: &PinError) -> Failure {
    let failure = Failure::usage("the key was not pinned").because_of(error);
    match error {
        PinError::TooManyKeys { publisher } => {
            failure.next(format!("mpp trust remove {publisher} --key FINGERPRINT"))
        }
        PinError::HasRoot { by, .. } => failure
            .next(format!("if it has a new key, a newer root says so: mpp trust update {by} [FILE|URL]")),
    }
}

/// A root that is neither pinned nor followed. `what` is where it is from.
pub(crate) fn root_refused(what: &str, error: &RootError) -> Failure {
    let refused = || Failure::package(format!("the root {what} is refused")).because_of(error);
    match error {
        RootError::Document(_) | RootError::NotByPredecessor { .. } | RootError::OtherPublisher { .. } => {
            refused().next("do not use it; get the root again from its publisher")
        }
        RootError::NotNext { expected, found } if found > expected => {
            refused().next(format!("get version {expected} too, and name all of them in their order"))
        }
        RootError::NotNext { .. } | RootError::ChainTooLong { .. } | RootError::Expired { .. } => refused(),
        RootError::AlreadyPinned { publisher, .. } => {
            Failure::usage(format!("the root {what} was not pinned"))
                .because_of(error)
                .next(format!("mpp trust update {publisher} {what}"))
        }
        RootError::NotPinned { .. } => Failure::usage("no root is pinned").because_of(error),
        RootError::NamespaceTaken { namespace, by } => refused().next(format!(
            "ask both publishers whose `{namespace}` is; if not that of `{by}`: mpp trust remove {by}, and try again"
        )),
    }
}

/// An index that is not taken. `what` is where it is from.
pub(crate) fn index_refused(what: &str, error: &IndexError) -> Failure {
    let refused = || Failure::package(format!("the index {what} is refused")).because_of(error);
    match error {
        IndexError::Signatures { publisher, .. } => {
            refused().next(format!("the publisher may have new keys: mpp trust update {publisher}"))
        }
        IndexError::NotPinned { publisher } => Failure::usage("no root is pinned")
            .because_of(error)
            .next(format!("mpp trust add {publisher} ROOT")),
        IndexError::Form(_) | IndexError::OtherPublisher { .. } | IndexError::Unrevoked { .. } => {
            refused().next("do not use it; ask the publisher")
        }
        IndexError::NoIndexRole { .. } | IndexError::NotNewer { .. } | IndexError::Expired { .. } => {
            refused()
        }
    }
}

fn short(error: &VerifyError) -> &'static str {
    match error {
        VerifyError::Unsigned { .. } => "not signed",
        VerifyError::UntrustedPublisher { .. } => "untrusted publisher",
        VerifyError::UntrustedKey { .. } => "signed by an untrusted key",
        VerifyError::InvalidSignature { .. } => "the signature does not hold",
        VerifyError::Statement(_) => "unusable statement",
        VerifyError::StatementMismatch { .. } => "the signature is not for this package",
        VerifyError::TooFewSignatures { .. } => "too few signatures",
        VerifyError::Expired { .. } => "the signature has ended",
        VerifyError::Revoked { .. } => "revoked by its publisher",
        VerifyError::NotAsIndexed { .. } => "not the bytes of this release",
        VerifyError::NotVouchedFor(lapse) => match lapse {
            Lapse::RootExpired { .. } => "its publisher's root has ended",
            Lapse::NoIndex { .. } => "its publisher's index is missing",
            Lapse::StaleIndex { .. } => "its publisher's index is out of date",
            Lapse::Unlisted { .. } => "its publisher does not list it",
            Lapse::Yanked { .. } => "withdrawn by its publisher",
        },
        VerifyError::RolledBack { .. } => "older than what was accepted",
    }
}

fn claims(keys: &[KeyId]) -> String {
    format!("it names the key {}; that is a hint to compare, not a reason to trust it", ids(keys))
}

fn ids(keys: &[KeyId]) -> String {
    keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// A package that a host did not load. `what` is the name the command line gave
/// it.
pub(crate) fn not_loaded(what: &str, error: &LoadError) -> Failure {
    let refused = |blame| Failure::new(blame, format!("{what} is refused")).because_of(error);
    match error {
        LoadError::Malformed(error) => malformed(Path::new(what), error),
        LoadError::Unverified(error) => unverified(what, error),
        LoadError::Undeclared(_) => refused(Blame::Package)
            .next("its publisher must declare the permission, and sign the package anew"),
        LoadError::NotGranted(_) => refused(Blame::Grant).next("install it again and grant what it asks for"),
        LoadError::Compile(_) | LoadError::Contract(_) | LoadError::Schema { .. } => refused(Blame::Package),
        LoadError::CompileCap(_) | LoadError::CompilerCrash(_) => {
            refused(Blame::Package).next("do not use it; its publisher must build it otherwise")
        }
        LoadError::Directory { guest, .. } => {
            Failure::host(format!("{what} cannot run: a directory it was granted cannot be used"))
                .because_of(error)
                .next(format!("make that directory, or put another one there: --map {guest}=DIR"))
        }
        LoadError::Audit(error) => log::unavailable(error),
        LoadError::Host(_) => Failure::host(format!("{what} cannot be loaded")).because_of(error),
    }
}

/// A host that could not be set up.
pub(crate) fn no_host(error: &BuildError) -> Failure {
    Failure::host("the host cannot be set up").because_of(error)
}

/// A component that does not say what tools it has.
pub(crate) fn not_described(error: &DescribeError) -> Failure {
    let refused = || Failure::package("the component is not a tool that can be packaged").because_of(error);
    match error {
        DescribeError::Build(error) => no_host(error),
        DescribeError::Load(LoadError::Host(_)) => {
            Failure::host("the component cannot be looked at").because_of(error)
        }
        DescribeError::Load(LoadError::CompileCap(_) | LoadError::CompilerCrash(_)) => {
            refused().next("build it otherwise: no host runs a component that it cannot compile")
        }
        DescribeError::Load(_) => refused()
            .next("write it with the guest SDK, which exports mpp:tool/handler: `mpp new NAME` shows how"),
        DescribeError::NoTools => refused().next("name each tool in `mpp_guest::export!(...)`"),
        DescribeError::Stopped { .. } | DescribeError::Name { .. } | DescribeError::Schema { .. } => {
            refused()
        }
    }
}

/// A call that left no report.
pub(crate) fn no_report(error: &CallError) -> Failure {
    match error {
        CallError::Audit(error) => log::unavailable(error),
        CallError::Ended(_) | CallError::Form(_) | CallError::Fault(_) => {
            Failure::host("the call has no result").because_of(error)
        }
    }
}

/// A call that ended in anything but an answer; none where it was answered.
pub(crate) fn ended(report: &Report) -> Option<Failure> {
    let reason = report.outcome.reason()?;
    let (blame, what) = match &report.outcome {
        Outcome::Completed(_) => return None,
        Outcome::Refused(refusal) => (Blame::Usage, refused(refusal)),
        Outcome::ToolError(ToolError::Denied(_)) => {
            (Blame::Grant, "the tool needs something that it was not granted")
        }
        Outcome::ToolError(_) => (Blame::Tool, "the tool returned an error"),
        Outcome::Stopped(Stop::Trapped(_)) => (Blame::Stopped, "the tool crashed"),
        Outcome::Stopped(_) => (Blame::Stopped, "the tool was stopped"),
        Outcome::BadOutput(_) => (Blame::Stopped, "the tool's answer breaks its contract, and is withheld"),
        Outcome::Cancelled => (Blame::Stopped, "the call was cancelled"),
        Outcome::HostFault(_) => (Blame::Host, "the host failed"),
    };
    let denials: Vec<&Denial> = report.checks.iter().filter_map(|check| check.denial.as_ref()).collect();
    let failure = Failure::new(blame, what);
    // What the host itself refused is certain; what a tool says of it is not.
    let failure = match &report.outcome {
        Outcome::ToolError(ToolError::Denied(_)) if !denials.is_empty() => failure,
        _ => failure.because(reason),
    };
    Some(with_denials(failure, &denials))
}

/// Most denials that a person is shown; the record has all of them.
const MAX_DENIALS: usize = 5;

fn with_denials(failure: Failure, denials: &[&Denial]) -> Failure {
    let mut failure = denials.iter().take(MAX_DENIALS).fold(failure, Failure::because);
    if let Some(more @ 1..) = denials.len().checked_sub(MAX_DENIALS) {
        failure = failure.because(format!("{more} more denials"));
    }
    let private = denials.iter().find_map(|denial| match denial.reason {
        DenialReason::AddressNotGlobal { address, .. } => Some(IpNet::from(address)),
        _ => None,
    });
    match private {
        Some(network) => {
            failure.next(format!("if the tool may reach that machine: --allow-network {network}"))
        }
        None => failure,
    }
}

fn refused(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::UnknownTool { .. } => "there is no such tool in this package",
        Refusal::InputTooLarge { .. } => "the input is too large",
        Refusal::NotJson(_) => "the input is not JSON",
        Refusal::InvalidInput(_) => "the input does not fit the tool",
    }
}
