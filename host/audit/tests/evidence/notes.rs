//! Signed notes.

use mpp_audit::note::{
    Algorithm, KeyNameError, LogSigner, MAX_NOTE_BYTES, MAX_SIGNATURES, Note, NoteError, VerifierKey,
};
use proptest::prelude::*;

use crate::support::base64;

/// The example of C2SP signed-note.
const EXAMPLE: &str = "This is an example message.\n\n\
    — example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";
const EXAMPLE_KEY: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";

/// The signature of the example, without the name before it.
const SIGNATURE: &str =
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=";

fn key(text: &str) -> VerifierKey {
    text.parse().expect("a key")
}

fn note(text: &str) -> Note {
    Note::parse(text.as_bytes()).expect("a note")
}

fn refused(text: &str) -> NoteError {
    Note::parse(text.as_bytes()).expect_err("not a note")
}

#[test]
fn the_example_of_the_specification_verifies_under_its_key() {
    let (note, key) = (note(EXAMPLE), key(EXAMPLE_KEY));
    assert_eq!(note.text(), "This is an example message.\n");
    assert_eq!((key.name().as_str(), key.id().to_string().as_str()), ("example.com/foo", "530d903a"));
    assert_eq!(key.algorithm(), Algorithm::Ed25519);
    let verified = note.verify([&key]).expect("the key signed it");
    assert_eq!(verified.len(), 1);
    assert_eq!((verified[0].key, verified[0].time), (&key, None));
    assert_eq!(note.to_string(), EXAMPLE);
    assert_eq!(key.to_string(), EXAMPLE_KEY);
}

#[test]
fn the_other_example_reads_back_as_it_was() {
    let example = "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n\n\
        — quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n";
    let note = note(example);
    assert!(note.text().ends_with("\n\ned è subito sera.\n"), "{:?}", note.text());
    assert_eq!(note.signatures()[0].name().as_str(), "quasimodo.example/salvatore");
    assert_eq!(note.signatures()[0].id().to_string(), "367ba04b");
    assert_eq!(note.to_string(), example);
}

#[test]
fn l7_a_signature_of_an_unknown_key_counts_for_nothing() {
    let other = LogSigner::from_seed("example.com/bar".parse().expect("a name"), &[1; 32]);
    assert_eq!(note(EXAMPLE).verify([other.key().as_key()]), Err(NoteError::Unsigned));
    assert_eq!(note(EXAMPLE).verify([]), Err(NoteError::Unsigned));
}

#[test]
fn l7_a_key_that_shares_the_name_or_the_identifier_but_not_both_is_unknown() {
    let namesake = LogSigner::from_seed("example.com/foo".parse().expect("a name"), &[1; 32]);
    assert_eq!(note(EXAMPLE).verify([namesake.key().as_key()]), Err(NoteError::Unsigned));
    let renamed = note(&EXAMPLE.replace("example.com/foo", "example.com/bar"));
    assert_eq!(renamed.verify([&key(EXAMPLE_KEY)]), Err(NoteError::Unsigned));
    // The other key's line beside the true one changes nothing.
    let both = EXAMPLE.to_owned() + "— example.com/foo AAAAAAA=\n— example.com/bar " + SIGNATURE + "\n";
    assert_eq!(note(&both).verify([&key(EXAMPLE_KEY)]).expect("the key signed it").len(), 1);
}

#[test]
fn l7_a_line_that_names_a_known_key_and_is_not_by_it_refuses_the_note() {
    let known = key(EXAMPLE_KEY);
    let invalid = NoteError::Invalid { name: known.name().clone(), id: known.id() };
    let changed = note(&EXAMPLE.replace("an example", "no example"));
    assert_eq!(changed.verify([&known]), Err(invalid.clone()));
    // Also if another known key did sign.
    let other = LogSigner::from_seed("example.com/bar".parse().expect("a name"), &[1; 32]);
    for length in [1, 63, 65] {
        let line = [known.id().as_bytes().as_slice(), &vec![0; length]].concat();
        let mut bad = note(EXAMPLE);
        let false_line = format!("x\n\n— example.com/foo {}\n", base64(&line));
        bad.put(note(&false_line).signatures()[0].clone()).expect("there is room");
        assert_eq!(bad.verify([other.key().as_key(), &known]), Err(invalid.clone()));
    }
}

#[test]
fn two_lines_of_one_known_key_refuse_the_note() {
    let known = key(EXAMPLE_KEY);
    let twice = EXAMPLE.to_owned() + "— example.com/foo " + SIGNATURE + "\n";
    let error = NoteError::Twice { name: known.name().clone(), id: known.id() };
    assert_eq!(note(&twice).verify([&known]), Err(error));
    // Of keys that are not known here, nobody can say so.
    assert_eq!(note(&twice).verify([]), Err(NoteError::Unsigned));
}

