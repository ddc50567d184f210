//! Whoever is asked: at a terminal, and where there is none.

use std::ffi::OsString;
use std::io::{self, BufRead, Read};

use mpp_cli::home::Environment;
use mpp_cli::output::{Streams, Terminal};

use super::people::{CLIENTS, Person, SECRET};

const FILE: &str = ".cursor/mcp.json";
const BEFORE: &str = CLIENTS[3].text;

/// Somebody at a terminal who answers once something else has happened.
struct Late<'a, F: FnOnce()> {
    first: Option<F>,
    answer: &'a [u8],
}

impl<F: FnOnce()> Read for Late<'_, F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.answer.read(buffer)
    }
}

impl<F: FnOnce()> BufRead for Late<'_, F> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if let Some(first) = self.first.take() {
            first();
        }
        Ok(self.answer)
    }

    fn consume(&mut self, bytes: usize) {
        self.answer = &self.answer[bytes..];
    }
}

/// Connects Cursor, answering the question after `first`. Returns the status and
/// what was said.
fn answered(person: &Person, answer: &str, colour: bool, first: impl FnOnce()) -> (u8, String) {
    let (home, own) = (person.path(""), person.0.path(""));
    let environment = Environment::of([("MPP_HOME", own.as_os_str()), ("HOME", home.as_os_str())]);
    let mut err = Vec::new();
    let mut streams = Streams {
        input: Box::new(Late { first: Some(first), answer: answer.as_bytes() }),
        out: Box::new(io::sink()),
        err: Box::new(&mut err),
        terminal: Terminal { input: true, out: false, err: true },
        colour,
    };
    let status = mpp_cli::run(["mpp", "connect", "cursor"].map(OsString::from), &environment, &mut streams);
    drop(streams);
    (status, String::from_utf8(err).expect("what is said is UTF-8"))
}

#[test]
fn where_there_is_no_terminal_only_the_command_line_can_answer() {
    let person = Person::with_clients();
    let ended = person.run(["connect", "cursor"]);
    ended.failed(4, &["--agent", "error: nothing was changed", "no terminal", "--yes"]);
    assert_eq!((person.read(FILE).as_str(), person.beside(FILE).len()), (BEFORE, 0));
}

#[test]
fn yes_at_a_terminal_is_yes_and_anything_else_is_no() {
    let person = Person::with_clients();
    for answer in ["n\n", "\n", "", "maybe\n"] {
        let (status, said) = answered(&person, answer, false, || {});
        assert_eq!((status, person.read(FILE).as_str()), (4, BEFORE), "{answer:?}: {said}");
        assert!(said.contains("Change it like this? [y/N]") && said.contains("the answer was no"), "{said}");
    }
    assert_eq!(person.beside(FILE).len(), 0);
    let (status, said) = answered(&person, "y\n", false, || {});
    assert_eq!(status, 0, "{said}");
    assert!(person.read(FILE).contains("--agent"));
}

/// The lines around the change are for whoever looks at them now.
#[test]
fn at_a_terminal_the_change_is_shown_among_its_neighbours() {
    let person = Person::with_clients();
    let (_, said) = answered(&person, "n\n", false, || {});
    let lines: Vec<&str> = said.lines().skip(2).take_while(|line| !line.contains("[y/N]")).collect();
    assert_eq!(lines[0], "@@ -4,6 +4,13 @@");
    assert_eq!(lines[1], r#"             "command": "docker","#);
    assert!(lines[3].contains(SECRET), "{said}");
    assert_eq!(lines[4], "+        },");
    assert_eq!(lines[5], r#"+        "mpp": {"#);
    assert_eq!(lines[lines.len() - 3..], ["         }", "     }", " }"]);
    assert_eq!(lines.iter().filter(|line| line.starts_with('-')).count(), 0);
}

#[test]
fn colours_are_for_a_terminal_that_wants_them() {
    let person = Person::with_clients();
    let (_, said) = answered(&person, "n\n", true, || {});
    assert!(said.contains("\u{1b}[32m+        \"mpp\": {\u{1b}[0m\n"), "{said:?}");
    assert!(said.contains("\u{1b}[36m@@ -4,6 +4,13 @@\u{1b}[0m\n"), "{said:?}");
}

#[test]
fn a_file_that_is_changed_while_somebody_is_asked_is_not_overwritten() {
    let person = Person::with_clients();
    let (status, said) = answered(&person, "y\n", false, || {
        person.write(FILE, "{\"mine\": 1}");
    });
    assert_eq!(status, 1, "{said}");
    assert!(said.contains("was changed meanwhile") && said.contains("run the same command again"), "{said}");
    assert_eq!((person.read(FILE).as_str(), person.beside(FILE).len()), ("{\"mine\": 1}", 0));
}

#[test]
fn a_file_that_is_made_or_removed_while_somebody_is_asked_is_left_so() {
    let person = Person::with_clients();
    let file = person.path(FILE);
    let (status, said) = answered(&person, "y\n", false, || std::fs::remove_file(&file).expect("it is ours"));
    assert_eq!((status, file.exists()), (1, false), "{said}");
    let (status, said) = answered(&person, "y\n", false, || {
        person.write(FILE, "{}");
    });
    assert_eq!((status, person.read(FILE).as_str()), (1, "{}"), "{said}");
}

/// Whoever is asked takes their time, and nobody waits for them.
#[test]
fn others_connect_while_somebody_is_asked() {
    let person = Person::with_clients();
    let (status, said) = answered(&person, "y\n", false, || {
        person.run(["connect", "zed", "--yes"]).done();
    });
    assert_eq!(status, 0, "{said}");
}

/// Names come from the file, and a name can hold anything.
#[test]
fn what_the_file_says_cannot_steer_the_terminal() {
    let person = Person::with_clients();
    person.write(FILE, "{\n  \"\u{202e}\": \"\u{9b}2J\",\n  \"mcpServers\": {}\n}\n");
    let (_, said) = answered(&person, "n\n", false, || {});
    assert!(said.contains("\\u{202e}") && said.contains("\\u{9b}2J"), "{said:?}");
}
