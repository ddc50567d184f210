//! Whatever stands beside the records, in the first pack and in the list of open
//! calls, is verified without a panic; and if it holds, every payload is there that
//! was there.

#![no_main]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use mpp_audit::{Expected, PayloadCounts, verify_log};

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../host/audit/tests/vectors/example");

/// A copy of the example, one for each process.
fn log() -> &'static Path {
    static LOG: OnceLock<PathBuf> = OnceLock::new();
    LOG.get_or_init(|| {
        let dir = std::env::temp_dir().join(format!("mpp-fuzz-{}", std::process::id()));
        copy(Path::new(EXAMPLE), &dir);
        dir
    })
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a directory");
    for entry in fs::read_dir(from).expect("it is there").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() { copy(&entry.path(), &target) } else { drop(fs::copy(entry.path(), target)) }
    }
}

fuzz_target!(|bytes: &[u8]| {
    let Some((which, bytes)) = bytes.split_first() else { return };
    let name = if which % 2 == 0 { "payloads/0" } else { "open" };
    let good = fs::read(Path::new(EXAMPLE).join(name)).expect("the example has it");
    fs::write(log().join(name), bytes).expect("it can be written");
    if let Ok(verified) = verify_log(log(), &Expected::default()) {
        let counts = PayloadCounts { kept: 5, erased: 1, lost: 1, undestroyed: 0 };
        assert_eq!(verified.summary.payloads, Some(counts));
    }
    fs::write(log().join(name), good).expect("it can be written");
});
