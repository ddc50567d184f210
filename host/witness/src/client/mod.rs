//! Asking witnesses for a log's checkpoints.
//!
//! A witness that does not know the newest checkpoint is brought up to it: it is
//! shown the last checkpoint of each epoch that ended since, and the newest one,
//! each with the proof that it continues the one before. If it knows another
//! size than was thought, it is asked again from there, once.
//!
//! Nothing that a witness says is believed without its signature, and its
//! signature only over the checkpoint that it was shown. Beyond that it can only
//! be slow, and that is limited:
//!
//! | | |
//! |---|---|
//! | address | `https`; `http` to this machine only (127.0.0.0/8, `::1`, `localhost`) |
//! | redirects | none: a witness is where its owner says |
//! | answer | at most what any can have, counted as it arrives; no `Content-Encoding` |
//! | time | 20 seconds for each request |
//!
//! # What is evidence
//!
//! A witness that answers 422 says that the log is not what it was. Its word is
//! not enough: it is asked for the checkpoint it knows, and only if that is
//! signed by the log, and is not the beginning of this log, is it [`Evidence`].

mod ask;
mod error;
mod evidence;
mod http;
mod url;

pub use ask::{Asked, ask_all};
pub use error::AskError;
pub use evidence::Evidence;
pub use http::Client;
pub use url::{UrlError, WitnessUrl};

use mpp_audit::note::WitnessKey;

/// A witness to ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The key it signs with.
    pub key: WitnessKey,
    /// Where it takes requests.
    pub url: WitnessUrl,
}
