//! Reading and checking a log. Nothing here writes, and nothing here needs the
//! writer: this module, the record types and a hash function are the verifier.

mod calls;
mod check;
mod evidence;
mod fault;
mod files;
mod gone;
mod growth;
mod holds;
mod lookup;
mod open;
mod payloads;
mod prove;
mod published;
mod records;
mod said;
mod shape;
mod snapshot;
mod walk;
mod whole;

pub use check::{CallCounts, PayloadCounts, Summary, verify, verify_dir};
pub use fault::{Fault, FaultKind};
pub use growth::{Grown, NotGrown, verify_growth};
pub use prove::{ProofRefused, ProveFailure, Proven, check_proof, prove};
pub use published::{Growth, NotPublished, Published};
pub use records::{Filter, Records, Shown, show};
pub use walk::ReadError;
pub use whole::{Bodies, Expected, Verified, verify_log};

pub(crate) use walk::{Link, Place, Walk};
