//! The keys of a domain are each named once, and the records written of them
//! name the same keys in the same order.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mpp_package::{DomainKeys, PublicKey, PublisherName};

fuzz_target!(|bytes: &[u8]| {
    let publisher = PublisherName::parse("com.example").expect("this is a name");
    let Ok(found) = DomainKeys::parse(&publisher, bytes) else { return };
    let keys = found.keys();
    assert!(!keys.is_empty());
    for (index, key) in keys.iter().enumerate() {
        assert!(!keys[..index].contains(key));
        assert_eq!(PublicKey::from_bytes(key.as_bytes()).as_ref(), Ok(key));
    }
    let records: Vec<_> = keys.iter().map(PublicKey::to_domain_record).collect();
    let again = DomainKeys::parse(&publisher, records.join("\n").as_bytes());
    assert_eq!(again, Ok(found));
});
