//! What is refused, and that it leaves everything as it was.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};

use rustix::fs::{CWD, FileType, Mode, mknodat};

use super::people::{CLIENTS, Client, Person};
use crate::cli::{Ended, text};

const FILE: &str = ".cursor/mcp.json";

/// Connecting and disconnecting are refused; nothing is written.
#[track_caller]
fn is_refused(person: &Person, client: &Client, status: i32, words: &[&str]) {
    let before = fs::read(person.path(client.file)).expect("the file is there");
    for arguments in [["connect", client.name, "--yes"], ["connect", client.name, "--json"]] {
        person.run(arguments).failed(status, words);
    }
    assert_eq!(fs::read(person.path(client.file)).expect("the file is there"), before);
    assert!(person.beside(client.file).iter().all(|path| !text(path).contains("mpp-")), "nothing beside it");
}

#[test]
fn a_file_that_the_client_could_not_read_is_status_2_for_every_client() {
    for client in &CLIENTS {
        let person = Person::new();
        person.write(client.file, &client.text[..client.text.len() / 2]);
        let path = text(&person.path(client.file));
        is_refused(&person, client, 2, &["error: ", &path, "is not a configuration", "put it right"]);
    }
}

#[test]
fn a_file_that_is_not_text_is_status_2() {
    let person = Person::new();
    person.write(FILE, b"\xff\xfe{\0}\0");
    is_refused(&person, &CLIENTS[3], 2, &["is not UTF-8"]);
}

#[test]
fn another_server_of_the_name_is_status_2_and_another_name_is_not() {
    let person = Person::new();
    person.write(FILE, r#"{"mcpServers": {"mpp": {"command": "/opt/music-player"}}}"#);
    is_refused(&person, &CLIENTS[3], 2, &["has a server named mpp", "/opt/music-player", "--name NAME"]);
    person.run(["connect", "cursor", "--remove", "--yes"]).failed(2, &["/opt/music-player"]);
    person.run(["connect", "cursor", "--yes", "--name", "tools"]).done();
    assert!(person.read(FILE).contains("/opt/music-player"));
}

#[test]
fn something_else_where_the_servers_should_be_is_status_2() {
    let person = Person::new();
    person.write(FILE, r#"{"mcpServers": []}"#);
    is_refused(
        &person,
        &CLIENTS[3],
        2,
        &["cannot be changed safely", "mcpServers is not a table", "--print"],
    );
}

#[test]
fn what_others_can_write_is_status_2() {
    let person = Person::with_clients();
    let (file, directory) = (person.path(FILE), person.path(".cursor"));
    let set = |path, mode| fs::set_permissions(path, Permissions::from_mode(mode)).expect("it is ours");
    for (path, mode, usual) in [(&file, 0o646, 0o644), (&file, 0o666, 0o644), (&directory, 0o777, 0o755)] {
        set(path, mode);
        is_refused(&person, &CLIENTS[3], 2, &["can be written by others", &text(path), "chmod go-w"]);
        set(path, usual);
    }
    // Only the superuser can give it to a group that is not the owner's alone.
    if chown(&file, None, Some(65_534)).is_ok() {
        set(&file, 0o664);
        is_refused(&person, &CLIENTS[3], 2, &["can be written by others"]);
        set(&file, 0o644);
    }
    person.run(["connect", "cursor", "--yes"]).done();
}

#[test]
fn a_link_to_nothing_is_status_2() {
    let person = Person::new();
    fs::create_dir_all(person.path(".cursor")).expect("a directory can be made");
    symlink("nowhere.json", person.path(FILE)).expect("a link can be made");
    person.run(["connect", "cursor", "--yes"]).failed(2, &["a link that leads to no file"]);
    assert!(person.path(FILE).is_symlink() && !person.path(".cursor/nowhere.json").exists());
}

#[test]
fn what_is_not_a_file_is_status_2_and_nobody_waits_for_it() {
    let person = Person::new();
    fs::create_dir_all(person.path(FILE)).expect("a directory can be made");
    person.run(["connect", "cursor", "--yes"]).failed(2, &["is not a file"]);
    fs::remove_dir(person.path(FILE)).expect("it is ours");
    mknodat(CWD, person.path(FILE), FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).expect("a pipe can be made");
    person.run(["connect", "cursor", "--yes"]).failed(2, &["is not a file"]);
}

#[test]
fn a_client_that_is_not_installed_is_status_2_and_nothing_is_made() {
    for Client { name, file, .. } in &CLIENTS {
        let person = Person::new();
        fs::create_dir(person.path("")).expect("a directory can be made");
        person.run(["connect", name, "--yes"]).failed(2, &["does not seem to be installed", "--print"]);
        assert!(!person.path(file).exists());
        assert_eq!(fs::read_dir(person.path("")).expect("it can be listed").count(), 0, "{name}");
        person.run(["connect", name, "--remove", "--yes"]).done().saying(&["unchanged: "]);
    }
}

#[test]
fn without_a_home_there_is_no_client_to_look_for() {
    let person = Person::with_clients();
    let mut command = person.mpp(["connect", "cursor", "--yes"]);
    // The system knows a home of its own accord, and in it no such client.
    let ended = Ended::of(command.env("HOME", "relative").output().expect("the command can be started"));
    assert_ne!(ended.status, 0, "{}", ended.err);
    assert_eq!(person.beside(FILE).len(), 0);
}

#[test]
fn a_command_line_that_makes_no_sense_is_status_2() {
    let person = Person::with_clients();
    person.run(["connect", "emacs"]).failed(2, &["emacs", "claude-desktop", "windsurf"]);
    person.run(["connect", "--remove"]).failed(2, &["<CLIENT>"]);
    person.run(["connect", "zed", "--print", "--remove"]).failed(2, &["cannot be used with"]);
    person.run(["connect", "zed", "--name", "a b"]).failed(2, &["1 to 32"]);
    let further = |argument| person.run(["connect", "zed", "--yes", "--", argument]);
    further("--no-such-option").failed(2, &["cannot start `mpp serve` like this", "--no-such-option"]);
    further("--http").failed(2, &["cannot start `mpp serve` like this", "--http"]);
    assert_eq!(person.read(CLIENTS[6].file), CLIENTS[6].text);
}
