//! Why a policy was refused, and why a policy refused.

use super::MAX_POLICY_BYTES;
use crate::checkpoint::CheckpointError;
use crate::note::KeyError;

/// Why a text is not a policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// Longer than any policy.
    #[error("a policy has at most {MAX_POLICY_BYTES} bytes, and this has {found}")]
    TooLong {
        /// Bytes found.
        found: usize,
    },
    /// The last line has no newline: it may have been cut.
    #[error("the last line of the policy does not end with a newline")]
    Cut,
    /// A line that means nothing.
    #[error("line {line} of the policy: {fault}")]
    Line {
        /// Which one, from 1.
        line: usize,
        /// What is wrong.
        fault: PolicyFault,
    },
    /// No line says what the quorum is.
    #[error("the policy has no `quorum` line; one that needs no witness says `quorum none`")]
    NoQuorum,
}

/// What can be wrong with a part of a policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyFault {
    /// A control character other than the tab.
    #[error("a control character, 0x{code:02x}")]
    Control {
        /// The byte.
        code: u8,
    },
    /// Not one of the four kinds of line, or not with the items that it has.
    #[error(
        "write `log <key> [<address>]`, `witness <name> <key> [<address>]`, `group <name> all|any|<number> <name>...` or `quorum <name>`"
    )]
    Form,
    /// A key that cannot be used here.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A key or an address that is not UTF-8.
    #[error("keys and addresses are UTF-8")]
    NotUtf8,
    /// Two logs or two witnesses with one key.
    #[error("the same key is there twice, be it under another name")]
    KeyTwice,
    /// A name that is taken, or `none`.
    #[error("the name is taken")]
    NameTaken,
    /// A name that no line above defines.
    #[error("no line above defines this name")]
    UnknownName,
    /// A member of two groups, or twice of one: it would count twice.
    #[error("a member of a group is a member already")]
    MemberTwice,
    /// A threshold that is 0 or more than there are members.
    #[error("{threshold} of {members} members cannot be asked for")]
    Threshold {
        /// How many were asked for.
        threshold: usize,
        /// How many there are.
        members: usize,
    },
    /// A second quorum.
    #[error("a policy has one quorum")]
    QuorumTwice,
}

/// Why a policy does not accept a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RefusedCheckpoint {
    /// Not by a log that is believed, or a known key's signature does not hold.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// Too few of the witnesses have seen it.
    #[error(
        "of the witnesses that the policy names, {cosigned} have cosigned this checkpoint, and that is no quorum"
    )]
    NoQuorum {
        /// How many known witnesses did.
        cosigned: usize,
    },
}
