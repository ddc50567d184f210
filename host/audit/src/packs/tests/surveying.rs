//! What an interrupted writer can leave, and what nobody but a stranger can.

use super::*;
use crate::LogError;

fn look(dir: &Path, records: u64, unsigned: Unsigned<'_>, ends: &[PackEnd]) -> Result<Survey, LogError> {
    survey(&open_disk(), dir, records, unsigned, ends)
}

fn unsigned<'a>(first: u64, owed: &'a [Owed]) -> Unsigned<'a> {
    Unsigned { first, owed, destroyed_below: 0 }
}

/// Five payloads in one pack, and where each of them ends.
fn five() -> (Vec<Payload>, Vec<u64>) {
    let payloads = vec![
        whole(1, Field::Input, "one"),
        payload(2, Field::Input, "two", &Keep::Commitment),
        whole(3, Field::Input, "three"),
        whole(3, Field::Output, ""),
        whole(4, Field::Input, "four"),
    ];
    let ends = payloads.iter().scan(0, |end, payload| {
        *end += length(payload);
        Some(*end)
    });
    let ends = ends.collect();
    (payloads, ends)
}

#[test]
fn a_pack_cut_at_any_byte_is_cut_to_what_is_whole_and_the_rest_is_lost() {
    let (payloads, ends) = five();
    let dir = packs(&payloads);
    let path = path(dir.path(), 0);
    let bytes = fs::read(&path).expect("it is there");
    // A checkpoint covers the first two records.
    let known = [PackEnd { records: 2, pack: 0, offset: ends[0] }];
    let owed = owed(&payloads[1..]);
    for cut in ends[0] as usize..=bytes.len() {
        fs::write(&path, &bytes[..cut]).expect("it can be written");
        let whole = ends.iter().filter(|end| **end <= cut as u64).count();
        let found = look(dir.path(), 5, unsigned(2, &owed), &known).expect("it holds");
        assert_eq!(found.cut_bytes(), cut as u64 - ends[whole - 1]);
        let lost: Vec<_> = payloads[whole..].iter().map(of).collect();
        assert_eq!(found.lost(), lost);
        assert_eq!(fs::read(&path).expect("it is there").len(), cut, "looking changes nothing");
        let mut writer = found.mend().expect("the disk is well");
        let more = [super::whole(70, Field::Input, "more")];
        writer.append(&batch(&more)).and_then(|()| writer.sync()).expect("the disk is well");
        let mut expected = all_good(&payloads[..whole]);
        expected.extend(vec![Found::Missing; lost.len()]);
        expected.push(Found::Kept);
        let all = [payloads.as_slice(), &more].concat();
        assert_eq!(verify(dir.path(), &all).expect("it can be read"), expected);
    }
}

#[test]
fn a_hole_in_what_was_written_last_is_cut_off_with_what_follows() {
    let (payloads, ends) = five();
    let dir = packs(&payloads);
    let path = path(dir.path(), 0);
    let bytes = fs::read(&path).expect("it is there");
    let owed = owed(&payloads);
    for from in ends[1]..ends[2] {
        let mut holed = bytes.clone();
        holed[from as usize..ends[2] as usize].fill(0);
        fs::write(&path, &holed).expect("it can be written");
        let found = look(dir.path(), 5, unsigned(1, &owed), &[]).expect("it holds");
        assert_eq!(found.cut_bytes(), bytes.len() as u64 - ends[1], "zeros from {from}");
        assert_eq!(found.lost(), [of(&payloads[2]), of(&payloads[3]), of(&payloads[4])]);
    }
}

