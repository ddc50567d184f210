//! # Witnesses
//!
//! Whoever holds a log's key can sign two histories. A witness on another
//! machine remembers the last checkpoint of each log it cosigned, and signs a
//! new one only if it continues that one; so a log that was cut or rewritten gets
//! no more signatures. This is the protocol of
//! [C2SP tlog-witness](https://c2sp.org/tlog-witness) without its HTTP: messages,
//! and the decision of a witness. The log sends to `<prefix>/add-checkpoint`:
//!
//! ```text
//! old 20852014
//! PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
//! …
//!
//! example.com/behind-the-sofa
//! 20852163
//! CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
//!
//! — example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/…
//! ```
//!
//! | status | [`Refusal`] | meaning |
//! |---|---|---|
//! | 200 | | the body is the witness's signature line |
//! | 400 | `Malformed`, `OldBeyondNew` | not such a request |
//! | 403 | `Untrusted` | no trusted key of the log signed, or one did not that is named |
//! | 404 | `UnknownLog` | the witness does not follow this log |
//! | 409 | `Conflict` | the witness knows another size; the body is that size |
//! | 422 | `EmptyRoot`, `Inconsistent` | the log is not what it was: evidence, if it is signed |
//!
//! # Stored before it is answered
//!
//! Two requests can be checked at once against the same old size. If the shorter
//! were stored last, the witness would forget records. So a decision is a chain
//! of types, and the only way to a signature leads through the storage:
//! [`WitnessedLog::decide`] gives a [`Step`], [`Step::store`] gives a [`Stored`]
//! once a function of the caller's has compared *and* set the remembered head in
//! one act and made it durable, and [`Stored::cosign`] signs.
//!
//! # What is kept beside a log
//!
//! [`keep`] puts what witnesses have signed into `witnessed/<epoch>`: checkpoints
//! of that epoch, one after the other, from the smallest to the largest, each
//! with the log's signature and those of witnesses. One goes when all who signed
//! it have signed a larger one, so that a quorum is never lost to a newer
//! checkpoint that fewer have seen. Each epoch has its own, because a proof needs
//! a checkpoint of the record's epoch: [`prove`](crate::prove) takes the one that
//! most witnesses have signed, and [`Published::accepted`](crate::Published::accepted)
//! says how far a policy's quorum reaches.
//!
//! Beside them `mpp audit witness` keeps, in `witnessed/forks/<size>-<root>`, what a
//! witness holds against the log: two checkpoints, this log's and the other one.
//!
//! A witness of ours follows logs whose checkpoints have no extension lines and
//! whose keys are named after them, as [`checkpoint`](crate::checkpoint) says.

mod decide;
mod keep;
mod request;
mod response;

pub use decide::{Advance, NotOneLog, Refusal, Step, Stored, WitnessedLog};
pub use keep::{KeepError, MAX_WITNESSED, keep};
pub use request::{AddCheckpoint, RequestError};
pub use response::{ResponseError, parse_conflict, parse_cosignatures};

use crate::note::MAX_NOTE_BYTES;
use crate::tree::MAX_PROOF_HASHES;

/// Longest request, in bytes: the line of the old size, the most lines of proof
/// with 45 bytes each, an empty line, and the longest note.
pub const MAX_REQUEST_BYTES: usize = 32 + MAX_PROOF_HASHES * 45 + 1 + MAX_NOTE_BYTES;

/// Longest answer worth reading, in bytes: as many signatures as a note can have.
pub const MAX_RESPONSE_BYTES: usize = MAX_NOTE_BYTES;

/// The content type of the body of a `Conflict`.
pub const SIZE_CONTENT_TYPE: &str = "text/x.tlog.size";
