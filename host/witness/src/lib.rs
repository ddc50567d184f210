//! # A witness, and asking one
//!
//! Whoever holds a log's key can sign two histories, and show each to another
//! reader. A witness on another machine remembers the last checkpoint of each
//! log it follows, and signs a new one only if that continues it. This crate is
//! [C2SP tlog-witness](https://c2sp.org/tlog-witness) over HTTP, both sides;
//! what a witness decides is in [`mpp_audit::witness`].
//!
//! - [`server`] is a witness: [`Witness`] and [`serve`](server::serve).
//! - [`client`] asks witnesses for the log in a directory:
//!   [`Client`](client::Client). What they sign is kept with
//!   [`mpp_audit::witness::keep`].
//!
//! # What a witness promises
//!
//! - **It forgets nothing that it signed.** The new checkpoint is durable before
//!   its signature leaves, and what is remembered is compared and set in one act.
//!   A write that fails stops the log it was for, until the witness is started
//!   again and reads what is there. A memory that is missing or cut refuses to
//!   be opened: a witness that forgot would sign the other history.
//! - **One process.** A directory is locked while it is used.
//! - **Only what its owner listed.** There is no way to add a log over HTTP.
//! - **It stands up to strangers.** Every size, every wait and the number of
//!   connections have a limit ([`server::limits`]).
//!
//! It does not speak TLS. A proxy in front of it does that, and tells one client
//! that asks too often from the next. Nothing is lost by it: requests carry
//! nothing that is secret, and answers are signed.
//!
//! # The directory of a witness
//!
//! ```text
//! lock                   held by the process that uses the directory
//! key                    the secret with which it cosigns
//! logs/<origin>/keys     the keys of a log that it follows, a vkey and a newline each
//! logs/<origin>/state    what it remembers of the log
//! logs/<origin>/cosigned the newest checkpoint with its own signature
//! logs/<origin>/forks/*  two checkpoints of one size each, which accuse the log
//! ```
//!
//! `<origin>` is the SHA-256 of the log's origin, 64 hexadecimal digits.
//! Directories have mode 0700, files 0600. Every file is replaced as a whole; a
//! `*.new` is one that was interrupted, and means nothing.
//!
//! **`key`** is one line in the form that other tools for notes use:
//! `PRIVATE+KEY+<name>+<id>+<base64(0x04 ‖ seed)>`; the id is that of the public
//! key, the seed the 32 bytes of RFC 8032.
//!
//! **`state`** is `nothing cosigned` and a newline, or the checkpoint that was
//! cosigned last, with the log's own signatures: its first three lines are
//! origin, size and root. Everything that the witness decides rests on this file.
//! **`cosigned`** is for whoever watches the log; where a witness was interrupted,
//! it can be older than the state.
//!
//! # HTTP
//!
//! | request | answer |
//! |---|---|
//! | `POST /add-checkpoint` | 200 and a signature line, or what [`mpp_audit::witness`] says |
//! | `GET /<origin>/checkpoint` | the newest checkpoint with the log's signature and its own; 404 if there is none |
//! | `GET /` | the witness's key, as a policy writes it |
//!
//! Beyond the protocol: 408 for a request that does not arrive in time, 413 for
//! one that is longer than any, 500 if nothing was signed because something is
//! wrong on this side, 503 while a log's memory is in doubt.

pub mod client;
pub mod server;

mod directory;
mod error;
mod files;
mod key;
mod memory;
mod witness;

pub use directory::Directory;
pub use error::{DirectoryError, KeyFileError};
pub use witness::{Answer, Witness};
