//! Keys that verify notes: one text for each, and none that is weak.

use mpp_audit::note::{
    Algorithm, Cosigner, KeyError, KeyName, KeyNameError, LogKey, LogSigner, MAX_KEY_NAME_BYTES, VerifierKey,
    WitnessKey,
};

use crate::support::base64;

/// The key of the example of C2SP signed-note.
const EXAMPLE_KEY: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";

fn key(text: &str) -> VerifierKey {
    text.parse().expect("a key")
}

#[test]
fn a_key_has_one_name_without_space_plus_and_control_characters() {
    let refused = |text: &str| text.parse::<KeyName>().expect_err("not a name");
    assert_eq!(refused(""), KeyNameError::Empty);
    for c in [' ', '\t', '\n', '+', '\u{a0}', '\u{85}', '\u{2003}', '\u{3000}', '\u{7f}', '\u{9b}'] {
        assert_eq!(refused(&format!("a{c}b")), KeyNameError::Character { code: c.into() });
    }
    let longest = "x".repeat(MAX_KEY_NAME_BYTES);
    assert_eq!(longest.parse::<KeyName>().expect("a name").as_str(), longest);
    assert_eq!(refused(&format!("{longest}x")), KeyNameError::TooLong { found: MAX_KEY_NAME_BYTES + 1 });
}

#[test]
fn a_key_has_one_text() {
    let refused = |text: &str| text.parse::<VerifierKey>().expect_err("not a key");
    for wrong in ["", "a", "a+b", "example.com/foo+530d903a", "example.com/foo+530d903a+"] {
        assert_eq!(refused(wrong), KeyError::Form, "{wrong:?}");
    }
    for (from, to) in [
        ("530d903a", "530D903A"),
        ("530d903a", "0530d903a"),
        ("530d903a", "530d903"),
        ("530d903a", "0x0d903a"),
        ("+AekyeRrm", "++AekyeRrm"),
        ("3U2k", "3U2k="),
        ("3U2k", "3U2"),
        ("3U2k", "3U2k\n"),
    ] {
        assert_eq!(refused(&EXAMPLE_KEY.replace(from, to)), KeyError::Form, "{to:?}");
    }
    assert_eq!(refused(&format!("+{EXAMPLE_KEY}")), KeyError::Name(KeyNameError::Empty));
}

#[test]
fn a_key_of_another_length_algorithm_or_identifier_is_refused() {
    let refused = |material: &[u8]| {
        format!("example.com/foo+530d903a+{}", base64(material))
            .parse::<VerifierKey>()
            .expect_err("not a key")
    };
    let bytes = *key(EXAMPLE_KEY).as_bytes();
    for algorithm in [0x00, 0x02, 0x03, 0x05, 0x06, 0xfe] {
        let found = refused(&[&[algorithm], bytes.as_slice()].concat());
        assert_eq!(found, KeyError::Algorithm { found: algorithm });
    }
    for wrong in [&bytes[..], b"", b"mpp-audit/epochs/v1\n", b"mpp-audit/epochs/v2\n\0\0\0\x01"] {
        assert_eq!(refused(&[&[0xff], wrong].concat()), KeyError::Epochs);
    }
    assert_eq!(refused(&[&[0x01], &bytes[1..]].concat()), KeyError::Length { found: 31 });
    assert_eq!(refused(&[&[0x01], bytes.as_slice(), &[0]].concat()), KeyError::Length { found: 33 });
    let cosigning = [&[0x04], bytes.as_slice()].concat();
    assert!(matches!(refused(&cosigning), KeyError::Id { .. }));
    let error = EXAMPLE_KEY.replace("530d903a", "530d903b").parse::<VerifierKey>().expect_err("not a key");
    assert_eq!(error.to_string(), "the key's identifier should be 530d903a, not 530d903b");
}

#[test]
fn weak_keys_and_second_encodings_are_refused() {
    let name = || "example.com/foo".parse::<KeyName>().expect("a name");
    let made = |bytes: [u8; 32]| VerifierKey::new(name(), Algorithm::Ed25519, &bytes).expect_err("not a key");
    let mut identity = [0; 32];
    identity[0] = 1;
    assert_eq!(made(identity), KeyError::Weak);
    assert_eq!(made([0; 32]), KeyError::Weak);
    // y = 2^255 - 18, which is 1 once more.
    let mut second = [0xff; 32];
    (second[0], second[31]) = (0xee, 0x7f);
    assert_eq!(made(second), KeyError::NotAPoint);
    let mut nowhere = [0; 32];
    nowhere[0] = 2;
    assert_eq!(made(nowhere), KeyError::NotAPoint);
}

#[test]
fn a_key_for_one_purpose_is_not_taken_for_another() {
    let name = || "example.com/foo".parse::<KeyName>().expect("a name");
    let (log, witness) = (LogSigner::from_seed(name(), &[7; 32]), Cosigner::from_seed(name(), &[7; 32]));
    assert_eq!(log.key().as_key().as_bytes(), witness.key().as_key().as_bytes());
    assert_ne!(log.key().as_key().id(), witness.key().as_key().id());
    assert_eq!(log.key().to_string().parse::<LogKey>().as_ref(), Ok(log.key()));
    assert_eq!(witness.key().to_string().parse::<WitnessKey>().as_ref(), Ok(witness.key()));
    let wrong = |found, expected| KeyError::Purpose { found, expected };
    assert_eq!(log.key().to_string().parse::<WitnessKey>(), Err(wrong(0x01, 0x04)));
    assert_eq!(witness.key().to_string().parse::<LogKey>(), Err(wrong(0x04, 0x01)));
}

#[test]
fn a_secret_is_never_shown_and_never_made_twice() {
    let name = || "example.com/foo".parse::<KeyName>().expect("a name");
    let log = LogSigner::from_seed(name(), &[7; 32]);
    assert_eq!(format!("{log:?}"), format!("LogSigner({})", log.key()));
    let witness = Cosigner::from_seed(name(), &[7; 32]);
    assert_eq!(format!("{witness:?}"), format!("Cosigner({})", witness.key()));
    let generated = [LogSigner::generate(name()), LogSigner::generate(name())].map(|key| key.expect("a key"));
    assert_ne!(generated[0].key(), generated[1].key());
    assert_ne!(generated[0].key().as_key().as_bytes(), log.key().as_key().as_bytes());
    assert!(Cosigner::generate(name()).is_ok());
}