#[test]
fn l7_a_note_has_one_spelling() {
    for wrong in [
        "",
        "\n",
        "\n\n",
        "text\n",
        "text\n\n",
        "text\n\n\n",
        EXAMPLE.trim_end(),
        &EXAMPLE.replace("\n\n", "\n"),
        EXAMPLE.trim_start_matches("This is an example message.\n\n"),
    ] {
        assert!(matches!(refused(wrong), NoteError::Form | NoteError::Line { line: 1 }), "{wrong:?}");
    }
    let line = |line| NoteError::Line { line };
    assert_eq!(refused(&format!("{EXAMPLE}\n")), NoteError::Form);
    assert_eq!(refused(&format!("{EXAMPLE}x\n")), line(2));
    for (from, to) in [
        ("— ", "- "),
        ("— ", "—"),
        ("— ", "–\u{a0}"),
        (" Uw2Q", "Uw2Q"),
        (" Uw2Q", "  Uw2Q"),
        ("QM=\n", "QM\n"),
        ("QM=\n", "QM==\n"),
        ("QM=\n", "QN=\n"),
        ("QM=\n", "QM= \n"),
        ("QM=\n", "QM=x\n"),
        (SIGNATURE, ""),
        (SIGNATURE, "Uw2QOg=="),
    ] {
        let wrong = EXAMPLE.replacen(from, to, 1);
        assert_ne!(wrong, EXAMPLE);
        assert_eq!(refused(&wrong), line(1), "{wrong:?}");
    }
}

#[test]
fn l7_line_ends_control_characters_and_broken_utf8_are_refused() {
    assert_eq!(refused(&EXAMPLE.replace('\n', "\r\n")), NoteError::Control { code: 0x0d });
    for code in (0..0x20).filter(|code| *code != 0x0a) {
        let c = char::from(code);
        assert_eq!(
            refused(&EXAMPLE.replace("an ", &format!("an{c}"))),
            NoteError::Control { code: code.into() }
        );
    }
    let mut bytes = EXAMPLE.as_bytes().to_vec();
    bytes[3] = 0xff;
    assert_eq!(Note::parse(&bytes), Err(NoteError::NotUtf8));
    // An overlong newline, and a surrogate.
    assert_eq!(Note::parse(b"\xc0\x8a"), Err(NoteError::NotUtf8));
    assert_eq!(Note::parse(b"\xed\xa0\x80"), Err(NoteError::NotUtf8));
}

#[test]
fn a_note_has_its_limits() {
    let line = |n: usize| format!("— w{n} AAAAAAA=\n");
    let most: String = (0..MAX_SIGNATURES).map(line).collect();
    assert_eq!(note(&format!("x\n\n{most}")).signatures().len(), MAX_SIGNATURES);
    assert_eq!(refused(&format!("x\n\n{most}{}", line(99))), NoteError::TooManySignatures);
    let mut full = note(&format!("x\n\n{most}"));
    let more = note(&format!("x\n\n{}", line(99))).signatures()[0].clone();
    assert_eq!(full.put(more), Err(NoteError::TooManySignatures));
    let long = "x".repeat(MAX_NOTE_BYTES - EXAMPLE.len());
    let longest = long + EXAMPLE;
    assert_eq!(note(&longest).to_string(), longest);
    assert_eq!(refused(&format!("x{longest}")), NoteError::TooLong { found: MAX_NOTE_BYTES + 1 });
    // What the specification demands: 16 signatures of nearly 5 kB.
    let large = format!("— witness.example/w {}\n", base64(&[0; 3 * 1230]));
    assert_eq!(note(&format!("x\n\n{}", large.repeat(16))).signatures().len(), 16);
}

#[test]
fn a_line_whose_key_cannot_have_that_name_refuses_the_note() {
    let error = NoteError::LineName { line: 1, source: KeyNameError::Character { code: 0x2b } };
    assert_eq!(refused(&EXAMPLE.replace("/foo", "+foo")), error);
    assert_eq!(
        refused(&EXAMPLE.replace("example.com/foo ", " ")),
        NoteError::LineName { line: 1, source: KeyNameError::Empty }
    );
}

proptest! {
    #[test]
    fn any_bytes_that_are_a_note_are_written_back_as_they_were(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(note) = Note::parse(&bytes) {
            prop_assert_eq!(note.to_string().into_bytes(), bytes);
        }
    }

    #[test]
    fn any_text_that_is_nearly_a_note_is_refused_or_written_back(
        text in "[a\n]{0,5}\n\n(— [a+ ]{1,3} [A-Za-z0-9+/]{6,8}[=]{0,2}\n){0,3}",
    ) {
        if let Ok(note) = Note::parse(text.as_bytes()) {
            prop_assert_eq!(note.to_string(), text);
        }
    }

    #[test]
    fn any_byte_changed_in_a_signed_note_is_found(place in any::<prop::sample::Index>(), flip in 1_u8..=255) {
        let mut bytes = EXAMPLE.as_bytes().to_vec();
        let place = place.index(bytes.len());
        bytes[place] ^= flip;
        let believed = Note::parse(&bytes).and_then(|note| note.verify([&key(EXAMPLE_KEY)]).map(|_| ()));
        prop_assert!(believed.is_err(), "byte {place}");
    }
}
