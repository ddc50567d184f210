//! A disk that fails at every single operation, in every way.

use super::*;
use crate::LogError;
use crate::log::tests::failing::{Failing, Mode};

const MODES: [Mode; 4] = [Mode::Once, Mode::Killed, Mode::PowerLoss, Mode::Full];

/// Batches as leaders write them, over the border of a pack.
fn batches() -> Vec<Vec<Payload>> {
    vec![
        vec![whole(1, Field::Input, "one"), whole(1, Field::Output, "more")],
        vec![payload(2, Field::Input, "two", &Keep::Commitment)],
        vec![whole(65_535, Field::Input, "last"), whole(65_536, Field::Input, "first")],
        vec![whole(65_537, Field::Input, "end")],
    ]
}

/// Writes all batches; returns how many were acknowledged.
fn write(dir: &Path, disk: &Disk, batches: &[Vec<Payload>], kept: &mut usize) -> Result<(), LogError> {
    let mut writer = survey(disk, dir, 1, NONE, &[])?.mend()?;
    for payloads in batches {
        writer.append(&batch(payloads))?;
        writer.sync()?;
        *kept += 1;
    }
    Ok(())
}

/// Opens the packs of a log that has all these records, on a disk that is well
/// again. What was acknowledged must be there, and all that is not is lost.
fn holds(dir: &Path, batches: &[Vec<Payload>], kept: usize, when: &str) {
    let all = batches.concat();
    let owed = owed(&all);
    let unsigned = Unsigned { first: 1, owed: &owed, destroyed_below: 0 };
    let found =
        survey(&open_disk(), dir, 65_538, unsigned, &[]).unwrap_or_else(|error| panic!("{when}: {error}"));
    let lost = found.lost().to_vec();
    assert!(batches[..kept].concat().iter().all(|payload| !lost.contains(&of(payload))), "{when}");
    found.mend().unwrap_or_else(|error| panic!("{when}: {error}"));
    let expected: Vec<_> = all
        .iter()
        .map(|payload| if lost.contains(&of(payload)) { Found::Missing } else { good(payload) })
        .collect();
    let found = verify(dir, &all).unwrap_or_else(|error| panic!("{when}: {error}"));
    assert_eq!(found, expected, "{when}");
}

/// Does something on a disk whose first operation fails, then the second, and so
/// on until none does; and looks at what there is then. Returns how many there were.
fn every_operation(
    mode: Mode,
    begin: impl Fn() -> TempDir,
    mut act: impl FnMut(&Path, &Disk) -> Result<(), LogError>,
    mut look: impl FnMut(&Path, &str),
) -> usize {
    for nth in 1.. {
        let dir = begin();
        let gate = Failing::new(nth, mode, dir.path());
        let seen = gate.seen();
        let result = act(dir.path(), &Disk::new(gate));
        let when = format!("{mode:?} at operation {nth}, {}", seen.failed());
        if let Some(lost) = seen.after_power_loss() {
            look(lost.path(), &when);
        }
        look(dir.path(), &when);
        if !seen.has_failed() {
            result.expect("nothing failed");
            return nth;
        }
        result.expect_err(&when);
    }
    0
}

#[test]
fn no_acknowledged_payload_is_lost() {
    let batches = batches();
    for mode in MODES {
        let kept = std::cell::Cell::new(0);
        let act = |dir: &Path, disk: &Disk| {
            let mut count = 0;
            let result = write(dir, disk, &batches, &mut count);
            kept.set(count);
            result
        };
        let look = |dir: &Path, when: &str| holds(dir, &batches, kept.get(), when);
        // Full disks refuse writes only, so all operations are counted there too.
        assert!(every_operation(mode, home, act, look) > 20, "{mode:?}: too few to be all");
    }
}

#[test]
fn mending_that_is_interrupted_is_done_again() {
    let batches = batches();
    let torn = || {
        let dir = packs(&batches.concat());
        let path = path(dir.path(), 0);
        let bytes = fs::read(&path).expect("it is there");
        fs::write(&path, &bytes[..bytes.len() - 1]).expect("it can be written");
        fs::write(super::path(dir.path(), 2), "beyond").expect("it can be written");
        fs::write(layout::payloads(dir.path()).join("9.destroyed"), "secret").expect("it can be written");
        dir
    };
    let owed = owed(&batches.concat());
    let unsigned = Unsigned { first: 1, owed: &owed, destroyed_below: 0 };
    for mode in MODES {
        let act = |dir: &Path, disk: &Disk| survey(disk, dir, 65_538, unsigned, &[])?.mend().map(drop);
        let look = |dir: &Path, when: &str| {
            holds(dir, &batches, 2, when);
            assert!(!anywhere(dir, b"secret"), "{when}");
        };
        assert!(every_operation(mode, torn, act, look) > 8, "{mode:?}: too few to be all");
    }
}

