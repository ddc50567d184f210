//! Where each client keeps its configuration.

use std::path::{Path, PathBuf};

use super::KnownClient;

/// The systems whose conventions are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Platform {
    /// Linux, and what follows the XDG base directories.
    Linux,
    /// macOS.
    MacOs,
    /// Windows.
    Windows,
}

/// Directories that configurations are in. Whoever makes it asks the environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places {
    /// The system.
    pub platform: Platform,
    /// The user's home.
    pub home: PathBuf,
    /// Where the user keeps applications' files, if not where most do:
    /// `XDG_CONFIG_HOME` on Linux, `APPDATA` on Windows.
    pub applications: Option<PathBuf>,
}

impl Places {
    /// The configuration of a client, there or not.
    #[must_use]
    pub fn of(&self, client: KnownClient) -> PathBuf {
        let home = |path: &str| joined(&self.home, path);
        let application = |path: &str| joined(&self.applications(), path);
        match client {
            KnownClient::ClaudeDesktop => application("Claude/claude_desktop_config.json"),
            KnownClient::ClaudeCode => home(".claude.json"),
            KnownClient::VsCode => application("Code/User/mcp.json"),
            KnownClient::Cursor => home(".cursor/mcp.json"),
            KnownClient::Codex => home(".codex/config.toml"),
            KnownClient::Gemini => home(".gemini/settings.json"),
            // On macOS it keeps to the XDG directories.
            KnownClient::Zed if self.platform == Platform::MacOs => home(".config/zed/settings.json"),
            KnownClient::Zed if self.platform == Platform::Windows => application("Zed/settings.json"),
            KnownClient::Zed => application("zed/settings.json"),
            KnownClient::Windsurf => home(".codeium/windsurf/mcp_config.json"),
        }
    }

    fn applications(&self) -> PathBuf {
        let usual = match self.platform {
            Platform::Linux => ".config",
            Platform::MacOs => "Library/Application Support",
            Platform::Windows => "AppData/Roaming",
        };
        self.applications.clone().unwrap_or_else(|| joined(&self.home, usual))
    }
}

/// Part by part, so that the system's own separator is between them.
fn joined(directory: &Path, path: &str) -> PathBuf {
    directory.join(path.split('/').collect::<PathBuf>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(platform: Platform, applications: Option<&str>) -> Vec<String> {
        let places =
            Places { platform, home: "/home/ada".into(), applications: applications.map(PathBuf::from) };
        KnownClient::ALL.map(|client| places.of(client).display().to_string()).into()
    }

    #[test]
    fn each_client_has_its_file_on_each_system() {
        assert_eq!(
            paths(Platform::Linux, None),
            [
                "/home/ada/.config/Claude/claude_desktop_config.json",
                "/home/ada/.claude.json",
                "/home/ada/.config/Code/User/mcp.json",
                "/home/ada/.cursor/mcp.json",
                "/home/ada/.codex/config.toml",
                "/home/ada/.gemini/settings.json",
                "/home/ada/.config/zed/settings.json",
                "/home/ada/.codeium/windsurf/mcp_config.json",
            ]
        );
        let mac = paths(Platform::MacOs, None);
        assert_eq!(mac[0], "/home/ada/Library/Application Support/Claude/claude_desktop_config.json");
        assert_eq!(mac[2], "/home/ada/Library/Application Support/Code/User/mcp.json");
        assert_eq!(mac[6], "/home/ada/.config/zed/settings.json");
        let windows = paths(Platform::Windows, None);
        assert_eq!(windows[0], "/home/ada/AppData/Roaming/Claude/claude_desktop_config.json");
        assert_eq!(windows[6], "/home/ada/AppData/Roaming/Zed/settings.json");
    }

    #[test]
    fn a_user_who_keeps_applications_files_elsewhere_has_them_there() {
        let elsewhere = paths(Platform::Linux, Some("/srv/ada"));
        assert_eq!(elsewhere[2], "/srv/ada/Code/User/mcp.json");
        assert_eq!(elsewhere[1], "/home/ada/.claude.json");
    }
}
