//! That a log signed two histories.

use std::fmt;

use mpp_audit::checkpoint::{Fork, VerifiedCheckpoint};
use mpp_audit::{NotPublished, Published};

/// A checkpoint that the log's key signed and that this log does not continue,
/// and what this log says instead. In text the two checkpoints, one after the
/// other, with an empty line between them.
///
/// Both are signed by one key. Of one size they accuse it by themselves
/// ([`fork`](Self::fork)); of two sizes they do so with the proof that the log's
/// tiles give from the smaller to the larger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    theirs: VerifiedCheckpoint,
    ours: VerifiedCheckpoint,
}

impl Evidence {
    /// Holds a log against a checkpoint that its own key signed: the evidence, if
    /// the log does not continue it.
    pub fn of(log: &Published, theirs: VerifiedCheckpoint) -> Result<Option<Self>, NotPublished> {
        let head = *theirs.checkpoint().head();
        let newest = log.newest()?;
        if head.size > newest.checkpoint().head().size {
            return Ok(Some(Self { theirs, ours: newest }));
        }
        if log.growth(head.size, &newest)?.old == head {
            return Ok(None);
        }
        let ours = log.of_size(head.size)?.unwrap_or(newest);
        Ok(Some(Self { theirs, ours }))
    }

    /// What somebody else was shown.
    pub const fn theirs(&self) -> &VerifiedCheckpoint {
        &self.theirs
    }

    /// What this log says.
    pub const fn ours(&self) -> &VerifiedCheckpoint {
        &self.ours
    }

    /// The fork, if both are of one size.
    pub fn fork(&self) -> Option<Fork> {
        Fork::between(&self.ours, &self.theirs)
    }

    /// The file it is kept in.
    pub fn to_file(&self) -> String {
        format!("{}\n{}", self.ours.signed(), self.theirs.signed())
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (ours, theirs) = (self.ours.checkpoint().head(), self.theirs.checkpoint().head());
        write!(
            f,
            "{} records with the root {}, which this log of {} records does not continue",
            theirs.size, theirs.root, ours.size
        )
    }
}
