//! Roots: made, signed by several, and followed by the next.

use std::time::SystemTime;

use mpp_host::package::{DocumentType, Envelope, Keyring, SignatureError, SignedRoot, SignedRootError};

use super::{Machine, days, fingerprint};

/// Somebody with the keys a and b for the root, and r for packages, all made by
/// OpenSSL.
fn with_two_root_keys() -> Machine {
    let machine = Machine::new();
    for name in ["a", "b", "r"] {
        machine.make_key(name);
    }
    machine
}

const TWO_KEYS: [&str; 11] = [
    "trust",
    "init",
    "com.example",
    "--root",
    "a.pub",
    "--root",
    "b.pub",
    "--threshold",
    "root=2",
    "--release",
    "r.pub",
];

#[test]
fn a_root_of_one_key_is_made_at_once_and_its_fingerprint_is_said() {
    let machine = Machine::with_key("own");
    let init = [
        "trust",
        "init",
        "com.example",
        "--root",
        "default",
        "--release",
        "own.pub",
        "--index",
        "default",
        "--location",
        "https://example.com/mpp/",
        "--namespace",
        "com.example.labs",
    ];
    let made = machine.run(&init).done();
    assert_eq!(made.line(), "root-1.json");
    let root = machine.root("root-1.json");
    let made =
        made.saying(&["1 of 1 signature by the root keys", &fingerprint(&root), "mpp trust add com.example"]);
    made.saying(&["https://example.com/mpp/root-1.json"]);
    let parts = root.root().parts();
    assert_eq!(parts.version, 1);
    assert_eq!(parts.root, parts.release);
    assert_eq!(parts.index.as_ref(), Some(&parts.root));
    let namespaces: Vec<_> = parts.namespaces.iter().map(ToString::to_string).collect();
    assert_eq!(namespaces, ["com.example", "com.example.labs"]);
    assert_eq!(days(parts.issued_at, parts.expires), 365);
}

#[test]
fn a_root_is_never_written_over() {
    let machine = Machine::publisher();
    let before = machine.read("root-1.json");
    let init = ["trust", "init", "com.example", "--root", "default", "--release", "default"];
    machine.run(&init).failed(2, &["root-1.json exists already"]);
    machine.run(&["trust", "rotate", "root-1.json", "--out", "root-1.json"]).failed(2, &["exists already"]);
    assert_eq!(machine.read("root-1.json"), before);
}

#[test]
fn a_publisher_without_index_keys_is_told_what_that_means() {
    let machine = Machine::with_key("own");
    let init = ["trust", "init", "com.example", "--root", "default", "--release", "default"];
    machine.run(&init).done().saying(&["keeps no index, and cannot revoke"]);
    assert_eq!(machine.root("root-1.json").root().parts().index, None);
    machine
        .run(&["trust", "publish", "root-1.json"])
        .failed(2, &["com.example keeps no index", "--add index=KEY"]);
}

#[test]
fn a_root_of_two_keys_is_signed_on_two_machines() {
    let (one, other) = (Machine::with_key("one"), Machine::with_key("other"));
    other.carry("other.pub", &one);
    let init = [
        "trust",
        "init",
        "com.example",
        "--root",
        "default",
        "--root",
        "other.pub",
        "--threshold",
        "root=2",
        "--release",
        "default",
    ];
    one.run(&init).done().saying(&["1 of 2 signatures by the root keys", "mpp trust sign root-1.json"]);
    let error = SignedRoot::parse(&one.read("root-1.json"));
    assert_eq!(error, Err(SignedRootError::Signatures(SignatureError::TooFew { found: 1, needed: 2 })));
    one.run(&["trust", "rotate", "root-1.json"]).failed(3, &["no signed root", "mpp trust sign root-1.json"]);

    one.carry("root-1.json", &other);
    let signed = other.run(&["trust", "sign", "root-1.json"]).done();
    assert_eq!(signed.line(), "root-1.json");
    let root = other.root("root-1.json");
    signed.saying(&["com.example", "2 of 2 signatures by the root keys", &fingerprint(&root)]);
    other
        .run(&["trust", "sign", "root-1.json"])
        .failed(2, &["cannot be signed", "two signatures name the key"]);
}

