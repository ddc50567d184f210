//! What a commitment covers, and what it tells.

mod redaction;

use serde_json::json;

use super::*;

fn pointers(texts: &[&str]) -> Keep {
    Keep::Redacted(texts.iter().map(|text| text.parse().expect("it is a pointer")).collect())
}

/// What is kept of a text.
fn stored(field: Field, text: &str, keep: &Keep) -> Option<String> {
    let prepared = prepare(field, text.to_owned(), keep).expect("there is randomness");
    prepared.stored.map(|bytes| String::from_utf8(bytes).expect("it is text"))
}

#[test]
fn a_commitment_is_the_hmac_of_field_and_payload() {
    // From Python: hmac.new(bytes(range(32)), b"input\0{}", "sha256").hexdigest()
    let salt = Salt::from_bytes(std::array::from_fn(|n| n as u8));
    assert_eq!(
        commit(&salt, Field::Input, b"{}").to_string(),
        "dfa4badde50d11b82fe0c478ae43ac1846808ddb871b1199a50cb39c5b2e2e1a"
    );
    let mut pieces = Commitment::begin(&salt, Field::Input);
    pieces.update(b"{");
    pieces.update(b"}");
    assert_eq!(pieces.end(), commit(&salt, Field::Input, b"{}"));
}

#[test]
fn every_field_has_its_byte_and_its_name() {
    for (field, byte) in Field::ALL.into_iter().zip(1..) {
        assert_eq!(field.byte(), byte);
        assert_eq!(Field::from_byte(byte), Some(field));
        assert_eq!(field.as_str().parse(), Ok(field));
        assert_eq!(json!(field), json!(field.as_str()));
    }
    assert_eq!(Field::from_byte(0), None);
    assert_eq!(Field::from_byte(11), None);
    assert_eq!("Input".parse::<Field>(), Err(UnknownField("Input".to_owned())));
}

#[test]
fn one_text_twice_has_two_salts_and_two_commitments() {
    let [one, two] =
        [(); 2].map(|()| prepare(Field::Input, "{}".to_owned(), &Keep::Whole).expect("there is randomness"));
    assert_ne!(one.salt, two.salt);
    assert_ne!(one.bound.commit, two.bound.commit);
}

#[test]
fn one_payload_under_one_salt_has_another_commitment_in_each_field() {
    let salt = Salt::from_bytes([7; 32]);
    let commits: std::collections::HashSet<_> =
        Field::ALL.iter().map(|field| commit(&salt, *field, b"x")).collect();
    assert_eq!(commits.len(), Field::ALL.len());
}

#[test]
fn the_commitment_covers_what_is_kept() {
    let text = r#"{"user":"ada","pin":"1234"}"#;
    for (keep, kept, covered) in [
        (Keep::Whole, Kept::Whole, text),
        (Keep::Commitment, Kept::Commitment, text),
        (pointers(&["/pin"]), Kept::Redacted, r#"{"pin":"[redacted]","user":"ada"}"#),
    ] {
        let prepared = prepare(Field::Output, text.to_owned(), &keep).expect("there is randomness");
        let Prepared { field, bound, salt, stored } = prepared;
        assert_eq!(field, Field::Output);
        assert_eq!(bound.kept, kept);
        assert_eq!(bound.bytes, covered.len() as u64);
        assert_eq!(bound.commit, commit(&salt, Field::Output, covered.as_bytes()));
        assert_eq!(stored.as_deref(), (kept != Kept::Commitment).then_some(covered.as_bytes()));
    }
}

#[test]
fn the_memory_of_a_salt_is_not_shown() {
    assert_eq!(format!("{:?}", Salt::from_bytes([1; 32])), "Salt(..)");
}
