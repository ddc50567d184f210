//! The directory of a witness, held by one process.

use std::collections::HashMap;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use mpp_audit::Hash;
use mpp_audit::note::{Cosigner, KeyName, LogKey, WitnessKey};

use crate::error::{DirectoryError, KeyFileError};
use crate::memory::{Memory, NOTHING};
use crate::witness::Witness;
use crate::{files, key};

/// Longest file of keys, in bytes: some hundred keys of one log.
const MAX_KEYS_BYTES: usize = 64 * 1024;

/// The directory of a witness. Nobody else uses it until this value is dropped.
#[derive(Debug)]
pub struct Directory {
    path: PathBuf,
    /// Released by the system, too, when the process ends.
    _lock: File,
}

impl Directory {
    /// Takes a directory for this process. One that is not there is made; the
    /// one above it must be there.
    pub fn take(path: &Path) -> Result<Self, DirectoryError> {
        files::directory(path).map_err(DirectoryError::io("make", path))?;
        let lock = path.join("lock");
        let file = files::lock_file(&lock).map_err(DirectoryError::io("open", &lock))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: file }),
            Err(TryLockError::WouldBlock) => Err(DirectoryError::Locked { path: path.to_owned() }),
            Err(TryLockError::Error(error)) => Err(DirectoryError::io("lock", &lock)(error)),
        }
    }

    /// Makes the key of a witness of this name. There is one for each directory,
    /// for good.
    pub fn make_key(&self, name: KeyName) -> Result<WitnessKey, DirectoryError> {
        let path = self.key_file();
        let wrong = |source| DirectoryError::Key { path: path.clone(), source };
        if path.try_exists().map_err(DirectoryError::io("look for", &path))? {
            return Err(DirectoryError::KeyExists { path: self.path.clone() });
        }
        let (cosigner, file) = key::generate(name).map_err(wrong)?;
        files::replace(&path, file.as_bytes()).map_err(DirectoryError::io("write", &path))?;
        Ok(cosigner.key().clone())
    }

    /// Follows a log from now on, or trusts a further key of one. On return this
    /// is durable.
    pub fn add_log(&self, key: &LogKey) -> Result<(), DirectoryError> {
        let logs = self.logs();
        files::directory(&logs).map_err(DirectoryError::io("make", &logs))?;
        let dir = logs.join(origin_hash(key.name()));
        if dir.try_exists().map_err(DirectoryError::io("look for", &dir))? {
            return add_key(&dir.join("keys"), key);
        }
        let unfinished = files::unfinished(&dir);
        let made = begin(&unfinished, key).and_then(|()| fs::rename(&unfinished, &dir));
        made.and_then(|()| files::sync(&logs)).map_err(DirectoryError::io("make", &dir))
    }

    /// Opens the witness: its key, and what it remembers of each of its logs.
    pub fn open(self) -> Result<Witness, DirectoryError> {
        let cosigner = self.key()?;
        let mut memories = HashMap::new();
        for dir in self.log_directories()? {
            let keys = read_keys(&dir.join("keys"))?;
            let misplaced = || DirectoryError::Keys { path: dir.join("keys"), source: None };
            let origin = keys.first().ok_or_else(misplaced)?.name().clone();
            // The directory is found by the name of the log: it must be that one's.
            if !dir.ends_with(origin_hash(&origin)) {
                return Err(misplaced());
            }
            memories.insert(origin.clone(), Memory::read(&dir, origin, keys)?);
        }
        Ok(Witness::new(self, cosigner, memories))
    }

    fn key(&self) -> Result<Cosigner, DirectoryError> {
        let path = self.key_file();
        let wrong = |source| DirectoryError::Key { path: path.clone(), source };
        let bytes = files::read(&path, key::MAX_KEY_BYTES).map_err(DirectoryError::io("read", &path))?;
        let bytes = bytes.ok_or_else(|| DirectoryError::NoKey { path: self.path.clone() })?;
        if files::is_exposed(&path).map_err(DirectoryError::io("look at", &path))? {
            return Err(wrong(KeyFileError::Exposed));
        }
        key::parse(&zeroize::Zeroizing::new(bytes)).map_err(wrong)
    }

    /// One for each log. What was interrupted while it was made is none.
    fn log_directories(&self) -> Result<Vec<PathBuf>, DirectoryError> {
        let logs = self.logs();
        let entries = match fs::read_dir(&logs) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(DirectoryError::io("list", &logs))?,
        };
        let mut found = Vec::new();
        for entry in entries {
            let path = entry.map_err(DirectoryError::io("list", &logs))?.path();
            if path.extension().is_none() {
                found.push(path);
            }
        }
        Ok(found)
    }

    fn key_file(&self) -> PathBuf {
        self.path.join("key")
    }

    fn logs(&self) -> PathBuf {
        self.path.join("logs")
    }
}

/// How a log is named in paths (C2SP tlog-witness, Monitor Retrieval Mechanism).
pub(crate) fn origin_hash(origin: &KeyName) -> String {
    Hash::of_payload(origin.as_str().as_bytes()).to_string()
}

/// Everything that the directory of a log begins with.
fn begin(dir: &Path, key: &LogKey) -> std::io::Result<()> {
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => files::directory(dir)?,
    }
    files::create(&dir.join("keys"), format!("{key}\n").as_bytes())?;
    files::create(&dir.join("state"), NOTHING)?;
    files::sync(dir)
}

fn add_key(path: &Path, key: &LogKey) -> Result<(), DirectoryError> {
    let mut keys = read_keys(path)?;
    if keys.contains(key) {
        return Err(DirectoryError::Followed { origin: key.name().clone() });
    }
    keys.push(key.clone());
    let lines: String = keys.iter().map(|key| format!("{key}\n")).collect();
    files::replace(path, lines.as_bytes()).map_err(DirectoryError::io("write", path))
}

/// At least one key, all of one name.
fn read_keys(path: &Path) -> Result<Vec<LogKey>, DirectoryError> {
    let wrong = |source| DirectoryError::Keys { path: path.to_owned(), source };
    let bytes = files::read(path, MAX_KEYS_BYTES).map_err(DirectoryError::io("read", path))?;
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(|| wrong(None))?;
    let lines = text.strip_suffix('\n').ok_or_else(|| wrong(None))?.split('\n');
    let keys: Vec<LogKey> =
        lines.map(|line| line.parse().map_err(|error| wrong(Some(error)))).collect::<Result<_, _>>()?;
    let one = keys.iter().all(|key| key.name() == keys[0].name());
    if one { Ok(keys) } else { Err(wrong(None)) }
}
