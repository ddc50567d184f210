//! Anybody can make, sign and check these bytes with stock OpenSSL. These
//! tests run `openssl` from the search path and fail where it is missing.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use mpp_package::{
    Envelope, Index, Keyring, Package, PublicKey, Role, Root, RootParts, SIGNATURE_BYTES, Signature,
    SignedRoot, SigningKey, SigningRequest, attach_signature, embed,
};
use tempfile::TempDir;

use crate::{
    publisher::{index_envelope, index_parts, public, root_envelope, root_parts, rooted},
    support::{accept, key, keyring, now, options, pinned, publisher, signed, unsigned},
};

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

    /// What OpenSSL makes of these bytes with `key.pem`.
    fn signature_of(&self, message: &[u8]) -> Signature {
        self.write("message", message);
        succeeds(self.path(), &SIGN);
        let bytes: [u8; SIGNATURE_BYTES] = self.read("signature").try_into().unwrap();
        Signature::from_bytes(bytes)
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
    let signature = bench.signature_of(&request.message());
    let public = PublicKey::from_pem(&bench.text("public.pem")).unwrap();
    assert_eq!(public, key.public_key());
    let envelope = request.finish(&public, signature).unwrap();
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

/// P24: the people who make a root need nothing but OpenSSL and the bytes to sign.
#[test]
fn a_root_is_signed_by_openssl_on_other_machines() {
    let (one, two) = (Bench::new(), Bench::new());
    let keys = [one.make_key().public_key(), two.make_key().public_key()];
    let people = Role::new(keys.to_vec(), 2).unwrap();
    let root = Root::new(RootParts { root: people, index: None, ..root_parts(1) }).unwrap();
    let request = SigningRequest::root(root).unwrap();
    let [first, second] = [&one, &two].map(|bench| bench.signature_of(&request.message()));
    let envelope = request.finish(&keys[0], first).unwrap();
    let envelope = attach_signature(envelope, &keys[1], second).unwrap();
    assert!(Keyring::empty().pin_root(SignedRoot::open(envelope).unwrap(), now()).is_ok());
}

/// P24.
#[test]
fn an_index_is_signed_by_openssl() {
    let bench = Bench::new();
    let key = bench.make_key().public_key();
    let index = Index::new(index_parts(1, vec![])).unwrap();
    let request = SigningRequest::index(index).unwrap();
    let signature = bench.signature_of(&request.message());
    let envelope = request.finish(&key, signature).unwrap();
    let role = Role::new(vec![key], 1).unwrap();
    let mut keyring = rooted(RootParts { index: Some(role), ..root_parts(1) });
    assert!(keyring.refresh(&publisher(), envelope, now()).is_ok());
}

/// P24.
#[test]
fn our_signatures_on_a_root_and_an_index_are_verified_by_openssl() {
    let bench = Bench::new();
    for envelope in [root_envelope(root_parts(1), &[11]), index_envelope(index_parts(1, vec![]), &[11])] {
        let message = SigningRequest::of(&envelope).unwrap().message();
        bench.write("message", &message);
        bench.write("signature", envelope.signatures()[0].signature.as_bytes());
        bench.write("public.pem", public(11).to_pem().unwrap());
        succeeds(bench.path(), &VERIFY);
        bench.write("message", &message[..message.len() - 1]);
        assert!(!openssl(bench.path(), &VERIFY).0);
    }
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
