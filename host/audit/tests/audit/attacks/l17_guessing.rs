//! L17: somebody guesses what was erased, and looks whether the log says yes.

use std::sync::Arc;

use hmac::{Hmac, KeyInit as _, Mac as _};
use mpp_audit::{Allowed, Bound, Ended, Entry, Erase, Field, NewCall, show};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use crate::support::{ended, everything, home, new_call, open_quiet};

const PIN: &str = "4711";
const ACCOUNT: &str = "/accounts/4711";

/// A log whose one call had secrets of few digits, all of them erased.
fn erased() -> TempDir {
    let home = home();
    let log = Arc::new(open_quiet(home.path()));
    let id = new_call(1).id;
    let call = log.begin(NewCall { input: PIN.to_owned(), ..new_call(1) }).expect("the call begins");
    let (permission, resource) = ("filesystem.read".to_owned(), ACCOUNT.to_owned());
    let allowed = vec![Allowed { permission, resource, count: 1 }];
    call.end(Ended { allowed, ..ended(PIN) }).expect("its end is on record");
    log.checkpoint().map(drop).expect("it is signed");
    for field in [Field::Input, Field::Output, Field::Calls] {
        let erase = Erase { id: id.clone(), field, basis: "asked for".to_owned(), actor: None };
        log.erase(&erase).expect("it is erased");
    }
    drop(call);
    home
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[test]
fn l17_nothing_of_what_was_erased_is_left_in_any_file() {
    let home = erased();
    for (path, bytes) in everything(home.path()) {
        if !path.ends_with("payloads/0") && !path.ends_with("log.jsonl") {
            continue;
        }
        for secret in [format!("\"{PIN}\""), ACCOUNT.to_owned()] {
            assert!(!contains(&bytes, secret.as_bytes()), "{secret} is in {path:?}");
        }
    }
    let pack = std::fs::read(home.path().join("payloads/0")).expect("it is there");
    let (heads, rest): (Vec<_>, _) = (pack.chunks(1).step_by(1).collect(), pack.len());
    assert_eq!(heads.len(), rest);
    assert!(!contains(&pack, PIN.as_bytes()));
}

#[test]
fn l17_no_guess_is_confirmed_by_what_is_left() {
    let home = erased();
    let shown = show(home.path(), &Default::default()).expect("the log can be read");
    let bound: Vec<(Field, Bound)> =
        shown.records.iter().flat_map(|record| record.entry.payloads()).collect();
    assert_eq!(bound.len(), 3);
    let root = shown.records.iter().find_map(|record| match &record.entry {
        Entry::Outcome(outcome) => Some(outcome.calls.root),
        _ => None,
    });
    let lines: String = shown.records.iter().map(|record| record.line.clone()).collect();
    for guess in 0..10_000 {
        let pin = format!("{guess:04}");
        let call = format!(r#"{{"permission":"filesystem.read","resource":"/accounts/{pin}","count":1}}"#);
        let leaf = Sha256::new().chain_update([0]).chain_update(&call).finalize();
        assert_ne!(root.expect("an outcome").as_bytes()[..], leaf[..], "the root confirms {call}");
        for text in [pin, call.clone() + "\n"] {
            let plain: String = Sha256::digest(&text).iter().map(|byte| format!("{byte:02x}")).collect();
            assert!(!lines.contains(&plain), "a plain hash confirms {text}");
            for (field, bound) in &bound {
                let mut mac = Hmac::<Sha256>::new_from_slice(&[0; 32]).expect("any key");
                mac.update(&[field.as_str().as_bytes(), &[0], text.as_bytes()].concat());
                assert_ne!(bound.commit.as_bytes()[..], mac.finalize().into_bytes()[..], "{text}");
            }
        }
    }
}

#[test]
fn l17_two_payloads_of_one_text_have_nothing_in_common() {
    let home = home();
    let log = Arc::new(open_quiet(home.path()));
    for number in 1..=2 {
        let call = log.begin(NewCall { input: PIN.to_owned(), ..new_call(number) }).expect("it begins");
        call.end(ended(PIN)).expect("its end is on record");
    }
    let shown = show(home.path(), &Default::default()).expect("the log can be read");
    let mut commits: Vec<_> = shown
        .records
        .iter()
        .flat_map(|record| record.entry.payloads())
        .map(|(_, bound)| bound.commit)
        .collect();
    commits.sort_unstable();
    commits.dedup();
    assert_eq!(commits.len(), 4);
}
