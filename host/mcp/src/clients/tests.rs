//! On configurations as clients and people write them.

use super::*;

fn entry() -> Entry {
    Entry {
        name: "mpp".into(),
        command: "/usr/local/bin/mpp".into(),
        arguments: vec!["serve".into(), "--stdio".into()],
        environment: Vec::new(),
    }
}

fn changed(edited: Result<Edited, EditError>) -> String {
    match edited {
        Ok(Edited::Changed(text)) => text,
        other => panic!("{other:?}"),
    }
}

const CLAUDE_DESKTOP: &str = r#"{
  "globalShortcut": "Ctrl+Space",
  "mcpServers": {
    "filesystem": {
      "command": "npx",
      "args": ["-y", "@modelcontextprotocol/server-filesystem", "/home/ada/Desktop"]
    }
  }
}
"#;

const CLAUDE_CODE: &str = "{\n  \"numStartups\": 42,\n  \"tipsHistory\": {\"shift-enter\": 3},\n  \"projects\": {\n    \"/home/ada/engine\": {\n      \"allowedTools\": [],\n      \"mcpServers\": {}\n    }\n  }\n}";

const VS_CODE: &str = r#"{
	// Servers for every workspace.
	"inputs": [
		{ "type": "promptString", "id": "key", "description": "API key", "password": true },
	],
	"servers": {
		/* the search */
		"search": {
			"type": "http",
			"url": "https://search.example/mcp", // over HTTP
		},
	},
}
"#;

const ZED: &str = r#"// Zed settings
//
// For information on how to configure Zed, see the Zed documentation.
{
  "theme": { "mode": "system", "light": "One Light", "dark": "One Dark" },
  // "vim_mode": true,
  "context_servers": {
    "notes": { "command": "notes-mcp", "args": [], "env": {} },
  },
  "buffer_font_size": 15,
}
"#;

const CODEX: &str = r#"# Codex
model = "gpt-5"   # the big one
approval_policy = "on-request"

[mcp_servers.docs]
command = "npx"
args = ["-y", "docs-mcp"]

[mcp_servers.docs.env]
TOKEN = "secret"

[profiles.fast]
model = "gpt-5-mini"
"#;

const CASES: [(KnownClient, &str); 5] = [
    (KnownClient::ClaudeDesktop, CLAUDE_DESKTOP),
    (KnownClient::ClaudeCode, CLAUDE_CODE),
    (KnownClient::VsCode, VS_CODE),
    (KnownClient::Zed, ZED),
    (KnownClient::Codex, CODEX),
];

/// Lines of `new` that `old` has not, if it has all of `old`'s in their order.
fn added<'a>(old: &str, new: &'a str) -> Vec<&'a str> {
    let mut left = old.lines().peekable();
    let added = new.lines().filter(|line| left.next_if(|expected| expected == line).is_none()).collect();
    assert_eq!(left.next(), None, "a line is gone:\n{new}");
    added
}

#[test]
fn a_server_is_added_beside_the_others_in_the_style_of_the_file() {
    let new = changed(connect(KnownClient::VsCode, VS_CODE, &entry()));
    assert_eq!(
        added(VS_CODE, &new),
        [
            "\t\t\"mpp\": {",
            "\t\t\t\"type\": \"stdio\",",
            "\t\t\t\"command\": \"/usr/local/bin/mpp\",",
            "\t\t\t\"args\": [\"serve\", \"--stdio\"],",
            "\t\t},",
        ]
    );
    let new = changed(connect(KnownClient::Zed, ZED, &entry()));
    assert_eq!(
        added(ZED, &new),
        [
            "    \"mpp\": {",
            "      \"command\": \"/usr/local/bin/mpp\",",
            "      \"args\": [\"serve\", \"--stdio\"],",
            "    },",
        ]
    );
    let new = changed(connect(KnownClient::Codex, CODEX, &entry()));
    assert_eq!(
        added(CODEX, &new),
        ["[mcp_servers.mpp]", "command = \"/usr/local/bin/mpp\"", "args = [\"serve\", \"--stdio\"]", "",]
    );
}

