//! Walking the tree: which files are searched, and what becomes of the others.

use crate::lines;
use ignore::overrides::{Override, OverrideBuilder};
use ignore::{DirEntry, WalkBuilder};
use mpp_guest::schemars::{self, JsonSchema};
use regex::bytes::Regex;
use serde::Serialize;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

/// Bytes read at once. The host call costs more than the copy.
const BLOCK: usize = 64 * 1024;

/// Bytes of text in all matches together. A model reads less than this.
const MAX_TEXT_BYTES: usize = 256 * 1024;

/// Unreadable paths that are named; the others are only counted.
const MAX_NAMED: usize = 20;

/// What to look for and where.
pub struct Query<'a> {
    pub root: &'a Path,
    pub pattern: &'a Regex,
    pub globs: &'a Globs,
    pub context: usize,
    pub max_matches: usize,
    pub hidden: bool,
    pub ignored: bool,
}

/// A line that matches.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Match {
    /// Path of the file.
    pub path: String,
    /// Number of the line, from 1.
    pub line: u64,
    /// Where the first match in the line starts, in characters from 1.
    pub column: u64,
    /// The line, without its end; of a long line the part around the match.
    pub text: String,
    /// Lines before it that no earlier match shows, at most `context_lines`.
    pub before: Vec<String>,
    /// Lines after it up to the next match, at most `context_lines`.
    pub after: Vec<String>,
}

/// A path that could not be read.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Unreadable {
    /// The path.
    pub path: String,
    /// Why not.
    pub reason: String,
}

/// What the search found.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct Found {
    /// The matching lines: files in the order of their paths, lines in the order
    /// of the file.
    pub matches: Vec<Match>,
    /// Whether the search stopped early, because `max_matches` or the largest
    /// size of an answer (256 KiB of text) was reached.
    pub truncated: bool,
    /// Files searched.
    pub files_searched: u64,
    /// Files with at least one of `matches`.
    pub files_matched: u64,
    /// Files passed over because they are no text.
    pub binary_files_skipped: u64,
    /// Files and directories that could not be read, the first 20 of them.
    pub unreadable: Vec<Unreadable>,
    /// How many could not be read.
    pub unreadable_count: u64,
}

/// Searches the tree.
pub fn search(query: &Query) -> Found {
    let mut found = Found::default();
    let mut room = MAX_TEXT_BYTES;
    for entry in walk(query) {
        if found.truncated {
            break;
        }
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let (path, reason) = blame(&error);
                found.leave_out(path.unwrap_or(query.root), reason);
                continue;
            }
        };
        if !entry.file_type().is_some_and(|kind| kind.is_file()) {
            continue;
        }
        if let Err(error) = search_file(query, entry.path(), &mut found, &mut room) {
            found.leave_out(entry.path(), error.to_string());
        }
    }
    found
}

fn search_file(query: &Query, path: &Path, found: &mut Found, room: &mut usize) -> io::Result<()> {
    let mut reader = BufReader::with_capacity(BLOCK, File::open(path)?);
    if lines::is_binary(reader.fill_buf()?) {
        found.binary_files_skipped += 1;
        return Ok(());
    }
    found.files_searched += 1;
    let earlier = found.matches.len();
    let result = lines::search(&mut reader, query.pattern, query.context, |mut one| {
        one.path = path.to_string_lossy().into_owned();
        let size = one.size();
        if found.matches.len() == query.max_matches || size > *room {
            found.truncated = true;
            return false;
        }
        *room -= size;
        found.matches.push(one);
        true
    });
    found.files_matched += u64::from(found.matches.len() > earlier);
    result
}

impl Match {
    fn size(&self) -> usize {
        let context = self.before.iter().chain(&self.after);
        self.path.len() + self.text.len() + context.map(String::len).sum::<usize>()
    }
}

