//! How far a call is, for whoever waits for it. Needs no permission.
//!
//! A client may show it while the tool works. Often nobody listens, and a report
//! does nothing then; the tool is not told which it is, so that its answer cannot
//! depend on it.
//!
//! ```
//! use mpp_guest::progress;
//!
//! let pages = ["one", "two", "three"];
//! for (done, page) in pages.iter().enumerate() {
//!     progress::step(done, pages.len(), &format!("reading {page}"));
//! }
//! progress::step(pages.len(), pages.len(), "done");
//! ```
//!
//! What is passed on is in the audit record of the call, and counts against the
//! limit on its messages. In native tests, where there is no host, nobody listens.

use crate::bindings::mpp::tool::progress as wit;

/// Reports that `done` steps of `total` are done, and what comes next, in words
/// for a person (at most 1,024 bytes; what is longer is cut). Steps only go
/// forward: a report of no more than the last one may not be passed on.
pub fn step(done: usize, total: usize, message: &str) {
    report(done as f64, Some(total as f64), Some(message));
}

/// As [`step`], in any unit, where the total may not be known and there may be
/// nothing to say. A `done` that is not finite is not reported.
pub fn report(done: f64, total: Option<f64>, message: Option<&str>) {
    if cfg!(target_family = "wasm") {
        wit::report(done, total, message);
    }
}
