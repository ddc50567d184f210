//! A URL that parses is one that a client reads in no other way: parsing what
//! is sent gives the same host, port and path.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mpp_policy::{Host, HttpTarget, Method, Outbound};

fuzz_target!(|url: &str| {
    let Ok(target) = HttpTarget::parse(Method::Get, url) else { return };
    let sent = target.url();
    assert!(sent.username().is_empty() && sent.password().is_none() && sent.fragment().is_none());
    assert_eq!(HttpTarget::parse(Method::Get, sent.as_str()).as_ref(), Ok(&target));
    if let Host::Name(name) = target.host() {
        assert!(name.as_str().is_ascii() && !name.as_str().ends_with('.'));
    }
    if let Ok(entry) = Outbound::parse(&target.authority()) {
        assert!(entry.permits(&target));
    }
});
