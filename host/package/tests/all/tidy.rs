//! P22: what this crate never does.

use std::{fs, path::Path};

fn sources(directory: &Path) -> Vec<(String, String)> {
    let mut sources = vec![];
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources.extend(self::sources(&path));
        } else {
            sources.push((path.display().to_string(), fs::read_to_string(&path).unwrap()));
        }
    }
    sources
}

/// P22.
#[test]
fn nothing_here_reads_the_environment_or_a_file_or_prints() {
    let sources = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    assert!(sources.len() > 10);
    for (path, text) in sources {
        for word in ["std::env", "env!(", "std::fs", "std::process", "std::net", "println!", "print!"] {
            assert!(!text.contains(word), "{path} has {word}");
        }
    }
}

fn count(text: &str) -> usize {
    let sources = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    sources.iter().map(|(_, source)| source.matches(text).count()).sum()
}

/// P22.
#[test]
fn a_verified_package_is_made_in_one_place() {
    assert_eq!(count("Ok(VerifiedPackage {"), 1);
    assert_eq!(count(".judge(Subject::Package("), 1);
    assert_eq!(count(".verify_strict("), 1, "signatures are verified in one place, strictly");
}

/// P22.
#[test]
fn a_verified_manifest_is_made_in_one_place_and_by_the_same_judge() {
    assert_eq!(count("Ok(VerifiedManifest {"), 1);
    assert_eq!(count(".judge(Subject::Outline("), 1);
    assert_eq!(count("fn judge("), 1);
}
