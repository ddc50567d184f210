//! The trust file: whom this user trusts, and what was accepted.

pub(crate) mod ends;

use std::time::SystemTime;

use mpp_package::{Keyring, MAX_TRUST_FILE_BYTES, VerifiedPackage};

use crate::blame;
use crate::durable::{self, Lock, Readers};
use crate::exit::{Failure, Outcome};
use crate::home::Home;
use crate::output::Streams;

/// Reads whom this user trusts. No file means nobody; a broken file is an
/// error.
pub(crate) fn keyring(home: &Home) -> Outcome<Keyring> {
    let path = home.trust_file();
    let Some(bytes) = durable::read_if_there(&path, MAX_TRUST_FILE_BYTES as u64)? else {
        return Ok(Keyring::empty());
    };
    Keyring::from_json(&bytes).map_err(|error| {
        Failure::host(format!("{} does not say whom to trust, so nothing is trusted", path.display()))
            .because_of(&error)
            .next("restore it from a backup, or move it away and add the publishers again")
            .next("a backup knows nothing newer: mpp trust update PUBLISHER, and mpp trust refresh")
    })
}

/// Changes whom this user trusts. `change` sees the keyring as it is on disk,
/// while no other process of this command can change it. The file is replaced
/// in one step, after `change` has succeeded, and only if anything is different.
pub(crate) fn change<T>(home: &Home, change: impl FnOnce(&mut Keyring) -> Outcome<T>) -> Outcome<T> {
    let path = home.trust_file();
    let _lock = Lock::take(&path.with_extension("lock"))?;
    let before = keyring(home)?;
    let mut keyring = before.clone();
    let changed = change(&mut keyring)?;
    if keyring != before {
        let text = keyring
            .to_json()
            .map_err(|error| Failure::host("cannot write whom to trust").because_of(&error))?;
        durable::write(&path, text.as_bytes(), Readers::Owner)?;
    }
    Ok(changed)
}

/// Remembers that a package was accepted, within [`change`] and as the last thing
/// there: what is remembered must never be ahead of what is on disk, or a crash
/// in between would leave neither the old release nor the new. If an installation
/// does not get to this, the next run of the installed package does: [`remember`].
pub(crate) fn accept(keyring: &mut Keyring, package: &VerifiedPackage) -> Outcome {
    keyring
        .accept(package)
        .map(drop)
        .map_err(|error| Failure::host("cannot remember that this package was accepted").because_of(&error))
}

/// As [`accept`], for a package that is installed: writes only what `keyring`,
/// which was just read, does not know yet. A package that is no longer trusted
/// by the time that it would be written is not remembered.
pub(crate) fn remember(home: &Home, keyring: &Keyring, package: &VerifiedPackage) -> Outcome {
    let manifest = package.manifest();
    let known = keyring.accepted(manifest.publisher(), manifest.name());
    if known.is_some_and(|known| known.digest == Some(package.digest())) {
        return Ok(());
    }
    change(home, |keyring| match keyring.verify(package.package().clone(), SystemTime::now()) {
        Ok(package) => accept(keyring, &package),
        Err(_) => Ok(()),
    })
}

/// Says why a package runs for which its publisher does not vouch.
pub(crate) fn warn_of_lapse(package: &VerifiedPackage, streams: &mut Streams<'_>) {
    if let Some(lapse) = &package.standing().lapse {
        streams.warn(&format!("{lapse}; it runs because it was accepted before"));
        streams.note("next", &blame::vouching(lapse));
    }
}
