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
        let DeclaredPermissions {
            filesystem,
            network,
            env,
            clock,
            random,
        } = declared;
        let (read, write) = match filesystem {
            Some(DeclaredFilesystem { read, write }) => (read, write),
            None => (None, None),
        };
        let outbound = match network {
            Some(DeclaredNetwork { outbound }) => outbound,
            None => None,
        };
        Self {
            filesystem: FilesystemPermissions {
                read: entries(read),
                write: entries(write),
            },
            network: NetworkPermissions {
                outbound: entries(outbound),
            },
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
