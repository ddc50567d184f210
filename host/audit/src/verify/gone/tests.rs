use super::*;

const TWO: Fields = Fields::of(Field::Output).with(Field::Log);
const INPUT: Fields = Fields::of(Field::Input);

fn unexcused(gone: &Gone) -> Option<(u64, Option<Field>)> {
    gone.first().map(|first| (first.seq, first.field))
}

#[test]
fn ten_million_records_of_which_nothing_is_left_are_one_run() {
    let mut gone = Gone::default();
    (0..10_000_000).for_each(|seq| gone.add(seq, INPUT, INPUT, Left::Nothing));
    assert_eq!((gone.runs(), unexcused(&gone)), (1, Some((0, None))));
    gone.excuse_below(10_000_000, std::iter::empty());
    assert_eq!(gone.first(), None);
}

#[test]
fn a_payload_that_is_there_ends_a_run() {
    let mut gone = Gone::default();
    gone.add(3, INPUT, INPUT, Left::Nothing);
    gone.found();
    gone.add(5, INPUT, INPUT, Left::Nothing);
    gone.add(6, TWO, INPUT, Left::Nothing);
    gone.add(7, INPUT, INPUT, Left::Nothing);
    gone.add(9, INPUT, INPUT, Left::Rubble);
    assert_eq!(gone.runs(), 5);
}

#[test]
fn a_reason_for_one_payload_is_none_for_another() {
    let mut gone = Gone::default();
    (1..=5).for_each(|seq| gone.add(seq, TWO, TWO, Left::Nothing));
    assert!(gone.excuse(3, Field::Output, TWO));
    gone.excuse_below(3, std::iter::empty());
    assert_eq!(unexcused(&gone), Some((3, Some(Field::Log))));
    assert!(gone.excuse(3, Field::Log, TWO));
    assert_eq!(unexcused(&gone), Some((4, None)));
    assert!(!gone.excuse(6, Field::Log, TWO), "it is there");
}

#[test]
fn a_reason_given_twice_changes_nothing() {
    let mut gone = Gone::default();
    gone.add(1, INPUT, INPUT, Left::Rubble);
    assert!(gone.excuse(1, Field::Input, INPUT));
    assert!(gone.excuse(1, Field::Input, INPUT));
    assert_eq!(gone.first(), None);
}

#[test]
fn retention_is_no_reason_for_what_it_excepts() {
    let mut gone = Gone::default();
    (0..10).for_each(|seq| gone.add(seq, TWO, TWO, Left::Nothing));
    gone.excuse_below(8, [(2, TWO), (5, TWO), (9, TWO)].into_iter());
    assert_eq!(unexcused(&gone), Some((2, Some(Field::Output))));
    gone.excuse_below(6, std::iter::empty());
    assert_eq!(unexcused(&gone), Some((8, None)));
    gone.forget_from(9);
    gone.excuse(8, Field::Output, TWO);
    assert_eq!(unexcused(&gone), Some((8, Some(Field::Log))));
}

/// What `Gone` says in few words, said in many.
#[test]
fn runs_say_the_same_as_one_entry_for_each_payload() {
    use proptest::prelude::*;
    let step = (0..4_u8, 0..40_u64, prop::sample::select(Field::ALL.to_vec()));
    proptest!(|(found in prop::collection::vec(0..3_u8, 1..40), steps in prop::collection::vec(step, 0..30))| {
        let (mut gone, mut plain) = (Gone::default(), std::collections::BTreeSet::new());
        for (seq, what) in (0..).zip(&found) {
            match what {
                0 => gone.found(),
                1 => gone.add(seq, TWO, TWO, Left::Nothing),
                _ => gone.add(seq, TWO, Fields::of(Field::Log), Left::Nothing),
            }
            plain.extend((*what == 1).then_some((seq, Field::Output)));
            plain.extend((*what >= 1).then_some((seq, Field::Log)));
        }
        for (what, seq, field) in steps {
            if what == 0 {
                let held = [(seq / 2, TWO)];
                let binds = found.get(seq as usize / 2).is_some();
                gone.excuse_below(seq, held.into_iter().filter(|_| binds));
                plain.retain(|(missing, _)| *missing >= seq || *missing == seq / 2);
            } else if TWO.has(field) && (seq as usize) < found.len() {
                gone.excuse(seq, field, TWO);
                plain.remove(&(seq, field));
            }
        }
        let expected = plain.first().map(|(seq, _)| *seq);
        let said = gone.first();
        // All of a run is said to be missing from its first record on that has any.
        prop_assert!(said.map(|first| first.seq) <= expected || expected.is_none() && said.is_none());
        prop_assert_eq!(said.is_some(), expected.is_some());
    });
}
