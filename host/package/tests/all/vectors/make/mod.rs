//! Makes every vector, and every document that they are judged under: the same
//! bytes each time.

mod claims;
mod documents;
mod envelopes;
mod files;
mod format;
mod freshness;
mod icons;
mod keys;
mod names;
mod roles;
mod rollback;
mod trust;

use super::header::{Header, Kind};

/// Every file below `tests/vectors/package`: its name, and its bytes.
pub fn files() -> Vec<(String, Vec<u8>)> {
    let vectors = [
        files::vectors(),
        claims::vectors(),
        roles::vectors(),
        envelopes::vectors(),
        keys::vectors(),
        rollback::vectors(),
        freshness::vectors(),
        names::vectors(),
        icons::vectors(),
    ];
    let vectors = vectors.into_iter().flatten().map(Vector::file);
    let documents = trust::documents().into_iter().map(|(name, bytes)| (format!("trust/{name}"), bytes));
    vectors.chain(documents).collect()
}

/// A vector in the making.
struct Vector {
    name: &'static str,
    header: Header,
    bytes: Vec<u8>,
}

impl Vector {
    /// A package to be verified by whoever has pinned the release key. The name
    /// begins with the row of the table, `p04-`, or with `ok-`; `expect` is a
    /// code, and the detail behind a space.
    fn new(name: &'static str, expect: &str, comment: &str, bytes: impl Into<Vec<u8>>) -> Self {
        let (expect, detail) = match expect.split_once(' ') {
            Some((code, detail)) => (code, Some(detail.to_owned())),
            None => (expect, None),
        };
        let header = Header {
            expect: expect.to_owned(),
            detail,
            attack: row(name),
            comment: comment.to_owned(),
            kind: Kind::Package,
            package: None,
            trust: "pinned".to_owned(),
            now: documents::NOW.to_owned(),
        };
        Self { name, header, bytes: bytes.into() }
    }

    /// The signature of a package under `trust/`.
    fn detached_from(mut self, package: &str) -> Self {
        self.header.kind = Kind::Detached;
        self.header.package = Some(package.to_owned());
        self
    }

    /// Another kind of document.
    fn of(mut self, kind: Kind) -> Self {
        self.header.kind = kind;
        self
    }

    /// Judged by somebody who has taken these before.
    fn under(mut self, trust: &str) -> Self {
        self.header.trust = trust.to_owned();
        self
    }

    /// Judged at this time.
    fn at(mut self, now: &str) -> Self {
        self.header.now = now.to_owned();
        self
    }

    fn file(self) -> (String, Vec<u8>) {
        (self.name.to_owned(), [self.header.to_string().as_bytes(), &self.bytes].concat())
    }
}

/// `P4` of `p04-…`, and `none` of `ok-…`.
fn row(name: &str) -> String {
    let number = name.strip_prefix('p').and_then(|rest| rest.split('-').next());
    number.and_then(|digits| digits.parse::<u8>().ok()).map_or("none".to_owned(), |row| format!("P{row}"))
}
