//! Packages that a publisher is about to list: each must be one of its own.

use std::path::Path;
use std::time::SystemTime;

use mpp_package::{
    Keyring, Package, Role, Root, RootParts, SignedRoot, SigningKey, SigningRequest, VerifiedPackage,
    VerifyError,
};

use crate::exit::{Failure, Outcome};
use crate::{blame, packages};

/// Reads a package and verifies it as an operator with this root would, so that
/// a wrong one is refused here and not everywhere else.
pub(super) fn verify(path: &Path, root: &RootParts, now: SystemTime) -> Outcome<VerifiedPackage> {
    let package = packages::read(path, None)?;
    check_namespace(path, &package, root)?;
    keyring(root, now)?.verify(package, now).map_err(|error| refused(path, &error))
}

fn check_namespace(path: &Path, package: &Package, root: &RootParts) -> Outcome {
    let publisher = package.manifest().publisher();
    if root.namespaces.contains(publisher) {
        return Ok(());
    }
    Err(Failure::package(format!("{} is not listed: it is a package of {publisher}", path.display()))
        .because(format!("the root of {} does not sign as {publisher}", root.publisher))
        .next(format!("if it is below {}: mpp trust rotate --add-namespace {publisher}", root.publisher)))
}

/// Trusts the release keys of `root`, and no index: the one that counts is only
/// being made. No document with that in it exists, so that a key which nobody
/// else has signs it, and is forgotten.
fn keyring(root: &RootParts, now: SystemTime) -> Outcome<Keyring> {
    let cannot = |error: &dyn std::error::Error| Failure::usage("this root cannot be used").because(error);
    let key =
        SigningKey::generate().map_err(|error| Failure::host("cannot make a key").because_of(&error))?;
    let alone = Role::new(vec![key.public_key()], 1).map_err(|error| cannot(&error))?;
    let root =
        Root::new(RootParts { root: alone, index: None, ..root.clone() }).map_err(|error| cannot(&error))?;
    let signed =
        SigningRequest::root(root).and_then(|request| request.sign(&key)).map_err(|error| cannot(&error))?;
    let signed = SignedRoot::open(signed).map_err(|error| cannot(&error))?;
    let mut keyring = Keyring::empty();
    keyring
        .pin_root(signed, now)
        .map_err(|error| cannot(&error).next("make a newer root: mpp trust rotate"))?;
    Ok(keyring)
}

fn refused(path: &Path, error: &VerifyError) -> Failure {
    let path = path.display();
    match error {
        VerifyError::Unsigned { .. }
        | VerifyError::UntrustedKey { .. }
        | VerifyError::TooFewSignatures { .. } => {
            Failure::package(format!("{path} is not listed: it is not signed as the root asks"))
                .because_of(error)
                .next(format!("sign it with a release key: mpp sign {path} --key NAME|FILE"))
        }
        _ => blame::unverified(&path.to_string(), error),
    }
}
