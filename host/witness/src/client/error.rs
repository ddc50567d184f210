//! Why a witness did not sign.

use std::time::Duration;

use mpp_audit::NotPublished;
use mpp_audit::checkpoint::CheckpointError;
use mpp_audit::witness::{RequestError, ResponseError};

use super::evidence::Evidence;

/// Why a witness did not cosign, or what it said is not taken over.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// No connection, or it broke off.
    #[error("{0}")]
    Connection(String),
    /// Nothing complete within this time.
    #[error("no whole answer within {0:?}")]
    Late(Duration),
    /// An answer over this limit, in bytes.
    #[error("the answer is longer than {0} bytes")]
    TooLong(usize),
    /// An answer in another coding than its own, which was not asked for.
    #[error("the answer is compressed, and was asked not to be")]
    Encoded,
    /// It redirects.
    #[error("the witness redirects, and no redirect is followed to it")]
    Redirect,
    /// It does not follow this log.
    #[error("the witness does not follow this log: its owner has to add the log's key")]
    UnknownLog,
    /// It does not trust the log's key.
    #[error("the witness does not trust this log's key: its owner has to add it")]
    UnknownKey,
    /// Any other status than the protocol has, or a refusal that must not be.
    #[error("the witness answers {status}: {words}")]
    Status {
        /// The status.
        status: u16,
        /// The beginning of what it says. A stranger's text.
        words: String,
    },
    /// An answer that is none.
    #[error(transparent)]
    Answer(#[from] ResponseError),
    /// 409 without the type that its body must have.
    #[error("the witness names the size it knows with another content type than text/x.tlog.size")]
    NotASize,
    /// It answered, and signed nothing with the key that was expected.
    #[error("the witness signed nothing with the key that is known for it")]
    Unsigned,
    /// It signed something else.
    #[error("what the witness signed is not this checkpoint: {0}")]
    Forged(#[source] CheckpointError),
    /// It was asked from the size that it named, and named another.
    #[error("the witness knows {size} records, and said another number a moment before")]
    Unsteady {
        /// The size it named last.
        size: u64,
    },
    /// It knows more records than the log has, or others, and does not show the
    /// checkpoint that says so.
    #[error("the witness says that the log is not what it was, and shows no checkpoint that proves it")]
    Accused,
    /// The log signed something that it is no continuation of.
    #[error("the log has signed two histories: {0}")]
    Forked(Box<Evidence>),
    /// Not the witness's fault: the log does not hold.
    #[error(transparent)]
    Log(#[from] NotPublished),
    /// Not the witness's fault: the log is too large to be asked for.
    #[error(transparent)]
    Request(#[from] RequestError),
}
