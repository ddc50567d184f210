//! What is erased is gone, and what is not stays.

use super::*;
use crate::LogError;

fn found(dir: &Path, payload: &Payload) -> Found {
    let mut reader = PackReader::open(dir, payload.0).expect("it can be read");
    reader.check(of(payload), &payload.1.bound).expect("it can be read")
}

#[test]
fn an_erased_payload_leaves_neither_a_byte_nor_its_salt() {
    let payloads = some();
    for gone in &payloads {
        let dir = packs(&payloads);
        assert!(anywhere(dir.path(), gone.1.salt.as_bytes()));
        assert_eq!(erase(&open_disk(), dir.path(), of(gone)).expect("it is there"), Erased::Now);
        assert!(!anywhere(dir.path(), gone.1.salt.as_bytes()));
        let text = gone.1.stored.as_deref().filter(|text| !text.is_empty());
        assert!(!text.is_some_and(|text| anywhere(dir.path(), text)));
        for payload in &payloads {
            let expected = if of(payload) == of(gone) { Found::Erased } else { good(payload) };
            assert_eq!(found(dir.path(), payload), expected);
        }
        assert_eq!(erase(&open_disk(), dir.path(), of(gone)).expect("it is there"), Erased::Before);
    }
}

#[test]
fn a_long_payload_is_erased_to_its_last_byte() {
    let payloads = [whole(1, Field::Input, &"long".repeat(50_000)), whole(2, Field::Input, "next")];
    let dir = packs(&payloads);
    erase(&open_disk(), dir.path(), of(&payloads[0])).expect("it is there");
    assert_eq!(verify(dir.path(), &payloads).expect("it can be read"), [Found::Erased, Found::Kept]);
    assert!(!anywhere(dir.path(), b"long"));
}

#[test]
fn zeros_are_durable_before_the_state_says_so() {
    let payloads = some();
    let dir = packs(&payloads);
    let listing = Listing::default();
    erase(&Disk::new(listing.clone()), dir.path(), of(&payloads[0])).expect("it is there");
    let zeros = Deed::Write(32 + payloads[0].1.bound.bytes as usize);
    let deeds = [Deed::Look, Deed::Open, zeros, Deed::Sync, Deed::Write(1), Deed::Sync];
    assert_eq!(listing.of(&path(dir.path(), 0)), deeds);
}

#[test]
fn a_payload_that_is_not_there_is_not_erased() {
    let dir = packs(&some());
    for (seq, field) in [(1, Field::Log), (9, Field::Input), (70_000, Field::Input)] {
        let erased = erase(&open_disk(), dir.path(), PayloadRef { seq, field });
        assert_eq!(erased.expect("it can be read"), Erased::Missing);
    }
}

#[test]
fn nothing_is_written_to_a_pack_that_is_broken() {
    let dir = packs(&some());
    let path = path(dir.path(), 0);
    let mut bytes = fs::read(&path).expect("it is there");
    bytes[entry::STATE] = 7;
    fs::write(&path, &bytes).expect("it can be written");
    let refused = erase(&open_disk(), dir.path(), PayloadRef { seq: 2, field: Field::Input });
    assert!(matches!(refused, Err(LogError::Evidence { .. })));
    assert_eq!(fs::read(&path).expect("it is there"), bytes);
}

#[test]
fn a_byte_in_an_erased_entry_is_a_fault_and_so_is_another_length() {
    let payloads = [whole(1, Field::Input, "Ada Lovelace"), whole(2, Field::Input, "next")];
    let dir = packs(&payloads);
    erase(&open_disk(), dir.path(), of(&payloads[0])).expect("it is there");
    let path = path(dir.path(), 0);
    let erased = fs::read(&path).expect("it is there");
    for at in 9..length(&payloads[0]) as usize {
        let mut changed = erased.clone();
        changed[at] ^= 1;
        fs::write(&path, &changed).expect("it can be written");
        let found = verify(dir.path(), &payloads).map_err(fault);
        if at >= entry::SALT {
            assert_eq!(found, Err(EntryFault::NotErased), "byte {at}");
        } else {
            assert_ne!(found, Ok(vec![Found::Erased, Found::Kept]), "byte {at}");
        }
    }
}

#[test]
fn old_payloads_are_destroyed_and_held_ones_stay() {
    let payloads = some();
    let dir = packs(&payloads);
    let destroyed = destroy_below(&open_disk(), dir.path(), 65_535, |seq| seq == 2, None);
    assert_eq!(destroyed.expect("it can be done"), Destroyed { packs: 0, payloads: 2 });
    let again = destroy_below(&open_disk(), dir.path(), 65_535, |seq| seq == 2, None);
    assert_eq!(again.expect("it can be done"), Destroyed::default());
    let expected =
        [Found::Erased, Found::Erased, Found::Kept, Found::Kept, Found::Kept, Found::Kept].to_vec();
    assert_eq!(verify(dir.path(), &payloads).expect("it can be read"), expected);
    // The hold was lifted, and time went by.
    let destroyed = destroy_below(&open_disk(), dir.path(), 65_536, |_| false, None);
    assert_eq!(destroyed.expect("it can be done"), Destroyed { packs: 1, payloads: 0 });
    let mut expected = vec![Found::Missing; 5];
    expected.push(Found::Kept);
    assert_eq!(verify(dir.path(), &payloads).expect("it can be read"), expected);
    assert_eq!(names(dir.path()).expect("it is there"), ["2"]);
}

#[test]
fn what_a_writer_is_writing_is_no_hindrance() {
    let payloads = some();
    let dir = packs(&payloads);
    let end = payloads[..4].iter().map(length).sum();
    let path = path(dir.path(), 0);
    let bytes = fs::read(&path).expect("it is there");
    fs::write(&path, &bytes[..end as usize + 10]).expect("it can be written");
    let at = PackEnd { records: 3, pack: 0, offset: end };
    let destroyed = destroy_below(&open_disk(), dir.path(), 2, |_| false, Some(at));
    assert_eq!(destroyed.expect("it can be done"), Destroyed { packs: 0, payloads: 2 });
    let broken = destroy_below(&open_disk(), dir.path(), 3, |_| false, None);
    assert!(matches!(broken, Err(LogError::Evidence { .. })));
}

#[test]
fn a_pack_that_a_writer_has_begun_meanwhile_is_no_hindrance() {
    let payloads = some();
    let dir = packs(&payloads);
    let begun = path(dir.path(), 2);
    fs::write(&begun, [0; 10]).expect("it can be written");
    let at = PackEnd { records: 131_073, pack: 0, offset: payloads[..5].iter().map(length).sum() };
    let destroyed = destroy_below(&open_disk(), dir.path(), 131_073, |_| false, Some(at));
    assert_eq!(destroyed.expect("it can be done"), Destroyed { packs: 1, payloads: 0 });
    assert_eq!(fs::read(&begun).expect("it is there"), [0; 10]);
}

#[test]
fn the_pack_of_records_to_come_stays() {
    let payloads = some();
    let dir = packs(&payloads);
    let destroyed = destroy_below(&open_disk(), dir.path(), 196_607, |_| false, None);
    assert_eq!(destroyed.expect("it can be done"), Destroyed { packs: 1, payloads: 1 });
    assert_eq!(names(dir.path()).expect("it is there"), ["2"]);
}
