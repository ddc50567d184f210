//! What is done to a whole log directory, by whom, and how it shows. The names
//! begin with the row of the table of attacks on the log.

mod l01_changed_bytes;
mod l02_moved_records;
mod l03_cut_off;
mod l04_set_back;
mod l05_signed_anew;
mod l06_copied;
mod l07_checkpoints;
mod l09_proofs;
mod l17_guessing;
mod l18_erasing;
mod l19_clocks;
mod l20_many_writers;
mod l23_hostile_files;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use mpp_audit::{Expected, FaultKind, Log, ReadError, Settings, SystemClock, Verified, verify_log};
use tempfile::TempDir;

use crate::second_verifier::agree;
use crate::support::{call, event, home, quiet};

/// A log of eight records in two epochs, all of them signed; the last two are
/// those of a call.
fn signed() -> TempDir {
    let home = home();
    let settings = Settings { epoch_lasts: Duration::ZERO, epochs: 2, ..quiet() };
    let log = Arc::new(Log::open_with(home.path(), SystemClock, settings).expect("the log opens"));
    for n in 1..6 {
        log.append(&event("count", &format!("input number {n}"))).expect("the event is recorded");
        if n == 3 || n == 5 {
            log.checkpoint().map(drop).expect("it is signed");
        }
    }
    call(&log, 6);
    drop(log);
    home
}

fn verified(dir: &Path) -> Result<Verified, (u64, FaultKind)> {
    match verify_log(dir, &Expected::default()) {
        Ok(verified) => Ok(verified),
        Err(ReadError::Fault(fault)) => Err((fault.seq, fault.kind)),
        Err(ReadError::Io(error)) => panic!("{error}"),
    }
}

/// The first fault, on which two verifiers agree.
fn bad(dir: &Path) -> (u64, FaultKind) {
    let fault = agree(dir, "an attack").expect_err("it does not hold");
    (fault.seq, fault.kind)
}

#[test]
fn a_signed_log_holds_and_says_how_far() {
    let home = signed();
    let verified = verified(home.path()).expect("it holds");
    assert_eq!((verified.signed.size, verified.checkpoints, verified.epochs), (8, 4, 2));
    assert!(!verified.key_expected);
    let expected = Expected { key: Some(&verified.key), ..Expected::default() };
    assert!(verify_log(home.path(), &expected).expect("it holds").key_expected);
}