#[test]
fn a_strict_file_stays_strict() {
    let new = changed(connect(KnownClient::ClaudeDesktop, CLAUDE_DESKTOP, &entry()));
    let value: serde_json::Value = serde_json::from_str(&new).unwrap();
    assert_eq!(
        value["mcpServers"]["mpp"],
        serde_json::json!({"command": "/usr/local/bin/mpp", "args": ["serve", "--stdio"]})
    );
    assert_eq!(value["mcpServers"]["filesystem"]["command"], "npx");
    assert_eq!(value["globalShortcut"], "Ctrl+Space");
}

#[test]
fn a_project_s_servers_are_not_the_user_s() {
    let new = changed(connect(KnownClient::ClaudeCode, CLAUDE_CODE, &entry()));
    let value: serde_json::Value = serde_json::from_str(&new).unwrap();
    assert_eq!(value["projects"]["/home/ada/engine"]["mcpServers"], serde_json::json!({}));
    assert_eq!(value["mcpServers"]["mpp"]["type"], "stdio");
}

#[test]
fn twice_is_once_and_what_was_done_is_undone_byte_for_byte() {
    for (client, old) in CASES {
        let new = changed(connect(client, old, &entry()));
        assert_eq!(connect(client, &new, &entry()), Ok(Edited::Unchanged), "{client}");
        assert_eq!(changed(disconnect(client, &new, &entry())), old, "{client}");
        assert_eq!(disconnect(client, old, &entry()), Ok(Edited::Unchanged), "{client}");
    }
}

#[test]
fn windows_line_ends_and_a_byte_order_mark_stay() {
    for (client, old) in CASES {
        let old = old.replace('\n', "\r\n");
        let new = changed(connect(client, &old, &entry()));
        assert_eq!(new.matches('\n').count(), new.matches("\r\n").count(), "{client}: {new:?}");
        assert_eq!(changed(disconnect(client, &new, &entry())), old, "{client}");
    }
    for (client, old) in CASES {
        let marked = format!("\u{feff}{old}");
        let new = changed(connect(client, &marked, &entry()));
        assert_eq!(new, format!("\u{feff}{}", changed(connect(client, old, &entry()))), "{client}");
        assert_eq!(changed(disconnect(client, &new, &entry())), marked, "{client}");
    }
    let mixed = CODEX.replacen('\n', "\r\n", 1);
    assert_eq!(connect(KnownClient::Codex, &mixed, &entry()), Err(EditError::NotPreserved));
}

#[test]
fn a_client_without_a_configuration_gets_one_and_keeps_an_empty_one() {
    for client in KnownClient::ALL {
        for empty in ["", "\n"] {
            let new = changed(connect(client, empty, &entry()));
            assert!(new.contains("/usr/local/bin/mpp") && new.ends_with('\n'), "{client}: {new:?}");
            let left = changed(disconnect(client, &new, &entry()));
            assert!(matches!(left.trim(), "" | "{}" | "{\n}"), "{client}: {left:?}");
        }
        assert_eq!(disconnect(client, "", &entry()), Ok(Edited::Unchanged), "{client}");
    }
}