impl Found {
    fn leave_out(&mut self, path: &Path, reason: String) {
        self.unreadable_count += 1;
        if self.unreadable.len() < MAX_NAMED {
            self.unreadable.push(Unreadable { path: path.to_string_lossy().into_owned(), reason });
        }
    }
}

/// The entries to look at, in the order of their paths, so that equal trees give
/// equal answers.
fn walk(query: &Query) -> ignore::Walk {
    let globs = query.globs.0.clone();
    WalkBuilder::new(query.root)
        .hidden(!query.hidden)
        .ignore(!query.ignored)
        .git_ignore(!query.ignored)
        // A tree need not be a repository to have a .gitignore.
        .require_git(false)
        // The boundary is the tree: nothing above it and no user's own settings.
        .parents(false)
        .git_global(false)
        .git_exclude(false)
        .follow_links(false)
        .filter_entry(move |entry| entry.depth() == 0 || wanted(entry, &globs))
        .sort_by_file_name(|a, b| a.cmp(b))
        .build()
}

fn wanted(entry: &DirEntry, globs: &Override) -> bool {
    let directory = entry.file_type().is_some_and(|kind| kind.is_dir());
    let repository = directory && entry.file_name() == ".git";
    !repository && !globs.matched(entry.path(), directory).is_ignore()
}

/// Which files of the tree are meant, by their paths.
pub struct Globs(Override);

impl Globs {
    /// Files that match one of `include` (or any file, if there is none) and none
    /// of `exclude`. The globs are those of a .gitignore. An error names the
    /// field.
    pub fn new(root: &Path, include: &[String], exclude: &[String]) -> Result<Self, String> {
        let mut builder = OverrideBuilder::new(root);
        for glob in include {
            if glob.starts_with('!') {
                return Err(format!("include: {glob:?}: put it into `exclude` without the `!`"));
            }
            builder.add(glob).map_err(|error| format!("include: {error}"))?;
        }
        for glob in exclude {
            builder.add(&format!("!{glob}")).map_err(|error| format!("exclude: {error}"))?;
        }
        builder.build().map(Globs).map_err(|error| format!("include: {error}"))
    }
}

