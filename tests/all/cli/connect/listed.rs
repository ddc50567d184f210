//! Which clients are known, and which are connected.

use std::collections::BTreeMap;
use std::fs;

use serde_json::{Value, json};

use super::people::{CLIENTS, Client, Person};
use crate::cli::{Ended, text};

/// The clients as a document, by their names.
fn listed(ended: Ended) -> BTreeMap<String, Value> {
    let clients = ended.done().json()["clients"].clone();
    let clients = clients.as_array().expect("clients are listed").clone();
    clients.into_iter().map(|row| (row["client"].as_str().expect("a name is text").to_owned(), row)).collect()
}

#[test]
fn every_client_is_listed_with_its_file_and_its_state() {
    let person = Person::with_clients();
    person.run(["connect", "zed", "--yes", "--", "text-stats"]).done();
    fs::remove_dir_all(person.path(".codex")).expect("it is ours");
    person.write(".gemini/settings.json", "{");
    person.write(".cursor/mcp.json", r#"{"mcpServers": {"mpp": {"command": "/opt/music-player"}}}"#);
    let rows = listed(person.run(["connect", "--json"]));
    for Client { name, file, .. } in &CLIENTS {
        let expected = match *name {
            "zed" => "connected",
            "codex" => "not-installed",
            "gemini" => "unreadable",
            "cursor" => "taken",
            _ => "not-connected",
        };
        assert_eq!(rows[*name]["state"], expected, "{name}");
        assert_eq!(rows[*name]["file"], text(&person.path(file)), "{name}");
        let has_problem = matches!(*name, "gemini" | "cursor");
        assert_eq!(rows[*name]["problem"].is_string(), has_problem, "{name}");
    }
    let table =
        person.run(["connect"]).done().saying(&["warning: cursor: ", "/opt/music-player", "gemini: "]);
    assert!(table.out.starts_with("CLIENT") && table.out.lines().count() == 9, "{}", table.out);
    let zed = table.out.lines().find(|line| line.starts_with("zed")).expect("it is listed");
    assert!(
        zed.split_whitespace().eq(["zed", "connected", &text(&person.path(".config/zed/settings.json"))]),
        "{zed}"
    );
}

#[test]
fn a_name_of_its_own_is_asked_for() {
    let person = Person::with_clients();
    person.run(["connect", "zed", "--yes", "--name", "work"]).done();
    assert_eq!(listed(person.run(["connect", "--json"]))["zed"]["state"], "not-connected");
    assert_eq!(listed(person.run(["connect", "--json", "--name", "work"]))["zed"]["state"], "connected");
}

#[test]
fn clients_that_were_moved_by_their_variables_are_found() {
    let person = Person::with_clients();
    let mut command = person.mpp(["connect", "--json"]);
    command.env("XDG_CONFIG_HOME", "/srv/config").env("CLAUDE_CONFIG_DIR", "/srv/claude");
    command.env("CODEX_HOME", "/srv/codex").env("GEMINI_CLI_HOME", "/srv/gemini");
    let rows = listed(Ended::of(command.output().expect("the command can be started")));
    let files: BTreeMap<&str, &Value> =
        rows.iter().map(|(name, row)| (name.as_str(), &row["file"])).collect();
    let home = |file| text(&person.path(file));
    assert_eq!(
        json!(files),
        json!({
            "claude-code": "/srv/claude/.claude.json",
            "claude-desktop": "/srv/config/Claude/claude_desktop_config.json",
            "codex": "/srv/codex/config.toml",
            "cursor": home(".cursor/mcp.json"),
            "gemini": "/srv/gemini/.gemini/settings.json",
            "vscode": "/srv/config/Code/User/mcp.json",
            "windsurf": home(".codeium/windsurf/mcp_config.json"),
            "zed": "/srv/config/zed/settings.json",
        })
    );
}
