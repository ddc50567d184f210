//! Packages that several sign, and keys that a domain vouches for.

use std::time::SystemTime;

use mpp_host::package::{DomainKeys, Envelope, Keyring, Package, PublicKey};

use super::Machine;

fn envelope(machine: &Machine, file: &str) -> Envelope {
    let package = Package::parse(machine.read(file)).expect("it is a package");
    package.envelope().expect("it is signed").clone()
}

fn public_key(machine: &Machine, name: &str) -> PublicKey {
    let pem = String::from_utf8(machine.read(&format!("{name}.pub"))).expect("a PEM file is text");
    PublicKey::from_pem(&pem).expect("it is a key")
}

/// Whether this one key verifies the package.
fn holds(machine: &Machine, file: &str, key: &str) -> bool {
    let package = Package::parse(machine.read(file)).expect("it is a package");
    let mut keyring = Keyring::empty();
    keyring.pin(package.manifest().publisher(), public_key(machine, key)).expect("it can be pinned");
    keyring.verify(package, SystemTime::now()).is_ok()
}

#[test]
fn a_second_signature_is_added_over_the_same_statement() {
    let (one, other) = (Machine::publisher(), Machine::with_key("other"));
    let before = envelope(&one, "tool-1.0.0.mpp");
    one.carry("tool-1.0.0.mpp", &other);
    let signed = other.run(&["sign", "tool-1.0.0.mpp"]).done();
    assert_eq!(signed.line(), "tool-1.0.0.mpp");
    signed.saying(&["signatures: 2"]);
    let after = envelope(&other, "tool-1.0.0.mpp");
    assert_eq!(after.payload(), before.payload());
    assert_eq!((after.signatures().len(), &after.signatures()[0]), (2, &before.signatures()[0]));
    one.carry("own.pub", &other);
    assert!(holds(&other, "tool-1.0.0.mpp", "own") && holds(&other, "tool-1.0.0.mpp", "other"));
}

#[test]
fn a_key_signs_once_unless_all_signatures_are_replaced() {
    let machine = Machine::publisher();
    machine.make_key("second");
    machine.run(&["sign", "tool-1.0.0.mpp", "--key", "./second.pem"]).done();
    let before = machine.read("tool-1.0.0.mpp");
    let again = ["sign", "tool-1.0.0.mpp"];
    machine.run(&again).failed(2, &["is signed by this key already", "--replace signs anew"]);
    for option in [["--sequence", "2"], ["--expires", "2999-01-01T00:00:00Z"]] {
        machine
            .run(&[&again[..], &option].concat())
            .failed(2, &["part of what is signed already", "--replace"]);
    }
    assert_eq!(machine.read("tool-1.0.0.mpp"), before);
    machine.run(&[&again[..], &["--replace", "--sequence", "2"]].concat()).done();
    assert_eq!(envelope(&machine, "tool-1.0.0.mpp").signatures().len(), 1);
    assert!(holds(&machine, "tool-1.0.0.mpp", "own") && !holds(&machine, "tool-1.0.0.mpp", "second"));
}

#[test]
fn a_signature_beside_a_package_stays_there_when_another_is_added() {
    let machine = Machine::with_key("own");
    machine.make_key("second");
    let file = machine.unsigned("com.example", "tool", "1.0.0");
    let before = machine.read(&file);
    machine.run(&["sign", &file, "--detached"]).done();
    let signed = machine.run(&["sign", &file, "--key", "./second.pem"]).done();
    assert_eq!(signed.line(), "tool-1.0.0.mpp.sig");
    assert_eq!(machine.read(&file), before);
    machine.run(&["verify", &file, "--public-key", "own.pub"]).done();
    machine.run(&["verify", &file, "--public-key", "second.pub"]).done();
}

#[test]
fn every_signature_of_a_package_can_be_made_by_openssl() {
    let machine = Machine::new();
    let file = machine.unsigned("com.example", "tool", "1.0.0");
    let unsigned = machine.read(&file);
    let export = machine.run(&["sign", &file, "--export", "tool.msg"]).done();
    assert_eq!(export.line(), "tool.msg");
    export.saying(&["openssl pkeyutl -sign -rawin", "--attach SIG --message tool.msg"]);
    assert_eq!(machine.read(&file), unsigned);
    let attach = |name: &str, message: &str| {
        machine.make_key(name);
        machine.openssl_sign(name, message);
        let (signature, public) = (format!("{name}.sig"), format!("{name}.pub"));
        machine.run(&["sign", &file, "--attach", &signature, "--message", message, "--public-key", &public])
    };
    attach("a", "tool.msg").done();
    assert!(holds(&machine, &file, "a"));
    // A signed package exports what is signed already.
    machine.run(&["sign", &file, "--export", "again.msg"]).done();
    assert_eq!(machine.read("again.msg"), machine.read("tool.msg"));
    attach("b", "again.msg").done().saying(&["signatures: 2"]);
    assert!(holds(&machine, &file, "a") && holds(&machine, &file, "b"));
    machine.run(&["sign", &file, "--replace", "--sequence", "7", "--export", "new.msg"]).done();
    attach("c", "new.msg").failed(2, &["signed with another statement", "--replace"]);
}

#[test]
fn a_signature_for_another_package_is_not_attached() {
    let machine = Machine::publisher();
    machine.make_key("a");
    let other = machine.unsigned("com.example", "other", "1.0.0");
    machine.run(&["sign", &other, "--export", "other.msg"]).done();
    machine.openssl_sign("a", "other.msg");
    let attach = |file: &str, message: &str, key: &str| {
        machine.run(&["sign", file, "--attach", "a.sig", "--message", message, "--public-key", key])
    };
    let before = machine.read("tool-1.0.0.mpp");
    attach("tool-1.0.0.mpp", "other.msg", "a.pub").failed(2, &["not about tool-1.0.0.mpp"]);
    attach(&other, "other.msg", "own.pub").failed(2, &["was not made by the key"]);
    attach(&other, "own.pub", "a.pub").failed(2, &["not the bytes to sign"]);
    machine.run(&["sign", &other, "--attach", "a.sig"]).failed(2, &["--message"]);
    assert_eq!(machine.read("tool-1.0.0.mpp"), before);
    attach(&other, "other.msg", "a.pub").done();
    // A signature in the file, and a statement of another release.
    machine
        .0
        .write("other-1.0.0.mpp.sig", envelope(&machine, "tool-1.0.0.mpp").to_json().expect("it is JSON"));
    let unsigned = machine.unsigned("com.example", "other", "1.0.0");
    machine.run(&["sign", &unsigned, "--key", "./a.pem"]).failed(3, &["for other bytes", "--replace"]);
}

#[test]
fn a_key_is_shown_as_the_record_by_which_its_domain_vouches_for_it() {
    let machine = Machine::with_key("own");
    let shown = machine.run(&["key", "show", "--record"]).done();
    assert!(shown.line().starts_with("v=MCPv1; k=ed25519; p="), "{}", shown.out);
    let publisher = "com.example".parse().expect("it is a name");
    let keys = DomainKeys::parse(&publisher, shown.out.as_bytes()).expect("it is a record");
    assert_eq!(keys.keys(), [public_key(&machine, "own")]);
    shown.saying(&["DNS TXT", "/.well-known/mcp-registry-auth"]);
    machine.run(&["key", "show", "--record", "--json"]).failed(2, &["--json"]);
}
