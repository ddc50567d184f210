//! What pointers name is gone, and all else is as it was.

use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::limits::MAX_NAME_BYTES;

const SECRET: &str = "hunter2";

fn redacted(text: &str, names: &[&str]) -> Option<Value> {
    let stored = stored(Field::Input, text, &pointers(names))?;
    Some(serde_json::from_str(&stored).expect("what is redacted is JSON"))
}

/// A document with the same secret in many places, and the pointer to each.
fn document() -> Value {
    json!({
        "": SECRET,
        "user": { "pin": SECRET, "name": "ada" },
        "rows": [["a", SECRET], { "k": [SECRET] }],
        "a/b": SECRET,
        "m~n": SECRET,
        "~1": SECRET,
        "q\"\\\n": SECRET,
        "é": SECRET,
        "0": SECRET,
        "whole": { "x": [SECRET, { SECRET: SECRET }] },
    })
}

const PLACES: [&str; 11] = [
    "/",
    "/user/pin",
    "/rows/0/1",
    "/rows/1/k/0",
    "/a~1b",
    "/m~0n",
    "/~01",
    "/q\"\\\n",
    "/é",
    "/0",
    "/whole",
];

#[test]
fn what_the_pointers_name_is_gone_and_the_rest_is_there() {
    let found = redacted(&document().to_string(), &PLACES).expect("it is JSON");
    assert!(!found.to_string().contains(SECRET), "{found}");
    assert_eq!(found["user"], json!({ "pin": REDACTED, "name": "ada" }));
    assert_eq!(found["rows"], json!([["a", REDACTED], { "k": [REDACTED] }]));
    assert_eq!(found["whole"], json!(REDACTED));
}

#[test]
fn each_pointer_is_needed() {
    for left in PLACES {
        let others: Vec<&str> = PLACES.into_iter().filter(|place| *place != left).collect();
        let found = redacted(&document().to_string(), &others).expect("it is JSON");
        assert!(found.to_string().contains(SECRET), "{left}");
        assert!(found.pointer(left).is_some_and(|value| *value != json!(REDACTED)), "{left}");
    }
}

#[test]
fn the_empty_pointer_names_the_whole_document() {
    assert_eq!(redacted(&document().to_string(), &[""]), Some(json!(REDACTED)));
    assert_eq!(redacted(SECRET, &[""]), None);
}

#[test]
fn a_pointer_to_nothing_changes_nothing() {
    let rows = json!({ "rows": ["a", "b"], "n": 1, "name": "ada" });
    for nothing in [
        "/x",
        "/rows/2",
        "/rows/-",
        "/rows/01",
        "/rows/+1",
        "/rows/1.0",
        "/rows/a",
        "/n/0",
        "/name/0",
        "/rows/0/0",
    ] {
        assert_eq!(redacted(&rows.to_string(), &[nothing]), Some(rows.clone()), "{nothing}");
    }
    assert_eq!(redacted(&rows.to_string(), &[]), Some(rows));
}

#[test]
fn another_spelling_hides_nothing() {
    for text in [
        // An escaped key, an escaped value, and the key twice: the last one counts.
        r#"{"p\u0069n":"hunter2"}"#,
        r#"{"pin":"hunte\u00722"}"#,
        r#"{"pin":"hunter2","pin":"hunter2"}"#,
        r#"{"pin":{"x":"hunter2"},"p\u0069n":0}"#,
        " {\n\"pin\" : [ \"hunter2\" ] }\n",
    ] {
        assert_eq!(redacted(text, &["/pin"]), Some(json!({ "pin": REDACTED })), "{text}");
    }
}

#[test]
fn what_is_no_json_is_not_kept_at_all() {
    let deep = format!("{}\"{SECRET}\"{}", "[".repeat(1000), "]".repeat(1000));
    for text in
        ["hunter2", "", "{\"pin\":\"hunter2\"", "{} hunter2", "{'pin':'hunter2'}", "\u{feff}{}", &deep]
    {
        let prepared =
            prepare(Field::Input, text.to_owned(), &pointers(&["/pin"])).expect("there is randomness");
        assert_eq!((prepared.bound.kept, prepared.stored), (Kept::Commitment, None), "{text}");
        assert_eq!(prepared.bound.commit, commit(&prepared.salt, Field::Input, text.as_bytes()));
    }
}

