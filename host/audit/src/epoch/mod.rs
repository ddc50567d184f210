//! # Keys that do not last
//!
//! A key that signs a log for years, once stolen, signs any past anew. So a log
//! signs with a key for one *epoch* only, a day or a week, and destroys its secret
//! when the epoch ends. Who steals what is on the host then can lie about what
//! comes, not about what was.
//!
//! # How one key follows another
//!
//! Epoch 0 has the key that a reader pins. In the last record of each epoch the
//! log names the key of the next one, in a [signed note](crate::note) under the
//! key that goes ([`EpochStatement`]):
//!
//! ```text
//! mpp-audit/epoch/v1
//! example.com/log
//! epoch 3
//! after 40211
//! example.com/log+1f0d1a5c+AbRgfb…
//!
//! — example.com/log Hp2nTw…
//! ```
//!
//! `after` is the number of records up to and including the one that holds this
//! note. It cuts the log in two without a gap: a checkpoint of so many records or
//! fewer is signed by the key that goes, one of more records by the key that
//! comes. So the size of a checkpoint alone tells its epoch, and with it the one
//! key that may have signed it.
//!
//! The order of a change: append the record; make it durable; sign the checkpoint
//! of exactly `after` records, which *closes* the epoch; destroy the old secret;
//! sign with the new one.
//!
//! # What is checked
//!
//! [`Epochs`] holds the keys in a row. Its one way to grow demands that the next
//! statement is signed by the key before, for the same log, with the next number,
//! from a later end, at its own place in the log, and with a key never used
//! before. [`Epochs::verify`] then believes a checkpoint from its own epoch's key
//! only, and [`Epochs::check_closed`] finds an epoch that ended without its last
//! checkpoint: both are needed, because a journal that sealed with whatever key
//! was current (CVE-2023-31439), or did not miss a seal that was never made
//! (CVE-2023-31438), was rewritten and cut unnoticed.
//!
//! # What it does not do
//!
//! The thief of a current key can go on from there in two directions, and the
//! thief of the *first* key, if its secret was not destroyed, in two directions
//! from the start. Against that helps only what others have seen:
//! [witnesses](crate::witness). A witness has to learn each new key; the
//! statement is all it needs, and being a note of its own it can be shown to one.

mod chain;
mod error;
mod statement;

pub use chain::Epochs;
pub use error::{EpochError, StatementError};
pub use statement::{EpochStatement, SignedStatement};