#[test]
fn entries_of_records_that_never_became_durable_are_cut_off() {
    let (mut payloads, ends) = five();
    payloads.push(whole(65_536, Field::Input, "in the next pack"));
    let dir = packs(&payloads);
    let owed = owed(&payloads[..3]);
    // Record 3 bound one payload, and was the last.
    let found = look(dir.path(), 4, unsigned(1, &owed), &[]).expect("it holds");
    assert_eq!(found.cut_bytes(), ends[4] - ends[2] + length(&payloads[5]));
    assert_eq!(found.lost(), []);
    let mut writer = found.mend().expect("the disk is well");
    assert_eq!(names(dir.path()).expect("it is there"), ["0"]);
    assert_eq!(writer.end(4), Some(PackEnd { records: 4, pack: 0, offset: ends[2] }));
    let again = [whole(65_536, Field::Input, "in a new one")];
    writer.append(&batch(&again)).and_then(|()| writer.sync()).expect("the disk is well");
    assert_eq!(writer.end(5), Some(PackEnd { records: 5, pack: 1, offset: length(&again[0]) }));
    let all = [&payloads[..3], &again].concat();
    assert_eq!(verify(dir.path(), &all).expect("it can be read"), all_good(&all));
}

#[test]
fn unsigned_records_may_be_in_two_packs() {
    let payloads = some();
    let dir = packs(&payloads);
    let known = [PackEnd { records: 2, pack: 0, offset: payloads[..2].iter().map(length).sum() }];
    let owed = owed(&payloads[2..]);
    let found = look(dir.path(), 131_073, unsigned(2, &owed), &known).expect("it holds");
    assert_eq!((found.cut_bytes(), found.lost()), (0, [].as_slice()));
    fs::remove_file(path(dir.path(), 2)).expect("it is there");
    let found = look(dir.path(), 131_073, unsigned(2, &owed), &known).expect("it holds");
    assert_eq!((found.cut_bytes(), found.lost()), (0, [of(&payloads[5])].as_slice()));
}

#[test]
fn a_pack_that_is_shorter_than_a_checkpoint_covers_refuses_to_open() {
    let (payloads, ends) = five();
    let dir = packs(&payloads);
    let known = [PackEnd { records: 5, pack: 0, offset: ends[4] }];
    let path = path(dir.path(), 0);
    fs::File::options()
        .write(true)
        .open(&path)
        .and_then(|file| file.set_len(ends[4] - 1))
        .expect("it is cut");
    let refused = look(dir.path(), 5, unsigned(5, &[]), &known);
    assert!(matches!(refused, Err(LogError::Evidence { .. })));
    fs::remove_file(&path).expect("it is there");
    let refused = look(dir.path(), 5, unsigned(5, &[]), &known);
    assert!(matches!(refused, Err(LogError::Missing { .. })));
    // Of a checkpoint that was never published, nobody knows how much was durable.
    let found = look(dir.path(), 5, unsigned(1, &owed(&payloads)), &known).expect("it holds");
    assert_eq!(found.lost().len(), payloads.len());
}

#[test]
fn nothing_is_cut_off_where_no_entry_ends() {
    let (payloads, ends) = five();
    let dir = packs(&payloads);
    let owed = owed(&payloads[2..]);
    for offset in (0..ends[1]).filter(|offset| *offset != ends[0] && *offset != 0) {
        let known = [PackEnd { records: 3, pack: 0, offset }];
        let refused = look(dir.path(), 5, unsigned(3, &owed), &known);
        assert!(matches!(refused, Err(LogError::Evidence { .. })), "at {offset}");
    }
    // Nor written after it: here the file was cut off there, too.
    fs::File::options()
        .write(true)
        .open(path(dir.path(), 0))
        .and_then(|file| file.set_len(ends[1] - 1))
        .expect("it is cut");
    let known = [PackEnd { records: 3, pack: 0, offset: ends[1] - 1 }];
    let refused = look(dir.path(), 5, unsigned(3, &owed), &known);
    assert!(matches!(refused, Err(LogError::Evidence { .. })));
}

#[test]
fn what_is_remembered_may_be_of_an_earlier_time() {
    let (payloads, ends) = five();
    let dir = packs(&payloads);
    let owed = owed(&payloads[2..]);
    for offset in [0, ends[0], ends[1]] {
        let known = [PackEnd { records: 2, pack: 0, offset }];
        let found = look(dir.path(), 5, unsigned(3, &owed), &known).expect("it holds");
        assert_eq!((found.cut_bytes(), found.lost()), (0, [].as_slice()));
    }
}

