//! An entry that parses is shown in a form that parses to the same, and the
//! overlap of two permits nothing that either of them does not.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mpp_policy::{HttpTarget, Method, Outbound};

fn entry(text: &str) -> Option<Outbound> {
    if let Ok(entry) = Outbound::parse(text) {
        assert_eq!(Outbound::parse(&entry.to_string()).as_ref(), Ok(&entry));
        return Some(entry);
    }
    serde_json::from_str(text).ok()
}

fuzz_target!(|texts: (&str, &str, &str)| {
    let (one, other, url) = texts;
    let Some(one) = entry(one) else { return };
    let json = serde_json::to_string(&one).expect("an entry can be written");
    assert_eq!(serde_json::from_str::<Outbound>(&json).expect("what was written can be read"), one);
    let (Some(other), Ok(target)) = (entry(other), HttpTarget::parse(Method::Get, url)) else { return };
    let both = one.intersect(&other).is_some_and(|both| both.permits(&target));
    assert!(!both || one.permits(&target) && other.permits(&target));
});