#[test]
fn every_signature_of_a_root_can_be_made_by_openssl() {
    let machine = with_two_root_keys();
    machine.run(&TWO_KEYS).failed(2, &["nobody can sign this here", "--export"]);
    let made = machine.run(&[&TWO_KEYS[..], &["--export", "root-1.msg"]].concat()).done();
    assert_eq!(made.line(), "root-1.msg");
    made.saying(&["openssl pkeyutl -sign -rawin", "mpp trust sign root-1.msg"]);
    assert!(!machine.exists("root-1.json"));

    machine.openssl_sign("a", "root-1.msg");
    machine.openssl_sign("b", "root-1.msg");
    let attach = |name: &str, rest: &[&str]| {
        let (signature, public) = (format!("{name}.sig"), format!("{name}.pub"));
        let sign = ["trust", "sign", rest[0], "--signature", &signature, "--public-key", &public];
        machine.run(&[&sign[..], &rest[1..]].concat())
    };
    attach("a", &["root-1.msg"]).failed(2, &["name the file to make: --out"]);
    attach("a", &["root-1.msg", "--out", "root-1.json"]).done().saying(&["1 of 2 signatures"]);
    attach("b", &["root-1.json"]).done().saying(&["2 of 2 signatures"]);
    assert_eq!(machine.root("root-1.json").claimed_keys().len(), 2);
}

#[test]
fn a_signature_that_is_not_of_this_key_over_these_bytes_is_not_attached() {
    let machine = with_two_root_keys();
    machine.run(&[&TWO_KEYS[..], &["--export", "root-1.msg"]].concat()).done();
    machine.openssl_sign("a", "root-1.msg");
    let attach = |public: &str, file: &str| {
        let sign =
            ["trust", "sign", file, "--signature", "a.sig", "--public-key", public, "--out", "root-1.json"];
        machine.run(&sign)
    };
    attach("b.pub", "root-1.msg").failed(2, &["was not made by the key"]);
    machine.0.write("short.sig", [0; 63]);
    let short =
        ["trust", "sign", "root-1.msg", "--signature", "short.sig", "--public-key", "a.pub", "--out", "x"];
    machine.run(&short).failed(2, &["it is 63 bytes long"]);
    machine.openssl_sign("r", "root-1.msg");
    let release =
        ["trust", "sign", "root-1.msg", "--signature", "r.sig", "--public-key", "r.pub", "--out", "x"];
    machine.run(&release).failed(2, &["has no say", "the root keys"]);
    let mut changed = machine.read("root-1.msg");
    let end = changed.len() - 2;
    changed[end] ^= 1;
    machine.0.write("changed.msg", changed);
    attach("a.pub", "changed.msg").failed(2, &["cannot be signed"]);
    assert!(!machine.exists("root-1.json") && !machine.exists("x"));
}

#[test]
fn a_root_that_cannot_be_is_refused_with_the_reason() {
    let machine = Machine::with_key("own");
    let init = |rest: &[&str]| {
        let init = ["trust", "init", "com.example", "--root", "default", "--release", "default"];
        machine.run(&[&init[..], rest].concat())
    };
    init(&["--threshold", "root=2"]).failed(2, &["asks for 2 signatures of 1 keys", "--threshold root=N"]);
    init(&["--threshold", "index=1"]).failed(2, &["no index role"]);
    init(&["--root", "own.pub"]).failed(2, &["the root role", "twice"]);
    init(&["--namespace", "org.other"]).failed(2, &["neither `com.example` nor below it"]);
    init(&["--expires", "2001-01-01T00:00:00Z"]).failed(2, &["not after its issue"]);
    init(&["--location", "http://example.com/"]).failed(2, &["https://"]);
    assert!(!machine.exists("root-1.json"));
}

