//! What is signed is what was shown: a message that is read is written again as
//! the same bytes, and its signed envelope says nothing else.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mpp_package::{Document, DocumentType, Envelope, MAX_SEQUENCE, SigningKey, SigningRequest};

fuzz_target!(|bytes: &[u8]| {
    let Ok(request) = SigningRequest::from_message(bytes) else { return };
    assert_eq!(request.message(), bytes);
    match (request.kind(), request.document()) {
        (DocumentType::Package, Document::Package(statement)) => {
            assert!(statement.sequence() <= MAX_SEQUENCE);
            assert!(statement.not_after().is_none_or(|end| statement.issued_at() < end));
        }
        (DocumentType::Root, Document::Root(_)) | (DocumentType::Index, Document::Index(_)) => {}
        (kind, document) => panic!("{kind} and {document:?}"),
    }
    let key = SigningKey::from_seed(&[7; 32]);
    let envelope = request.clone().sign(&key).expect("what was read can be signed");
    assert_eq!(envelope.kind(), request.kind());
    assert_eq!(SigningRequest::of(&envelope), Ok(request));
    let Ok(json) = envelope.to_json() else { return };
    assert_eq!(Envelope::parse(envelope.kind(), &json), Ok(envelope));
});
