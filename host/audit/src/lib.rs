//! What happened, on record.

pub mod limits;

mod error;
mod hash;
mod layout;
mod log;
mod record;
mod time;
mod verify;

pub use error::LogError;
pub use hash::{Hash, HashError, Receipt, ReceiptError};
pub use log::Log;
pub use record::{
    Algorithm, Answer, Check, Document, Entry, Event, Header, Invocation, LogLine, OutcomeKind,
    OutcomeRecord, PackageIdentity, Payload, PolicyAction, PolicyChange, Record, Refusal, Stage,
    Stored, TrustAction, TrustChange, UnknownOutcome, Usage, Verdict,
};
pub use time::{Clock, SystemClock, Timestamp, TimestampError};
pub use verify::{
    Fault, FaultKind, Filter, Payloads, ReadError, Records, Shown, Summary, show, verify,
    verify_dir,
};
