//! What a hostile tool says, and what somebody who guesses learns.

use std::collections::HashMap;

use super::calls::{allowed, denied, ended, entries, new_call, quiet, read};
use super::*;
use crate::record::calls::root;
use crate::record::payload::{Salt, commit};
use crate::record::{Denied, Ended, LogLine, NewCall, Record};

/// What could end a line, end a string, or be taken for a record.
const FORGERIES: [&str; 8] = [
    "\n",
    "\r\n",
    "\u{0}\u{1b}[2J\u{7}\u{8}",
    "\u{2028}\u{2029}\u{85}",
    "\"}}\n{\"v\":2,\"seq\":1,\"kind\":\"outcome\",\"body\":{}}\n",
    "{\"v\":2,\"seq\":1,\"epoch\":0,\"kind\":\"heartbeat\",\"body\":{}}",
    "\\\"\\u000a\\",
    "…[cut 9999 bytes]",
];

/// Each entry is one line, and reads as what was written.
fn one_record_each(entries: &[(Entry, Vec<Prepared>)]) {
    for (entry, _) in entries {
        let line = Body::of(entry).expect("it can be recorded").at(&Place::widest());
        assert!(line.bytes().all(|byte| byte >= b' '), "{line}");
        assert!(line.len() <= MAX_RECORD_BYTES);
        let record = Record::decode(line.as_bytes()).expect("it is one record");
        assert_eq!(record.entry, *entry);
    }
}

#[test]
fn l15_what_is_said_forges_no_record() {
    for text in FORGERIES {
        let call = new_call(text, &json!({ text: text }));
        one_record_each(&entries(call, denied(text), ended(text), &Keeping::WHOLE));
    }
}

#[test]
fn l15_what_is_said_at_any_length_is_one_record() {
    let text = FORGERIES.concat().repeat(70_000);
    assert!(text.len() > 10_000_000, "{}", text.len());
    let call = NewCall { tool: text.clone(), input: text.clone(), ..new_call("x", &json!(0)) };
    one_record_each(&entries(call, denied(&text), ended(&text), &Keeping::WHOLE));
}

#[test]
fn l15_what_is_said_forges_no_line_in_what_is_kept() {
    for text in FORGERIES {
        let line = LogLine { level: text.to_owned(), text: text.to_owned() };
        let ended = Ended { allowed: vec![allowed(text, 1); 3], log: vec![line.clone(); 3], ..quiet() };
        let [_, (_, denial), (_, outcome)] =
            entries(new_call("x", &json!(0)), denied(text), ended, &Keeping::WHOLE);
        let kept: HashMap<Field, &[u8]> = denial
            .iter()
            .chain(&outcome)
            .map(|payload| (payload.field, payload.stored.as_deref().expect("it is kept")))
            .collect();
        assert_eq!(kept[&Field::Calls].iter().filter(|byte| **byte < b' ').count(), 3, "one newline each");
        assert_eq!(serde_json::from_slice::<Vec<LogLine>>(kept[&Field::Log]).ok(), Some(vec![line; 3]));
        let said: Value = serde_json::from_slice(kept[&Field::Denial]).expect("it is JSON");
        assert_eq!(said, json!({ "resource": text, "reason": text }));
    }
}

#[test]
fn l15_a_cut_is_told_from_a_text_that_looks_like_one() {
    let call = new_call("…[cut 9999 bytes]", &json!(0));
    let (intent, _) = super::super::intent(call, Durability::Strict, &Keeping::WHOLE).expect("it fits");
    let intent = read(&intent);
    assert_eq!((intent.tool.as_str(), intent.cut_bytes), ("…[cut 9999 bytes]", 0));
}

/// Little enough to guess.
const WORDS: [&str; 4] = ["yes", "no", "4711", "hunter2"];

/// What a call leaves in which every payload is the same word.
fn said(word: &str) -> [(Entry, Vec<Prepared>); 3] {
    let ended = Ended {
        output: Some(word.to_owned()),
        reason: Some(word.to_owned()),
        allowed: vec![allowed(word, 1)],
        log: vec![LogLine { level: "info".to_owned(), text: word.to_owned() }],
        ..quiet()
    };
    let call = NewCall { input: word.to_owned(), ..new_call("x", &json!(0)) };
    let denied = Denied { resource: word.to_owned(), reason: word.to_owned(), ..denied("x") };
    entries(call, denied, ended, &Keeping::WHOLE)
}

