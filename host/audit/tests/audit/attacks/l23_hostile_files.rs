//! L23: files that somebody made up.

use std::fs;

use mpp_audit::{Expected, Log, SystemClock, prove, verify_log};
use proptest::prelude::*;
use proptest::sample::Index;

use super::signed;
use crate::support::{crashed, everything, file, quiet};

#[test]
fn l23_hostile_files_never_panic_a_reader() {
    let home = signed();
    let good = everything(home.path());
    let names: Vec<_> = good.keys().cloned().collect();
    let strategy =
        (any::<Index>(), proptest::collection::vec(any::<u8>(), 0..600), any::<Index>(), any::<bool>());
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(300));
    let run = runner.run(&strategy, |(which, bytes, at, whole)| {
        let path = &names[which.index(names.len())];
        let mut content = if whole { Vec::new() } else { good[path].clone() };
        content.truncate(at.index(good[path].len() + 1));
        content.extend(bytes);
        fs::write(path, &content).expect("it can be written");
        let changed = content != good[path] && !path.ends_with("epochs/secret");
        let verified = verify_log(home.path(), &Expected::default());
        // What follows the evidence was left by an interrupted writer.
        let is_longer = content.starts_with(&good[path]) && path != &file(home.path());
        prop_assert!(!changed || is_longer || verified.is_err(), "{:?}", path);
        let _ = prove(home.path(), 2);
        let _ = Log::open_with(crashed(home.path()).path(), SystemClock, quiet());
        fs::write(path, &good[path]).expect("it can be written");
        Ok(())
    });
    run.expect("no input is believed");
}
