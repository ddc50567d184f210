//! The configuration of the clients that people use, and a server's place in it.
//!
//! Functions from the text of a file to another text: whoever calls them reads and
//! writes files, shows the difference and keeps the old one. The promise:
//!
//! - **What is not the server's entry stays as it is**, byte for byte: comments,
//!   order, indentation, line ends. A text that could not be written back as it was
//!   is refused.
//! - **Nobody else's entry is touched.** An entry of that name which starts another
//!   program is somebody else's.
//! - **Twice is once**, and what [`connect`] did [`disconnect`] undoes.
//!
//! | client | file, from home | where in it |
//! |---|---|---|
//! | `claude-desktop` | `Claude/claude_desktop_config.json` among applications' files | `mcpServers` |
//! | `claude-code` | `.claude.json` | `mcpServers` |
//! | `vscode` | `Code/User/mcp.json` among applications' files | `servers` |
//! | `cursor` | `.cursor/mcp.json` | `mcpServers` |
//! | `codex` | `.codex/config.toml` | `[mcp_servers]` |
//! | `gemini` | `.gemini/settings.json` | `mcpServers` |
//! | `zed` | `.config/zed/settings.json`; on Windows `Zed/settings.json` among applications' files | `context_servers` |
//! | `windsurf` | `.codeium/windsurf/mcp_config.json` | `mcpServers` |

mod json;
mod place;
mod toml;

use std::fmt;
use std::str::FromStr;

pub use place::{Places, Platform};

/// A client whose configuration is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KnownClient {
    /// Claude Desktop.
    ClaudeDesktop,
    /// Claude Code, for all projects of the user.
    ClaudeCode,
    /// Visual Studio Code, for the user's default profile.
    VsCode,
    /// Cursor, for all projects of the user.
    Cursor,
    /// Codex.
    Codex,
    /// Gemini CLI.
    Gemini,
    /// Zed.
    Zed,
    /// Windsurf.
    Windsurf,
}

/// A name that is no known client's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is no client that is known; these are: {}", KnownClient::ALL.map(KnownClient::name).join(", "))]
pub struct UnknownClient {
    /// What it says.
    pub found: String,
}

/// How a client starts the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What the client calls the server.
    pub name: String,
    /// The program; best its whole path, for clients that are not started from a shell
    /// have another `PATH`.
    pub command: String,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// What it finds in its environment, beyond what the client has.
    pub environment: Vec<(String, String)>,
}

/// What became of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edited {
    /// It says already what it should.
    Unchanged,
    /// The new text.
    Changed(String),
}

/// Why a configuration was not edited. The user's to put right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// The client could not read it either.
    #[error("it is not in the client's form: {0}")]
    Form(String),
    /// Something stands where the client expects a table of servers or a server.
    #[error("{0} is not a table")]
    NotATable(String),
    /// A key is there twice, and which one counts is the client's guess.
    #[error("{0} is there more than once")]
    Repeated(String),
    /// There is a server of this name which is another program.
    #[error("there is another server named {name}, which starts {command}")]
    Taken {
        /// The name.
        name: String,
        /// What it starts, as far as the entry says.
        command: String,
    },
    /// The text could not be written back as it was.
    #[error("it holds something that would not stay as it is")]
    NotPreserved,
}

/// The text with the server in it. An empty text is an empty configuration.
pub fn connect(client: KnownClient, text: &str, entry: &Entry) -> Result<Edited, EditError> {
    let (mark, text) = apart(text);
    let edited = match client.form() {
        Form::Json(form) => json::connect(form, text, entry),
        Form::Toml => toml::connect(text, entry),
    };
    edited.map(|edited| edited.behind(mark))
}

/// The text without the server that `entry` names. Where no server is left, the
/// table of servers goes, too.
pub fn disconnect(client: KnownClient, text: &str, entry: &Entry) -> Result<Edited, EditError> {
    let (mark, text) = apart(text);
    let edited = match client.form() {
        Form::Json(form) => json::disconnect(form, text, entry),
        Form::Toml => toml::disconnect(text, entry),
    };
    edited.map(|edited| edited.behind(mark))
}

/// A byte order mark, which some editors write, and the text behind it.
fn apart(text: &str) -> (&str, &str) {
    let mark = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    text.split_at(mark)
}

impl Edited {
    fn behind(self, mark: &str) -> Self {
        match self {
            Self::Unchanged => Self::Unchanged,
            Self::Changed(text) => Self::Changed(format!("{mark}{text}")),
        }
    }
}

/// In which language a configuration is.
enum Form {
    Json(json::Form),
    Toml,
}

impl KnownClient {
    /// Every client that is known.
    pub const ALL: [Self; 8] = [
        Self::ClaudeDesktop,
        Self::ClaudeCode,
        Self::VsCode,
        Self::Cursor,
        Self::Codex,
        Self::Gemini,
        Self::Zed,
        Self::Windsurf,
    ];

    /// The name on a command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ClaudeDesktop => "claude-desktop",
            Self::ClaudeCode => "claude-code",
            Self::VsCode => "vscode",
            Self::Cursor => "cursor",
            Self::Codex => "codex",
            Self::Gemini => "gemini",
            Self::Zed => "zed",
            Self::Windsurf => "windsurf",
        }
    }

    fn form(self) -> Form {
        let plain = json::Form { table: "mcpServers", comments: false, typed: false };
        Form::Json(match self {
            Self::ClaudeDesktop | Self::Cursor | Self::Windsurf => plain,
            Self::ClaudeCode => json::Form { typed: true, ..plain },
            Self::Gemini => json::Form { comments: true, ..plain },
            Self::VsCode => json::Form { table: "servers", comments: true, typed: true },
            Self::Zed => json::Form { table: "context_servers", comments: true, typed: false },
            Self::Codex => return Form::Toml,
        })
    }
}

impl fmt::Display for KnownClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for KnownClient {
    type Err = UnknownClient;

    fn from_str(text: &str) -> Result<Self, UnknownClient> {
        let named = Self::ALL.into_iter().find(|client| client.name() == text);
        named.ok_or_else(|| UnknownClient { found: text.to_owned() })
    }
}

impl Entry {
    /// Whether an entry that starts `command` is this server's: the same program,
    /// wherever it is installed.
    fn is_ours(&self, command: &str) -> bool {
        program(command) == program(&self.command)
    }

    fn taken(&self, command: &str) -> EditError {
        EditError::Taken { name: self.name.clone(), command: command.to_owned() }
    }
}

/// The name of a program without its directory and `.exe`, on any system.
fn program(command: &str) -> &str {
    let name = command.rsplit(['/', '\\']).next().unwrap_or(command);
    name.strip_suffix(".exe").unwrap_or(name)
}

#[cfg(test)]
mod tests;
