//! Anybody can make, sign and check these bytes with stock OpenSSL. These
//! tests run `openssl` from the search path and fail where it is missing.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use mpp_package::{
    Envelope, Package, PublicKey, SIGNATURE_BYTES, Signature, SigningKey, SigningRequest, embed,
};
use tempfile::TempDir;

use crate::support::{accept, key, keyring, options, pinned, signed, unsigned};

/// Runs `openssl` in a directory, and says whether it succeeded and what it printed.
fn openssl(directory: &Path, arguments: &[&str]) -> (bool, String) {
    let output = Command::new("openssl")
        .args(arguments)
        .current_dir(directory)
        .output()
        .expect("`openssl` is needed for this test: install it");
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&text).into_owned())
}

#[track_caller]
fn succeeds(directory: &Path, arguments: &[&str]) {
    let (success, text) = openssl(directory, arguments);
    assert!(success, "openssl {arguments:?}: {text}");
}

struct Bench(TempDir);

impl Bench {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, name: &str, contents: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        fs::write(&path, contents).unwrap();
        path
    }

    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path().join(name)).unwrap()
    }

    fn text(&self, name: &str) -> String {
        String::from_utf8(self.read(name)).unwrap()
    }

    /// A key made by OpenSSL: `key.pem`, and its public half in `public.pem`.
    fn make_key(&self) -> SigningKey {
        succeeds(self.path(), &["genpkey", "-algorithm", "ed25519", "-out", "key.pem"]);
        let public = ["pkey", "-in", "key.pem", "-pubout", "-out", "public.pem"];
        succeeds(self.path(), &public);
        SigningKey::from_pem(&self.text("key.pem")).unwrap()
    }
}

const SIGN: [&str; 9] =
    ["pkeyutl", "-sign", "-inkey", "key.pem", "-rawin", "-in", "message", "-out", "signature"];
const VERIFY: [&str; 10] = [
    "pkeyutl",
    "-verify",
    "-pubin",
    "-inkey",
    "public.pem",
    "-rawin",
    "-in",
    "message",
    "-sigfile",
    "signature",
];

/// P24.
#[test]
fn a_signature_made_by_openssl_is_accepted() {
    let bench = Bench::new();
    let key = bench.make_key();
    let package = Package::parse(unsigned()).unwrap();
    let request = SigningRequest::new(&package, &options()).unwrap();
    bench.write("message", request.message());
    succeeds(bench.path(), &SIGN);
    let signature: [u8; SIGNATURE_BYTES] = bench.read("signature").try_into().unwrap();
    let public = PublicKey::from_pem(&bench.text("public.pem")).unwrap();
    assert_eq!(public, key.public_key());
    let envelope = request.finish(&public, Signature::from_bytes(signature)).unwrap();
    let signed = embed(&package, &envelope).unwrap();
    let verified = accept(&signed, &pinned(&[("com.example", &key)])).unwrap();
    assert_eq!(verified.key_ids(), [public.id()]);
    // Ed25519 has one signature per key and message: ours is theirs.
    assert_eq!(signed, crate::support::signed_by(&key, &unsigned()));
}

/// P24.
#[test]
fn our_signature_is_verified_by_openssl_and_not_over_other_bytes() {
    let bench = Bench::new();
    let package = Package::parse(signed()).unwrap();
    let envelope: &Envelope = package.envelope().unwrap();
    let message = mpp_package::pre_authentication_encoding(
        mpp_package::DocumentType::Package.payload_type(),
        envelope.payload(),
    );
    bench.write("message", &message);
    bench.write("signature", envelope.signatures()[0].signature.as_bytes());
    bench.write("public.pem", key().public_key().to_pem().unwrap());
    succeeds(bench.path(), &VERIFY);
    bench.write("message", [&message[..], b" "].concat());
    assert!(!openssl(bench.path(), &VERIFY).0);
}

/// P24.
#[test]
fn openssl_reads_our_private_key() {
    let bench = Bench::new();
    bench.write("key.pem", key().to_pem().unwrap().as_str());
    succeeds(bench.path(), &["pkey", "-in", "key.pem", "-pubout", "-out", "public.pem"]);
    assert_eq!(bench.text("public.pem"), key().public_key().to_pem().unwrap());
    succeeds(bench.path(), &["pkey", "-in", "key.pem", "-out", "again.pem"]);
    assert_eq!(bench.text("again.pem"), key().to_pem().unwrap().as_str());
}

#[test]
fn a_fingerprint_can_be_computed_with_openssl_alone() {
    let bench = Bench::new();
    bench.write("public.pem", key().public_key().to_pem().unwrap());
    let der = ["pkey", "-pubin", "-in", "public.pem", "-outform", "DER", "-out", "public.der"];
    succeeds(bench.path(), &der);
    let der = bench.read("public.der");
    bench.write("raw", &der[der.len() - 32..]);
    let (_, text) = openssl(bench.path(), &["dgst", "-sha256", "-r", "raw"]);
    assert!(text.starts_with(&key().public_key().id().to_string()), "{text}");
}

#[test]
fn keys_of_another_kind_are_refused() {
    let bench = Bench::new();
    for kind in [&["-algorithm", "x25519"][..], &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]]
    {
        let make = [&["genpkey"], kind, &["-out", "key.pem"]].concat();
        succeeds(bench.path(), &make);
        assert!(SigningKey::from_pem(&bench.text("key.pem")).is_err());
        succeeds(bench.path(), &["pkey", "-in", "key.pem", "-pubout", "-out", "public.pem"]);
        assert!(PublicKey::from_pem(&bench.text("public.pem")).is_err());
    }
    let secret = ["genpkey", "-algorithm", "ed25519", "-aes-256-cbc", "-pass", "pass:x", "-out", "key.pem"];
    succeeds(bench.path(), &secret);
    assert!(SigningKey::from_pem(&bench.text("key.pem")).is_err());
}

#[test]
fn a_signature_made_elsewhere_is_checked_before_it_is_embedded() {
    let package = Package::parse(unsigned()).unwrap();
    let request = SigningRequest::new(&package, &options()).unwrap();
    let public = key().public_key();
    let error = request.finish(&public, Signature::from_bytes([0; 64])).unwrap_err();
    assert_eq!(error, mpp_package::SignError::InvalidSignature { keyid: public.id() });
    assert!(accept(&signed(), &keyring()).is_ok());
}
