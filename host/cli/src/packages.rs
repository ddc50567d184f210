//! Reading package files that a command line names.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use mpp_package::{MAX_PACKAGE_BYTES, Package, Timestamp, VerifiedPackage};

use crate::blame;
use crate::durable;
use crate::exit::{Failure, Outcome};

/// Largest detached signature. The package crate's own limit is lower.
const MAX_SIGNATURE_BYTES: u64 = 1024 * 1024;

/// Reads a package once. Where it carries no signature and `FILE.sig` lies
/// beside it, or `signature` names one, that is taken as its signature.
/// Nothing is verified here.
pub(crate) fn read(path: &Path, signature: Option<&Path>) -> Outcome<Package> {
    let bytes = durable::read_named(path, MAX_PACKAGE_BYTES as u64)?;
    let package = Package::parse(bytes).map_err(|error| blame::malformed(path, &error))?;
    let beside = beside(path);
    let envelope = match signature {
        Some(named) => Some(durable::read_named(named, MAX_SIGNATURE_BYTES)?),
        None if package.envelope().is_none() => durable::read_if_there(&beside, MAX_SIGNATURE_BYTES)?,
        None => None,
    };
    match envelope {
        Some(envelope) => package
            .with_detached(&envelope)
            .map_err(|error| blame::malformed(signature.unwrap_or(&beside), &error)),
        None => Ok(package),
    }
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
    Timestamp::at(SystemTime::now())
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
