//! # One record, proven to an outsider
//!
//! A [`RecordProof`] is one small file that shows, without the log and without a
//! network, that a record is in it: the record, the hashes from its leaf to the
//! root, and the signed checkpoint of that root with the signatures of the
//! witnesses. It is a [C2SP tlog-proof](https://c2sp.org/tlog-proof), which other
//! tools can check as well:
//!
//! ```text
//! c2sp.org/tlog-proof@v1
//! extra <the record, in base64>
//! index 73894
//! gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=
//! …
//!
//! example.com/log
//! 109482
//! sFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi08=
//!
//! — example.com/log hI2DJw…
//! — witness.example/a mJirIklj…
//! ```
//!
//! The specification leaves it to the application what the `extra` line holds
//! and warns that nothing vouches for it. Here it holds the record, exactly as it
//! stands in the log without its newline, and is always there; the proof vouches
//! for it, because the leaf that is proven is `SHA-256(0x00 ‖ record)`.
//!
//! [`RecordProof::new`] verifies what it is made of, so that a log with a damaged
//! tile hands out no proof that others would refuse. [`RecordProof::verify`] needs
//! a [`Policy`](crate::policy::Policy) and nothing else.

mod file;
mod verify;

pub use file::{ProofFileError, RecordProof};
pub use verify::{ProvenRecord, Unproven};

use crate::limits::MAX_RECORD_BYTES;
use crate::note::MAX_NOTE_BYTES;
use crate::tree::MAX_PROOF_HASHES;

/// What the files are named, after a dot.
pub const PROOF_EXTENSION: &str = "tlog-proof";

/// Longest file, in bytes: the longest record in base64, the most hashes with 45
/// bytes each, the longest note, and the words between.
pub const MAX_PROOF_BYTES: usize =
    MAX_RECORD_BYTES.div_ceil(3) * 4 + MAX_PROOF_HASHES * 45 + MAX_NOTE_BYTES + 128;