#[test]
fn what_is_erased_or_half_erased_is_not_taken_for_torn() {
    let (payloads, ends) = five();
    let dir = packs(&payloads);
    let mut owed = owed(&payloads);
    erase(&open_disk(), dir.path(), of(&payloads[0])).expect("it is there");
    let path = path(dir.path(), 0);
    let mut bytes = fs::read(&path).expect("it is there");
    // Interrupted before the state was written.
    bytes[ends[1] as usize + entry::SALT..ends[2] as usize].fill(0);
    fs::write(&path, &bytes).expect("it can be written");
    owed[2].erased = true;
    let found = look(dir.path(), 5, unsigned(1, &owed), &[]).expect("it holds");
    assert_eq!((found.cut_bytes(), found.lost()), (0, [].as_slice()));
    found.mend().expect("the disk is well");
    assert_eq!(erase(&open_disk(), dir.path(), of(&payloads[2])).expect("it is there"), Erased::Now);
    let found = verify(dir.path(), &payloads).expect("it can be read");
    assert_eq!(found[..3], [Found::Erased, Found::SaltOnly, Found::Erased]);
}

#[test]
fn a_pack_that_was_destroyed_is_not_missed() {
    let payloads = some();
    let dir = packs(&payloads);
    let known = [PackEnd { records: 65_536, pack: 0, offset: payloads[..5].iter().map(length).sum() }];
    let destroyed = destroy_below(&open_disk(), dir.path(), 65_536, |_| false, None).expect("it can be done");
    assert_eq!(destroyed, Destroyed { packs: 1, payloads: 0 });
    let owed = owed(&payloads[5..]);
    let found = look(dir.path(), 131_073, unsigned(65_536, &owed), &known).expect("it holds");
    assert_eq!((found.cut_bytes(), found.lost()), (0, [].as_slice()));
    let mut before = super::owed(&payloads[4..]);
    before[0].erased = true;
    let known = [PackEnd { records: 65_535, ..known[0] }];
    let unsigned = Unsigned { first: 65_535, owed: &before, destroyed_below: 65_536 };
    let found = look(dir.path(), 131_073, unsigned, &known).expect("it holds");
    assert_eq!((found.cut_bytes(), found.lost()), (0, [].as_slice()));
}

#[test]
fn where_packs_end_has_one_text() {
    let end = PackEnd { records: 70_000, pack: 1, offset: 12 };
    assert_eq!(end.to_string(), "70000 1 12");
    assert_eq!("70000 1 12".parse(), Ok(end));
    for wrong in ["", "1 2", "1 2 3 4", "01 2 3", "+1 2 3", "1  2 3", "1 2 3 ", "1 2 x"] {
        assert!(wrong.parse::<PackEnd>().is_err(), "{wrong:?}");
    }
}

#[test]
fn what_was_read_is_written_again_and_made_durable_before_more_is_written() {
    let (payloads, ends) = five();
    let dir = packs(&payloads);
    let listing = Listing::default();
    let owed = owed(&payloads);
    let found =
        survey(&Disk::new(listing.clone()), dir.path(), 5, unsigned(1, &owed), &[]).expect("it holds");
    let path = path(dir.path(), 0);
    let looked = vec![Deed::Look, Deed::Open, Deed::Look];
    assert_eq!(listing.of(&path), looked);
    found.mend().expect("the disk is well");
    let again = vec![Deed::Look, Deed::Open, Deed::Read, Deed::Write(ends[4] as usize), Deed::Sync];
    assert_eq!(listing.of(&path), [looked, again].concat());
}

#[test]
fn an_end_that_is_remembered_too_late_loses_nothing() {
    let (payloads, ends) = five();
    let dir = packs(&payloads);
    let owed = owed(&payloads[1..]);
    // Nobody signs what is remembered: records 2 and 3 are not covered.
    let late = [PackEnd { records: 2, pack: 0, offset: ends[3] }];
    match look(dir.path(), 5, unsigned(2, &owed), &late).map(|found| found.lost().to_vec()) {
        Err(LogError::Evidence { path: found, .. }) => assert_eq!(found, path(dir.path(), 0)),
        other => panic!("{other:?}"),
    }
}
