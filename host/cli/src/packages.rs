//! Reading package files that a command line names.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use mpp_package::{Digest, MAX_PACKAGE_BYTES, Package, PackageError, Timestamp, VerifiedPackage};

use crate::blame;
use crate::durable;
use crate::exit::{Failure, Outcome};

/// Largest detached signature. The package crate's own limit is lower.
const MAX_SIGNATURE_BYTES: u64 = 1024 * 1024;

/// A file that was not taken as a package.
#[derive(Debug)]
pub(crate) struct NotRead {
    /// What to tell a person.
    pub(crate) failure: Failure,
    /// What to put on record; nothing where there were no bytes to judge.
    pub(crate) refused: Option<Box<Refused>>,
}

/// Bytes that are no package.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) presented: Digest,
    pub(crate) error: PackageError,
}

/// Reads a package once. Where it carries no signature and `FILE.sig` lies
/// beside it, or `signature` names one, that is taken as its signature.
/// Nothing is verified here.
pub(crate) fn read(path: &Path, signature: Option<&Path>) -> Outcome<Package> {
    present(path, signature).map_err(|not_read| not_read.failure)
}

/// As [`read`], for a command that puts on record what it refuses.
pub(crate) fn present(path: &Path, signature: Option<&Path>) -> Result<Package, NotRead> {
    let bytes = durable::read_named(path, MAX_PACKAGE_BYTES as u64)?;
    let presented = Digest::of(&bytes);
    let not_read =
        |failure, error| NotRead { failure, refused: Some(Box::new(Refused { presented, error })) };
    let package = Package::parse(bytes).map_err(|error| not_read(blame::malformed(path, &error), error))?;
    let beside = beside(path);
    let envelope = match signature {
        Some(named) => Some(durable::read_named(named, MAX_SIGNATURE_BYTES)?),
        None if package.envelope().is_none() => durable::read_if_there(&beside, MAX_SIGNATURE_BYTES)?,
        None => None,
    };
    match envelope {
        Some(envelope) => package
            .with_detached(&envelope)
            .map_err(|error| not_read(blame::not_a_signature(signature.unwrap_or(&beside), &error), error)),
        None => Ok(package),
    }
}

impl From<Failure> for NotRead {
    fn from(failure: Failure) -> Self {
        Self { failure, refused: None }
    }
}

/// A package in words for a person.
pub(crate) fn title(package: &VerifiedPackage) -> String {
    let manifest = package.manifest();
    format!("{} {}", manifest.name(), manifest.version())
}

/// Where the detached signature of a package lies: `NAME.mpp.sig`.
pub(crate) fn beside(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".sig");
    PathBuf::from(name)
}

/// The whole file of a verified package, its signature embedded.
pub(crate) fn signed_bytes(package: &VerifiedPackage) -> Outcome<Vec<u8>> {
    let package = package.package();
    match package.envelope() {
        Some(envelope) => mpp_package::embed(package, envelope)
            .map_err(|error| Failure::package("the signed package cannot be written").because_of(&error)),
        None => Ok(package.bytes().to_vec()),
    }
}

/// The time now, as packages write it.
pub(crate) fn now() -> Outcome<Timestamp> {
    at(SystemTime::now())
}

/// A time of this machine's clock, as packages write it.
pub(crate) fn at(time: SystemTime) -> Outcome<Timestamp> {
    Timestamp::at(time)
        .map_err(|error| Failure::host("the clock of this machine cannot be used").because_of(&error))
}

/// Seconds since 1970: the sequence number of a release unless the publisher
/// keeps numbers. It rises with each release, and needs no state.
pub(crate) fn sequence() -> Outcome<u64> {
    SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .map(|since| since.as_secs())
        .map_err(|_| Failure::host("the clock of this machine stands before 1970").next("set the clock"))
}
