//! Files made to cost their reader more than they cost to send.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ed25519_dalek::Signer as _;
use mpp_package::{
    KeyId, Keyring, MAX_MANIFEST_BYTES, MAX_PACKAGE_BYTES, Package, SigningKey, pre_authentication_encoding,
};

use crate::support::{COMPONENT, envelope_of, leb, now, publisher, section, signed, unsigned, with_envelope};

/// One bad file.
pub struct Input {
    /// What it is.
    pub name: &'static str,
    /// Makes it.
    pub bytes: fn() -> Vec<u8>,
    /// Why it is refused, word for word.
    pub refusal: &'static str,
}

pub const INPUTS: &[Input] = &[
    Input {
        name: "a file of zeros",
        bytes: || vec![0; MAX_PACKAGE_BYTES],
        refusal: "not a WebAssembly component: it does not begin with `00 61 73 6d 0d 00 01 00`",
    },
    Input {
        name: "a section of 4 GiB in a file of 23 bytes",
        bytes: || [COMPONENT, &[1, 0xff, 0xff, 0xff, 0xff, 0x0f, 0]].concat(),
        refusal: "cut off: the section at offset 16 reaches beyond the end of the file",
    },
    Input {
        name: "a length of zero in five bytes",
        bytes: || [COMPONENT, &[1, 0x80, 0x80, 0x80, 0x80, 0]].concat(),
        refusal: "the length at offset 17 is not in its shortest LEB128 form",
    },
    Input {
        name: "a file of empty sections",
        bytes: || [COMPONENT, &[1, 0].repeat((MAX_PACKAGE_BYTES - COMPONENT.len()) / 2)].concat(),
        refusal: "more than 100000 sections",
    },
    Input {
        name: "a section name as long as the file, its last byte not UTF-8",
        bytes: || named(b"", 0xff),
        refusal: "the name of the custom section at offset 16 is not UTF-8",
    },
    Input {
        name: "a reserved section name as long as the file",
        bytes: || named(b"mpp:", b'x'),
        refusal: "the custom section \"mpp:éééééééééééééééééééééééééééééééééééééééééééé\"… belongs to no \
                  package format known here: it may need a newer host",
    },
    Input {
        name: "a manifest of opening brackets",
        bytes: || with_manifest(&vec![b'['; MAX_MANIFEST_BYTES]),
        refusal: "the manifest is not the JSON of one: nested deeper than 64 levels at line 1 column 65",
    },
    Input {
        name: "a manifest of one number",
        bytes: || with_manifest(&vec![b'9'; MAX_MANIFEST_BYTES]),
        refusal: "the manifest is not the JSON of one: number out of range at line 1 column 1048576",
    },
    Input {
        name: "a manifest of zeros in a list",
        bytes: || with_manifest(&listed("0", 500_000)),
        refusal: UNKNOWN_FORMAT,
    },
    Input {
        name: "a manifest of 100,000 keys",
        bytes: || with_manifest(format!("{{{}}}", keys()).as_bytes()),
        refusal: UNKNOWN_FORMAT,
    },
    Input {
        name: "a manifest of 100,000 keys and the right format",
        bytes: || with_manifest(format!("{{{},\"mpp\":\"1\"}}", keys()).as_bytes()),
        refusal: "the manifest is not the JSON of one: unknown field `00000`, expected one of `mpp`, \
                  `publisher`, `name`, `version`, `description`, `permissions`, `limits`, `tools` at line 1 \
                  column 8",
    },
    Input {
        name: "an envelope of opening brackets",
        bytes: || with_envelope(&[b'['; 1_000_000]),
        refusal: "the envelope is 1000000 bytes long, and at most 65536 are allowed",
    },
    Input {
        name: "an envelope of the smallest objects",
        bytes: || with_envelope(&listed("{\"\":0}", 9_000)),
        refusal: "the envelope is not a DSSE JSON document: invalid type: map, expected a string at line 1 \
                  column 1",
    },
    Input {
        name: "an envelope of 100,000 signatures",
        bytes: || sealed(b"x", &vec![signature(1, b"x"); 100_000]),
        refusal: "the envelope is 17400085 bytes long, and at most 65536 are allowed",
    },
    Input {
        name: "an envelope of as many signatures as fit",
        bytes: || sealed(b"x", &vec![(keyid(1), String::new()); 750]),
        refusal: "the envelope holds 750 signatures, and at most 16 are allowed",
    },
    Input {
        name: "the largest payload, signed by a stranger",
        bytes: || sealed(&LARGEST_PAYLOAD, &[signature(99, &LARGEST_PAYLOAD)]),
        refusal: "no trusted key of `com.example` has signed this package: somebody else did, or the \
                  publisher has a new key; ask the publisher",
    },
    Input {
        name: "the largest payload with sixteen signatures, the last one false",
        bytes: || {
            let mut signatures: Vec<_> = (1..=16).map(|seed| signature(seed, &LARGEST_PAYLOAD)).collect();
            signatures[15].1 = signature(1, b"something else").1;
            sealed(&LARGEST_PAYLOAD, &signatures)
        },
        refusal: "the signature by the key 79fb38ef414ebed57f2f3a5ba81799ed7a357623cdb1e363a724a4bb9d92bfc4 \
                  does not hold: the package or its signature has been changed",
    },
    Input {
        name: "a signed statement of opening brackets",
        bytes: || sealed(&LARGEST_PAYLOAD, &[signature(1, &LARGEST_PAYLOAD)]),
        refusal: "the signature holds, and what is signed cannot be used: the signed statement is not the JSON \
                  of one: invalid type: sequence, expected a string at line 1 column 1",
    },
    Input {
        name: "a signed statement with a number of 40,000 digits",
        bytes: || {
            let digits = format!("\"sequence\":{}", "9".repeat(40_000));
            let text = payload().replacen("\"sequence\":1", &digits, 1);
            sealed(text.as_bytes(), &[signature(1, text.as_bytes())])
        },
        refusal: "the signature holds, and what is signed cannot be used: the signed statement is not the JSON \
                  of one: number out of range at line 1 column 40253",
    },
    Input {
        name: "the largest package, signed for other bytes",
        bytes: largest_package,
        refusal: "the signature was made for other bytes: its digest is not that of this package, which was \
                  changed after it was signed, or carries another one's signature",
    },
];

