//! # What happened, on record
//!
//! This crate writes the audit log of a host and verifies it. It promises:
//!
//! - **A record before an effect, and before a result.** A call has an intent, which
//!   is durable before the call can have an effect ([`Call::durable`]), and an outcome,
//!   which is before its output is released ([`Call::end`]). Whoever was interrupted
//!   between the two is told of: the call is closed as recovered. Both wait for the disk in
//!   a thread, or as a future that needs no runtime ([`Call::durably`], [`Call::ending`]).
//! - **No record, no deed.** The first write or sync that fails stops the log for
//!   good ([`LogError::Poisoned`]); nothing is tried twice. A log that does not
//!   hold does not open, and what an interrupted writer left is cut off on record.
//! - **What is said can be erased.** What callers and tools said stands in no record,
//!   only a salted commitment to it. It can be erased ([`Log::erase`]), and the log
//!   verifies as before; nothing else can be missing without a record that says why.
//! - **What is changed shows.** Records are numbered without gaps, chained by their
//!   hashes, and at most a second later covered by a signed [checkpoint].
//!   [`verify_log`] names the first record that does not hold, and why.
//! - **One record can be shown to anybody.** [`prove`] makes a small file, and
//!   [`check_proof`] needs that and the log's key ([`Log::key`]).
//! - **A stolen key tells no old lies.** Each [epoch] has a key of its own,
//!   whose secret is destroyed when it ends.
//! - **A record whatever a tool does.** Every part of a record has its share of
//!   room ([`limits`]), and what exceeds it is cut and counted.
//! - **A record costs little.** What all calls of a tool have in common is written and read
//!   back once ([`Subject`]); callers that come together share one sync.
//!
//! # What a log alone cannot show
//!
//! Whoever takes over the host can change what was recorded in the last second,
//! and can set the whole directory back to a state that it had in the current
//! epoch, secret and all, and go on from there. Who made a copy of the secret in
//! time can do so from any epoch it covers. Against that helps only something kept
//! elsewhere: a [`Receipt`], an old checkpoint ([`verify_growth`]), or a
//! [witness]. And a log that was replaced as a whole is told from the
//! first one by its key only. Of a payload that was erased, copies that a file
//! system, a disk or a backup kept are out of reach.
//!
//! # Several processes
//!
//! A log has one writer, and any number of processes that put things on record through it:
//! see [`share`].
//!
//! # Format
//!
//! [`format`](mod@format) says it all, and `tests/second_verifier` is a verifier that
//! was written from that alone.
//!
//! # Use
//!
//! ```
//! use std::sync::Arc;
//!
//! use mpp_audit::policy::Policy;
//! use mpp_audit::{
//!     Caller, Denied, Ended, Erase, Expected, Field, Log, NewCall, OutcomeKind, Subject, SystemClock,
//!     Usage, check_proof, prove, verify_log,
//! };
//! # use mpp_audit::PackageIdentity;
//! # let package = PackageIdentity {
//! #     publisher: "com.example".to_owned(),
//! #     name: "text-stats".to_owned(),
//! #     version: "1.0.0".to_owned(),
//! #     digest: "sha256:00".to_owned(),
//! #     envelope_digest: None,
//! #     key_ids: vec![],
//! #     trust: None,
//! # };
//! # let home = tempfile::tempdir()?;
//! # let dir = home.path().join("audit");
//!
//! let log = Arc::new(Log::open(&dir, SystemClock)?);
//! // Once, for all calls of a tool that is loaded.
//! let subject = Subject::new(
//!     package,
//!     serde_json::json!({ "clock": false }).into(),
//!     serde_json::json!({ "clock": false }).into(),
//!     serde_json::json!({ "memory_bytes": 67_108_864 }).into(),
//! )?;
//! let call = log.begin(NewCall {
//!     id: "019ab0c4-5e30-7000-8000-000000000001".to_owned(),
//!     subject,
//!     tool: "text-stats".to_owned(),
//!     caller: Caller { agent: Some("planner".to_owned()), ..Caller::NOBODY },
//!     input: r#"{"text":"to be or not to be"}"#.to_owned(),
//!     started: log.now(),
//! })?;
//! // The tool may be prepared meanwhile. Before it can have an effect:
//! call.durable()?;
//! call.denied(Denied {
//!     permission: "clock".to_owned(),
//!     code: "not-declared".to_owned(),
//!     resource: "now".to_owned(),
//!     reason: "the manifest does not declare it".to_owned(),
//! })?;
//! let receipt = call.end(Ended {
//!     output: Some(r#"{"words":6}"#.to_owned()),
//!     allowed: vec![],
//!     allowed_unlisted: 0,
//!     denied: 1,
//!     log: vec![],
//!     log_dropped: 0,
//!     usage: Usage::default(),
//!     kind: OutcomeKind::Ok,
//!     code: None,
//!     reason: None,
//!     ended: log.now(),
//!     cut_bytes: 0,
//! })?;
//! // From here on the output may be released.
//!
//! log.erase(&Erase {
//!     id: call.id().to_owned(),
//!     field: Field::Input,
//!     basis: "asked for by the person concerned".to_owned(),
//!     actor: None,
//! })?;
//! // To be kept elsewhere.
//! let key = log.key().clone();
//! drop((call, log));
//!
//! let expected = Expected { receipts: &[receipt], key: Some(&key), ..Expected::default() };
//! let summary = verify_log(&dir, &expected)?.summary;
//! assert_eq!(summary.payloads.map(|payloads| (payloads.kept, payloads.erased)), Some((2, 1)));
//!
//! // One record, for somebody who has the key and not the log.
//! let file = prove(&dir, receipt.seq)?.to_string();
//! let proven = check_proof(file.as_bytes(), &Policy::unwitnessed(vec![key])?)?;
//! assert_eq!(proven.record.hash, receipt.hash);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#[doc = include_str!("../FORMAT.md")]
pub mod format {}

