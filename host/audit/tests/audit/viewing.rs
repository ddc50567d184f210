//! Calls with what was said in them, as far as it is still there.

use std::path::Path;
use std::sync::Arc;

use mpp_audit::view::{self, How, Invocation, Item, Seen};
use mpp_audit::{Denied, FaultKind, Field, ReadError};

use crate::forge::Forge;
use crate::support::{ended, home, new_call, open_quiet};

/// More than any payload here has.
const ALL: u64 = 1 << 20;

fn calls(dir: &Path, most: u64) -> Vec<Invocation> {
    let items = view::read(dir, most).expect("the log can be read");
    let calls = items.filter_map(|item| match item.expect("the log holds") {
        Item::Call(call) => Some(*call),
        Item::Other(_) => None,
    });
    calls.collect()
}

fn call(forge: &Forge) -> Invocation {
    calls(forge.write().path(), ALL).pop().expect("there is a call")
}

fn output(call: &Invocation) -> &Seen {
    match &call.end.as_ref().expect("it has ended").how {
        How::Outcome(outcome) => outcome.output.as_ref().expect("it has an output"),
        How::Recovered => panic!("it has an outcome"),
    }
}

#[test]
fn what_was_said_is_given_with_the_call_up_to_the_length_that_was_asked_for() {
    let dir = home();
    let log = Arc::new(open_quiet(dir.path()));
    let began = log.begin(new_call(1)).expect("it begins");
    let denied = Denied {
        permission: "filesystem.read".to_owned(),
        code: "not-granted".to_owned(),
        resource: "/etc/passwd".to_owned(),
        reason: "reading it was not granted".to_owned(),
    };
    began.denied(denied).expect("it is queued");
    began.end(ended(&"x".repeat(100))).expect("it ends");
    let all = calls(dir.path(), ALL);
    assert_eq!(all[0].input, Seen::Text(r#"{"text":"of call 1"}"#.to_owned()));
    assert_eq!(all[0].denials[0].resource, Seen::Text("/etc/passwd".to_owned()));
    assert_eq!(*output(&all[0]), Seen::Text("x".repeat(100)));
    let short = calls(dir.path(), 99);
    assert_eq!(short[0].input, all[0].input);
    assert_eq!(*output(&short[0]), Seen::Unread);
}

#[test]
fn what_is_gone_says_why() {
    let mut forge = Forge::new();
    let one = forge.call(1);
    forge.entry(one, "input").erase();
    forge.drop_entry(one + 1, "output");
    forge.erasure(one, 1, "input");
    forge.lost(one + 1, "output");
    let seen = call(&forge);
    assert_eq!((&seen.input, output(&seen)), (&Seen::Erased, &Seen::Lost));

    let mut forge = Forge::new();
    forge.call(1);
    forge.entries.clear();
    let after = forge.next();
    forge.retention(after);
    let seen = call(&forge);
    assert_eq!((&seen.input, output(&seen)), (&Seen::Erased, &Seen::Erased));
}

/// Whoever reads before the log is opened again must not be the last to know it.
#[test]
fn what_is_erased_on_record_is_not_shown_though_it_is_still_there() {
    let mut forge = Forge::new();
    let one = forge.call(1);
    forge.erasure(one, 1, "input");
    assert_eq!(call(&forge).input, Seen::Erased);
    forge.entry(one, "input").salt = [0; 32];
    assert_eq!(call(&forge).input, Seen::Erased, "it was interrupted halfway");
}

#[test]
fn what_its_record_does_not_bind_is_never_shown() {
    let mut forge = Forge::new();
    let one = forge.call(1);
    forge.entry(one, "input").payload[3] ^= 1;
    let dir = forge.write();
    let mut items = view::read(dir.path(), ALL).expect("the log can be read");
    let fault = items.find_map(Result::err).expect("it is told");
    let ReadError::Fault(fault) = fault else { panic!("{fault}") };
    assert_eq!((fault.seq, fault.kind), (one, FaultKind::PayloadChanged { field: Field::Input }));
}

/// Its writer may be at work. A verifier tells that from a payload that was removed.
#[test]
fn what_is_not_there_and_has_no_reason_is_not_said_to_be_lost() {
    let mut forge = Forge::new();
    let one = forge.call(1);
    forge.drop_entry(one + 1, "output");
    let seen = call(&forge);
    assert_eq!(*output(&seen), Seen::Unread);
    assert!(matches!(seen.input, Seen::Text(_)));
}
