//! Several signatures on one document, made where the keys are.

use mpp_package::{
    Document, DocumentType, Envelope, EnvelopeError, Index, Package, Root, RootParts, SignError, Signature,
    SignedRoot, SigningKey, SigningRequest, StatementField, Status, VerifyError, add_signature,
    attach_signature, cosign, embed, pre_authentication_encoding,
};

use crate::{
    envelopes::{raw_signature, signed_as},
    publisher::{
        INDEX_KEY, RELEASE_KEY, ROOT_KEYS, hello, index_envelope, index_parts, public, release, role,
        root_envelope, root_parts, rooted, secret, unsigned_version,
    },
    support::{now, options, publisher, signed, unsigned},
};

/// Two release keys, both of which must sign.
fn two_of_two() -> RootParts {
    RootParts { release: role(&[RELEASE_KEY, 3], 2), index: None, ..root_parts(1) }
}

fn invalid(key: &SigningKey) -> SignError {
    SignError::InvalidSignature { keyid: key.public_key().id() }
}

/// The signature of a key over what an envelope holds, made without this crate.
fn elsewhere(seed: u8, envelope: &Envelope) -> Signature {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let message = pre_authentication_encoding(envelope.kind().payload_type(), envelope.payload());
    let bytes = STANDARD.decode(raw_signature(seed, &message)).unwrap();
    Signature::from_bytes(bytes.try_into().unwrap())
}

#[test]
fn a_second_signature_makes_a_package_of_two() {
    let keyring = rooted(two_of_two());
    let error = VerifyError::TooFewSignatures { publisher: publisher(), found: 1, needed: 2 };
    assert_eq!(keyring.verify(hello(), now()).unwrap_err(), error);
    let envelope = cosign(&hello(), &secret(3)).unwrap();
    assert_eq!(envelope.payload(), hello().envelope().unwrap().payload());
    let both = embed(&hello(), &envelope).unwrap();
    let verified = keyring.verify(Package::parse(both).unwrap(), now()).unwrap();
    assert_eq!(verified.key_ids(), [RELEASE_KEY, 3].map(|seed| public(seed).id()));
    assert_eq!(verified.digest(), hello().digest());
}

#[test]
fn a_package_without_a_signature_is_not_cosigned() {
    let package = Package::parse(unsigned()).unwrap();
    assert_eq!(cosign(&package, &secret(3)), Err(SignError::Unsigned));
}

#[test]
fn a_key_does_not_sign_twice() {
    let error = EnvelopeError::DuplicateKey { keyid: public(RELEASE_KEY).id() };
    assert_eq!(cosign(&hello(), &secret(RELEASE_KEY)), Err(error.into()));
}

#[test]
fn the_signature_of_another_package_is_not_cosigned() {
    let other = Package::parse(unsigned_version(2)).unwrap();
    let moved = embed(&other, hello().envelope().unwrap()).unwrap();
    let error = SignError::Mismatch { field: StatementField::Digest };
    assert_eq!(cosign(&Package::parse(moved).unwrap(), &secret(3)), Err(error));
}

#[test]
fn what_is_no_statement_is_not_cosigned() {
    let garbage = signed_as(DocumentType::Package, b"garbage", RELEASE_KEY);
    let package = Package::parse(embed(&hello(), &garbage).unwrap()).unwrap();
    assert!(matches!(cosign(&package, &secret(3)), Err(SignError::Statement(_))));
}

#[test]
fn the_seventeenth_signature_is_not_added() {
    let mut envelope = hello().envelope().unwrap().clone();
    for seed in 30..45 {
        envelope = add_signature(envelope, &secret(seed)).unwrap();
    }
    let error = EnvelopeError::TooManySignatures { found: 17 };
    assert_eq!(add_signature(envelope, &secret(45)), Err(error.into()));
}

/// Roots and indexes are signed by several people, one after the other.
#[test]
fn a_signature_is_added_to_every_kind_of_document() {
    let root = add_signature(root_envelope(root_parts(1), &[11]), &secret(12)).unwrap();
    assert!(SignedRoot::open(root).is_ok());
    let parts = RootParts { index: Some(role(&[INDEX_KEY, 22], 2)), ..root_parts(1) };
    let mut keyring = rooted(parts);
    let one = index_envelope(index_parts(1, vec![]), &[INDEX_KEY]);
    assert!(keyring.refresh(&publisher(), one.clone(), now()).is_err());
    assert!(keyring.refresh(&publisher(), add_signature(one, &secret(22)).unwrap(), now()).is_ok());
}

#[test]
fn a_signature_made_elsewhere_is_checked_before_it_is_attached() {
    let envelopes = [
        hello().envelope().unwrap().clone(),
        root_envelope(root_parts(1), &[11]),
        index_envelope(index_parts(1, vec![]), &[11]),
    ];
    for envelope in envelopes {
        let signature = elsewhere(12, &envelope);
        let attached = attach_signature(envelope.clone(), &public(12), signature).unwrap();
        assert_eq!(attached, add_signature(envelope.clone(), &secret(12)).unwrap());
        let error = invalid(&secret(13));
        assert_eq!(attach_signature(envelope.clone(), &public(13), signature), Err(error));
        let zeros = Signature::from_bytes([0; 64]);
        assert_eq!(attach_signature(envelope, &public(12), zeros), Err(invalid(&secret(12))));
    }
}