fn lines(entries: &[(Entry, Vec<Prepared>)]) -> String {
    let line = |(entry, _): &(Entry, _)| Body::of(entry).expect("it can be recorded").at(&Place::widest());
    entries.iter().map(line).collect()
}

/// Everything in lines that could be a hash of something.
fn hashes(lines: &str) -> Vec<Hash> {
    lines.split('"').filter_map(|text| text.parse().ok()).collect()
}

#[test]
fn l17_no_payload_stands_in_a_record() {
    let entries = said("hunter2");
    let lines = lines(&entries);
    assert!(!lines.contains("hunter2"), "{lines}");
    assert!(!lines.contains("filesystem.read"), "{lines}");
    assert_eq!(entries.iter().map(|(_, payloads)| payloads.len()).sum::<usize>(), 6);
}

#[test]
fn l17_the_same_said_twice_leaves_nothing_in_common() {
    let [one, two] = [(); 2].map(|()| hashes(&lines(&said("hunter2"))));
    // Six commitments and the root over the calls, but for `prev`, which is zero here.
    let own = |hashes: &[Hash]| hashes.iter().copied().filter(|hash| *hash != Hash::ZERO).collect::<Vec<_>>();
    let (one, two) = (own(&one), own(&two));
    assert_eq!((one.len(), two.len()), (7, 7));
    assert!(one.iter().all(|hash| !two.contains(hash)));
    let distinct: std::collections::HashSet<_> = one.iter().collect();
    assert_eq!(distinct.len(), 7, "no two fields have the same commitment either");
}

/// What somebody with a dictionary, and without the salts, can compute for a word.
fn guesses(payload: &[u8], public: &[Hash]) -> Vec<Hash> {
    let keys = public.iter().map(|hash| Salt::from_bytes(*hash.as_bytes()));
    let keys = keys.chain([Salt::from_bytes([0; 32]), Salt::from_bytes([0xff; 32])]);
    let keyed = keys.flat_map(|salt| {
        let commits = Field::ALL.map(|field| commit(&salt, field, payload));
        commits.into_iter().chain([root(&salt, payload)]).collect::<Vec<_>>()
    });
    let line = payload.strip_suffix(b"\n").unwrap_or(payload);
    let plain = [Hash::of_payload(payload), Hash::of_record(payload), Hash::of_record(line)];
    keyed.chain(plain).collect()
}

#[test]
fn l17_a_dictionary_finds_nothing_without_the_salt_and_the_word_with_it() {
    for word in WORDS {
        let entries = said(word);
        let public = hashes(&lines(&entries));
        for Prepared { field, bound, salt, stored } in entries.iter().flat_map(|(_, payloads)| payloads) {
            let payload = stored.as_deref().expect("it is kept");
            assert!(guesses(payload, &public).iter().all(|guess| !public.contains(guess)), "{field}");
            let is_right = |guess: &str| {
                let guess = String::from_utf8_lossy(payload).replace(word, guess);
                commit(salt, *field, guess.as_bytes()) == bound.commit
            };
            let right: Vec<&str> = WORDS.into_iter().filter(|guess| is_right(guess)).collect();
            assert_eq!(right, [word], "{field}");
        }
    }
}

#[test]
fn l17_what_is_bound_and_not_kept_leaves_only_its_salt() {
    let keeping = Keeping { input: Keep::Commitment, ..Keeping::WHOLE };
    let call = NewCall { input: "hunter2".to_owned(), ..new_call("x", &json!(0)) };
    let (intent, payloads) = super::super::intent(call, Durability::Strict, &keeping).expect("it fits");
    assert_eq!(payloads.len(), 1);
    assert_eq!(payloads[0].stored, None);
    assert_eq!(read(&intent).input.commit, commit(&payloads[0].salt, Field::Input, b"hunter2"));
}