const PAYLOAD_TYPE: &str = "application/vnd.mpp.package.v1+json";

const UNKNOWN_FORMAT: &str =
    "the manifest does not say `\"mpp\":\"1\"`, the one format known here: it may need a newer host";

/// The largest payload that fits an envelope with sixteen signatures.
static LARGEST_PAYLOAD: [u8; 46_000] = [b'['; 46_000];

/// What a host says about a file.
pub fn refusal(file: Vec<u8>, keyring: &Keyring) -> String {
    match Package::parse(file) {
        Err(error) => error.to_string(),
        Ok(package) => keyring.verify(package, now()).expect_err("it is accepted").to_string(),
    }
}

/// Of an operator who has pinned as many keys as anybody may: the most work
/// that one envelope can ask for.
pub fn keyring() -> Keyring {
    let mut keyring = Keyring::empty();
    for seed in 1..=16 {
        keyring.pin(&publisher(), SigningKey::from_seed(&[seed; 32]).public_key()).unwrap();
    }
    keyring
}

fn with_manifest(json: &[u8]) -> Vec<u8> {
    [COMPONENT, &section("mpp:manifest", json)].concat()
}

fn listed(item: &str, count: usize) -> Vec<u8> {
    format!("[{}]", vec![item; count].join(",")).into_bytes()
}

fn keys() -> String {
    (0..99_999).map(|key| format!("\"{key:05}\":0")).collect::<Vec<_>>().join(",")
}

/// The largest file, and all of it one custom section that is nothing but its name.
fn named(prefix: &[u8], end: u8) -> Vec<u8> {
    let length = MAX_PACKAGE_BYTES - COMPONENT.len() - 1 - 4 - 4;
    let letters = "é".repeat((length - prefix.len() - 1) / "é".len());
    [COMPONENT, &[0], &leb(length + 4), &leb(length), prefix, letters.as_bytes(), &[end]].concat()
}

/// A package with the signature of another, and zeros between the two up to the limit.
fn largest_package() -> Vec<u8> {
    let signature = section("mpp:signature", &envelope_of(&signed()));
    let mut file = unsigned();
    let length = MAX_PACKAGE_BYTES - file.len() - 1 - 4 - signature.len();
    file.extend([&[0][..], &leb(length), &[0]].concat());
    file.resize(MAX_PACKAGE_BYTES - signature.len(), 0);
    file.extend(signature);
    file
}

/// What the pinned keys sign in [`signed`].
fn payload() -> String {
    let package = Package::parse(signed()).unwrap();
    String::from_utf8(package.envelope().unwrap().payload().to_vec()).unwrap()
}

/// The name of the key of this seed, and what it signs about a payload.
fn signature(seed: u8, payload: &[u8]) -> (KeyId, String) {
    let message = pre_authentication_encoding(PAYLOAD_TYPE, payload);
    let key = ed25519_dalek::SigningKey::from_bytes(&[seed; 32]);
    (keyid(seed), STANDARD.encode(key.sign(&message).to_bytes()))
}

fn keyid(seed: u8) -> KeyId {
    SigningKey::from_seed(&[seed; 32]).public_key().id()
}

/// A package with this envelope, well formed or not.
fn sealed(payload: &[u8], signatures: &[(KeyId, String)]) -> Vec<u8> {
    let signatures = signatures.iter().map(|(keyid, sig)| format!(r#"{{"keyid":"{keyid}","sig":"{sig}"}}"#));
    let signatures = signatures.collect::<Vec<_>>().join(",");
    let payload = STANDARD.encode(payload);
    let json =
        format!(r#"{{"payload":"{payload}","payloadType":"{PAYLOAD_TYPE}","signatures":[{signatures}]}}"#);
    with_envelope(json.as_bytes())
}
