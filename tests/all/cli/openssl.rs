//! Keys and signatures of the command, and stock OpenSSL.

use std::path::Path;
use std::process::Command;

use mpp_host::package::{DocumentType, Envelope, pre_authentication_encoding};

use super::{PUBLISHER, User, component, text};
use crate::support::guests;

/// Runs stock OpenSSL, and says whether it did what it was asked.
pub(super) fn openssl(directory: &Path, arguments: &[&str]) -> bool {
    let status = Command::new("openssl").args(arguments).current_dir(directory).output();
    status.expect("`openssl` is needed for this test: install it").status.success()
}

#[test]
fn a_key_that_openssl_made_signs_and_verifies() {
    let user = User::new();
    let home = user.home.path();
    assert!(openssl(home, &["genpkey", "-algorithm", "ed25519", "-out", "key.pem"]));
    assert!(openssl(home, &["pkey", "-in", "key.pem", "-pubout", "-out", "public.pem"]));
    let (key, public) = (text(&user.path("key.pem")), text(&user.path("public.pem")));
    let source = text(&PUBLISHER.source("by-openssl", ""));
    let out = text(&user.path("by-openssl.mpp"));
    let build = [
        "build",
        &source,
        "--component",
        &component(guests::TEXT_STATS),
        "--out",
        &out,
        "--sign",
        "--key",
        &key,
    ];
    user.run(build).done();
    user.run(["verify", &out, "--public-key", &public]).done();
    assert_eq!(
        user.run(["key", "show", &key]).done().out,
        std::fs::read_to_string(public).expect("it was made")
    );
}

#[test]
fn openssl_verifies_what_the_command_signed() {
    let user = User::new();
    let package =
        text(&user.write("text-stats.mpp", std::fs::read(PUBLISHER.text_stats()).expect("it is there")));
    let key = text(&PUBLISHER.secret_key());
    let signature = user.run(["sign", &package, "--key", &key, "--replace", "--detached"]).done();
    let envelope = std::fs::read(signature.line()).expect("the signature was written");
    let envelope = Envelope::parse(DocumentType::Package, &envelope).expect("the signature is an envelope");
    let message = pre_authentication_encoding(DocumentType::Package.payload_type(), envelope.payload());
    user.write("message", &message);
    user.write("signature", envelope.signatures()[0].signature.as_bytes());
    let public = text(&PUBLISHER.public_key());
    let verify = [
        "pkeyutl",
        "-verify",
        "-pubin",
        "-inkey",
        &public,
        "-rawin",
        "-in",
        "message",
        "-sigfile",
        "signature",
    ];
    assert!(openssl(user.home.path(), &verify));
    user.write("message", [&message[..], b" "].concat());
    assert!(!openssl(user.home.path(), &verify));
}

/// A signature in a file of its own is as good as one inside.
#[test]
fn a_detached_signature_is_found_beside_the_package() {
    let user = User::who_trusts();
    let source = text(&PUBLISHER.source("detached", ""));
    let out = text(&user.path("detached.mpp"));
    user.run(["build", &source, "--component", &component(guests::TEXT_STATS), "--out", &out]).done();
    user.run(["verify", &out]).failed(3, &["not signed"]);
    user.run(["sign", &out, "--key", &text(&PUBLISHER.secret_key()), "--detached"]).done();
    user.run(["verify", &out]).done();
    user.run(["run", &out, "--grant", "--input", r#"{"text": "a"}"#]).done();
}
