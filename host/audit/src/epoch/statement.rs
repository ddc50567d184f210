//! The note that names the next key.

use std::fmt;
use std::str::FromStr;

use super::error::StatementError;
use crate::checkpoint::MAX_TREE_SIZE;
use crate::note::{KeyName, LogKey, LogSigner, Note};
use crate::spelling::decimal;

/// What the text begins with. No log has this name, and no checkpoint has five
/// lines, so that a key's signature under one is never taken for the other.
const FIRST_LINE: &str = "mpp-audit/epoch/v1";

/// That a log signs with another key from some size on. Who says so is another
/// matter: see [`Epochs::extend`](super::Epochs::extend).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EpochStatement {
    epoch: u64,
    after: u64,
    key: LogKey,
}

impl EpochStatement {
    /// That `epoch` (from 1) begins after so many records, at least one, and is
    /// signed with this key.
    pub fn new(epoch: u64, after: u64, key: LogKey) -> Result<Self, StatementError> {
        if epoch == 0 {
            return Err(StatementError::Epoch);
        }
        if !(1..=MAX_TREE_SIZE).contains(&after) {
            return Err(StatementError::After);
        }
        Ok(Self { epoch, after, key })
    }

    /// The log.
    pub const fn origin(&self) -> &KeyName {
        self.key.name()
    }

    /// The epoch that begins.
    pub const fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Records up to and including the one that holds this statement.
    pub const fn after(&self) -> u64 {
        self.after
    }

    /// The key of the epoch that begins.
    pub const fn key(&self) -> &LogKey {
        &self.key
    }

    /// Signs it with the key of the epoch that ends.
    pub fn sign(self, signer: &LogSigner) -> Result<SignedStatement, StatementError> {
        let (found, origin) = (signer.key().name(), self.origin());
        if found != origin {
            return Err(StatementError::Foreign { found: found.clone(), origin: origin.clone() });
        }
        Ok(SignedStatement { note: signer.sign(self.to_string())?, statement: self })
    }
}

impl fmt::Display for EpochStatement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { epoch, after, key } = self;
        write!(f, "{FIRST_LINE}\n{}\nepoch {epoch}\nafter {after}\n{key}\n", self.origin())
    }
}

impl FromStr for EpochStatement {
    type Err = StatementError;

    fn from_str(text: &str) -> Result<Self, StatementError> {
        let lines: Vec<&str> = text.split('\n').collect();
        let [FIRST_LINE, origin, epoch, after, key, ""] = lines.as_slice() else {
            return Err(StatementError::Form);
        };
        let origin: KeyName = origin.parse().map_err(StatementError::Origin)?;
        let epoch = epoch.strip_prefix("epoch ").and_then(decimal).ok_or(StatementError::Epoch)?;
        let after = after.strip_prefix("after ").and_then(decimal).ok_or(StatementError::After)?;
        let key: LogKey = key.parse()?;
        if *key.name() != origin {
            return Err(StatementError::Foreign { found: key.name().clone(), origin });
        }
        Self::new(epoch, after, key)
    }
}

/// A statement with its signatures, none of them verified.
///
/// `Display` writes exactly the bytes that were read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedStatement {
    note: Note,
    statement: EpochStatement,
}

impl SignedStatement {
    /// Reads a signed statement. Nothing may follow it.
    pub fn parse(bytes: &[u8]) -> Result<Self, StatementError> {
        let note = Note::parse(bytes)?;
        let statement = note.text().parse()?;
        Ok(Self { note, statement })
    }

    /// What it says. Nothing but a hint until it is verified.
    pub const fn claimed(&self) -> &EpochStatement {
        &self.statement
    }

    /// The note it is.
    pub const fn note(&self) -> &Note {
        &self.note
    }
}

impl fmt::Display for SignedStatement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.note, f)
    }
}
