//! P19: what a stranger sends costs a bounded amount of memory, whatever it claims.

mod inputs;
#[path = "../all/support.rs"]
#[allow(dead_code, reason = "the other tests use the rest")]
mod support;

use inputs::{INPUTS, Input, keyring};
use peak_alloc::PeakAlloc;

/// Counts each byte that is allocated, and both blocks while one is moved.
#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

/// Most bytes that a file may cost beyond its own.
const LIMIT: usize = 64 * 1024 * 1024;

/// The most that was allocated at once while `work` was done, in bytes. What the
/// test's own runner takes or gives back meanwhile is in it: a few hundred bytes.
fn peak(work: impl FnOnce()) -> usize {
    let before = HEAP.current_usage();
    HEAP.reset_peak_usage();
    work();
    HEAP.peak_usage().saturating_sub(before)
}

/// One test alone: another would run beside it and be counted, too.
#[test]
fn every_bad_file_is_refused_for_what_it_is_within_64_mib() {
    assert!(peak(|| drop(vec![1_u8; LIMIT + 1])) > LIMIT, "nothing is counted");
    let keyring = keyring();
    for Input { name, bytes, refuse, refusal } in INPUTS {
        let file = bytes();
        for refuse in *refuse {
            let (copy, mut found) = (file.clone(), String::new());
            let peak = peak(|| found = refuse(copy, &keyring));
            assert_eq!(found, *refusal, "{name}");
            assert!(peak <= LIMIT, "{name} costs {peak} bytes");
        }
    }
}
