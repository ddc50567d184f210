//! Where the clients keep their configuration for this user, and whether a client
//! has ever been started here.
//!
//! Clients that let the user move it say so in their documentation:
//!
//! | variable | configuration |
//! |---|---|
//! | `XDG_CONFIG_HOME` (Linux) | Claude Desktop, Visual Studio Code and Zed, as in [`Places`] |
//! | `APPDATA` (Windows) | the same |
//! | `CLAUDE_CONFIG_DIR` | `DIR/.claude.json` |
//! | `CODEX_HOME` | `DIR/config.toml` |
//! | `GEMINI_CLI_HOME` | `DIR/.gemini/settings.json` |

use std::path::{Path, PathBuf};

use mpp_mcp::clients::{KnownClient, Places, Platform};

use crate::durable::{self, Readers};
use crate::exit::{Failure, Outcome};
use crate::home::Environment;

/// The place of one client's configuration.
#[derive(Debug)]
pub(super) struct Place {
    client: KnownClient,
    file: PathBuf,
    /// What the client makes when it is first started.
    own: PathBuf,
}

impl Place {
    pub(super) fn of(client: KnownClient, environment: &Environment) -> Outcome<Self> {
        let home = environment.user_home()?;
        let moved = |variable| environment.directory(variable);
        let (file, own) = match client {
            KnownClient::ClaudeCode => match moved("CLAUDE_CONFIG_DIR")? {
                Some(own) => (own.join(".claude.json"), own),
                None => (usual(client, environment)?, home.join(".claude")),
            },
            KnownClient::Codex => {
                let own = moved("CODEX_HOME")?.unwrap_or_else(|| home.join(".codex"));
                (own.join("config.toml"), own)
            }
            KnownClient::Gemini => {
                let own = moved("GEMINI_CLI_HOME")?.unwrap_or(home).join(".gemini");
                (own.join("settings.json"), own)
            }
            // It has a directory for each profile in its own.
            KnownClient::VsCode => above(usual(client, environment)?, 2),
            KnownClient::ClaudeDesktop | KnownClient::Cursor | KnownClient::Zed | KnownClient::Windsurf => {
                above(usual(client, environment)?, 1)
            }
        };
        Ok(Self { client, file, own })
    }

    /// The configuration, there or not.
    pub(super) fn file(&self) -> &Path {
        &self.file
    }

    /// Whether the client has left anything here.
    pub(super) fn is_used(&self) -> bool {
        self.own.is_dir() || self.file.symlink_metadata().is_ok()
    }

    /// The client has been here, or else there is nobody to connect to.
    pub(super) fn demand_use(&self) -> Outcome {
        if self.is_used() {
            return Ok(());
        }
        let Self { client, own, .. } = self;
        Err(Failure::usage(format!("{client} does not seem to be installed"))
            .because(format!("it would have made {}", own.display()))
            .next(format!("start {client} once, then run the same command again"))
            .next(format!("to see what would be written: mpp connect {client} --print")))
    }

    /// Makes the directories between the client's own and the file.
    pub(super) fn make_way(&self) -> Outcome {
        let directory = self.file.parent().unwrap_or(&self.own);
        durable::make_directory(directory, Readers::Owner)
    }
}

/// Where most have it.
fn usual(client: KnownClient, environment: &Environment) -> Outcome<PathBuf> {
    let absolute = |name| environment.variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let (platform, applications) = match std::env::consts::OS {
        "macos" => (Platform::MacOs, None),
        "windows" => (Platform::Windows, absolute("APPDATA")),
        _ => (Platform::Linux, absolute("XDG_CONFIG_HOME")),
    };
    Ok(Places { platform, home: environment.user_home()?, applications }.of(client))
}

/// A file and the directory that many levels above it.
fn above(file: PathBuf, levels: usize) -> (PathBuf, PathBuf) {
    let own = file.ancestors().nth(levels).unwrap_or(&file).to_owned();
    (file, own)
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use super::*;

    fn files<const N: usize>(variables: [(&str, &str); N]) -> Vec<String> {
        let variables = variables.map(|(name, value)| (name, OsStr::new(value)));
        let environment = Environment::of(variables);
        let file = |client| Place::of(client, &environment).unwrap().file().display().to_string();
        KnownClient::ALL.map(file).into()
    }

    #[test]
    fn a_client_s_file_is_where_its_own_variable_says() {
        let usual = files([("HOME", "/home/ada")]);
        let moved = files([
            ("HOME", "/home/ada"),
            ("CLAUDE_CONFIG_DIR", "/srv/claude"),
            ("CODEX_HOME", "/srv/codex"),
            ("GEMINI_CLI_HOME", "/srv/gemini"),
        ]);
        let changed: Vec<&String> = moved.iter().filter(|path| !usual.contains(path)).collect();
        assert_eq!(
            changed,
            ["/srv/claude/.claude.json", "/srv/codex/config.toml", "/srv/gemini/.gemini/settings.json"]
        );
        assert_eq!(usual[1], "/home/ada/.claude.json");
        assert_eq!(usual[4], "/home/ada/.codex/config.toml");
        assert_eq!(usual[5], "/home/ada/.gemini/settings.json");
    }

    #[test]
    fn every_place_is_the_one_that_the_table_of_clients_has() {
        let environment = Environment::of([("HOME", OsStr::new("/home/ada"))]);
        for client in KnownClient::ALL {
            let place = Place::of(client, &environment).unwrap();
            assert_eq!(place.file(), usual(client, &environment).unwrap(), "{client}");
        }
    }

    #[test]
    fn without_a_home_there_is_no_place() {
        let failure = Place::of(KnownClient::Zed, &Environment::of([])).unwrap_err();
        assert_eq!(failure.blame().status(), 1);
    }
}