/// Everything about a publisher can change at once, and who trusts the old root
/// follows.
#[test]
fn a_root_is_followed_by_one_that_the_keys_of_both_have_signed() {
    let machine = Machine::publisher();
    machine.make_key("new");
    let rotate = [
        "trust",
        "rotate",
        "root-1.json",
        "--add",
        "root=new.pub",
        "--remove",
        "root=default",
        "--add",
        "release=new.pub",
        "--threshold",
        "release=2",
        "--export",
        "root-2.msg",
        "--key",
        "default",
    ];
    let made = machine.run(&rotate).done();
    assert_eq!(made.line(), "root-2.json");
    made.saying(&[
        "1 of 1 signature by the root keys of version 1",
        "0 of 1 signature by the root keys of version 2",
        "mpp trust sign root-2.json --root root-1.json",
    ]);
    machine.openssl_sign("new", "root-2.msg");
    let sign = |root: &str| {
        let sign = ["trust", "sign", "root-2.json", "--signature", "new.sig", "--public-key", "new.pub"];
        machine.run(&[&sign[..], &["--root", root]].concat())
    };
    sign("root-2.json").failed(3, &["no signed root"]);
    let signed = sign("root-1.json").done();
    signed.saying(&["1 of 1 signature by the root keys of version 2"]);

    let now = SystemTime::now();
    let mut keyring = Keyring::empty();
    let root = machine.root("root-1.json");
    let publisher = root.root().parts().publisher.clone();
    keyring.pin_root(root, now).expect("it can be pinned");
    let next = Envelope::parse(DocumentType::Root, &machine.read("root-2.json")).expect("it is an envelope");
    let update = keyring.update_root(&publisher, vec![next], now).expect("it can be followed");
    assert_eq!((update.from, update.to), (1, 2));
    let parts = machine.root("root-2.json").root().parts().clone();
    assert_eq!((parts.release.threshold(), parts.release.keys().len(), parts.root.keys().len()), (2, 2, 1));
}

#[test]
fn a_rotation_that_cannot_be_is_refused_with_the_reason() {
    let machine = Machine::publisher();
    let stranger = machine.make_key("stranger").to_string();
    let rotate = |rest: &[&str]| machine.run(&[&["trust", "rotate", "root-1.json"][..], rest].concat());
    rotate(&["--key", "./stranger.pem"]).failed(2, &["has no say", "the root keys of version"]);
    rotate(&["--remove", "index=default"]).failed(2, &["the index role", "--no-index"]);
    rotate(&["--remove", &format!("release={stranger}")]).failed(2, &["it is no release key"]);
    rotate(&["--no-index", "--add", "index=own.pub"]).failed(2, &["--no-index"]);
    rotate(&["--remove-namespace", "com.example"]).failed(2, &["own name `com.example` is not among"]);
    rotate(&["--remove-namespace", "org.other"]).failed(2, &["does not sign as org.other"]);
    assert!(!machine.exists("root-2.json"));
}

#[test]
fn a_rotation_changes_what_it_says_and_nothing_else() {
    let machine = Machine::publisher();
    let rotate = ["trust", "rotate", "root-1.json", "--no-index", "--location", "https://example.com/"];
    machine.run(&rotate).done().saying(&["mpp trust update com.example", "https://example.com/root-2.json"]);
    machine.run(&["trust", "rotate", "root-2.json", "--location", "none"]).done();
    let [one, two, three] =
        ["root-1.json", "root-2.json", "root-3.json"].map(|file| machine.root(file).root().parts().clone());
    assert_eq!((one.version, two.version, three.version), (1, 2, 3));
    assert_eq!((&one.root, &one.release, &one.namespaces), (&two.root, &two.release, &two.namespaces));
    assert!(one.index.is_some() && two.index.is_none() && one.location.is_none() && two.location.is_some());
    assert_eq!((two.index, None), (three.index, three.location));
}

#[test]
fn what_is_no_document_is_not_signed() {
    let machine = Machine::publisher();
    machine.run(&["trust", "sign", "tool-1.0.0.mpp"]).failed(2, &["is a package", "mpp sign"]);
    machine.0.write("text", "a text");
    machine.run(&["trust", "sign", "text"]).failed(3, &["no document of a publisher"]);
    machine.0.write("message", "DSSEv1 4 text 6 a text");
    machine.run(&["trust", "sign", "message", "--out", "x"]).failed(2, &["not the bytes to sign"]);
    let mut damaged = machine.read("root-1.json");
    let sig = b"\"sig\":\"";
    let at = damaged.windows(sig.len()).position(|window| window == sig).expect("it is signed") + sig.len();
    damaged[at] = if damaged[at] == b'A' { b'B' } else { b'A' };
    machine.0.write("damaged.json", damaged);
    machine.run(&["trust", "rotate", "damaged.json"]).failed(3, &["does not hold"]);
}