pub mod checkpoint;
pub mod epoch;
pub mod limits;
pub mod note;
pub mod policy;
pub mod proof;
pub mod share;
pub mod tiles;
pub mod tree;
pub mod view;
pub mod witness;

mod error;
mod hash;
mod layout;
mod log;
mod packs;
mod record;
mod spelling;
mod time;
mod verify;

pub use error::LogError;
pub use hash::{Hash, HashError, Receipt, ReceiptError};
pub use log::{Call, Durably, Ending, Erase, EraseError, Later, Log, Settings, Signs};
pub use record::{
    Algorithm, Allowed, Answer, Bound, CacheFault, CacheRejection, Caller, DenialRecord, Denied, Document,
    Durability, Ended, Entry, Erasure, Event, Field, Header, Heartbeat, Hold, HoldAction, HostCalls, Intent,
    JsonPointer, Keep, Keeping, Kept, LogLine, Lost, NewCall, NoPointer, Outcome, OutcomeKind, OutcomeRecord,
    PackageIdentity, PolicyAction, PolicyChange, Record, Recovered, Refusal, Retention, SettingsChange,
    Stage, Subject, Torn, TrustAction, TrustChange, TrustEvidence, TrustPolicy, TrustSubject, UnknownField,
    UnknownOutcome, Usage,
};
pub use share::{OpenCall, Writer, open_alone, open_or_ask, open_shared};
pub use time::{Clock, SystemClock, Timestamp, TimestampError};
pub use verify::{
    Bodies, CallCounts, Expected, Fault, FaultKind, Filter, Grown, Growth, NotGrown, NotPublished,
    PayloadCounts, ProofRefused, ProveFailure, Proven, Published, ReadError, Records, Shown, Summary,
    Verified, check_proof, prove, show, verify, verify_dir, verify_growth, verify_log,
};
