//! Source directories: a new tool, and one that is run as it stands.

use std::fs;
use std::path::Path;

use serde_json::json;
use tempfile::TempDir;

use super::{Ended, User, text};

/// A user who also has a place for projects, outside any other.
struct Author {
    user: User,
    projects: TempDir,
}

impl Author {
    fn new() -> Self {
        Self { user: User::new(), projects: tempfile::tempdir().expect("there is room for projects") }
    }

    /// Runs a command that may build. What the guests of these tests are built
    /// of is used again, and nothing is fetched.
    fn run<const N: usize>(&self, arguments: [&str; N]) -> Ended {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("guests");
        let mut command = self.user.mpp(arguments);
        command
            .env("CARGO_TARGET_DIR", target)
            .env("CARGO_NET_OFFLINE", "true")
            .current_dir(self.projects.path());
        Ended::of(command.output().expect("the command can be started"))
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.projects.path().join(file)).expect("the file is there")
    }

    fn write(&self, file: &str, contents: &str) {
        fs::write(self.projects.path().join(file), contents).expect("a file can be written");
    }
}

fn sample(name: &str) -> String {
    let workspace =
        Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests are a room of the workspace");
    text(&workspace.join("sample-tools").join(name))
}

#[test]
fn a_new_tool_builds_and_runs_at_once() {
    let author = Author::new();
    let made = author.run(["new", "hello", "--publisher", "org.example"]).done().saying(&["next: mpp run"]);
    assert_eq!(made.line(), "hello");
    author.run(["new", "hello"]).failed(2, &["exists already"]);

    let answer = author.run(["run", "hello", "--input", r#"{"name": "Ada"}"#]).done().json();
    assert!(answer.to_string().contains("Ada"), "{answer}");

    author.user.run(["key", "new"]).done();
    let built = author.run(["build", "hello", "--sign", "--json"]).done().json();
    assert_eq!((&built["publisher"], &built["name"]), (&json!("org.example"), &json!("hello")));
    let file = built["file"].as_str().expect("a path is text");
    assert!(file.ends_with("mpp/hello-0.1.0.mpp"), "{file}");
    let public = author.user.run(["key", "show"]).done().out;
    author.write("public.pem", &public);
    author.run(["verify", file, "--public-key", "public.pem"]).done();
    fs::remove_file(file).expect("it can be removed");
}

#[test]
fn a_tool_that_does_not_compile_is_status_3_with_the_words_of_the_compiler() {
    let author = Author::new();
    author.run(["new", "broken"]).done();
    let code = author.read("broken/src/lib.rs");
    author.write("broken/src/lib.rs", &format!("{code}\nfn broken() -> u32 {{ \"no number\" }}\n"));
    author.run(["build", "broken"]).failed(3, &["the tool does not build", "mismatched types"]);
}

#[test]
fn a_source_directory_runs_as_its_manifest_declares_under_a_key_that_is_trusted_for_nothing_else() {
    let author = Author::new();
    let directory = sample("text-stats");
    let run = ["run", &directory, "--input", r#"{"text": "to be or not to be"}"#];
    assert_eq!(author.run(run).done().json()["words"], 6);
    let record = author.user.last_intent();
    assert_eq!(record["body"]["package"]["key_ids"].as_array().map(Vec::len), Some(1));
    assert_eq!(author.user.run(["trust", "list", "--json"]).done().json(), json!({"publishers": []}));

    // The same package in a file, signed by the same key, is a stranger's.
    let key = text(&author.user.path("data/dev-key/key.pem"));
    let file = text(&author.user.path("file.mpp"));
    author.run(["build", &directory, "--sign", "--key", &key, "--out", &file]).done();
    author.user.run(["run", &file, "--grant"]).failed(3, &["untrusted publisher"]);
    author.user.run(["install", &file, "--grant"]).failed(3, &["untrusted publisher"]);
}

/// The names that `mpp` is called by and those it installs do not hide each
/// other.
#[test]
fn a_name_that_is_two_things_is_refused() {
    let user = User::with_text_stats();
    fs::create_dir(user.path("text-stats")).expect("a directory can be made");
    let mut command = user.mpp(["run", "text-stats", "--input", r#"{"text": "a"}"#]);
    let ended =
        Ended::of(command.current_dir(user.home.path()).output().expect("the command can be started"));
    ended.failed(2, &["two things", "com.example/text-stats", "./text-stats"]);
}
