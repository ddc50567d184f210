//! The table of attacks in `tests/vectors/package/README.md`: what it names is
//! there.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// One row for each attack on a package.
const ROWS: usize = 25;

/// Where tests stand.
const SOURCES: [&str; 2] = ["host", "tests"];

/// What a row says in place of a test, as long as there is nothing to test.
const WAITS: &str = "waits:";

struct Row {
    number: usize,
    tests: Vec<String>,
    vectors: String,
    waits: bool,
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn rows() -> Vec<Row> {
    let table = fs::read_to_string(super::directory().join("README.md")).unwrap();
    let rows = table.lines().filter(|line| line.starts_with("| P"));
    rows.map(|line| {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        let ["", row, _, tests, vectors, ""] = cells[..] else { panic!("{line}") };
        Row {
            number: row[1..].parse().unwrap(),
            tests: tests.split('`').skip(1).step_by(2).map(str::to_owned).collect(),
            vectors: vectors.to_owned(),
            waits: tests.starts_with(WAITS),
        }
    })
    .collect()
}

/// Every source file, and whether it is of this crate.
fn sources() -> Vec<(PathBuf, String)> {
    let mut directories: Vec<_> = SOURCES.iter().map(|room| workspace().join(room)).collect();
    let mut sources = vec![];
    while let Some(directory) = directories.pop() {
        for path in fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() && path.file_name().is_some_and(|name| name != "target") {
                directories.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                sources.push((path, text));
            }
        }
    }
    sources
}

/// The tests by their names, each with the comment above it; `None` outside this
/// crate, where a test may say in another way which row it is of.
fn tests() -> BTreeMap<String, Vec<Option<String>>> {
    let ours = fs::canonicalize(env!("CARGO_MANIFEST_DIR")).unwrap();
    let mut tests: BTreeMap<String, Vec<_>> = BTreeMap::new();
    for (path, text) in sources() {
        let ours = fs::canonicalize(&path).unwrap().starts_with(&ours);
        let mut above = String::new();
        for line in text.lines().map(str::trim) {
            let name = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ");
            if let Some((name, _)) = name.and_then(|rest| rest.split_once('(')) {
                tests.entry(name.to_owned()).or_default().push(ours.then(|| above.clone()));
            }
            if line.starts_with("///") || line.starts_with("#[") {
                above += line;
            } else {
                above.clear();
            }
        }
    }
    tests
}

#[test]
fn the_table_has_every_row_once_and_each_has_a_test() {
    let rows = rows();
    assert!(rows.iter().map(|row| row.number).eq(1..=ROWS));
    for Row { number, tests, waits, .. } in rows {
        assert_ne!(tests.is_empty(), !waits, "P{number}");
    }
}

#[test]
fn every_test_that_the_table_names_is_there_and_says_which_row_it_is_of() {
    let known = tests();
    for Row { number, tests, .. } in rows() {
        for test in tests {
            let found = known.get(&test).unwrap_or_else(|| panic!("P{number}: {test} is nowhere"));
            let says = |above: &Option<String>| above.as_ref().is_none_or(|above| says(above, number));
            assert!(found.iter().any(says), "P{number}: {test}: {found:?}");
        }
    }
}

/// Whether `P1` stands there, and not only `P11`.
fn says(above: &str, number: usize) -> bool {
    above.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word == format!("P{number}"))
}

#[test]
fn the_table_says_which_rows_have_vectors() {
    let vectors = super::vectors();
    let prefixes: BTreeSet<_> = vectors.keys().map(|name| name.split('-').next().unwrap()).collect();
    for Row { number, vectors, .. } in rows() {
        let prefix = format!("p{number:02}");
        let expected =
            if prefixes.contains(prefix.as_str()) { format!("`{prefix}-*`") } else { String::new() };
        assert_eq!(vectors, expected, "P{number}");
    }
}