#[test]
fn an_erasure_that_is_interrupted_is_done_again() {
    let text = "Ada Lovelace ".repeat(20_000);
    let payloads =
        [whole(1, Field::Input, "one"), whole(2, Field::Input, &text), whole(3, Field::Input, "three")];
    let gone = of(&payloads[1]);
    for mode in MODES {
        let act = |dir: &Path, disk: &Disk| erase(disk, dir, gone).map(drop);
        let look = |dir: &Path, when: &str| {
            // Whoever reads it now is told that it is whole, changed or erased.
            let found = verify(dir, &payloads).unwrap_or_else(|error| panic!("{when}: {error}"));
            assert_eq!((found[0], found[2]), (Found::Kept, Found::Kept), "{when}");
            assert!(matches!(found[1], Found::Kept | Found::Changed | Found::Erased), "{when}");
            erase(&open_disk(), dir, gone).unwrap_or_else(|error| panic!("{when}: {error}"));
            let found = verify(dir, &payloads).unwrap_or_else(|error| panic!("{when}: {error}"));
            assert_eq!(found, [Found::Kept, Found::Erased, Found::Kept], "{when}");
            assert!(!anywhere(dir, b"Ada"), "{when}");
            assert!(!anywhere(dir, payloads[1].1.salt.as_bytes()), "{when}");
        };
        assert!(every_operation(mode, || packs(&payloads), act, look) > 8, "{mode:?}: too few to be all");
    }
}

#[test]
fn a_retention_that_is_interrupted_is_done_again() {
    let payloads = [
        whole(1, Field::Input, "Ada"),
        whole(65_536, Field::Input, "Ada"),
        whole(65_537, Field::Input, "Grace"),
        whole(131_072, Field::Input, "Ada"),
        whole(131_073, Field::Input, "Grace"),
    ];
    let before = 131_073;
    let held = |seq| seq == 65_537;
    for mode in MODES {
        let act = |dir: &Path, disk: &Disk| destroy_below(disk, dir, before, held, None).map(drop);
        let look = |dir: &Path, when: &str| {
            let again = destroy_below(&open_disk(), dir, before, held, None);
            again.unwrap_or_else(|error| panic!("{when}: {error}"));
            let found = verify(dir, &payloads).unwrap_or_else(|error| panic!("{when}: {error}"));
            let expected = [Found::Missing, Found::Erased, Found::Kept, Found::Erased, Found::Kept];
            assert_eq!(found, expected, "{when}");
            assert!(!anywhere(dir, b"Ada"), "{when}");
            assert_eq!(names(dir).map(|names| names.len()).ok(), Some(2), "{when}");
        };
        assert!(every_operation(mode, || packs(&payloads), act, look) > 15, "{mode:?}: too few to be all");
    }
}

#[test]
fn a_pack_that_was_moved_away_is_not_written_to_unseen() {
    let dir = home();
    let mut writer =
        survey(&open_disk(), dir.path(), 1, NONE, &[]).and_then(Survey::mend).expect("it is new");
    writer.append(&batch(&[whole(1, Field::Input, "one")])).and_then(|()| writer.sync()).expect("it is well");
    fs::rename(path(dir.path(), 0), dir.path().join("away")).expect("it is there");
    writer.append(&batch(&[whole(2, Field::Input, "two")])).expect("nobody has looked yet");
    assert!(matches!(writer.sync(), Err(LogError::Io { action: "find", .. })));
}

#[test]
fn a_new_pack_takes_the_place_of_nothing() {
    let dir = packs(&[whole(1, Field::Input, "one")]);
    let mut writer = survey(&open_disk(), dir.path(), 2, Unsigned { first: 2, ..NONE }, &[])
        .and_then(Survey::mend)
        .expect("it holds");
    fs::write(path(dir.path(), 1), "somebody's").expect("it can be written");
    let refused = writer.append(&batch(&[whole(65_536, Field::Input, "two")]));
    assert!(matches!(refused, Err(LogError::Io { action: "create", .. })));
    assert_eq!(fs::read(path(dir.path(), 1)).expect("it is there"), b"somebody's");
}

#[cfg(unix)]
#[test]
fn packs_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = packs(&some());
    let mode = |path: &Path| fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
    assert_eq!(mode(&path(dir.path(), 0)), 0o600);
    assert_eq!(mode(&layout::payloads(dir.path())), 0o700);
}
