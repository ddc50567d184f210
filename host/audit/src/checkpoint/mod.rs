//! # Checkpoints
//!
//! A checkpoint says in one signature what a log is: its name, how many records
//! it has, and the root hash over all of them
//! ([C2SP tlog-checkpoint](https://c2sp.org/tlog-checkpoint)). It is a
//! [signed note](crate::note) whose text has exactly three lines:
//!
//! ```text
//! example.com/behind-the-sofa
//! 20852163
//! CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
//!
//! — example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
//! ```
//!
//! Narrower than the specification, on purpose, for our own logs:
//!
//! - **No extension lines.** The specification allows more lines and advises
//!   against them: nobody who audits the tree sees them, witnesses sign them
//!   without knowing what they say, and the newer kind of cosignature leaves them
//!   out. What a log has to say, it says in a record.
//! - **The origin is the name of the key.** The specification recommends it. So a
//!   checkpoint can only ever be believed from a key that was made for this log.
//! - **The size is below 2⁶³**, which is what other readers can hold.
//!
//! Three types, each made from the one before: [`Checkpoint`] is what a text
//! says, [`SignedCheckpoint`] has signatures, and [`VerifiedCheckpoint`] exists
//! only if a key that the reader trusts made one of them.

mod error;
mod fork;
mod signed;
mod text;

pub use error::CheckpointError;
pub(crate) use fork::check_growth;
pub use fork::{Fork, GrowthError};
pub use signed::{SignedCheckpoint, VerifiedCheckpoint};
pub use text::Checkpoint;

/// Most records in a log whose checkpoints others can read: a signed 64-bit integer.
pub const MAX_TREE_SIZE: u64 = i64::MAX as u64;
