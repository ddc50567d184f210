//! # Keys that do not last
//!
//! A key that signs a log for years, once stolen, signs any past anew. So a log
//! has one key for each *epoch*, a day or so, and destroys its secret when the
//! epoch ends. Who steals what is on the host then can lie about what comes, not
//! about what was.
//!
//! # One key for the reader
//!
//! All keys are fixed when the log begins: 4096 of them, which last eleven years
//! at a day each, and the last one lasts as long as the log. The log's key, which
//! a reader keeps ([`EpochKeys`]), is the root hash over them (the tree of RFC 6962
//! over leaves `SHA-256(0x00 ‖ key)`). It never changes, and it is all that a
//! reader or a witness has to know. That was chosen over a chain in which each key
//! signs the next: a proof would have to carry the chain, every witness would have
//! to follow it, and the thief of the first key could grow another chain.
//!
//! As the key of a signed note, after the algorithm `0xff`:
//!
//! ```text
//! "mpp-audit/epochs/v1" ‖ 0x0A ‖ number of epochs (32 bits) ‖ root (32 bytes)
//! ```
//!
//! A signature is made by the key of one epoch and says which
//! ([`EpochSignature`]); integers are big-endian:
//!
//! ```text
//! epoch (32 bits) ‖ its key (32 bytes) ‖ inclusion proof of the key (32 bytes a hash)
//!                 ‖ Ed25519 over the text (64 bytes)
//! ```
//!
//! # Secrets
//!
//! One seed is enough ([`Seed`]). It makes the key of the epoch and the seed of
//! the next one, and nothing leads back:
//!
//! ```text
//! secret(n) = SHA-256("mpp-audit/epoch/key/v1"  ‖ 0x0A ‖ seed(n))     (RFC 8032 private key)
//! seed(n+1) = SHA-256("mpp-audit/epoch/seed/v1" ‖ 0x0A ‖ seed(n))
//! ```
//!
//! # To which epoch a record belongs
//!
//! Every record names its epoch, beginning with 0; from one record to the next it
//! stays or grows by one. A checkpoint is believed only if it was signed in the
//! epoch of the last record it covers, and a proof only if its checkpoint was
//! signed in the epoch of the record it proves. Each epoch that ended has a
//! checkpoint that covers exactly its last record. All three are needed: a journal
//! that sealed with whatever key was current (CVE-2023-31439), or did not miss a
//! seal that was never made (CVE-2023-31438), was rewritten and cut unnoticed.
//!
//! # What it does not do
//!
//! The thief of the current seed can go on from the last closed epoch in two
//! directions. Against that helps only what others have seen:
//! [witnesses](crate::witness).

mod keys;
mod seed;
mod signature;

pub use keys::EpochKeys;
pub use seed::{EpochSigner, PublicKeys, Seed};
pub use signature::EpochSignature;

/// Epochs of a log, unless its owner chooses another number.
pub const DEFAULT_EPOCHS: u32 = 4096;

/// Most epochs of a log: its public keys take 2 MiB.
pub const MAX_EPOCHS: u32 = 65_536;
