//! What a publisher does: roots, indexes and signatures, with keys that may be
//! on another machine or in nobody's hands but OpenSSL's.

mod indexes;
mod packages;
mod roots;

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use mpp_host::package::{
    Document, DocumentType, Envelope, Index, KeyId, Keyring, Package, PublicKey, SignedRoot, SigningRequest,
    Timestamp, VerifyError,
};

use super::openssl::openssl;
use super::{Ended, User, component, text};
use crate::support::guests;

/// A machine of a publisher. Commands run in its home, where its files are.
struct Machine(User);

impl Machine {
    /// A machine without any key.
    fn new() -> Self {
        Self(User::new())
    }

    /// A machine with a key of its own, whose public half is `name.pub`.
    fn with_key(name: &str) -> Self {
        let machine = Self::new();
        machine.run(&["key", "new"]).done();
        machine.0.write(&format!("{name}.pub"), machine.run(&["key", "show"]).done().out);
        machine
    }

    /// A publisher with one key for everything, its root and one package.
    fn publisher() -> Self {
        let machine = Self::with_key("own");
        let keys = ["--root", "default", "--release", "default", "--index", "default"];
        machine.run(&[&["trust", "init", "com.example"][..], &keys].concat()).done();
        machine.package("com.example", "tool", "1.0.0");
        machine
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        let mut command = self.0.mpp([]);
        command.args(arguments).current_dir(self.0.home.path());
        Ended::of(command.output().expect("the command can be started"))
    }

    /// A key pair that this command has never seen: `name.pem` and `name.pub`.
    fn make_key(&self, name: &str) -> KeyId {
        let (pem, public) = (format!("{name}.pem"), format!("{name}.pub"));
        let home = self.0.home.path();
        assert!(openssl(home, &["genpkey", "-algorithm", "ed25519", "-out", &pem]));
        assert!(openssl(home, &["pkey", "-in", &pem, "-pubout", "-out", &public]));
        let text = String::from_utf8(self.read(&public)).expect("a PEM file is text");
        PublicKey::from_pem(&text).expect("OpenSSL makes keys").id()
    }

    /// Signs the bytes of `message` with `name.pem`, into `name.sig`.
    fn openssl_sign(&self, name: &str, message: &str) {
        let (pem, signature) = (format!("{name}.pem"), format!("{name}.sig"));
        let sign = ["pkeyutl", "-sign", "-rawin", "-inkey", &pem, "-in", message, "-out", &signature];
        assert!(openssl(self.0.home.path(), &sign));
    }

    /// Makes a package, `NAME-VERSION.mpp`, and signs it with the default key.
    fn package(&self, publisher: &str, name: &str, version: &str) -> String {
        let file = self.unsigned(publisher, name, version);
        self.run(&["sign", &file, "--sequence", "1"]).done();
        file
    }

    fn unsigned(&self, publisher: &str, name: &str, version: &str) -> String {
        let yaml =
            format!("publisher: {publisher}\nname: {name}\nversion: {version}\ndescription: A tool.\n");
        self.0.write("source/mpp.yaml", yaml);
        let file = format!("{name}-{version}.mpp");
        let component = component(guests::TEXT_STATS);
        self.run(&["build", "source", "--component", &component, "--out", &file]).done();
        file
    }

    fn read(&self, file: &str) -> Vec<u8> {
        fs::read(self.0.path(file)).expect("the file is there")
    }

    /// Carries a file to another machine, or back.
    fn carry(&self, file: &str, to: &Self) {
        to.0.write(file, self.read(file));
    }

    fn root(&self, file: &str) -> SignedRoot {
        SignedRoot::parse(&self.read(file)).expect("all who must have signed")
    }

    fn index(&self, file: &str) -> Index {
        let envelope = Envelope::parse(DocumentType::Index, &self.read(file)).expect("it is signed");
        match SigningRequest::of(&envelope).expect("it is a document").document() {
            Document::Index(index) => Index::clone(index),
            other => panic!("{other:?}"),
        }
    }

    /// What an operator who pinned `root` and took `index` says of a package.
    fn judged(&self, root: &str, index: Option<&str>, package: &str) -> Result<(), VerifyError> {
        let now = SystemTime::now();
        let mut keyring = Keyring::empty();
        let root = self.root(root);
        let publisher = root.root().parts().publisher.clone();
        keyring.pin_root(root, now).expect("the root can be pinned");
        if let Some(index) = index {
            let index = Envelope::parse(DocumentType::Index, &self.read(index)).expect("it is an index");
            keyring.refresh(&publisher, index, now).expect("the index can be taken");
        }
        let package = Package::parse(self.read(package)).expect("it is a package");
        keyring.verify(package, now).map(drop)
    }

    fn exists(&self, file: &str) -> bool {
        Path::new(&text(&self.0.path(file))).exists()
    }
}

/// Days between two times.
fn days(from: Timestamp, to: Timestamp) -> u64 {
    let between = to.to_system_time().duration_since(from.to_system_time());
    between.expect("one is before the other").as_secs() / (24 * 60 * 60)
}

/// What a person compares before they trust a root.
fn fingerprint(root: &SignedRoot) -> String {
    root.digest().to_string()
}

/// Whoever is alone with a key on another machine finds the way in the help.
#[test]
fn the_help_says_how_to_sign_with_a_key_that_is_elsewhere() {
    let machine = Machine::new();
    for command in
        [&["trust", "init"][..], &["trust", "rotate"], &["trust", "publish"], &["trust", "sign"], &["sign"]]
    {
        let help = machine.run(&[command, &["--help"]].concat()).done().out;
        assert!(help.contains("openssl pkeyutl -sign -rawin -inkey"), "{command:?}: {help}");
    }
}
