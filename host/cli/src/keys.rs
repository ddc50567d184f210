//! Signing keys on disk: PKCS#8 PEM files that only their owner can read.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use mpp_package::{PublicKey, SigningKey};

use crate::context::Context;
use crate::durable::{self, Readers};
use crate::exit::{Failure, Outcome};
use crate::home::Home;
use crate::output::Streams;

/// A key file holds a few hundred bytes; more is not one.
const MAX_KEY_FILE_BYTES: u64 = 16 * 1024;

/// The file a key reference means: a bare name is `<config>/keys/NAME.pem`,
/// everything else is a path, and nothing is the default key.
pub(crate) fn path_of(home: &Home, reference: Option<&str>) -> PathBuf {
    match reference {
        None => home.default_key(),
        Some(name) if is_name(name) => home.keys().join(format!("{name}.pem")),
        Some(path) => PathBuf::from(path),
    }
}

/// Whether this is the name of a key, and no path.
pub(crate) fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
}

/// As [`path_of`], for commands that work without a home directory where a file
/// is named.
pub(crate) fn file(reference: Option<&str>, context: &Context<'_, '_>) -> Outcome<PathBuf> {
    match reference {
        Some(file) if !is_name(file) => Ok(PathBuf::from(file)),
        name => Ok(path_of(&context.home()?, name)),
    }
}

/// Reads the signing key that a command line names, or the default one.
pub(crate) fn signing(reference: Option<&str>, context: &mut Context<'_, '_>) -> Outcome<SigningKey> {
    read(&file(reference, context)?, context.streams)
}

/// A key of which one half or both are at hand.
pub(crate) enum Key {
    /// It can verify.
    Public(PublicKey),
    /// It can sign, too.
    Private(SigningKey),
}

impl Key {
    /// Reads a key where either half will do: the name of a signing key, a PEM
    /// file of a private or a public one, `ed25519:BASE64`, or `-`.
    pub(crate) fn read(reference: &str, context: &mut Context<'_, '_>) -> Outcome<Self> {
        if reference == "-" || is_literal(reference) {
            return read_public(reference, context.streams).map(Self::Public);
        }
        if is_name(reference) || is_private(Path::new(reference))? {
            return signing(Some(reference), context).map(Self::Private);
        }
        read_public(reference, context.streams).map(Self::Public)
    }

    /// The half that may travel.
    pub(crate) fn public(&self) -> PublicKey {
        match self {
            Self::Public(key) => key.clone(),
            Self::Private(key) => key.public_key(),
        }
    }

    /// The half that signs, where it is at hand.
    pub(crate) fn private(self) -> Option<SigningKey> {
        match self {
            Self::Public(_) => None,
            Self::Private(key) => Some(key),
        }
    }
}

fn is_private(file: &Path) -> Outcome<bool> {
    let bytes = durable::read_named(file, MAX_KEY_FILE_BYTES)?;
    Ok(String::from_utf8_lossy(&bytes).contains("PRIVATE KEY"))
}

/// Reads a signing key. Warns where others can read it too.
pub(crate) fn read(path: &Path, streams: &mut Streams<'_>) -> Outcome<SigningKey> {
    let Some(bytes) = durable::read_if_there(path, MAX_KEY_FILE_BYTES)? else {
        return Err(Failure::usage("there is no signing key")
            .because(format!("{} is not there", path.display()))
            .next("`mpp key new` makes one; `--key NAME|FILE` names another"));
    };
    let text = String::from_utf8_lossy(&bytes);
    let key = SigningKey::from_pem(&text).map_err(|error| {
        let failure = Failure::usage(format!("{} is no signing key", path.display()));
        if text.contains("BEGIN PUBLIC KEY") {
            return failure
                .because("it is a public key, which can verify but not sign")
                .next("name the file of the private key");
        }
        failure.because_of(&error).next("`openssl genpkey -algorithm ed25519` or `mpp key new` makes one")
    })?;
    warn_about_readers(path, streams);
    Ok(key)
}

/// Makes a new key at `path`, which must not be there yet.
pub(crate) fn make(path: &Path) -> Outcome<SigningKey> {
    let cannot = |error: mpp_package::KeyError| Failure::host("cannot make a key").because_of(&error);
    let key = SigningKey::generate().map_err(cannot)?;
    let pem = key.to_pem().map_err(cannot)?;
    durable::create(path, pem.as_str().as_bytes(), Readers::Owner)?;
    Ok(key)
}

/// The development key of this machine, made when it is first needed. Nothing
/// but a source directory that is run directly is ever signed with it, and no
/// keyring on disk holds it.
pub(crate) fn development(home: &Home, streams: &mut Streams<'_>) -> Outcome<SigningKey> {
    let path = home.development_key();
    if path.exists() {
        return read(&path, streams);
    }
    match make(&path) {
        // Another process was faster: its key is as good.
        Err(_) if path.exists() => read(&path, streams),
        made => made,
    }
}

/// Whether this is a public key itself, and no file.
pub(crate) fn is_literal(reference: &str) -> bool {
    reference.starts_with("ed25519:")
}

/// Reads a public key: `ed25519:BASE64`, or a `PUBLIC KEY` PEM file, or `-` for
/// standard input.
pub(crate) fn read_public(reference: &str, streams: &mut Streams<'_>) -> Outcome<PublicKey> {
    if is_literal(reference) {
        return reference.parse().map_err(|error| Failure::usage("this is no public key").because_of(&error));
    }
    let bytes = if reference == "-" {
        streams.read_input(MAX_KEY_FILE_BYTES)?
    } else {
        durable::read_named(Path::new(reference), MAX_KEY_FILE_BYTES)?
    };
    public_from(&bytes, reference)
}

/// Reads a public key from the contents of a file.
pub(crate) fn public_from(bytes: &[u8], name: &str) -> Outcome<PublicKey> {
    let text = String::from_utf8_lossy(bytes);
    if text.contains("PRIVATE KEY") {
        return Err(Failure::usage("this is a private key, and trust is pinned on a public one")
            .because("whoever holds a private key can sign in its publisher's name; it should not travel")
            .next("`mpp key show NAME|FILE` prints the public half"));
    }
    let trimmed = text.trim();
    let key = if is_literal(trimmed) { trimmed.parse() } else { PublicKey::from_pem(&text) };
    key.map_err(|error| {
        Failure::usage(format!("{name} is no public key"))
            .because_of(&error)
            .next("the publisher gets it from `mpp key show`")
    })
}

fn warn_about_readers(path: &Path, streams: &mut Streams<'_>) {
    let Ok(metadata) = path.metadata() else { return };
    if metadata.permissions().mode() & 0o077 != 0 {
        let path = path.display();
        streams.warn(&format!("others on this machine can read the signing key {path}: chmod 600 {path}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_name_is_a_key_of_this_user_and_everything_else_is_a_path() {
        for name in ["release", "key_2", "A-1"] {
            assert!(is_name(name), "{name}");
        }
        for path in ["", "./release", "release.pem", "../x", "/tmp/key"] {
            assert!(!is_name(path), "{path}");
        }
    }

    #[test]
    fn a_new_key_is_for_its_owner_alone_and_is_never_replaced() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("keys/default.pem");
        make(&path).unwrap();
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(make(&path).unwrap_err().blame().status(), 2);
    }
}
