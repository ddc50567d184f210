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
        let entry = yaml_string(resource);
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

/// A YAML string in double quotes. A JSON string is one, whatever is in it; what
/// JSON leaves as it is and a person could not see is escaped as well.
fn yaml_string(text: &str) -> String {
    let mut yaml = String::new();
    for c in serde_json::Value::from(text).to_string().chars() {
        let invisible = c == '\x7f' || (!c.is_ascii() && c.escape_debug().len() > 1);
        if invisible {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                yaml.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            yaml.push(c);
        }
    }
    yaml
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

serialized_as_text!(Permission);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_its_own_line() {
        let lines = Permission::ALL.map(|kind| kind.manifest_line("x:443"));
        assert_eq!(
            lines,
            [
                r#"permissions: { filesystem: { read: ["x:443"] } }"#,
                r#"permissions: { filesystem: { write: ["x:443"] } }"#,
                r#"permissions: { network: { outbound: ["x:443"] } }"#,
                r#"permissions: { env: ["x:443"] }"#,
                "permissions: { clock: true }",
                "permissions: { random: true }",
            ],
        );
    }

    #[test]
    fn a_resource_cannot_leave_its_quotes() {
        assert_eq!(
            Permission::Env.manifest_line("a\"], clock: true, env: [\""),
            r#"permissions: { env: ["a\"], clock: true, env: [\""] }"#,
        );
    }

    #[test]
    fn what_cannot_be_seen_is_escaped_so_that_it_reads_back() {
        let hidden = "a\u{202e}\u{9b}\x7f\x1b\u{e0041}ü";
        let yaml = yaml_string(hidden);
        assert_eq!(yaml, r#""a\u202e\u009b\u007f\u001b\udb40\udc41ü""#);
        assert_eq!(serde_json::from_str::<String>(&yaml).unwrap(), hidden);
    }
}