#[test]
fn an_envelope_that_cannot_be_read_is_not_signed() {
    for kind in DocumentType::ALL {
        let garbage = signed_as(kind, b"garbage", RELEASE_KEY);
        assert!(SigningRequest::of(&garbage).is_err());
        assert!(add_signature(garbage.clone(), &secret(3)).is_err());
        assert!(attach_signature(garbage.clone(), &public(3), elsewhere(3, &garbage)).is_err());
    }
}

/// What is exported says what it is, and reads back as the same.
#[test]
fn the_bytes_to_sign_are_read_back_as_what_they_are() {
    let root = Root::new(root_parts(1)).unwrap();
    let index = Index::new(index_parts(1, vec![release(&unsigned(), Status::Active)])).unwrap();
    let package = Package::parse(unsigned()).unwrap();
    let requests = [
        SigningRequest::new(&package, &options()).unwrap(),
        SigningRequest::root(root.clone()).unwrap(),
        SigningRequest::index(index.clone()).unwrap(),
    ];
    for (request, kind) in requests.iter().zip(DocumentType::ALL) {
        assert_eq!(request.kind(), kind);
        assert_eq!(SigningRequest::from_message(&request.message()).as_ref(), Ok(request));
        let envelope = request.clone().sign(&secret(RELEASE_KEY)).unwrap();
        assert_eq!(SigningRequest::of(&envelope).as_ref(), Ok(request));
    }
    assert_eq!(*requests[1].document(), Document::Root(Box::new(root)));
    assert_eq!(*requests[2].document(), Document::Index(Box::new(index)));
    match requests[0].document() {
        Document::Package(statement) => assert_eq!(statement.digest(), package.digest()),
        other => panic!("{other:?}"),
    }
}

/// P10: nobody is brought to sign bytes that mean something else elsewhere.
#[test]
fn bytes_that_are_no_document_of_this_format_are_not_signed() {
    let package = Package::parse(unsigned()).unwrap();
    let good = String::from_utf8(SigningRequest::new(&package, &options()).unwrap().message()).unwrap();
    let length = hello().envelope().unwrap().payload().len();
    let other = [
        String::new(),
        "hello".to_owned(),
        good.replace("DSSEv1", "DSSEv2"),
        good.replace("DSSEv1 35", "DSSEv1 035"),
        good.replace("DSSEv1 35", "DSSEv1 34"),
        good.replace("mpp.package", "mpp.licence"),
        good.replace(&format!(" {length} "), &format!(" 0{length} ")),
        good.replace(&format!(" {length} "), &format!(" +{length} ")),
        good.replace(&format!(" {length} "), &format!("  {length} ")),
        good.replace(&format!(" {length} "), " 18446744073709551617 "),
        good.clone() + "\n",
        good[..good.len() - 1].to_owned(),
    ];
    for message in other {
        assert_ne!(message, good);
        assert_eq!(
            SigningRequest::from_message(message.as_bytes()),
            Err(SignError::NotAMessage),
            "{message}"
        );
    }
    // The type of one document, and the payload of another.
    for (kind, envelope) in [
        (DocumentType::Root, hello().envelope().unwrap().clone()),
        (DocumentType::Package, root_envelope(root_parts(1), &[11])),
        (DocumentType::Index, root_envelope(root_parts(1), &[11])),
        (DocumentType::Root, index_envelope(index_parts(1, vec![]), &[11])),
    ] {
        let message = pre_authentication_encoding(kind.payload_type(), envelope.payload());
        let error = SigningRequest::from_message(&message).unwrap_err();
        let json = matches!(kind, DocumentType::Package) && matches!(error, SignError::Statement(_))
            || matches!(kind, DocumentType::Root) && matches!(error, SignError::Root(_))
            || matches!(kind, DocumentType::Index) && matches!(error, SignError::Index(_));
        assert!(json, "{kind}: {error:?}");
    }
}

#[test]
fn a_signature_that_is_put_on_a_package_replaces_the_one_it_had() {
    let again = SigningRequest::new(&hello(), &options()).unwrap().sign(&secret(RELEASE_KEY)).unwrap();
    assert_eq!(embed(&hello(), &again).unwrap(), signed());
}

/// A file that nobody could read is not written.
#[test]
fn nothing_but_a_statement_about_a_package_is_put_behind_a_package() {
    let root = root_envelope(root_parts(1), &ROOT_KEYS);
    let package = Package::parse(unsigned()).unwrap();
    let expected = EnvelopeError::PayloadType { expected: DocumentType::Package };
    assert_eq!(embed(&package, &root), Err(SignError::Envelope(expected)));
}
