//! Reading and checking a log. Nothing here writes, and nothing here needs the
//! writer: this module, the record types and a hash function are the verifier.

mod check;
mod fault;
mod payloads;
mod records;
mod walk;

pub use check::{Payloads, Summary, verify, verify_dir};
pub use fault::{Fault, FaultKind};
pub use records::{Filter, Records, Shown, show};
pub use walk::ReadError;

pub(crate) use walk::Walk;
