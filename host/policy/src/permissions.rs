//! A set of permissions: what a package declares, an operator approves, or a
//! grant holds.

use serde::{Deserialize, Deserializer, Serialize};

use crate::env::EnvName;
use crate::list::{Sorted, normalise, serialize_sorted};
use crate::outbound::Outbound;
use crate::path::GuestPath;
use crate::permission::Permission;
use crate::strict::{required, strict_map};

/// A boundary. What is not named is outside it.
///
/// Serialises to the complete form: every key, lists sorted and without
/// repetition. Deserialises from exactly that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Permissions {
    /// Files.
    pub filesystem: FilesystemPermissions,
    /// The network.
    pub network: NetworkPermissions,
    /// Environment variables that can be read, by name.
    #[serde(serialize_with = "serialize_sorted")]
    pub env: Vec<EnvName>,
    /// Whether the time can be read.
    pub clock: bool,
    /// Whether unpredictable bytes can be drawn.
    pub random: bool,
}

/// Files that can be touched. Each path covers itself and what is below;
/// neither list implies the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FilesystemPermissions {
    /// What can be read and listed.
    #[serde(serialize_with = "serialize_sorted")]
    pub read: Vec<GuestPath>,
    /// What can be created, changed and removed.
    #[serde(serialize_with = "serialize_sorted")]
    pub write: Vec<GuestPath>,
}

/// Hosts that can be reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NetworkPermissions {
    /// Where HTTP requests can be sent.
    #[serde(serialize_with = "serialize_sorted")]
    pub outbound: Vec<Outbound>,
}

impl Permissions {
    /// Nothing at all.
    pub fn none() -> Self {
        Self {
            filesystem: FilesystemPermissions { read: Vec::new(), write: Vec::new() },
            network: NetworkPermissions { outbound: Vec::new() },
            env: Vec::new(),
            clock: false,
            random: false,
        }
    }

    /// Whether nothing is permitted.
    pub fn is_empty(&self) -> bool {
        Permission::ALL.iter().all(|kind| !self.has(*kind))
    }

    /// Whether anything of one kind is permitted.
    pub fn has(&self, kind: Permission) -> bool {
        match kind {
            Permission::FilesystemRead => !self.filesystem.read.is_empty(),
            Permission::FilesystemWrite => !self.filesystem.write.is_empty(),
            Permission::NetworkOutbound => !self.network.outbound.is_empty(),
            Permission::Env => !self.env.is_empty(),
            Permission::Clock => self.clock,
            Permission::Random => self.random,
        }
    }

    /// What both sides permit, and nothing else. The result is normalised.
    #[must_use]
    pub fn intersect(&self, other: &Self) -> Self {
        self.combine(
            other,
            Combination {
                paths: |a, b| pairs(a, b, GuestPath::intersect),
                outbound: |a, b| pairs(a, b, Outbound::intersect),
                names: |a, b| pairs(a, b, |a, b| (a == b).then(|| a.clone())),
                switch: |a, b| a && b,
            },
        )
    }

    /// The entries of this side that `other` does not cover: what an update
    /// asks for beyond what was approved. The result is normalised.
    #[must_use]
    pub fn beyond(&self, other: &Self) -> Self {
        self.combine(
            other,
            Combination {
                paths: |a, b| uncovered(a, b, GuestPath::covers),
                outbound: |a, b| uncovered(a, b, Outbound::covers),
                names: |a, b| uncovered(a, b, PartialEq::eq),
                switch: |a, b| a && !b,
            },
        )
    }

    /// Whether each entry of `other` is covered by one entry of this side, so
    /// that this side permits whatever `other` permits.
    pub fn covers(&self, other: &Self) -> bool {
        other.beyond(self).is_empty()
    }

    /// The same permissions with each list sorted and without repetition: the
    /// complete form in memory.
    #[must_use]
    pub fn normalised(mut self) -> Self {
        let Self {
            filesystem: FilesystemPermissions { read, write },
            network: NetworkPermissions { outbound },
            env,
            clock: _,
            random: _,
        } = &mut self;
        normalise(read);
        normalise(write);
        normalise(outbound);
        normalise(env);
        self
    }

