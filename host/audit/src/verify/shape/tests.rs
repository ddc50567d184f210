use proptest::prelude::*;
use proptest::sample::Index;

use super::*;
use crate::record::Record;

/// Records of every kind and form, in the spelling of this program.
const RECORDS: &str = include_str!("../../record/line/tests/records.jsonl");

fn calls() -> Vec<&'static str> {
    let of_call = |line: &&str| {
        ["intent", "denial", "outcome"].iter().any(|kind| line.contains(&format!(r#""kind":"{kind}""#)))
    };
    RECORDS.lines().filter(of_call).collect()
}

fn read<'a>(line: &'a str, documents: &mut Documents) -> Option<(Frame<'a>, Said<'a>)> {
    let frame = Frame::read(line)?;
    let said = body(frame.kind, frame.body, documents)?;
    Some((frame, said))
}

/// What is read here is what the decoder reads.
fn agree(line: &str, documents: &mut Documents) -> bool {
    let Some((frame, said)) = read(line, documents) else { return false };
    let record = Record::decode(line.as_bytes()).expect("what is read here is a record");
    assert_eq!((frame.seq, frame.epoch, frame.prev), (record.seq, record.epoch, record.prev));
    assert_eq!((frame.ts, frame.kind), (record.ts, record.entry.kind()));
    assert_eq!(said, Said::by(&record), "{line}");
    true
}

#[test]
fn every_record_of_a_call_as_this_program_spells_it_is_read() {
    assert!(calls().len() >= 3);
    for line in calls() {
        let mut documents = Documents::default();
        assert!(agree(line, &mut documents), "{line}");
        assert!(agree(line, &mut documents), "again, with what is known: {line}");
    }
}

#[test]
fn a_record_of_another_kind_is_left_to_the_decoder() {
    for line in RECORDS.lines().filter(|line| !calls().contains(line)) {
        assert!(!agree(line, &mut Documents::default()), "{line}");
    }
}

#[test]
fn another_spelling_is_left_to_the_decoder() {
    let intent = calls()[0];
    for (ours, another) in [
        (r#""seq":"#, r#""seq": "#),
        (r#""v":2,"seq""#, r#""v":2.0,"seq""#),
        (r#""kind":"intent""#, r#""kind":"\u0069ntent""#),
        (r#"{"id":""#, r#"{"id":"\n"#),
        (r#""declared":{"inline":{"#, r#""declared":{"inline": {"#),
        (r#""cut_bytes":0"#, r#""cut_bytes":00"#),
        (r#""cut_bytes":0"#, r#""cut_bytes":18446744073709551616"#),
    ] {
        let line = intent.replacen(ours, another, 1);
        assert_ne!(line, intent, "{ours}");
        assert!(!agree(&line, &mut Documents::default()), "{line}");
    }
}

#[test]
fn a_document_with_a_key_twice_is_never_known() {
    let intent = calls()[0];
    let twice = intent.replacen(r#""declared":{"inline":{"#, r#""declared":{"inline":{"x":1,"x":2,"#, 1);
    let mut documents = Documents::default();
    for _ in 0..2 {
        assert!(!agree(&twice, &mut documents));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn no_change_of_a_line_is_read_otherwise_than_by_the_decoder(
        which in any::<Index>(),
        at in any::<Index>(),
        gone in 0..3_usize,
        new in r#"[\[\]{}",:0-9a-z\\ntruls]{0,3}"#,
    ) {
        let calls = calls();
        let good = calls[which.index(calls.len())];
        let at = at.index(good.len());
        let end = (at + gone).min(good.len());
        prop_assume!(good.is_char_boundary(at) && good.is_char_boundary(end));
        let mut documents = Documents::default();
        // Half of the cases with documents that are known.
        if gone % 2 == 0 {
            agree(good, &mut documents);
        }
        agree(&[&good[..at], &new, &good[end..]].concat(), &mut documents);
    }
}
