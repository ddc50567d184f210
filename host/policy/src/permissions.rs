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
            filesystem: FilesystemPermissions {
                read: Vec::new(),
                write: Vec::new(),
            },
            network: NetworkPermissions {
                outbound: Vec::new(),
            },
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
            network: NetworkPermissions {
                outbound: (rules.outbound)(outbound, &other.network.outbound),
            },
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
    a.iter()
        .flat_map(|one| b.iter().filter_map(|other| both(one, other)))
        .collect()
}

/// Entries of `a` that no entry of `b` covers.
fn uncovered<T: Clone>(a: &[T], b: &[T], covers: impl Fn(&T, &T) -> bool) -> Vec<T> {
    a.iter()
        .filter(|one| !b.iter().any(|other| covers(other, one)))
        .cloned()
        .collect()
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
        let CompleteForm {
            filesystem,
            network,
            env,
            clock,
            random,
        } = CompleteForm::deserialize(deserializer)?;
        let CompleteFilesystem { read, write } = required(filesystem, "filesystem")?;
        let CompleteNetwork { outbound } = required(network, "network")?;
        Ok(Self {
            filesystem: FilesystemPermissions {
                read: required(read, "read")?.0,
                write: required(write, "write")?.0,
            },
            network: NetworkPermissions {
                outbound: required(outbound, "outbound")?.0,
            },
            env: required(env, "env")?.0,
            clock: required(clock, "clock")?,
            random: required(random, "random")?,
        })
    }
}
