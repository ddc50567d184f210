//! L2: records are deleted, inserted, duplicated, swapped.

use std::fs;

use mpp_audit::FaultKind;

use super::{bad, signed};
use crate::support::{file, lines};

#[test]
fn l02_records_deleted_inserted_duplicated_or_swapped_are_found() {
    let home = signed();
    let good = lines(&fs::read(file(home.path())).expect("it is there"));
    let found = |lines: Vec<Vec<u8>>| {
        fs::write(file(home.path()), lines.concat()).expect("it can be written");
        bad(home.path())
    };
    for place in 1..good.len() - 1 {
        let mut deleted = good.clone();
        deleted.remove(place);
        let next = place as u64 + 1;
        assert_eq!(found(deleted), (place as u64, FaultKind::Missing { found: next }));
        let mut swapped = good.clone();
        swapped.swap(place, place + 1);
        assert_eq!(found(swapped), (place as u64, FaultKind::Swapped { found: next }));
        let mut again = good.clone();
        again.insert(place + 1, good[place].clone());
        assert_eq!(found(again), (next, FaultKind::Repeated { found: place as u64 }));
    }
}
