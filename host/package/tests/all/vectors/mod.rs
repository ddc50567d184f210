//! The files of `tests/vectors/package`, one defect each, and what becomes of
//! them.

mod header;
mod judge;
mod make;
mod read;
mod table;
mod words;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// Rows of the table of attacks that a file can hold.
const ROWS: [u8; 18] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 18, 20, 23, 25];

/// Largest vector in bytes: small enough to be read by a person.
const MAX_BYTES: usize = 4096;

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/package")
}

/// The files of a directory by their names.
fn files(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let files = entries.filter(|path| path.is_file());
    files.map(|path| (name_of(&path), fs::read(&path).unwrap())).collect()
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap().to_str().unwrap().to_owned()
}

/// Every vector by its name.
fn vectors() -> BTreeMap<String, Vec<u8>> {
    let mut files = files(&directory());
    assert!(files.remove("README.md").is_some());
    files
}

#[test]
fn every_vector_is_judged_as_it_expects() {
    let mut wrong = vec![];
    for (name, file) in vectors() {
        let (header, bytes) = read::read(&file).unwrap_or_else(|error| panic!("{name}: {error}"));
        let found = judge::judge(&header, bytes, &directory());
        if found != (header.expect.clone(), header.detail.clone()) {
            wrong.push(format!("{name}: {found:?}"));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

/// What an outline does not tell: that these are the bytes of the component which
/// was signed.
const SEEN_ONLY_IN_THE_COMPONENT: [&str; 1] = ["p01-component"];

/// Whoever lists a package refuses it for the same reason as whoever runs it. Where
/// its bytes are not those that were signed, their number or the manifest tells.
#[test]
fn every_vector_is_listed_as_it_is_run_but_for_the_bytes_of_the_component() {
    let mut accepted = vec![];
    for (name, file) in vectors() {
        let (header, bytes) = read::read(&file).unwrap();
        let Some(found) = judge::judge_outline(&header, bytes, &directory()) else { continue };
        let whole = (header.expect, header.detail);
        if found == whole {
            continue;
        }
        let other_bytes = ("statement-mismatch".to_owned(), Some("digest".to_owned()));
        assert_eq!(whole, other_bytes, "{name}: {found:?}");
        match found.0.as_str() {
            "accepted" => accepted.push(name),
            code => assert_eq!(code, "statement-mismatch", "{name}"),
        }
    }
    assert_eq!(accepted, SEEN_ONLY_IN_THE_COMPONENT);
}

/// A vector is written once. To change one is to make another, under a name of
/// its own: see the generator.
#[test]
fn every_vector_is_what_its_generator_makes() {
    let mut made: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for (name, bytes) in make::files() {
        assert!(made.insert(name.clone(), bytes).is_none(), "{name} is made twice");
    }
    let documents = files(&directory().join("trust"));
    let documents = documents.into_iter().map(|(name, bytes)| (format!("trust/{name}"), bytes));
    let found: BTreeMap<_, _> = vectors().into_iter().chain(documents).collect();
    let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(names(&found), names(&made));
    let changed: Vec<_> = found.iter().filter(|(name, bytes)| made[*name] != **bytes).collect();
    assert!(changed.is_empty(), "{:?}", changed.iter().map(|(name, _)| name).collect::<Vec<_>>());
}

#[test]
fn every_row_that_a_file_can_hold_has_a_vector_with_its_defect_refused() {
    let mut rows = BTreeSet::new();
    for (name, file) in vectors() {
        let (header, _) = read::read(&file).unwrap();
        let prefix = match header.attack.strip_prefix('P') {
            Some(row) => format!("p{row:0>2}-"),
            None => "ok-".to_owned(),
        };
        assert!(name.starts_with(&prefix), "{name} is about {}", header.attack);
        if header.expect != "accepted" {
            rows.insert(header.attack);
        }
    }
    let missing: Vec<_> = ROWS.iter().filter(|row| !rows.contains(&format!("P{row}"))).collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert!(!rows.contains("none"), "a file without a defect is refused");
}

#[test]
fn every_vector_is_small_and_says_what_is_wrong_with_it_in_a_sentence() {
    for (name, file) in vectors() {
        assert!(file.len() <= MAX_BYTES, "{name}: {} bytes", file.len());
        let (header, _) = read::read(&file).unwrap();
        assert!(header.comment.ends_with('.') && header.comment.len() < 120, "{name}: {}", header.comment);
    }
}

/// Every document is there for a vector.
#[test]
fn every_document_of_trust_is_taken_by_a_vector() {
    let headers: Vec<_> = vectors().values().map(|file| read::read(file).unwrap().0).collect();
    for name in files(&directory().join("trust")).keys() {
        let word = name.split(".json").next().unwrap().trim_end_matches(".pem");
        let word = if word.starts_with("accepted") { word.trim_end_matches(".mpp") } else { word };
        let taken = headers.iter().any(|header| {
            header.trust.split(' ').any(|taken| taken == word) || header.package.as_deref() == Some(word)
        });
        assert!(taken, "{name}");
    }
}
