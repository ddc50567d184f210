//! Each way to damage a log has a name, and the first bad record has a number.

use mpp_audit::{FaultKind, Hash, Receipt};

use crate::support::{fault, lines, verified, written};

fn replaced(line: &[u8], from: &str, to: &str) -> Vec<u8> {
    let line = String::from_utf8_lossy(line);
    assert!(line.contains(from), "{from} is not in {line}");
    line.replacen(from, to, 1).into_bytes()
}

#[test]
fn a_whole_log_holds_and_says_where_it_ends() {
    let (log, receipts) = written(6);
    let summary = verified(&log, &receipts).expect("the log holds");
    assert_eq!((summary.records, summary.bytes), (6, log.len() as u64));
    assert_eq!(Some(&summary.head), receipts.last());
    assert_eq!(summary.receipts_checked, 6);
}

#[test]
fn a_flipped_bit_is_found_wherever_it_is() {
    let (log, receipts) = written(4);
    let lines = lines(&log);
    let head = &receipts[3..];
    for place in 0..log.len() {
        for bit in [0, 5, 7] {
            let mut flipped = log.clone();
            flipped[place] ^= 1 << bit;
            let (seq, _, kind) = verified(&flipped, head).expect_err("one bit is wrong");
            // The line that the bit is on, or the one after where nothing tells.
            let mut end = 0;
            let hit = lines
                .iter()
                .take_while(|line| {
                    end += line.len();
                    end <= place
                })
                .count() as u64;
            assert!(seq == hit || seq == hit + 1, "bit {bit} of byte {place} in record {hit}: {seq}, {kind}");
        }
    }
}

#[test]
fn a_changed_record_is_named_by_the_one_after_it() {
    let (log, _) = written(6);
    for seq in 1..=3 {
        let mut lines = lines(&log);
        lines[seq] = replaced(&lines[seq], &format!("number {seq}"), "number 9");
        assert_eq!(fault(&lines.concat()), (seq as u64, seq as u64 + 1, FaultKind::Changed));
    }
}

#[test]
fn a_change_next_to_the_end_is_found_though_nobody_can_say_which_record_it_was() {
    let (log, _) = written(6);
    let mut lines = lines(&log);
    lines[4] = replaced(&lines[4], "number 4", "number 9");
    assert_eq!(fault(&lines.concat()), (5, 6, FaultKind::Unchained));
}

#[test]
fn another_predecessor_is_found() {
    let (log, receipts) = written(6);
    let other = Hash::of_record(b"another").to_string();
    for seq in 1..6 {
        let mut lines = lines(&log);
        lines[seq] = replaced(&lines[seq], &receipts[seq - 1].hash.to_string(), &other);
        assert_eq!(fault(&lines.concat()), (seq as u64, seq as u64 + 1, FaultKind::Unchained));
    }
    let mut lines = lines(&log);
    lines[0] = replaced(&lines[0], &Hash::ZERO.to_string(), &other);
    assert_eq!(fault(&lines.concat()), (0, 1, FaultKind::Header));
}

#[test]
fn deleted_records_are_found() {
    let (log, _) = written(8);
    for (from, to) in [(0, 1), (1, 2), (3, 4), (3, 6), (1, 7)] {
        let mut lines = lines(&log);
        lines.drain(from..to);
        let found = to as u64;
        assert_eq!(fault(&lines.concat()), (from as u64, from as u64 + 1, FaultKind::Missing { found }));
    }
}

#[test]
fn swapped_records_are_found() {
    let (log, _) = written(8);
    for first in 0..7 {
        let mut lines = lines(&log);
        lines.swap(first, first + 1);
        let found = first as u64 + 1;
        assert_eq!(fault(&lines.concat()), (first as u64, found, FaultKind::Swapped { found }));
    }
    let mut lines = lines(&log);
    lines.swap(2, 5);
    assert_eq!(fault(&lines.concat()), (2, 3, FaultKind::Missing { found: 5 }));
}

#[test]
fn a_record_put_in_again_is_found() {
    let (log, _) = written(6);
    for (again, at) in [(3, 4), (1, 5), (5, 6), (0, 1)] {
        let mut lines = lines(&log);
        lines.insert(at, lines[again].clone());
        let found = again as u64;
        assert_eq!(fault(&lines.concat()), (at as u64, at as u64 + 1, FaultKind::Repeated { found }));
    }
}

#[test]
fn a_forged_record_put_in_between_is_found() {
    let (log, _) = written(6);
    let mut lines = lines(&log);
    // It fits what is before it: right number, right predecessor.
    lines.insert(3, replaced(&lines[3], "number 3", "number 9"));
    assert_eq!(fault(&lines.concat()), (4, 5, FaultKind::Repeated { found: 3 }));
    // And with the numbers after it moved up, the chain breaks.
    for seq in (4..7).rev() {
        lines[seq] = replaced(&lines[seq], &format!("\"seq\":{}", seq - 1), &format!("\"seq\":{seq}"));
    }
    assert_eq!(fault(&lines.concat()), (4, 5, FaultKind::Unchained));
}