    /// Combines two sets kind by kind. Both are taken apart by name here, once,
    /// so that a new kind of permission does not build until it has its rule.
    fn combine(&self, other: &Self, rules: Combination) -> Self {
        let Self {
            filesystem: FilesystemPermissions { read, write },
            network: NetworkPermissions { outbound },
            env,
            clock,
            random,
        } = self;
        Self {
            filesystem: FilesystemPermissions {
                read: (rules.paths)(read, &other.filesystem.read),
                write: (rules.paths)(write, &other.filesystem.write),
            },
            network: NetworkPermissions { outbound: (rules.outbound)(outbound, &other.network.outbound) },
            env: (rules.names)(env, &other.env),
            clock: (rules.switch)(*clock, other.clock),
            random: (rules.switch)(*random, other.random),
        }
        .normalised()
    }
}

/// How entries of each sort are combined.
struct Combination {
    paths: fn(&[GuestPath], &[GuestPath]) -> Vec<GuestPath>,
    outbound: fn(&[Outbound], &[Outbound]) -> Vec<Outbound>,
    names: fn(&[EnvName], &[EnvName]) -> Vec<EnvName>,
    switch: fn(bool, bool) -> bool,
}

/// What each pair of entries has in common.
fn pairs<T>(a: &[T], b: &[T], both: impl Fn(&T, &T) -> Option<T>) -> Vec<T> {
    a.iter().flat_map(|one| b.iter().filter_map(|other| both(one, other))).collect()
}

/// Entries of `a` that no entry of `b` covers.
fn uncovered<T: Clone>(a: &[T], b: &[T], covers: impl Fn(&T, &T) -> bool) -> Vec<T> {
    a.iter().filter(|one| !b.iter().any(|other| covers(other, one))).cloned().collect()
}

strict_map! {
    struct CompleteForm {
        filesystem: CompleteFilesystem,
        network: CompleteNetwork,
        env: Sorted<EnvName>,
        clock: bool,
        random: bool,
    }
}

strict_map! {
    struct CompleteFilesystem {
        read: Sorted<GuestPath>,
        write: Sorted<GuestPath>,
    }
}

strict_map! {
    struct CompleteNetwork {
        outbound: Sorted<Outbound>,
    }
}