#[test]
fn the_list_of_calls_is_redacted_line_by_line() {
    let list = "{\"resource\":\"hunter2\",\"count\":1}\n{\"resource\":\"x\",\"count\":2}\n";
    let found = stored(Field::Calls, list, &pointers(&["/resource"]));
    let expected = "{\"count\":1,\"resource\":\"[redacted]\"}\n{\"count\":2,\"resource\":\"[redacted]\"}\n";
    assert_eq!(found.as_deref(), Some(expected));
    // Two documents are none.
    assert_eq!(stored(Field::Log, list, &pointers(&["/resource"])), None);
}

#[test]
fn a_pointer_has_the_form_of_rfc_6901() {
    for right in ["", "/", "//", "/a", "/a/b", "/~0", "/~1", "/~01", "/ ", "/%25", "/é\"\\", "/-", "/0"] {
        let pointer: JsonPointer = right.parse().expect("it is a pointer");
        assert_eq!(pointer.to_string(), right);
        assert_eq!(json!(pointer), json!(right));
    }
    for (wrong, why) in [
        ("a", NoPointer::NoSlash),
        ("#/a", NoPointer::NoSlash),
        (" /a", NoPointer::NoSlash),
        ("~0", NoPointer::NoSlash),
        ("/~", NoPointer::Escape),
        ("/~2", NoPointer::Escape),
        ("/a~/b", NoPointer::Escape),
        ("/~~0", NoPointer::Escape),
    ] {
        assert_eq!(wrong.parse::<JsonPointer>(), Err(why), "{wrong:?}");
    }
    let longest = format!("/{}", "x".repeat(MAX_NAME_BYTES - 3));
    assert!(longest.parse::<JsonPointer>().is_ok());
    assert_eq!(format!("{longest}x").parse::<JsonPointer>(), Err(NoPointer::TooLong));
}

/// The examples of RFC 6901, section 5.
#[test]
fn the_examples_of_the_rfc_name_what_it_says() {
    let document = json!({
        "foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, "g|h": 4, "i\\j": 5, "k\"l": 6, " ": 7, "m~n": 8
    });
    let places = [("/", ""), ("/a~1b", "a/b"), ("/c%d", "c%d"), ("/e^f", "e^f"), ("/g|h", "g|h")];
    let more = [("/i\\j", "i\\j"), ("/k\"l", "k\"l"), ("/ ", " "), ("/m~0n", "m~n"), ("/foo", "foo")];
    for (pointer, key) in places.into_iter().chain(more) {
        let mut expected = document.clone();
        expected[key] = json!(REDACTED);
        assert_eq!(redacted(&document.to_string(), &[pointer]), Some(expected), "{pointer}");
    }
    let mut expected = document.clone();
    expected["foo"][0] = json!(REDACTED);
    assert_eq!(redacted(&document.to_string(), &["/foo/0"]), Some(expected));
}

/// Documents that have the secret behind a path of keys and places, and the pointer there.
fn hidden() -> impl Strategy<Value = (Value, String)> {
    let key = "[~/01a\"\\\\é\u{1}]{0,4}";
    proptest::collection::vec(prop_oneof![key.prop_map(Ok), (0..3_usize).prop_map(Err)], 0..6).prop_map(
        |path| {
            let mut document = json!(SECRET);
            let mut pointer = String::new();
            for step in path {
                (document, pointer) = match step {
                    Ok(key) => {
                        let escaped = key.replace('~', "~0").replace('/', "~1");
                        (json!({ key: document, "other": 1 }), format!("/{escaped}{pointer}"))
                    }
                    Err(place) => {
                        let mut items = vec![json!(0); place];
                        items.push(document);
                        (json!(items), format!("/{place}{pointer}"))
                    }
                };
            }
            (document, pointer)
        },
    )
}

proptest! {
    #[test]
    fn what_a_pointer_names_is_never_kept((document, pointer) in hidden()) {
        let kept = stored(Field::Output, &document.to_string(), &pointers(&[&pointer]));
        let kept = kept.expect("it is JSON");
        prop_assert!(!kept.contains(SECRET), "{kept}");
        prop_assert!(kept.contains(REDACTED));
    }

    #[test]
    fn redacting_arbitrary_text_never_panics(text in any::<String>(), pointer in "(/[~01/a]{0,4}){0,3}") {
        if let Ok(pointer) = pointer.parse() {
            let kept = stored(Field::Input, &text, &Keep::Redacted(vec![pointer]));
            prop_assert!(kept.is_none_or(|kept| serde_json::from_str::<Value>(&kept).is_ok()));
        }
    }
}
