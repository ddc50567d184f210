//! The product's judgement of a vector, from the doors that its bytes knock at
//! in real life.

use std::{fs, io::Cursor, path::Path};

use mpp_package::{
    DocumentType, Envelope, IndexError, IndexFormError, Keyring, Outline, Package, PackageError, PublicKey,
    PublisherName, ReadError, RootError, SignedRoot, SignedRootError, Timestamp, TrustPolicy, VerifyError,
    WhenStale,
};

use super::{
    header::{Header, Kind},
    words,
};

/// When the operator took what the line `trust` says.
const TAKEN: &str = "2026-11-22T08:00:00Z";

/// Whose root and index are offered.
const PUBLISHER: &str = "com.example";

/// The code of a refusal, and which refusal of that code.
pub type Verdict = (String, Option<String>);

/// What becomes of these bytes.
pub fn judge(header: &Header, bytes: &[u8], directory: &Path) -> Verdict {
    let now: Timestamp = header.now.parse().expect("`now` is a time");
    let documents = directory.join("trust");
    let mut operator = Operator::new(&documents, &header.trust);
    let refused = match header.kind {
        Kind::Package => operator.verify(Package::parse(bytes), now),
        Kind::Detached => {
            let package = operator.package(header.package.as_deref().expect("which package it is for"));
            operator.verify(package.with_detached(bytes), now)
        }
        Kind::Root => operator.pin(bytes, now).map_err(words::of_root),
        Kind::NextRoot => operator.follow(bytes, now).map_err(words::of_root),
        Kind::Index => operator.refresh(bytes, now).map_err(words::of_index),
    };
    refused.err().unwrap_or_else(|| ("accepted".to_owned(), None))
}

/// What becomes of the same bytes where they are to be listed and not to be run.
/// `None`: they are no package.
pub fn judge_outline(header: &Header, bytes: &[u8], directory: &Path) -> Option<Verdict> {
    let now: Timestamp = header.now.parse().expect("`now` is a time");
    let documents = directory.join("trust");
    let operator = Operator::new(&documents, &header.trust);
    let outline = match header.kind {
        Kind::Package => outline(bytes),
        Kind::Detached => {
            let package = operator.file(header.package.as_deref().expect("which package it is for"));
            outline(&package).and_then(|outline| outline.with_detached(bytes))
        }
        Kind::Root | Kind::NextRoot | Kind::Index => return None,
    };
    let verify = |outline| operator.keyring.verify_manifest(outline, now.to_system_time());
    let verified = outline
        .map_err(words::of_package)
        .and_then(|outline| verify(outline).map(drop).map_err(words::of_verification));
    Some(verified.err().unwrap_or_else(|| ("accepted".to_owned(), None)))
}

fn outline(bytes: &[u8]) -> Result<Outline, PackageError> {
    Outline::read(Cursor::new(bytes)).map_err(|error| match error {
        ReadError::Package(error) => error,
        ReadError::Io(error) => panic!("{error}"),
    })
}

struct Operator<'a> {
    documents: &'a Path,
    keyring: Keyring,
}

impl<'a> Operator<'a> {
    /// Takes everything that a line names. Each is a file in `documents`.
    fn new(documents: &'a Path, trust: &str) -> Self {
        let mut operator = Self { documents, keyring: Keyring::empty() };
        for word in trust.split(' ') {
            operator.take(word).unwrap_or_else(|error| panic!("{word} was refused: {error}"));
        }
        operator
    }

    fn take(&mut self, word: &str) -> Result<(), String> {
        let now = TAKEN.parse().expect("this is a time");
        let shown = |(code, detail): Verdict| format!("{code} {}", detail.unwrap_or_default());
        match word.split_once('-').map_or(word, |(kind, _)| kind) {
            "nobody" => Ok(()),
            "refuse" => {
                let policy = TrustPolicy { when_stale: WhenStale::Refuse, ..TrustPolicy::DEFAULT };
                self.keyring.set_policy(policy);
                Ok(())
            }
            "pinned" => {
                let pem = String::from_utf8(self.file("pinned.pem")).expect("PEM is text");
                let key = PublicKey::from_pem(&pem).expect("it is a key");
                self.keyring.pin(&publisher(), key).map(drop).map_err(|error| error.to_string())
            }
            "root" => {
                let bytes = self.file(&format!("{word}.json"));
                let signed = SignedRoot::parse(&bytes).map_err(|error| error.to_string())?;
                let taken = match self.keyring.root_trust(&signed.root().parts().publisher) {
                    None => self.pin(&bytes, now),
                    Some(_) => self.follow(&bytes, now),
                };
                taken.map_err(|error| shown(words::of_root(error)))
            }
            "index" => {
                let bytes = self.file(&format!("{word}.json"));
                self.refresh(&bytes, now).map_err(|error| shown(words::of_index(error)))
            }
            "accepted" => {
                let package = self.package(&format!("{word}.mpp"));
                let verified = self.keyring.verify(package, now.to_system_time());
                let verified = verified.map_err(|error| error.to_string())?;
                assert_eq!(self.keyring.accept(&verified), Ok(true));
                Ok(())
            }
            _ => Err("it is no word of the line `trust`".to_owned()),
        }
    }

    fn file(&self, name: &str) -> Vec<u8> {
        let path = self.documents.join(name);
        fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    fn package(&self, name: &str) -> Package {
        Package::parse(self.file(name)).expect("it is a package")
    }

    fn verify(&self, package: Result<Package, PackageError>, now: Timestamp) -> Result<(), Verdict> {
        let package = package.map_err(words::of_package)?;
        let verified: Result<_, VerifyError> = self.keyring.verify(package, now.to_system_time());
        verified.map(drop).map_err(words::of_verification)
    }

    fn pin(&mut self, bytes: &[u8], now: Timestamp) -> Result<(), RootError> {
        self.keyring.pin_root(SignedRoot::parse(bytes)?, now.to_system_time()).map(drop)
    }

    fn follow(&mut self, bytes: &[u8], now: Timestamp) -> Result<(), RootError> {
        let root = Envelope::parse(DocumentType::Root, bytes).map_err(SignedRootError::from)?;
        self.keyring.update_root(&publisher(), vec![root], now.to_system_time()).map(drop)
    }

    fn refresh(&mut self, bytes: &[u8], now: Timestamp) -> Result<(), IndexError> {
        let index = Envelope::parse(DocumentType::Index, bytes).map_err(IndexFormError::from)?;
        self.keyring.refresh(&publisher(), index, now.to_system_time()).map(drop)
    }
}

fn publisher() -> PublisherName {
    PublisherName::parse(PUBLISHER).expect("this is a name")
}
