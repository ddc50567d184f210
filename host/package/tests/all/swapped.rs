//! P16: a file that changes while it is verified.

use std::{
    fs::{self, File},
    path::Path,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    thread,
};

use mpp_package::Package;

use crate::{
    publisher::unsigned_version,
    support::{keyring, now, signed, signed_by, stranger, unsigned},
};

/// How often the file is read while it changes.
const READS: usize = 3_000;

fn read(path: &Path) -> Option<Vec<u8>> {
    let package = Package::read(File::open(path).ok()?).ok()?;
    let verified = keyring().verify(package, now()).ok()?;
    Some(verified.component_bytes().to_vec())
}

/// P16: what is verified is what is compiled, for the file is read once.
#[test]
fn a_package_does_not_change_with_its_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("hello.mpp");
    fs::write(&path, signed()).unwrap();
    let package = Package::read(File::open(&path).unwrap()).unwrap();
    fs::write(&path, signed_by(&stranger(), &unsigned_version(2))).unwrap();
    let verified = keyring().verify(package, now()).unwrap();
    assert_eq!(verified.component_bytes(), unsigned());
    assert_eq!(verified.package().bytes(), signed());
}

/// P16: whether the file is replaced or written over, what is verified is the
/// one that was signed, or nothing.
#[test]
fn a_file_that_is_swapped_all_the_time_is_the_signed_one_or_refused() {
    let directory = tempfile::tempdir().unwrap();
    let (path, next) = (directory.path().join("hello.mpp"), directory.path().join("next"));
    fs::write(&path, signed()).unwrap();
    let evil = signed_by(&stranger(), &unsigned_version(2));
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Relaxed) {
                for bytes in [&evil, &signed()] {
                    fs::write(&next, bytes).unwrap();
                    fs::rename(&next, &path).unwrap();
                    fs::write(&path, bytes).unwrap();
                }
            }
        });
        for _ in 0..READS {
            if let Some(verified) = read(&path) {
                assert_eq!(verified, unsigned());
            }
        }
        done.store(true, Relaxed);
    });
    fs::write(&path, signed()).unwrap();
    assert_eq!(read(&path), Some(unsigned()));
}
