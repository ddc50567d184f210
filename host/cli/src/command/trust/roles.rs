//! The roles of a root on the command line, and a root that is being put
//! together.

use std::fmt;
use std::str::FromStr;

use mpp_package::{KeyId, PublicKey, Role, RoleError};

use crate::exit::{Failure, Outcome};

/// Which of the three roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RoleName {
    /// Signs the next root.
    Root,
    /// Signs packages.
    Release,
    /// Signs the index.
    Index,
}

impl FromStr for RoleName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "root" => Ok(Self::Root),
            "release" => Ok(Self::Release),
            "index" => Ok(Self::Index),
            _ => Err("a role is root, release or index".to_owned()),
        }
    }
}

impl fmt::Display for RoleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Root => "root",
            Self::Release => "release",
            Self::Index => "index",
        })
    }
}

/// `ROLE=VALUE`
#[derive(Debug, Clone)]
pub(super) struct OfRole<T> {
    pub(super) role: RoleName,
    pub(super) value: T,
}

impl<T: FromStr<Err: fmt::Display>> FromStr for OfRole<T> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (role, value) =
            text.split_once('=').ok_or("write it as ROLE=VALUE, with the role root, release or index")?;
        Ok(Self { role: role.parse()?, value: value.parse().map_err(|error: T::Err| error.to_string())? })
    }
}

/// The roles of a root that is being put together.
#[derive(Debug)]
pub(super) struct Roles {
    root: Draft,
    release: Draft,
    /// `None`: the publisher keeps no index.
    index: Option<Draft>,
}

/// Keys and a threshold, not yet known to be a role.
#[derive(Debug)]
struct Draft {
    keys: Vec<PublicKey>,
    threshold: u64,
}

impl Roles {
    /// The roles of a first root, each with a threshold of 1.
    pub(super) fn new(root: Vec<PublicKey>, release: Vec<PublicKey>, index: Vec<PublicKey>) -> Self {
        let draft = |keys| Draft { keys, threshold: 1 };
        let index = if index.is_empty() { None } else { Some(draft(index)) };
        Self { root: draft(root), release: draft(release), index }
    }

    /// The roles of a root, to be changed.
    pub(super) fn of(root: &Role, release: &Role, index: Option<&Role>) -> Self {
        Self { root: Draft::of(root), release: Draft::of(release), index: index.map(Draft::of) }
    }

    /// Adds a key. The first key of an index begins that role.
    pub(super) fn add(&mut self, role: RoleName, key: PublicKey) {
        let empty = || Draft { keys: Vec::new(), threshold: 1 };
        let draft = match role {
            RoleName::Root => &mut self.root,
            RoleName::Release => &mut self.release,
            RoleName::Index => self.index.get_or_insert_with(empty),
        };
        draft.keys.push(key);
    }

    /// Takes a key away, which must be there.
    pub(super) fn remove(&mut self, role: RoleName, key: KeyId) -> Outcome {
        let keys = &mut self.draft(role)?.keys;
        let before = keys.len();
        keys.retain(|other| other.id() != key);
        if keys.len() < before {
            return Ok(());
        }
        Err(Failure::usage(format!("the key {key} cannot be removed"))
            .because(format!("it is no {role} key")))
    }

    /// Sets how many keys must sign.
    pub(super) fn set_threshold(&mut self, role: RoleName, threshold: u64) -> Outcome {
        self.draft(role)?.threshold = threshold;
        Ok(())
    }

    /// Keeps no index any longer.
    pub(super) fn drop_index(&mut self) {
        self.index = None;
    }

    /// The three roles, if they can be.
    pub(super) fn finish(self) -> Outcome<(Role, Role, Option<Role>)> {
        let Self { root, release, index } = self;
        let index = index.map(|draft| draft.finish(RoleName::Index)).transpose()?;
        Ok((root.finish(RoleName::Root)?, release.finish(RoleName::Release)?, index))
    }

    fn draft(&mut self, role: RoleName) -> Outcome<&mut Draft> {
        let draft = match role {
            RoleName::Root => Some(&mut self.root),
            RoleName::Release => Some(&mut self.release),
            RoleName::Index => self.index.as_mut(),
        };
        draft.ok_or_else(|| {
            Failure::usage("there is no index role to change")
                .because("this root names no index keys, so the publisher keeps no index")
        })
    }
}

impl Draft {
    fn of(role: &Role) -> Self {
        Self { keys: role.keys().to_vec(), threshold: role.threshold() as u64 }
    }

    fn finish(self, name: RoleName) -> Outcome<Role> {
        Role::new(self.keys, self.threshold).map_err(|error| {
            let failure =
                Failure::usage(format!("the {name} role cannot be like this")).because(format!("it {error}"));
            match (&error, name) {
                (RoleError::NoKeys, RoleName::Index) => failure.next("--no-index keeps no index any longer"),
                (RoleError::Threshold { .. }, _) => {
                    failure.next(format!("set another: --threshold {name}=N"))
                }
                _ => failure,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_and_its_value_are_read_strictly() {
        let read = |text: &str| text.parse::<OfRole<u64>>().map(|of| (of.role, of.value));
        assert_eq!(read("root=2"), Ok((RoleName::Root, 2)));
        assert_eq!(read("index=1"), Ok((RoleName::Index, 1)));
        for text in ["root", "root=", "root=x", "roots=1", "Root=1", "=1"] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
