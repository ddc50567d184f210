//! Somebody who has clients, each with a configuration as people have them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cli::{Ended, User};

/// A key in somebody else's entry.
pub(super) const SECRET: &str = "sk-somebody-elses";

/// A client, where it keeps its configuration from the user's home, and one.
pub(super) struct Client {
    pub(super) name: &'static str,
    pub(super) file: &'static str,
    pub(super) text: &'static str,
}

pub(super) const CLIENTS: [Client; 8] = [
    Client {
        name: "claude-desktop",
        file: ".config/Claude/claude_desktop_config.json",
        text: include_str!("configurations/claude_desktop_config.json"),
    },
    Client { name: "claude-code", file: ".claude.json", text: include_str!("configurations/claude.json") },
    Client {
        name: "vscode",
        file: ".config/Code/User/mcp.json",
        text: include_str!("configurations/vscode.json"),
    },
    Client { name: "cursor", file: ".cursor/mcp.json", text: include_str!("configurations/cursor.json") },
    Client { name: "codex", file: ".codex/config.toml", text: include_str!("configurations/codex.toml") },
    Client {
        name: "gemini",
        file: ".gemini/settings.json",
        text: include_str!("configurations/gemini.json"),
    },
    Client { name: "zed", file: ".config/zed/settings.json", text: include_str!("configurations/zed.json") },
    Client {
        name: "windsurf",
        file: ".codeium/windsurf/mcp_config.json",
        text: include_str!("configurations/windsurf.json"),
    },
];

/// Variables that say where clients keep their files.
const VARIABLES: [&str; 6] = [
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "XDG_CACHE_HOME",
    "CLAUDE_CONFIG_DIR",
    "CODEX_HOME",
    "GEMINI_CLI_HOME",
];

/// Somebody with a home directory that clients know, too.
pub(super) struct Person(pub(super) User);

impl Person {
    /// Somebody with no client.
    pub(super) fn new() -> Self {
        Self(User::new())
    }

    /// Somebody with every client.
    pub(super) fn with_clients() -> Self {
        let person = Self::new();
        for client in &CLIENTS {
            person.write(client.file, client.text);
        }
        person
    }

    pub(super) fn path(&self, below: &str) -> PathBuf {
        self.0.path("person").join(below)
    }

    pub(super) fn write(&self, below: &str, contents: impl AsRef<[u8]>) -> PathBuf {
        self.0.write(&format!("person/{below}"), contents)
    }

    pub(super) fn read(&self, below: &str) -> String {
        fs::read_to_string(self.path(below)).expect("the file is there, and text")
    }

    pub(super) fn mpp<const N: usize>(&self, arguments: [&str; N]) -> Command {
        let mut command = self.0.mpp(arguments);
        VARIABLES.iter().for_each(|name| {
            command.env_remove(name);
        });
        command.env("HOME", self.path("")).env("PATH", "/usr/bin:/bin");
        command
    }

    pub(super) fn run<const N: usize>(&self, arguments: [&str; N]) -> Ended {
        Ended::of(self.mpp(arguments).output().expect("the command can be started"))
    }

    /// What is in the directory of a file, beside that file.
    pub(super) fn beside(&self, below: &str) -> Vec<PathBuf> {
        let file = self.path(below);
        beside(&file)
    }

    /// The backups of a file, the oldest first.
    pub(super) fn backups(&self, below: &str) -> Vec<PathBuf> {
        let name = self.path(below).file_name().expect("it has a name").to_string_lossy().into_owned();
        let is_backup = |path: &PathBuf| {
            let found = path.file_name().expect("it has a name").to_string_lossy().into_owned();
            found.starts_with(&format!("{name}.mpp-backup-"))
        };
        self.beside(below).into_iter().filter(is_backup).collect()
    }
}

pub(super) fn beside(file: &Path) -> Vec<PathBuf> {
    let directory = file.parent().expect("a file is in a directory");
    let entries = fs::read_dir(directory).expect("it can be listed");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("it can be listed").path()).collect();
    paths.retain(|path| path != file);
    paths.sort();
    paths
}
