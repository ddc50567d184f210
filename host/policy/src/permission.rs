//! The kinds of permission there are.

use std::fmt;

use crate::text::serialized_as_text;

/// A kind of permission, by its key in the manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Permission {
    /// `permissions.filesystem.read`
    FilesystemRead,
    /// `permissions.filesystem.write`
    FilesystemWrite,
    /// `permissions.network.outbound`
    NetworkOutbound,
    /// `permissions.env`
    Env,
    /// `permissions.clock`
    Clock,
    /// `permissions.random`
    Random,
}

impl Permission {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::FilesystemRead,
        Self::FilesystemWrite,
        Self::NetworkOutbound,
        Self::Env,
        Self::Clock,
        Self::Random,
    ];

    /// The name, as messages and records show it: `filesystem.read`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FilesystemRead => "filesystem.read",
            Self::FilesystemWrite => "filesystem.write",
            Self::NetworkOutbound => "network.outbound",
            Self::Env => "env",
            Self::Clock => "clock",
            Self::Random => "random",
        }
    }

    /// The line of an author's manifest that would declare this permission for
    /// a resource: a path, `host:port` or a variable's name. `clock` and
    /// `random` have no resource and ignore it.
    ///
    /// ```
    /// use mpp_policy::Permission;
    /// assert_eq!(
    ///     Permission::FilesystemRead.manifest_line("/data"),
    ///     r#"permissions: { filesystem: { read: ["/data"] } }"#,
    /// );
    /// assert_eq!(Permission::Clock.manifest_line(""), "permissions: { clock: true }");
    /// ```
    pub fn manifest_line(self, resource: &str) -> String {
        // A JSON string is a YAML string, whatever is in it.
        let entry = serde_json::Value::from(resource);
        let inner = match self {
            Self::FilesystemRead => format!("filesystem: {{ read: [{entry}] }}"),
            Self::FilesystemWrite => format!("filesystem: {{ write: [{entry}] }}"),
            Self::NetworkOutbound => format!("network: {{ outbound: [{entry}] }}"),
            Self::Env => format!("env: [{entry}]"),
            Self::Clock => "clock: true".to_owned(),
            Self::Random => "random: true".to_owned(),
        };
        format!("permissions: {{ {inner} }}")
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

serialized_as_text!(Permission);
