//! Files made to cost their reader more than they cost to send.

mod make;

use std::io::Cursor;

use mpp_package::{
    DocumentType, Envelope, Keyring, MAX_MANIFEST_BYTES, MAX_PACKAGE_BYTES, MAX_SECTION_NAME_BYTES,
    MAX_TOOLS, Outline, Package, SigningKey,
};

use crate::support::{COMPONENT, manifest, now, publisher, with_envelope};
use make::*;

/// What a host says about a file.
pub type Refuse = fn(Vec<u8>, &Keyring) -> String;

/// One bad file.
pub struct Input {
    /// What it is.
    pub name: &'static str,
    /// Makes it.
    pub bytes: fn() -> Vec<u8>,
    /// What a host says about it, in each way in which it reads such a file.
    pub refuse: &'static [Refuse],
    /// Why it is refused, word for word.
    pub refusal: &'static str,
}

pub const INPUTS: &[Input] = &[
    Input {
        name: "a file of zeros",
        bytes: || vec![0; MAX_PACKAGE_BYTES],
        refuse: PACKAGE,
        refusal: "not a WebAssembly component: it does not begin with `00 61 73 6d 0d 00 01 00`",
    },
    Input {
        name: "a section of 4 GiB in a file of 23 bytes",
        bytes: || [COMPONENT, &[1, 0xff, 0xff, 0xff, 0xff, 0x0f, 0]].concat(),
        refuse: PACKAGE,
        refusal: "cut off: the section at offset 16 reaches beyond the end of the file",
    },
    Input {
        name: "a length of zero in five bytes",
        bytes: || [COMPONENT, &[1, 0x80, 0x80, 0x80, 0x80, 0]].concat(),
        refuse: PACKAGE,
        refusal: "the length at offset 17 is not in its shortest LEB128 form",
    },
    Input {
        name: "a file of empty sections",
        bytes: || [COMPONENT, &[1, 0].repeat((MAX_PACKAGE_BYTES - COMPONENT.len()) / 2)].concat(),
        refuse: PACKAGE,
        refusal: "more than 100000 sections",
    },
    Input {
        name: "a section name as long as the file",
        bytes: || named(b"", MAX_PACKAGE_BYTES - COMPONENT.len() - 1 - 4 - 4, b'x'),
        refuse: PACKAGE,
        refusal: "the name of the custom section at offset 16 is 67108839 bytes long, and at most 100000 are \
                  allowed",
    },
    Input {
        name: "the longest section name, its last byte not UTF-8",
        bytes: || named(b"", MAX_SECTION_NAME_BYTES, 0xff),
        refuse: PACKAGE,
        refusal: "the name of the custom section at offset 16 is not UTF-8",
    },
    Input {
        name: "the longest section name, a reserved one",
        bytes: || named(b"mpp:", MAX_SECTION_NAME_BYTES, b'x'),
        refuse: PACKAGE,
        refusal: "the custom section \"mpp:éééééééééééééééééééééééééééééééééééééééééééé\"… belongs to no \
                  package format known here: it may need a newer host",
    },
    Input {
        name: "a manifest of opening brackets",
        bytes: || with_manifest(&vec![b'['; MAX_MANIFEST_BYTES]),
        refuse: PACKAGE,
        refusal: "the manifest is not the JSON of one: nested deeper than 64 levels at line 1 column 65",
    },
    Input {
        name: "a manifest of one number",
        bytes: || with_manifest(&vec![b'9'; MAX_MANIFEST_BYTES]),
        refuse: PACKAGE,
        refusal: "the manifest is not the JSON of one: number out of range at line 1 column 1048576",
    },
    Input {
        name: "a manifest of zeros in a list",
        bytes: || with_manifest(&listed("0", 500_000)),
        refuse: PACKAGE,
        refusal: UNKNOWN_FORMAT,
    },
    Input {
        name: "a manifest of the smallest objects",
        bytes: || with_manifest(&listed("{\"\":0}", 130_000)),
        refuse: PACKAGE,
        refusal: UNKNOWN_FORMAT,
    },
    Input {
        name: "a manifest of objects in objects",
        bytes: || {
            let nested = format!("{}0{}", "{\"\":".repeat(60), "}".repeat(60));
            with_manifest(&listed(&nested, 2_800))
        },
        refuse: PACKAGE,
        refusal: UNKNOWN_FORMAT,
    },
    Input {
        name: "a schema of the smallest objects",
        bytes: || {
            let json = text(manifest().to_json().unwrap());
            let schema = format!("{{\"enum\":{}", text(listed("{\"\":0}", 130_000)));
            with_manifest(json.replacen("{\"type\"", &format!("{schema},\"type\""), 1).as_bytes())
        },
        refuse: PACKAGE,
        refusal: "the tool `hello` cannot be accepted: its input schema cannot be used: the schema is 910026 \
                  bytes long, and at most 262144 are allowed",
    },
    Input {
        name: "four of the largest schemas, of the smallest objects, unsigned",
        bytes: || with_schemas(4, listed("{\"\":0}", 32_000)),
        refuse: PACKAGE,
        refusal: UNSIGNED,
    },
    Input {
        name: "four of the largest schemas, of zeros in a list, unsigned",
        bytes: || with_schemas(4, listed("0", 128_000)),
        refuse: PACKAGE,
        refusal: UNSIGNED,
    },
    Input {
        name: "as many tools as possible with schemas of the smallest objects, unsigned",
        bytes: || with_schemas(MAX_TOOLS, listed("{\"\":0}", 500)),
        refuse: PACKAGE,
        refusal: UNSIGNED,
    },
    Input {
        name: "a manifest of 100,000 keys",
        bytes: || with_manifest(format!("{{{}}}", keys()).as_bytes()),
        refuse: PACKAGE,
        refusal: UNKNOWN_FORMAT,
    },
    Input {
        name: "a manifest of 100,000 keys and the right format",
        bytes: || with_manifest(format!("{{{},\"mpp\":\"1\"}}", keys()).as_bytes()),
        refuse: PACKAGE,
        refusal: "the manifest is not the JSON of one: unknown field `00000`, expected one of `mpp`, \
                  `publisher`, `name`, `version`, `description`, `permissions`, `limits`, `tools`, `icons` at \
                  line 1 column 8",
    },
    Input {
        name: "an icon as long as the manifest",
        bytes: || with_icons(&format!(r#"{{"src":"{PICTURE}{}","theme":null}}"#, "A".repeat(1_000_000))),
        refuse: PACKAGE,
        refusal: "the icon number 1 cannot be accepted: it is 750024 bytes long, and at most 8192 are allowed",
    },
    Input {
        name: "as many icons as fit in a manifest",
        bytes: || with_icons(&vec![format!(r#"{{"src":"{PICTURE}","theme":null}}"#); 13_000].join(",")),
        refuse: PACKAGE,
        refusal: "the package has 13000 icons, and at most 4 are allowed",
    },
    Input {
        name: "an envelope of opening brackets",
        bytes: || with_envelope(&[b'['; 1_000_000]),
        refuse: PACKAGE,
        refusal: "the envelope is 1000000 bytes long, and at most 65536 are allowed",
    },
    Input {
        name: "an envelope of the smallest objects",
        bytes: || with_envelope(&listed("{\"\":0}", 9_000)),
        refuse: PACKAGE,
        refusal: "the envelope is not a DSSE JSON document: invalid type: map, expected a string at line 1 \
                  column 1",
    },
    Input {
        name: "an envelope of 100,000 signatures",
        bytes: || sealed(b"x", &vec![signature(1, b"x"); 100_000]),
        refuse: PACKAGE,
        refusal: "the envelope is 17400085 bytes long, and at most 65536 are allowed",
    },
    Input {
        name: "an envelope of as many signatures as fit",
        bytes: || sealed(b"x", &vec![(keyid(1), String::new()); 750]),
        refuse: PACKAGE,
        refusal: "the envelope holds 750 signatures, and at most 16 are allowed",
    },
    Input {
        name: "the largest payload, signed by a stranger",
        bytes: || sealed(&LARGEST_PAYLOAD, &[signature(99, &LARGEST_PAYLOAD)]),
        refuse: PACKAGE,
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
        refuse: PACKAGE,
        refusal: "the signature by the key 79fb38ef414ebed57f2f3a5ba81799ed7a357623cdb1e363a724a4bb9d92bfc4 \
                  does not hold: the package or its signature has been changed",
    },
    Input {
        name: "a signed statement of opening brackets",
        bytes: || sealed(&LARGEST_PAYLOAD, &[signature(1, &LARGEST_PAYLOAD)]),
        refuse: PACKAGE,
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
        refuse: PACKAGE,
        refusal: "the signature holds, and what is signed cannot be used: the signed statement is not the JSON \
                  of one: number out of range at line 1 column 40253",
    },
    Input {
        name: "the largest package, signed for other bytes",
        bytes: largest_package,
        refuse: &[whole],
        refusal: "the signature was made for other bytes: its digest is not that of this package, which was \
                  changed after it was signed, or carries another one's signature",
    },
    Input {
        name: "the largest package, signed for fewer bytes",
        bytes: largest_package,
        refuse: &[outline],
        refusal: "the signature was made for other bytes: its size is not that of this package, which was \
                  changed after it was signed, or carries another one's signature",
    },
    Input {
        name: "as many sections as there may be, far apart",
        bytes: sections_far_apart,
        refuse: PACKAGE,
        refusal: "the component holds no `mpp:manifest` section: make a package of it with `mpp build`",
    },
    Input {
        name: "as many names as fit, each beyond what is read at once",
        bytes: long_names,
        refuse: PACKAGE,
        refusal: "the component holds no `mpp:manifest` section: make a package of it with `mpp build`",
    },
    Input {
        name: "an index of zeros in a list",
        bytes: || listed("0", 2_000_000),
        refuse: &[index],
        refusal: "the envelope is not a DSSE JSON document: invalid type: integer `0`, expected a string at line \
                  1 column 2",
    },
    Input {
        name: "an index with the smallest objects for signatures",
        bytes: || {
            let objects = text(listed("{\"\":0}", 500_000));
            format!(r#"{{"payload":"","payloadType":"","signatures":{objects}}}"#).into_bytes()
        },
        refuse: &[index],
        refusal: "the envelope is not a DSSE JSON document: unknown field ``, expected `keyid` or `sig` at line 1 \
                  column 48",
    },
    Input {
        name: "an index of as many signatures as fit",
        bytes: || envelope(INDEX, b"x", &vec![(keyid(1), String::new()); 48_000]),
        refuse: &[index],
        refusal: "the envelope holds 48000 signatures, and at most 16 are allowed",
    },
    Input {
        name: "an index as long as the largest package",
        bytes: || vec![b'['; MAX_PACKAGE_BYTES],
        refuse: &[index],
        refusal: "the envelope is 67108864 bytes long, and at most 4194304 are allowed",
    },
];

/// A PNG of 48 by 48 pixels as far as it is looked at.
const PICTURE: &str = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAADAAAAAw";

const UNKNOWN_FORMAT: &str =
    "the manifest does not say `\"mpp\":\"1\"`, the one format known here: it may need a newer host";

const UNSIGNED: &str =
    "the package is not signed: sign it with `mpp sign`, or get the signed one from `com.example`";

/// Whoever reads a package, to run it or to list it, says the same about it.
const PACKAGE: &[Refuse] = &[whole, outline];

/// What a host says about a package that it is to run.
fn whole(file: Vec<u8>, keyring: &Keyring) -> String {
    match Package::parse(file) {
        Err(error) => error.to_string(),
        Ok(package) => keyring.verify(package, now()).expect_err("it is accepted").to_string(),
    }
}

/// What a host says about a package that it is to list.
fn outline(file: Vec<u8>, keyring: &Keyring) -> String {
    match Outline::read(Cursor::new(file)) {
        Err(error) => error.to_string(),
        Ok(outline) => keyring.verify_manifest(outline, now()).expect_err("it is accepted").to_string(),
    }
}

/// What a host says about an index, before it knows whose it is.
fn index(file: Vec<u8>, _: &Keyring) -> String {
    Envelope::parse(DocumentType::Index, &file).expect_err("it is accepted").to_string()
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
