//! L3: the end of the log is cut off.

use std::fs;

use mpp_audit::FaultKind;

use super::{bad, signed};
use crate::support::{file, lines};

#[test]
fn l03_a_log_cut_off_at_any_line_is_found_without_a_receipt() {
    let home = signed();
    let good = lines(&fs::read(file(home.path())).expect("it is there"));
    for kept in 1..good.len() {
        fs::write(file(home.path()), good[..kept].concat()).expect("it can be written");
        assert_eq!(bad(home.path()), (kept as u64, FaultKind::CutOffBefore { size: 8 }));
    }
}
