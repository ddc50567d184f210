//! `mpp connect` on configurations as people have them, for every client.

mod asked;
mod files;
mod listed;
mod people;
mod printed;
mod refused;

use std::fs;

use serde_json::{Value, json};

use self::people::{CLIENTS, Client, Person, SECRET};
use super::text;

/// The ways a file can be written that mean the same.
fn spellings(text: &str) -> [String; 3] {
    [text.to_owned(), text.replace('\n', "\r\n"), format!("\u{feff}{text}")]
}

#[test]
fn every_client_is_connected_and_disconnected_byte_for_byte() {
    for Client { name, file, text } in &CLIENTS {
        for before in spellings(text) {
            let person = Person::new();
            person.write(file, &before);
            person.run(["connect", name, "--yes"]).done().saying(&[
                "connected: ",
                name,
                "backup: ",
                "next: ",
            ]);
            let connected = person.read(file);
            assert!(connected.contains("serve") && connected.contains(name), "{name}: {connected}");
            assert_eq!(person.run(["connect", name, "--remove", "--yes"]).done().out, "");
            assert_eq!(person.read(file), before, "{name}");
        }
    }
}

#[test]
fn twice_is_once() {
    let person = Person::with_clients();
    for Client { name, file, .. } in &CLIENTS {
        person.run(["connect", name, "--yes"]).done();
        let connected = person.read(file);
        person.run(["connect", name]).done().saying(&["unchanged: ", "already connected"]);
        assert_eq!((person.read(file), person.backups(file).len()), (connected, 1), "{name}");
        person.run(["connect", name, "--remove", "--yes"]).done();
        person.run(["connect", name, "--remove"]).done().saying(&["unchanged: ", "no server mpp"]);
        assert_eq!(person.backups(file).len(), 2, "{name}");
    }
}

#[test]
fn the_entry_starts_this_program_for_that_agent_in_this_home() {
    let person = Person::with_clients();
    person.run(["connect", "cursor", "--yes"]).done();
    let value: Value = serde_json::from_str(&person.read(".cursor/mcp.json")).expect("it is JSON");
    assert_eq!(
        value["mcpServers"]["mpp"],
        json!({
            "command": env!("CARGO_BIN_EXE_mpp-under-test"),
            "args": ["serve", "--agent", "cursor"],
            "env": { "MPP_HOME": text(person.0.home.path()) },
        })
    );
    assert_eq!(value["mcpServers"]["postgres"]["command"], "docker");
}

#[test]
fn directories_that_were_moved_are_in_the_entry_where_mpp_home_is_not() {
    let person = Person::with_clients();
    let mut command = person.mpp(["connect", "cursor", "--yes"]);
    command.env_remove("MPP_HOME").env("XDG_CONFIG_HOME", person.path(".config"));
    let data = person.path("elsewhere");
    super::Ended::of(command.env("XDG_DATA_HOME", &data).output().expect("the command can be started"))
        .done();
    let value: Value = serde_json::from_str(&person.read(".cursor/mcp.json")).expect("it is JSON");
    assert_eq!(value["mcpServers"]["mpp"]["env"], json!({ "XDG_DATA_HOME": text(&data) }));
}

/// A package manager moves the link to the next version.
#[test]
fn the_entry_names_the_link_on_the_path_that_leads_to_this_program() {
    let person = Person::with_clients();
    let (other, link) = (person.write("other/mpp", "another program"), person.path("bin/mpp"));
    fs::create_dir(person.path("bin")).expect("a directory can be made");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_mpp-under-test"), &link).expect("a link can be made");
    let command_of = |path: String| {
        let mut command = person.mpp(["connect", "cursor", "--print"]);
        let ended = super::Ended::of(command.env("PATH", path).output().expect("it can be started")).done();
        ended.json()["mcpServers"]["mpp"]["command"].clone()
    };
    let directory = |file: &std::path::Path| text(file.parent().expect("a file is in a directory"));
    assert_eq!(command_of(format!("/nowhere:{}", directory(&link))), text(&link));
    let shadowed = format!("{}:{}", directory(&other), directory(&link));
    assert_eq!(command_of(shadowed), env!("CARGO_BIN_EXE_mpp-under-test"));
}