#[test]
fn a_line_cut_off_in_the_middle_is_found_at_every_byte() {
    let (log, _) = written(3);
    let mut end = 0;
    for (seq, line) in lines(&log).iter().enumerate() {
        for cut in 1..line.len() - 1 {
            assert_eq!(fault(&log[..end + cut]), (seq as u64, seq as u64 + 1, FaultKind::Torn));
        }
        end += line.len();
        let place = (seq as u64, seq as u64 + 1, FaultKind::MissingNewline);
        assert_eq!(fault(&log[..end - 1]), place);
    }
}

#[test]
fn an_empty_log_is_found() {
    assert_eq!(fault(b""), (0, 1, FaultKind::Empty));
}

#[test]
fn an_empty_line_is_found() {
    let (log, _) = written(3);
    let (seq, line, kind) = fault(&[&log[..], b"\n"].concat());
    assert!(matches!((seq, line, kind), (3, 4, FaultKind::Malformed { .. })));
}

#[test]
fn a_line_without_end_is_found_without_reading_it_all() {
    let (log, _) = written(2);
    let endless = std::io::Read::chain(&log[..], std::io::repeat(b' '));
    let endless = std::io::BufReader::new(endless);
    let found = mpp_audit::verify(endless, &[]);
    let Err(mpp_audit::ReadError::Fault(fault)) = found else { panic!("{found:?}") };
    assert_eq!((fault.seq, fault.kind), (2, FaultKind::TooLong));
    assert_eq!(fault.offset, log.len() as u64);
}

#[test]
fn keys_twice_unknown_versions_and_unknown_kinds_are_found() {
    let (log, _) = written(4);
    let change = |from: &str, to: &str| {
        let mut lines = lines(&log);
        lines[2] = replaced(&lines[2], from, to);
        fault(&lines.concat())
    };
    let key = "code".to_owned();
    assert_eq!(change("\"code\":", "\"code\":\"\",\"code\":"), (2, 3, FaultKind::DuplicateKey { key }));
    assert_eq!(change("\"v\":2", "\"v\":3"), (2, 3, FaultKind::UnknownVersion { found: 3 }));
    let found = "rumour".to_owned();
    assert_eq!(change("\"refusal\"", "\"rumour\""), (2, 3, FaultKind::UnknownKind { found }));
    assert_eq!(change("\"seq\":2", "\"seq\":3"), (2, 3, FaultKind::Missing { found: 3 }));
    assert_eq!(change("\"seq\":2", "\"seq\":1"), (2, 3, FaultKind::Repeated { found: 1 }));
}

#[test]
fn a_header_anywhere_else_is_found() {
    let (log, receipts) = written(3);
    let header = &lines(&log)[0];
    let second = replaced(header, "\"seq\":0", "\"seq\":1");
    let second = replaced(&second, &Hash::ZERO.to_string(), &receipts[0].hash.to_string());
    assert_eq!(fault(&[&header[..], &second[..]].concat()), (1, 2, FaultKind::Header));
    let first = replaced(&lines(&log)[1], "\"seq\":1", "\"seq\":0");
    let first = replaced(&first, &receipts[0].hash.to_string(), &Hash::ZERO.to_string());
    assert_eq!(fault(&first), (0, 1, FaultKind::Header));
}

#[test]
fn a_tail_cut_off_at_a_line_shows_only_against_a_receipt() {
    let (log, receipts) = written(6);
    let shorter = lines(&log)[..4].concat();
    let summary = verified(&shorter, &receipts[..4]).expect("nothing inside the log tells");
    assert_eq!(summary.records, 4);
    assert_eq!(verified(&shorter, &receipts), Err((4, 5, FaultKind::CutOff { receipt: 4 })));
    assert_eq!(verified(&shorter, &receipts[5..]), Err((4, 5, FaultKind::CutOff { receipt: 5 })));
}

#[test]
fn a_log_written_anew_shows_only_against_a_receipt() {
    let (_, receipts) = written(6);
    let (anew, _) = written(6);
    verified(&anew, &[]).map(drop).expect("nothing inside the log tells");
    for kept in &receipts {
        let expected = kept.hash;
        let place = (kept.seq, kept.seq + 1, FaultKind::Rewritten { expected });
        assert_eq!(verified(&anew, &[*kept]), Err(place));
    }
}

#[test]
fn a_changed_last_record_shows_only_against_its_receipt() {
    let (log, receipts) = written(4);
    let mut lines = lines(&log);
    lines[3] = replaced(&lines[3], "number 3", "number 9");
    let changed = lines.concat();
    verified(&changed, &receipts[..3]).map(drop).expect("nothing inside the log tells");
    let expected = receipts[3].hash;
    assert_eq!(verified(&changed, &receipts), Err((3, 4, FaultKind::Rewritten { expected })));
}

#[test]
fn two_receipts_for_one_record_cannot_both_hold() {
    let (log, receipts) = written(3);
    let other = Receipt { seq: 1, hash: receipts[2].hash };
    let expected = other.hash;
    for kept in [[receipts[1], other], [other, receipts[1]]] {
        assert_eq!(verified(&log, &kept), Err((1, 2, FaultKind::Rewritten { expected })));
    }
}
