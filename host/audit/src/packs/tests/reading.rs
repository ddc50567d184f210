//! What a reader makes of packs, as they were written and otherwise.

use super::*;

#[test]
fn every_payload_is_as_its_record_says() {
    let payloads = some();
    let dir = packs(&payloads);
    assert_eq!(verify(dir.path(), &payloads).expect("it can be read"), all_good(&payloads));
}

#[test]
fn one_payload_is_read_without_the_others() {
    let payloads = some();
    let dir = packs(&payloads);
    for (payload, text) in
        [(2, Some(r#"{"key":"[redacted]"}"#)), (3, Some("")), (1, None), (5, Some("the first of its pack"))]
    {
        let payload = &payloads[payload];
        let mut reader = PackReader::open(dir.path(), payload.0).expect("it can be read");
        let (found, bytes) = reader.read(of(payload), &payload.1.bound).expect("it can be read");
        assert_eq!((found, bytes.as_deref()), (good(payload), text.map(str::as_bytes)));
        let unbound = reader.unbound().map(|fault| fault.kind);
        // The record has another, which stands first; of other records nothing is said.
        let first = PayloadRef { seq: payload.0, field: Field::Input };
        let expected = (of(payload) > first && payload.0 < 3).then_some(EntryFault::Unbound { of: first });
        assert_eq!(unbound, expected);
    }
}

#[test]
fn a_payload_of_many_pieces_is_read_whole() {
    let text = "0123456789".repeat(30_000);
    let payloads =
        [whole(2, Field::Input, "before"), whole(3, Field::Input, &text), whole(3, Field::Output, "after")];
    let dir = packs(&payloads);
    let mut reader = PackReader::open(dir.path(), 0).expect("it can be read");
    let (_, bytes) = reader.read(of(&payloads[1]), &payloads[1].1.bound).expect("it can be read");
    assert!(bytes.is_some_and(|bytes| bytes == text.as_bytes()));
    assert_eq!(verify(dir.path(), &payloads).expect("it can be read"), all_good(&payloads));
}

#[test]
fn a_payload_that_is_not_there_is_missing_and_the_others_are_not() {
    let all = some();
    for gone in 0..all.len() {
        let mut rest = all.clone();
        rest.remove(gone);
        let dir = packs(&rest);
        let mut expected = all_good(&all);
        expected[gone] = Found::Missing;
        assert_eq!(verify(dir.path(), &all).expect("it can be read"), expected);
    }
}

#[test]
fn an_entry_that_no_record_binds_is_a_fault_wherever_it_stands() {
    let all = some();
    let dir = packs(&all);
    for gone in 0..all.len() {
        let mut bound = all.clone();
        let unbound = bound.remove(gone);
        let error = verify(dir.path(), &bound).expect_err("an entry is left over");
        assert_eq!(fault(error), EntryFault::Unbound { of: of(&unbound) });
    }
}

#[test]
fn every_bit_that_is_flipped_is_seen() {
    let payloads: Vec<Payload> = some().into_iter().filter(|payload| payload.0 < 65_535).collect();
    let dir = packs(&payloads);
    let path = path(dir.path(), 0);
    let good = fs::read(&path).expect("it is there");
    // Nothing binds the salt of a payload that is not kept but the payload.
    let salt_only = length(&payloads[0]) as usize + entry::SALT;
    for at in (0..good.len()).filter(|at| !(salt_only..salt_only + 32).contains(at)) {
        for bit in 0..8 {
            let mut changed = good.clone();
            changed[at] ^= 1 << bit;
            fs::write(&path, &changed).expect("it can be written");
            let found = verify(dir.path(), &payloads);
            assert!(!found.is_ok_and(|found| found == all_good(&payloads)), "byte {at}, bit {bit}");
        }
    }
}

#[test]
fn a_pack_cut_at_any_byte_has_what_was_whole_before() {
    let payloads: Vec<Payload> = some().into_iter().filter(|payload| payload.0 < 65_536).collect();
    let dir = packs(&payloads);
    let path = path(dir.path(), 0);
    let good = fs::read(&path).expect("it is there");
    for cut in 0..good.len() {
        fs::write(&path, &good[..cut]).expect("it can be written");
        let mut reader = PackReader::open(dir.path(), 0).expect("it can be read");
        let mut end = 0;
        for payload in &payloads {
            let begin = end;
            end += length(payload) as usize;
            match reader.check(of(payload), &payload.1.bound) {
                Ok(found) if end <= cut => assert_eq!(found, super::good(payload), "at {cut}"),
                Ok(found) => assert_eq!((found, cut), (Found::Missing, begin.min(cut)), "at {cut}"),
                Err(error) => assert!(fault(error) == EntryFault::Torn && cut < end, "at {cut}"),
            }
        }
    }
}

#[test]
fn entries_twice_or_out_of_order_or_elsewhere_are_faults() {
    let payloads = some();
    let dir = packs(&payloads);
    let first = path(dir.path(), 0);
    let good = fs::read(&first).expect("it is there");
    let end = length(&payloads[0]) as usize;
    fs::write(&first, [&good[..end], &good].concat()).expect("it can be written");
    let error = verify(dir.path(), &payloads).expect_err("an entry is there twice");
    assert_eq!(fault(error), EntryFault::OutOfOrder { of: of(&payloads[0]) });
    fs::write(&first, [&good[end..], &good[..end]].concat()).expect("it can be written");
    let error = verify(dir.path(), &payloads).expect_err("an entry is out of order");
    // It is missing in its own place; the pack is read no further than that.
    assert_eq!(fault(error), EntryFault::OutOfOrder { of: of(&payloads[0]) });
    fs::copy(path(dir.path(), 2), &first).expect("it can be written");
    let error = verify(dir.path(), &payloads).expect_err("an entry is elsewhere");
    assert_eq!(fault(error), EntryFault::Elsewhere { seq: 131_072 });
}

#[test]
fn what_a_writer_is_writing_is_left_out_and_only_that() {
    let payloads = some();
    let dir = packs(&payloads);
    let end = |of: &[Payload], records, at_work| {
        let mut reader = PackReader::open(dir.path(), 0).expect("it can be read");
        for payload in of {
            reader.check(super::of(payload), &payload.1.bound).expect("it can be read");
        }
        reader.end(records, at_work).map(|fault| fault.map(|fault| fault.kind)).map_err(fault)
    };
    let unbound = |payload: usize| Ok(Some(EntryFault::Unbound { of: of(&payloads[payload]) }));
    assert_eq!(end(&payloads[..2], 2, true), Ok(None));
    assert_eq!(end(&payloads[..2], 2, false), unbound(2));
    assert_eq!(end(&payloads[..2], 3, true), unbound(2));
    let last = path(dir.path(), 2);
    let whole = fs::read(&last).expect("it is there");
    fs::write(&last, &whole[..60]).expect("it can be written");
    assert_eq!(end(&payloads[..5], 65_536, true), Ok(None));
    assert_eq!(end(&payloads[..5], 65_536, false), Err(EntryFault::Torn));
}

#[test]
fn something_else_in_place_of_a_pack_is_a_fault() {
    let payloads = some();
    let dir = packs(&payloads);
    fs::remove_file(path(dir.path(), 0)).expect("it is there");
    fs::create_dir(path(dir.path(), 0)).expect("a directory");
    assert_eq!(fault(verify(dir.path(), &payloads).expect_err("no file")), EntryFault::NoFile);
}

#[test]
fn a_broken_pack_does_not_keep_the_next_from_being_read() {
    let payloads = some();
    let dir = packs(&payloads);
    fs::write(path(dir.path(), 0), [0xFF; 100]).expect("it can be written");
    let mut reader = PackReader::open(dir.path(), 0).expect("it can be opened");
    let mut check = |payload: &Payload| reader.check(of(payload), &payload.1.bound).map_err(fault);
    assert_eq!(check(&payloads[0]), Err(EntryFault::Field { found: 0xFF }));
    assert_eq!(check(&payloads[4]), Err(EntryFault::Field { found: 0xFF }));
    assert_eq!(check(&payloads[5]), Ok(Found::Kept));
}

#[test]
fn a_payload_out_of_order_is_refused_and_not_written() {
    let dir = packs(&[]);
    let mut writer =
        survey(&open_disk(), dir.path(), 1, NONE, &[]).and_then(Survey::mend).expect("it is new");
    let payloads = [whole(4, Field::Output, "x"), whole(4, Field::Input, "y"), whole(5, Field::Input, "z")];
    let refused = writer.append(&batch(&payloads)).map_err(|error| error.to_string());
    let reason = Unkeepable::OutOfOrder(of(&payloads[1])).to_string();
    assert!(refused.is_err_and(|refused| refused.ends_with(&reason)));
    assert_eq!(names(dir.path()).expect("it is there"), Vec::<String>::new());
}

/// Of another record, field or text.
#[test]
fn a_payload_in_place_of_another_is_changed() {
    let payloads = [whole(1, Field::Input, "yes")];
    let dir = packs(&payloads);
    let check = |of: PayloadRef, bound: &Bound| {
        PackReader::open(dir.path(), 0)
            .and_then(|mut reader| reader.check(of, bound))
            .expect("it can be read")
    };
    let other = whole(1, Field::Input, "noo");
    assert_eq!(check(of(&other), &other.1.bound), Found::Changed);
    let longer = whole(1, Field::Input, "yes, but");
    assert_eq!(check(of(&longer), &longer.1.bound), Found::Changed);
    let salt_only = payload(1, Field::Input, "yes", &Keep::Commitment);
    assert_eq!(check(of(&salt_only), &salt_only.1.bound), Found::Changed);
}