#[test]
fn further_arguments_are_those_of_the_server_and_can_be_changed() {
    let person = Person::with_clients();
    person.run(["connect", "zed", "--yes", "--", "text-stats", "--concurrent-calls", "2"]).done();
    assert!(
        person
            .read(".config/zed/settings.json")
            .contains(r#""zed", "text-stats", "--concurrent-calls", "2"]"#)
    );
    person.run(["connect", "zed", "--yes"]).done().saying(&["-", "+", "connected: "]);
    assert!(person.read(".config/zed/settings.json").contains(r#""--agent", "zed"]"#));
    person.run(["connect", "zed", "--remove", "--yes"]).done();
    assert_eq!(person.read(".config/zed/settings.json"), CLIENTS[6].text);
}

#[test]
fn two_names_are_two_servers() {
    let person = Person::with_clients();
    person.run(["connect", "codex", "--yes"]).done();
    let one = person.read(".codex/config.toml");
    person.run(["connect", "codex", "--yes", "--name", "work", "--", "text-stats"]).done();
    let both = person.read(".codex/config.toml");
    assert!(both.contains("[mcp_servers.mpp]") && both.contains("[mcp_servers.work]"), "{both}");
    person.run(["connect", "codex", "--yes", "--name", "work", "--remove"]).done();
    assert_eq!(person.read(".codex/config.toml"), one);
}

#[test]
fn a_client_without_a_configuration_gets_one_for_its_owner_and_loses_it_again() {
    for (client, own, file) in [
        ("cursor", ".cursor", ".cursor/mcp.json"),
        ("claude-code", ".claude", ".claude.json"),
        ("vscode", ".config/Code", ".config/Code/User/mcp.json"),
        ("codex", ".codex", ".codex/config.toml"),
    ] {
        let person = Person::new();
        fs::create_dir_all(person.path(own)).expect("a directory can be made");
        person.run(["connect", client, "--yes"]).done().saying(&["--- /dev/null"]);
        assert_eq!(files::mode(&person.path(file)), 0o600, "{client}");
        assert!(person.backups(file).is_empty(), "{client}");
        if client == "vscode" {
            assert_eq!(files::mode(&person.path(".config/Code/User")), 0o700);
        }
        person.run(["connect", client, "--yes", "--remove"]).done().saying(&["+++ /dev/null"]);
        assert!(!person.path(file).exists(), "{client}");
        // What others may have put there meanwhile is in the backup.
        assert_eq!(person.backups(file).len(), 1, "{client}");
    }
}

#[test]
fn what_the_user_changed_in_between_stays() {
    let person = Person::with_clients();
    person.run(["connect", "windsurf", "--yes"]).done();
    let file = ".codeium/windsurf/mcp_config.json";
    person.write(file, person.read(file).replacen('{', "{\n  \"theme\": 1,", 1));
    person.run(["connect", "windsurf", "--yes", "--remove"]).done();
    let left: Value = serde_json::from_str(&person.read(file)).expect("it is JSON");
    assert_eq!(left, json!({ "theme": 1 }));
}

/// What a pipe reads is often kept, and next to the entry is somebody else's.
#[test]
fn the_change_is_shown_and_nobody_else_s_key_where_there_is_no_terminal() {
    for Client { name, file, text } in &CLIENTS {
        let person = Person::new();
        person.write(file, text);
        let shown = person.run(["connect", name, "--yes"]).done().err;
        let path = super::text(&person.path(file));
        let heading = format!("--- {path}\n+++ {path}\n@@ -");
        assert!(shown.starts_with(&heading) && shown.contains("\n+"), "{shown}");
        assert!(!shown.contains(SECRET) && !shown.contains('\u{1b}'), "{shown}");
    }
}

#[test]
fn a_configuration_in_one_line_is_shown_where_it_changes() {
    let person = Person::with_clients();
    let line = format!(r#"{{"a": "{}", "mcpServers": {{"b": {{"command": "c"}}}}}}"#, "x".repeat(500));
    person.write(".cursor/mcp.json", &line);
    let shown = person.run(["connect", "cursor", "--yes"]).done().err;
    assert!(shown.contains("--agent") && !shown.contains("xxxx"), "{shown}");
    person.run(["connect", "cursor", "--yes", "--remove"]).done();
    assert_eq!(person.read(".cursor/mcp.json"), line);
}

#[test]
fn a_change_can_be_had_as_a_document() {
    let person = Person::with_clients();
    let run = |arguments: [&str; 4]| person.run(arguments).done().json();
    let path = text(&person.path(".cursor/mcp.json"));
    let connected = run(["connect", "cursor", "--yes", "--json"]);
    let backup = text(&person.backups(".cursor/mcp.json")[0]);
    assert_eq!(
        connected,
        json!({"client": "cursor", "name": "mpp", "file": path, "connected": true, "changed": true, "backup": backup})
    );
    let again = run(["connect", "cursor", "--yes", "--json"]);
    assert_eq!(
        again,
        json!({"client": "cursor", "name": "mpp", "file": path, "connected": true, "changed": false, "backup": null})
    );
}