impl<'de> Deserialize<'de> for Permissions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let CompleteForm { filesystem, network, env, clock, random } =
            CompleteForm::deserialize(deserializer)?;
        let CompleteFilesystem { read, write } = required(filesystem, "filesystem")?;
        let CompleteNetwork { outbound } = required(network, "network")?;
        Ok(Self {
            filesystem: FilesystemPermissions {
                read: required(read, "read")?.0,
                write: required(write, "write")?.0,
            },
            network: NetworkPermissions { outbound: required(outbound, "outbound")?.0 },
            env: required(env, "env")?.0,
            clock: required(clock, "clock")?,
            random: required(random, "random")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMPLETE: &str = r#"{"filesystem":{"read":["/a","/b"],"write":[]},"network":{"outbound":["a.example:443"]},"env":["A","B"],"clock":true,"random":false}"#;
    const NONE: &str = r#"{"filesystem":{"read":[],"write":[]},"network":{"outbound":[]},"env":[],"clock":false,"random":false}"#;

    fn read(json: &str) -> Result<Permissions, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }

    #[track_caller]
    fn refused(json: &str, why: &str) {
        let error = read(json).unwrap_err();
        assert!(error.contains(why), "{json}: {error}");
    }

    fn paths(texts: &[&str]) -> Vec<GuestPath> {
        texts.iter().map(|text| GuestPath::parse(text).unwrap()).collect()
    }

    fn reading(texts: &[&str]) -> Permissions {
        let mut permissions = Permissions::none();
        permissions.filesystem.read = paths(texts);
        permissions
    }

    #[test]
    fn the_complete_form_has_every_key_and_reads_back() {
        for json in [COMPLETE, NONE] {
            assert_eq!(serde_json::to_string(&read(json).unwrap()).unwrap(), json);
        }
        assert_eq!(read(NONE).unwrap(), Permissions::none());
        assert!(read(NONE).unwrap().is_empty());
        assert!(!read(COMPLETE).unwrap().is_empty());
    }

    #[test]
    fn every_key_is_required() {
        let complete: serde_json::Value = serde_json::from_str(NONE).unwrap();
        for pointer in ["", "/filesystem", "/network"] {
            let keys = complete.pointer(pointer).unwrap().as_object().unwrap();
            for key in keys.keys() {
                let mut without = complete.clone();
                let map = without.pointer_mut(pointer).unwrap();
                map.as_object_mut().unwrap().remove(key);
                refused(&without.to_string(), &format!("missing field `{key}`"));
            }
        }
    }

    #[test]
    fn an_unknown_key_is_refused_at_every_level() {
        for (found, replaced) in [
            (r#""clock":"#, r#""all":true,"clock":"#),
            (r#""read":"#, r#""all":true,"read":"#),
            (r#""outbound":"#, r#""all":true,"outbound":"#),
        ] {
            refused(&NONE.replace(found, replaced), "unknown key all");
        }
    }

    #[test]
    fn a_key_twice_is_refused() {
        refused(
            &NONE.replace(r#""clock":false"#, r#""clock":false,"clock":true"#),
            "duplicate field `clock`",
        );
        refused(&NONE.replace(r#""read":[]"#, r#""read":[],"read":["/"]"#), "duplicate field `read`");
    }

    #[test]
    fn a_null_or_another_shape_is_refused() {
        refused(&NONE.replace(r#""env":[]"#, r#""env":null"#), "invalid type: null");
        refused(&NONE.replace(r#""env":[]"#, r#""env":"A""#), "invalid type: string");
        refused(&NONE.replace("false", "0"), "invalid type: integer");
        refused("[[[],[]],[[]],[],false,false]", "invalid type: sequence");
        refused("null", "invalid type: null");
    }

    #[test]
    fn lists_are_in_ascending_order_each_entry_once() {
        let with = |list: &str| NONE.replace(r#""env":[]"#, &format!(r#""env":{list}"#));
        assert!(read(&with(r#"["A","B"]"#)).is_ok());
        refused(&with(r#"["B","A"]"#), "ascending order");
        refused(&with(r#"["A","A"]"#), "ascending order");
    }

    #[test]
    fn a_list_has_at_most_256_entries() {
        let with = |count: usize| {
            let names: Vec<_> = (0..count).map(|n| format!("A{n:03}")).collect();
            let list = serde_json::to_string(&names).unwrap();
            NONE.replace(r#""env":[]"#, &format!(r#""env":{list}"#))
        };
        assert_eq!(read(&with(256)).unwrap().env.len(), 256);
        refused(&with(257), "more than 256 entries");
    }

    #[test]
    fn an_entry_that_does_not_parse_is_shown_and_refused() {
        refused(
            &NONE.replace(r#""read":[]"#, r#""read":["/a/../etc"]"#),
            "/a/../etc: the path has a component `.` or `..`: write where it leads",
        );
    }

    #[test]
    fn what_is_written_is_sorted_whatever_the_order_in_memory() {
        let mut permissions = read(COMPLETE).unwrap();
        permissions.filesystem.read = paths(&["/b", "/a", "/b"]);
        permissions.env.reverse();
        assert_eq!(serde_json::to_string(&permissions).unwrap(), COMPLETE);
        assert_eq!(permissions.normalised(), read(COMPLETE).unwrap());
    }

    #[test]
    fn an_intersection_holds_the_lower_path_of_each_pair() {
        let both = reading(&["/data", "/tmp/in"]).intersect(&reading(&["/data/a", "/tmp", "/etc"]));
        assert_eq!(both, reading(&["/data/a", "/tmp/in"]));
    }

    #[test]
    fn reading_and_writing_are_apart() {
        let mut writing = Permissions::none();
        writing.filesystem.write = paths(&["/data"]);
        assert!(reading(&["/data"]).intersect(&writing).is_empty());
        assert!(!writing.covers(&reading(&["/data"])));
    }

    #[test]
    fn switches_are_on_where_both_are() {
        let with = |clock, random| Permissions { clock, random, ..Permissions::none() };
        assert_eq!(with(true, true).intersect(&with(true, false)), with(true, false));
        assert_eq!(with(true, false).intersect(&with(false, true)), with(false, false));
        assert_eq!(with(true, true).beyond(&with(true, false)), with(false, true));
    }

    #[test]
    fn beyond_is_what_an_update_adds() {
        let before = reading(&["/data"]);
        let after = reading(&["/data/in", "/etc"]);
        assert_eq!(after.beyond(&before), reading(&["/etc"]));
        assert!(!before.covers(&after));
        assert!(after.beyond(&after).is_empty());
    }
}
