//! For people who edit by hand.

use std::fs;
use std::process::Stdio;

use serde_json::json;

use super::people::{CLIENTS, Client, Person};
use crate::cli::{Ended, text};

#[test]
fn what_is_printed_is_a_configuration_and_nothing_is_written() {
    for Client { name, file, .. } in &CLIENTS {
        let person = Person::new();
        fs::create_dir(person.path("")).expect("a directory can be made");
        let printed = person.run(["connect", name, "--print"]).done();
        assert!(
            printed.err.ends_with(&format!("goes into: {}\n", text(&person.path(file)))),
            "{}",
            printed.err
        );
        assert_eq!(fs::read_dir(person.path("")).expect("it can be listed").count(), 0, "{name}");
        person.write(file, &printed.out);
        person.run(["connect", name, "--yes"]).done().saying(&["unchanged: "]);
    }
}

#[test]
fn what_is_printed_is_what_each_client_expects() {
    let person = Person::new();
    let (home, program) = (text(person.0.home.path()), env!("CARGO_BIN_EXE_mpp-under-test"));
    let entry = |client: &str| json!({"command": program, "args": ["serve", "--agent", client], "env": {"MPP_HOME": home}});
    let typed = |client: &str| {
        let mut entry = entry(client);
        entry["type"] = "stdio".into();
        entry
    };
    for (client, expected) in [
        ("claude-desktop", json!({"mcpServers": {"mpp": entry("claude-desktop")}})),
        ("claude-code", json!({"mcpServers": {"mpp": typed("claude-code")}})),
        ("vscode", json!({"servers": {"mpp": typed("vscode")}})),
        ("cursor", json!({"mcpServers": {"mpp": entry("cursor")}})),
        ("gemini", json!({"mcpServers": {"mpp": entry("gemini")}})),
        ("zed", json!({"context_servers": {"mpp": entry("zed")}})),
        ("windsurf", json!({"mcpServers": {"mpp": entry("windsurf")}})),
    ] {
        assert_eq!(person.run(["connect", client, "--print"]).done().json(), expected, "{client}");
    }
    assert_eq!(
        person.run(["connect", "codex", "--print"]).done().out,
        format!(
            "[mcp_servers.mpp]\ncommand = \"{program}\"\nargs = [\"serve\", \"--agent\", \"codex\"]\n\
             env = {{ MPP_HOME = \"{home}\" }}\n"
        )
    );
}

/// The client speaks first; a server whose client is gone ends.
#[test]
fn what_is_printed_starts_a_server() {
    let person = Person::new();
    let printed = person.run(["connect", "cursor", "--print"]).done().json();
    let entry = &printed["mcpServers"]["mpp"];
    let command = entry["command"].as_str().expect("a command is text");
    let arguments = entry["args"].as_array().expect("arguments are a list");
    let mut server = std::process::Command::new(command);
    server.args(arguments.iter().map(|argument| argument.as_str().expect("an argument is text")));
    server.env("MPP_HOME", entry["env"]["MPP_HOME"].as_str().expect("a path is text")).stdin(Stdio::null());
    let ended = Ended::of(server.output().expect("the server can be started")).done();
    assert_eq!(ended.out, "");
}
