//! The trust file: publishers and the keys pinned for them.

use mpp_package::{Keyring, MAX_TRUST_FILE_BYTES};

use crate::durable::{self, Lock, Readers};
use crate::exit::{Failure, Outcome};
use crate::home::Home;

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
    })
}

/// Changes whom this user trusts. `change` sees the keyring as it is on disk,
/// while no other process of this command can change it.
pub(crate) fn change<T>(home: &Home, change: impl FnOnce(&mut Keyring) -> Outcome<T>) -> Outcome<T> {
    let path = home.trust_file();
    let _lock = Lock::take(&path.with_extension("lock"))?;
    let mut keyring = keyring(home)?;
    let changed = change(&mut keyring)?;
    let text =
        keyring.to_json().map_err(|error| Failure::host("cannot write whom to trust").because_of(&error))?;
    durable::write(&path, text.as_bytes(), Readers::Owner)?;
    Ok(changed)
}
