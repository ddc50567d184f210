//! Keeping what witnesses have signed, beside the log.

use std::collections::BTreeSet;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::checkpoint::{CheckpointError, Fork, SignedCheckpoint, VerifiedCheckpoint};
use crate::layout;
use crate::note::{KeyId, KeyName};
use crate::verify::{NotPublished, Published};

/// Most checkpoints that are kept of one epoch. More are there only if that many
/// witnesses each know another one; then the oldest go.
pub const MAX_WITNESSED: usize = 16;

/// Why what a witness signed could not be kept.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// A checkpoint of the same size, with another root, is kept already: the
    /// log signed two histories. Nothing was changed.
    #[error("another checkpoint of {} records was witnessed before", .0.checkpoints()[0].checkpoint().head().size)]
    Forked(Box<Fork>),
    /// The log or what is kept beside it does not hold.
    #[error(transparent)]
    Log(#[from] NotPublished),
    /// A file could not be written.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Keeps a checkpoint of a log with the signatures of its witnesses, in
/// `witnessed/<epoch>`: added to what is kept of the same checkpoint, and
/// instead of any older one whose witnesses have all signed it. On return it is
/// durable.
///
/// Which witnesses those are, and that they signed, is the caller's to check:
/// [`add_cosignatures`](SignedCheckpoint::add_cosignatures).
pub fn keep(log: &Published, cosigned: &VerifiedCheckpoint) -> Result<(), KeepError> {
    let epoch = cosigned.epoch().unwrap_or(0);
    let dir = layout::witnessed(log.dir());
    directory(&dir).map_err(write(&dir))?;
    let lock = dir.join("lock");
    let _lock = locked(&lock).map_err(write(&lock))?;
    let kept = merged(log.witnessed(epoch)?, cosigned)?;
    let bytes: String = kept.iter().map(SignedCheckpoint::to_string).collect();
    let path = layout::witnessed_in(log.dir(), epoch);
    replace(&dir, &path, bytes.as_bytes()).map_err(write(&path))
}

fn write(path: &Path) -> impl FnOnce(io::Error) -> KeepError {
    |source| KeepError::Write { path: path.to_owned(), source }
}

/// What is to be kept, from the smallest to the largest.
fn merged(
    kept: Vec<VerifiedCheckpoint>,
    cosigned: &VerifiedCheckpoint,
) -> Result<Vec<SignedCheckpoint>, KeepError> {
    if let Some(fork) = kept.iter().find_map(|old| Fork::between(old, cosigned)) {
        return Err(KeepError::Forked(Box::new(fork)));
    }
    let mut new = cosigned.signed().clone();
    let mut all = Vec::new();
    for old in kept {
        if old.checkpoint() == cosigned.checkpoint() {
            new = joined(old.signed(), &new)
                .map_err(|error| NotPublished::Broken { why: error.to_string() })?;
        } else {
            all.push(old.signed().clone());
        }
    }
    let place = all.partition_point(|old| size(old) < size(&new));
    all.insert(place, new);
    Ok(undominated(all))
}

/// The signatures of both, the later one of a key that signed twice.
fn joined(old: &SignedCheckpoint, new: &SignedCheckpoint) -> Result<SignedCheckpoint, CheckpointError> {
    let mut note = old.note().clone();
    for line in new.note().signatures() {
        note.put(line.clone())?;
    }
    SignedCheckpoint::parse(note.to_string().as_bytes())
}

/// Without those whose signers have all signed one larger checkpoint: whoever
/// signed that vouches for all that it continues.
fn undominated(all: Vec<SignedCheckpoint>) -> Vec<SignedCheckpoint> {
    let mut kept: Vec<SignedCheckpoint> = Vec::new();
    for old in all.into_iter().rev() {
        let signers = signers(&old);
        if kept.len() < MAX_WITNESSED && !kept.iter().any(|new| signers.is_subset(&self::signers(new))) {
            kept.push(old);
        }
    }
    kept.reverse();
    kept
}

fn signers(signed: &SignedCheckpoint) -> BTreeSet<(&KeyName, KeyId)> {
    signed.note().signatures().iter().map(|line| (line.name(), line.id())).collect()
}

fn size(signed: &SignedCheckpoint) -> u64 {
    signed.claimed().head().size
}

fn directory(path: &Path) -> io::Result<()> {
    match owners(&mut DirBuilder::new()).create(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
        Ok(()) => path.parent().map_or(Ok(()), sync),
    }
}

/// Released when it is dropped.
fn locked(path: &Path) -> io::Result<File> {
    let file = owners_file(OpenOptions::new().create(true).append(true)).open(path)?;
    file.lock()?;
    Ok(file)
}

/// A reader sees the old file or the new one, also after a power cut.
fn replace(dir: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let unfinished = layout::unfinished(path);
    let mut file =
        owners_file(OpenOptions::new().create(true).write(true).truncate(true)).open(&unfinished)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    sync(dir)
}

fn sync(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

#[cfg(unix)]
fn owners(builder: &mut DirBuilder) -> &mut DirBuilder {
    use std::os::unix::fs::DirBuilderExt as _;
    builder.mode(0o700)
}

#[cfg(not(unix))]
fn owners(builder: &mut DirBuilder) -> &mut DirBuilder {
    builder
}

#[cfg(unix)]
fn owners_file(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt as _;
    options.mode(0o600)
}

#[cfg(not(unix))]
fn owners_file(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}
