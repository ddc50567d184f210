//! Permissions as an author writes them.

use crate::env::EnvName;
use crate::list::Unique;
use crate::outbound::Outbound;
use crate::path::GuestPath;
use crate::permissions::{FilesystemPermissions, NetworkPermissions, Permissions};
use crate::strict::strict_map;

strict_map! {
    /// The `permissions` of an author's manifest. A key that is left out means
    /// nothing of its kind; a key that is not known is an error.
    ///
    /// Its only use is to become [`Permissions`], the complete form.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct DeclaredPermissions {
        filesystem: DeclaredFilesystem,
        network: DeclaredNetwork,
        env: Unique<EnvName>,
        clock: bool,
        random: bool,
    }
}

strict_map! {
    /// The `permissions.filesystem` of an author's manifest.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct DeclaredFilesystem {
        read: Unique<GuestPath>,
        write: Unique<GuestPath>,
    }
}

strict_map! {
    /// The `permissions.network` of an author's manifest.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct DeclaredNetwork {
        outbound: Unique<Outbound>,
    }
}

impl From<DeclaredPermissions> for Permissions {
    /// The complete form: absent is nothing, lists are sorted.
    fn from(declared: DeclaredPermissions) -> Self {
        let DeclaredPermissions { filesystem, network, env, clock, random } = declared;
        let (read, write) = match filesystem {
            Some(DeclaredFilesystem { read, write }) => (read, write),
            None => (None, None),
        };
        let outbound = match network {
            Some(DeclaredNetwork { outbound }) => outbound,
            None => None,
        };
        Self {
            filesystem: FilesystemPermissions { read: entries(read), write: entries(write) },
            network: NetworkPermissions { outbound: entries(outbound) },
            env: entries(env),
            clock: clock.unwrap_or(false),
            random: random.unwrap_or(false),
        }
        .normalised()
    }
}

fn entries<T>(list: Option<Unique<T>>) -> Vec<T> {
    list.map_or_else(Vec::new, |Unique(entries)| entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(yaml: &str) -> Result<Permissions, String> {
        serde_saphyr::from_str::<DeclaredPermissions>(yaml)
            .map(Permissions::from)
            .map_err(|error| error.to_string())
    }

    #[track_caller]
    fn refused(yaml: &str, why: &str) {
        let error = read(yaml).unwrap_err();
        assert!(error.contains(why), "{yaml}: {error}");
    }

    #[test]
    fn an_author_writes_what_is_needed() {
        let permissions = read(
            r#"
filesystem:
  read: ["/tmp/agent-workspace", "/data"]
network:
  outbound:
    - api.example.com:443
    - { host: "*.example.org:443", scheme: https, methods: [POST, GET], path_prefix: /v1 }
env: []
clock: true
"#,
        )
        .unwrap();
        assert_eq!(
            serde_json::to_value(permissions).unwrap(),
            serde_json::json!({
                "filesystem": {"read": ["/data", "/tmp/agent-workspace"], "write": []},
                "network": {"outbound": [
                    "api.example.com:443",
                    {
                        "host": "*.example.org:443",
                        "scheme": "https",
                        "methods": ["GET", "POST"],
                        "path_prefix": "/v1",
                    },
                ]},
                "env": [],
                "clock": true,
                "random": false,
            }),
        );
    }

    #[test]
    fn what_is_left_out_is_nothing() {
        for yaml in ["{}", "filesystem: {}", "network: {}", "env: []", "clock: false"] {
            assert!(read(yaml).unwrap().is_empty(), "{yaml}");
        }
    }

    #[test]
    fn an_unknown_key_is_refused_with_the_keys_there_are() {
        refused("filesystem: { reed: [/data] }", "unknown key reed: the keys here are read, write");
        refused("files: {}", "the keys here are filesystem, network, env, clock, random");
    }

    #[test]
    fn a_key_or_an_entry_twice_is_refused() {
        assert!(read("clock: true\nclock: false").is_err());
        refused("env: [A, A]", "there twice");
    }

    #[test]
    fn one_entry_is_still_a_list() {
        assert!(read("env: A").is_err());
        assert!(read("filesystem: { read: /data }").is_err());
    }

    #[test]
    fn a_value_of_another_kind_is_refused() {
        for yaml in ["clock: 1", "clock: always", "clock: [true]", "network: all", "true", "[]"] {
            assert!(read(yaml).is_err(), "{yaml}");
        }
    }

    #[test]
    fn an_error_says_where_it_is() {
        refused("clock: true\nfilesystem:\n  read: [data]\n", "line 3");
    }
}
