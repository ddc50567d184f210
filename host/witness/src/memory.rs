//! What a witness remembers of one log.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use mpp_audit::checkpoint::{Fork, SignedCheckpoint, VerifiedCheckpoint};
use mpp_audit::note::{KeyName, LogKey, MAX_NOTE_BYTES};
use mpp_audit::tree::TreeHead;
use mpp_audit::witness::{Advance, WitnessedLog};

use crate::error::DirectoryError;
use crate::files;

/// The file while nothing was cosigned. It is written when a log is added, so
/// that an empty or missing file is never taken for it.
pub(crate) const NOTHING: &[u8] = b"nothing cosigned\n";

/// Most forks that are kept of one log. One is enough to convict it.
const MAX_FORKS: usize = 16;

/// A log that is followed, and what was signed of it.
#[derive(Debug)]
pub(crate) struct Memory {
    dir: PathBuf,
    origin: KeyName,
    keys: Vec<LogKey>,
    held: Mutex<Held>,
}

#[derive(Debug)]
struct Held {
    head: TreeHead,
    /// The checkpoint of that head, unless nothing was cosigned.
    last: Option<SignedCheckpoint>,
    /// As it is served.
    cosigned: Option<SignedCheckpoint>,
    /// A write failed: nobody knows what the file holds.
    doubtful: bool,
}

/// Why a head was not stored.
#[derive(Debug)]
pub(crate) enum NotStored {
    /// Another was stored meanwhile, of this size.
    Conflict(u64),
    /// A write failed, now or before.
    Doubtful(String),
}

impl Memory {
    /// Reads what is remembered of a log with these keys, all of one name.
    pub(crate) fn read(dir: &Path, origin: KeyName, keys: Vec<LogKey>) -> Result<Self, DirectoryError> {
        let path = state(dir);
        let bytes = files::read(&path, MAX_NOTE_BYTES).map_err(DirectoryError::io("read", &path))?;
        let last = match bytes {
            None => return Err(DirectoryError::Forgotten { path }),
            Some(bytes) if bytes == NOTHING => None,
            Some(bytes) => {
                let broken = |why| DirectoryError::Broken { path: path.clone(), why };
                Some(parse(&bytes, &origin).map_err(broken)?)
            }
        };
        let head = last.as_ref().map_or(TreeHead::EMPTY, |last| *last.claimed().head());
        let cosigned = read_cosigned(dir, &origin)?;
        let held = Mutex::new(Held { head, last, cosigned, doubtful: false });
        Ok(Self { dir: dir.to_owned(), origin, keys, held })
    }

    /// The log as it is known now, to decide on a request.
    pub(crate) fn log(&self) -> Result<WitnessedLog, NotStored> {
        let held = self.held();
        held.check()?;
        let log = WitnessedLog::new(self.keys.clone(), held.head);
        log.map_err(|error| NotStored::Doubtful(error.to_string()))
    }

    /// Remembers a head: durable on return, unless another than the one it was
    /// decided from is remembered by now.
    pub(crate) fn store(&self, advance: &Advance, checkpoint: &VerifiedCheckpoint) -> Result<(), NotStored> {
        let mut held = self.held();
        held.check()?;
        if held.head != advance.from {
            return Err(NotStored::Conflict(held.head.size));
        }
        if held.head == advance.to {
            return Ok(());
        }
        let last = by_its_log(checkpoint).map_err(NotStored::Doubtful)?;
        // Whatever happens from here on, only what is in the file counts.
        held.doubtful = true;
        let stored = files::replace(&state(&self.dir), last.to_string().as_bytes());
        stored.map_err(|error| NotStored::Doubtful(error.to_string()))?;
        *held = Held { head: advance.to, last: Some(last), cosigned: held.cosigned.take(), doubtful: false };
        Ok(())
    }