#[test]
fn an_entry_of_ours_is_brought_up_to_date_in_its_place() {
    let old =
        r#"{"mcpServers": {"mpp": {"command": "C:\\old\\mpp.exe", "args": []}, "other": {"command": "x"}}}"#;
    let new = changed(connect(KnownClient::Cursor, old, &entry()));
    let value: serde_json::Value = serde_json::from_str(&new).unwrap();
    assert_eq!(value["mcpServers"]["mpp"]["command"], "/usr/local/bin/mpp");
    assert!(new.ends_with(r#", "other": {"command": "x"}}}"#), "{new}");

    let old = "[mcp_servers.mpp]\ncommand = \"mpp\"\nstartup_timeout_sec = 20 # slow disk\n";
    let new = changed(connect(KnownClient::Codex, old, &entry()));
    assert!(new.contains("startup_timeout_sec = 20 # slow disk\n"), "{new}");
    assert!(new.contains("command = \"/usr/local/bin/mpp\"\n"), "{new}");
}

#[test]
fn text_in_an_entry_is_written_so_that_it_reads_back() {
    let mut odd = entry();
    odd.command = "C:\\Program Files\\m\"p\"p\\mpp.exe".into();
    odd.environment = vec![("MPP_HOME".into(), "/home/ä/\u{7}".into())];
    let new = changed(connect(KnownClient::Cursor, "{}", &odd));
    let value: serde_json::Value = serde_json::from_str(&new).unwrap();
    assert_eq!(value["mcpServers"]["mpp"]["command"], odd.command.as_str());
    assert_eq!(value["mcpServers"]["mpp"]["env"]["MPP_HOME"], "/home/ä/\u{7}");
    assert_eq!(connect(KnownClient::Cursor, &new, &odd), Ok(Edited::Unchanged));
    let new = changed(connect(KnownClient::Codex, "", &odd));
    assert_eq!(connect(KnownClient::Codex, &new, &odd), Ok(Edited::Unchanged));
}

#[test]
fn somebody_else_s_entry_is_not_touched() {
    let taken = EditError::Taken { name: "mpp".into(), command: "/opt/music-player".into() };
    let json = r#"{"mcpServers": {"mpp": {"command": "/opt/music-player"}}}"#;
    assert_eq!(connect(KnownClient::Cursor, json, &entry()), Err(taken.clone()));
    assert_eq!(disconnect(KnownClient::Cursor, json, &entry()), Err(taken.clone()));
    let toml = "mcp_servers = { mpp = { command = \"/opt/music-player\" } }\n";
    assert_eq!(connect(KnownClient::Codex, toml, &entry()), Err(taken.clone()));
    assert_eq!(disconnect(KnownClient::Codex, toml, &entry()), Err(taken));
    let remote = r#"{"mcpServers": {"mpp": {"url": "https://mpp.example"}}}"#;
    let taken = EditError::Taken { name: "mpp".into(), command: String::new() };
    assert_eq!(connect(KnownClient::Cursor, remote, &entry()), Err(taken));
}

#[test]
fn a_table_written_in_one_line_takes_another_server() {
    let old = "mcp_servers = { docs = { command = \"npx\" } }\n";
    let new = changed(connect(KnownClient::Codex, old, &entry()));
    assert_eq!(new.lines().count(), 1, "{new}");
    assert_eq!(changed(disconnect(KnownClient::Codex, &new, &entry())), old);
}

#[test]
fn what_the_client_could_not_read_is_not_edited() {
    for (client, text) in [
        (KnownClient::Cursor, "{"),
        (KnownClient::Cursor, "// a comment\n{}"),
        (KnownClient::Cursor, r#"{"a": 1,}"#),
        (KnownClient::VsCode, r#"{"a": 'b'}"#),
        (KnownClient::VsCode, r#"{a: 1}"#),
        (KnownClient::VsCode, r#"{"a": 1 "b": 2}"#),
        (KnownClient::Codex, "model = "),
        (KnownClient::Codex, "a = 1\na = 2\n"),
    ] {
        let edited = connect(client, text, &entry());
        assert!(matches!(edited, Err(EditError::Form(_))), "{client} {text}: {edited:?}");
    }
}

#[test]
fn what_stands_where_a_table_should_is_not_replaced() {
    let connect = |client, text| connect(client, text, &entry()).unwrap_err();
    let not = |what: &str| EditError::NotATable(what.to_owned());
    assert_eq!(connect(KnownClient::Cursor, "[]"), not("what mcpServers is in"));
    assert_eq!(connect(KnownClient::Cursor, r#"{"mcpServers": []}"#), not("mcpServers"));
    assert_eq!(connect(KnownClient::Cursor, r#"{"mcpServers": {"mpp": 1}}"#), not("mcpServers.mpp"));
    assert_eq!(connect(KnownClient::Codex, "mcp_servers = 1\n"), not("mcp_servers"));
    assert_eq!(connect(KnownClient::Codex, "[mcp_servers]\nmpp = 1\n"), not("mcp_servers.mpp"));
    let twice = r#"{"mcpServers": {}, "mcpServers": {}}"#;
    assert_eq!(connect(KnownClient::Cursor, twice), EditError::Repeated("mcpServers".to_owned()));
    let twice = r#"{"mcpServers": {"mpp": {"command": "mpp"}, "mpp": {"command": "mpp"}}}"#;
    assert_eq!(connect(KnownClient::Cursor, twice), EditError::Repeated("mpp".to_owned()));
}

#[test]
fn clients_go_by_their_names() {
    for client in KnownClient::ALL {
        assert_eq!(client.name().parse(), Ok(client));
    }
    assert_eq!(
        "emacs".parse::<KnownClient>().unwrap_err().to_string(),
        "\"emacs\" is no client that is known; these are: claude-desktop, claude-code, vscode, cursor, \
         codex, gemini, zed, windsurf"
    );
}