/// What was not readable, and why.
fn blame(error: &ignore::Error) -> (Option<&Path>, String) {
    match error {
        ignore::Error::WithPath { path, err } => (Some(path), blame(err).1),
        ignore::Error::WithDepth { err, .. } => blame(err),
        other => (None, other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::path::PathBuf;

    /// A directory that is removed with it.
    struct Tree(PathBuf);

    impl Tree {
        fn new(name: &str, files: &[(&str, &[u8])]) -> Self {
            let root = std::env::temp_dir().join(format!("file-search-{}-{name}", std::process::id()));
            for (path, contents) in files {
                let path = root.join(path);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, contents).unwrap();
            }
            Tree(root)
        }

        fn search(&self, pattern: &str, change: impl FnOnce(&mut Query)) -> Found {
            self.search_in(pattern, &[], &[], change)
        }

        fn search_in(
            &self,
            pattern: &str,
            include: &[&str],
            exclude: &[&str],
            change: impl FnOnce(&mut Query),
        ) -> Found {
            let owned = |globs: &[&str]| globs.iter().map(|&g| g.to_owned()).collect::<Vec<_>>();
            let globs = Globs::new(&self.0, &owned(include), &owned(exclude)).unwrap();
            let pattern = Regex::new(pattern).unwrap();
            let mut query = Query {
                root: &self.0,
                pattern: &pattern,
                globs: &globs,
                context: 0,
                max_matches: 100,
                hidden: false,
                ignored: false,
            };
            change(&mut query);
            search(&query)
        }

        fn paths(&self, found: &Found) -> Vec<String> {
            let inner = |one: &Match| {
                let path = Path::new(&one.path).strip_prefix(&self.0).unwrap();
                path.to_str().unwrap().to_owned()
            };
            found.matches.iter().map(inner).collect()
        }
    }

    impl Drop for Tree {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn files_are_found_in_the_order_of_their_paths() {
        let tree = Tree::new("order", &[("b", b"x"), ("a/z", b"x"), ("a/y", b"x\nx"), ("c", b"-")]);
        let found = tree.search("x", |_| {});
        assert_eq!(tree.paths(&found), ["a/y", "a/y", "a/z", "b"]);
        assert_eq!((found.files_searched, found.files_matched), (4, 3));
        assert!(!found.truncated);
    }

    #[test]
    fn ignore_files_hidden_files_and_repositories_are_respected() {
        let files: &[(&str, &[u8])] = &[
            (".gitignore", b"target/\n*.log"),
            ("sub/.ignore", b"secret"),
            ("sub/secret", b"x"),
            ("target/out", b"x"),
            ("run.log", b"x"),
            (".hidden", b"x"),
            (".git/config", b"x"),
            ("src", b"x"),
        ];
        let tree = Tree::new("ignore", files);
        assert_eq!(tree.paths(&tree.search("x", |_| {})), ["src"]);
        let all = tree.search("x", |query| (query.hidden, query.ignored) = (true, true));
        assert_eq!(tree.paths(&all), [".hidden", "run.log", "src", "sub/secret", "target/out"]);
    }

    #[test]
    fn globs_choose_files_and_do_not_bring_ignored_ones_back() {
        let files: &[(&str, &[u8])] = &[
            (".gitignore", b"gen.rs"),
            ("gen.rs", b"x"),
            ("a.rs", b"x"),
            ("a.py", b"x"),
            ("tests/b.rs", b"x"),
        ];
        let tree = Tree::new("globs", files);
        let found = tree.search_in("x", &["*.rs"], &["tests"], |_| {});
        assert_eq!(tree.paths(&found), ["a.rs"]);
        let found = tree.search_in("x", &["/tests/**", "*.py"], &[], |_| {});
        assert_eq!(tree.paths(&found), ["a.py", "tests/b.rs"]);
    }

    #[test]
    fn binary_files_are_counted_and_passed_over() {
        let tree = Tree::new("binary", &[("elf", b"x\0x"), ("text", b"x")]);
        let found = tree.search("x", |_| {});
        assert_eq!((found.binary_files_skipped, found.files_searched), (1, 1));
    }

    #[test]
    fn the_search_is_truncated_only_if_there_is_more() {
        let tree = Tree::new("limit", &[("a", b"x\nx"), ("b", b"x")]);
        let exact = tree.search("x", |query| query.max_matches = 3);
        assert_eq!((exact.matches.len(), exact.truncated), (3, false));
        let cut = tree.search("x", |query| query.max_matches = 2);
        assert_eq!((cut.matches.len(), cut.truncated), (2, true));
    }

    #[test]
    fn an_answer_has_a_largest_size() {
        let line = "x".repeat(300) + "\n";
        let tree = Tree::new("size", &[("a", line.repeat(2000).as_bytes())]);
        let found = tree.search("x", |query| query.max_matches = 2000);
        assert!(found.truncated);
        assert!(found.matches.iter().map(Match::size).sum::<usize>() <= MAX_TEXT_BYTES);
    }

    #[test]
    fn an_unreadable_path_is_reported_and_the_search_goes_on() {
        let tree = Tree::new("unreadable", &[]);
        let found = tree.search("x", |_| {});
        assert_eq!(found.unreadable_count, 1);
        assert_eq!(found.unreadable[0].path, tree.0.to_string_lossy());
        assert!(found.unreadable[0].reason.contains("No such file"));
    }

    #[test]
    fn a_bad_glob_names_its_field() {
        let error = |include: &str, exclude: &str| {
            let one = |glob: &str| [glob.to_owned()];
            Globs::new(Path::new("/"), &one(include), &one(exclude)).err().unwrap()
        };
        assert!(error("!*.rs", "x").starts_with("include: "));
        assert!(error("a{b", "x").starts_with("include: "));
        assert!(error("x", "a{b").starts_with("exclude: "));
    }
}