    /// Keeps a cosigned checkpoint to be served, unless a larger one is.
    pub(crate) fn publish(&self, cosigned: &SignedCheckpoint) -> std::io::Result<()> {
        let mut held = self.held();
        let larger = |kept: &SignedCheckpoint| kept.claimed().head().size > cosigned.claimed().head().size;
        if held.cosigned.as_ref().is_some_and(larger) {
            return Ok(());
        }
        files::replace(&cosigned_in(&self.dir), cosigned.to_string().as_bytes())?;
        held.cosigned = Some(cosigned.clone());
        Ok(())
    }

    /// The newest checkpoint that was cosigned, as it is served.
    pub(crate) fn cosigned(&self) -> Option<String> {
        self.held().cosigned.as_ref().map(ToString::to_string)
    }

    /// Keeps the proof that a log signed two histories, if this is one.
    pub(crate) fn accuse(&self, refused: &SignedCheckpoint) -> Option<std::io::Result<PathBuf>> {
        let last = self.held().last.clone()?;
        if last.claimed().head().size != refused.claimed().head().size {
            return None;
        }
        let fork = Fork::between(&last.verify(&self.keys).ok()?, &refused.verify(&self.keys).ok()?)?;
        Some(keep_fork(&self.dir.join("forks"), &fork))
    }

    /// What a thread that panicked left is in doubt, too.
    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(|poisoned: PoisonError<_>| {
            let mut held = poisoned.into_inner();
            held.doubtful = true;
            held
        })
    }

    /// The name of the log.
    pub(crate) const fn origin(&self) -> &KeyName {
        &self.origin
    }
}

impl Held {
    fn check(&self) -> Result<(), NotStored> {
        if self.doubtful {
            return Err(NotStored::Doubtful("a write failed before".to_owned()));
        }
        Ok(())
    }
}

/// The checkpoint with the signatures of its log alone: what strangers wrote
/// beneath it is not kept.
pub(crate) fn by_its_log(checkpoint: &VerifiedCheckpoint) -> Result<SignedCheckpoint, String> {
    let note = checkpoint.signed().note();
    let mut text = format!("{}\n", note.text());
    for line in note.signatures() {
        let names = |key: &LogKey| line.name() == key.name() && line.id() == key.as_key().id();
        if checkpoint.keys().iter().any(names) {
            text.push_str(&format!("{line}\n"));
        }
    }
    SignedCheckpoint::parse(text.as_bytes()).map_err(|error| error.to_string())
}

/// Two forks of one size and root are one.
fn keep_fork(dir: &Path, fork: &Fork) -> std::io::Result<PathBuf> {
    let [_, other] = fork.checkpoints();
    let head = other.checkpoint().head();
    let path = dir.join(format!("{}-{}", head.size, head.root));
    files::directory(dir)?;
    if path.exists() || std::fs::read_dir(dir)?.count() >= MAX_FORKS {
        return Ok(path);
    }
    files::replace(&path, fork.to_string().as_bytes())?;
    Ok(path)
}

fn state(dir: &Path) -> PathBuf {
    dir.join("state")
}

fn cosigned_in(dir: &Path) -> PathBuf {
    dir.join("cosigned")
}

/// A checkpoint of this log, or why the bytes are none. Its signatures were
/// verified before it was written, by keys that may have changed since.
fn parse(bytes: &[u8], origin: &KeyName) -> Result<SignedCheckpoint, String> {
    let signed = SignedCheckpoint::parse(bytes).map_err(|error| error.to_string())?;
    match signed.claimed().origin() {
        found if found == origin => Ok(signed),
        found => Err(format!("it is of the log {found}")),
    }
}

fn read_cosigned(dir: &Path, origin: &KeyName) -> Result<Option<SignedCheckpoint>, DirectoryError> {
    let path = cosigned_in(dir);
    let bytes = files::read(&path, MAX_NOTE_BYTES).map_err(DirectoryError::io("read", &path))?;
    let signed = bytes.map(|bytes| parse(&bytes, origin)).transpose();
    signed.map_err(|why| DirectoryError::Copy { path, why })
}
