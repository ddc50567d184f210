//! Loading an installed package: its bytes, read once, verified and compiled.
//!
//! Whatever is refused is on record before this returns: what is no package or
//! another one here, all else by the host.

use std::sync::Arc;

use mpp_host::{Host, Tool};
use mpp_mcp::{Ended, Failure as Told, FailureKind};
use mpp_package::{Keyring, Package};

use crate::exit::{Blame, Failure};
use crate::home::Home;
use crate::installed::{self, Installed, Store};
use crate::operator::Bounds;
use crate::packages::{self, NotRead};
use crate::{blame, record, trust};

/// What it takes to load one.
#[derive(Clone)]
pub(super) struct Loading {
    pub(super) home: Home,
    /// A host with whom this user trusts.
    pub(super) host: Host,
    pub(super) keyring: Arc<Keyring>,
    pub(super) bounds: Bounds,
}

/// Why a package is not there to be called.
#[derive(Debug)]
pub(super) struct NotLoaded {
    /// What to tell a person.
    pub(super) failure: Failure,
    code: &'static str,
}

impl Loading {
    /// Loads a package. Blocks: for a large one that was never compiled here, for
    /// seconds.
    pub(super) fn load(&self, package: &Installed) -> Result<Tool, NotLoaded> {
        let bytes = self.read(package)?;
        // An installation that was interrupted at its very end did not get to this.
        self.remember(package, &bytes)?;
        let policy = self.bounds.policy(package.granted.clone());
        self.host.load(bytes, &policy).map_err(|error| NotLoaded {
            code: error.kind(),
            failure: blame::not_loaded(&package.full_name(), &error),
        })
    }

    fn read(&self, package: &Installed) -> Result<Package, NotLoaded> {
        let path = Store::of(&self.home).bytes_of(&package.digest);
        let found = packages::present(&path, None).map_err(|NotRead { failure, refused }| match refused {
            Some(refused) => self.refused(&record::malformed(&refused), failure, refused.error.code()),
            None => NotLoaded { failure, code: "not-there" },
        })?;
        if found.digest() == package.digest {
            return Ok(found);
        }
        let failure = installed::damaged(package, "its file holds another package");
        Err(self.refused(&record::not_as_installed(&found, &failure), failure, "not-as-installed"))
    }

    fn remember(&self, package: &Installed, bytes: &Package) -> Result<(), NotLoaded> {
        let known = self.keyring.accepted(&package.publisher, &package.name);
        if known.is_some_and(|known| known.digest == Some(package.digest)) {
            return Ok(());
        }
        // What does not verify is refused by the host in a moment, on record.
        let Ok(verified) = self.keyring.verify(bytes.clone(), std::time::SystemTime::now()) else {
            return Ok(());
        };
        trust::remember(&self.home, &self.keyring, &verified)
            .map_err(|failure| NotLoaded { failure, code: "not-remembered" })
    }

    /// Puts a refusal on record. If the log does not take it, that is the graver news.
    fn refused(&self, event: &mpp_audit::Event, failure: Failure, code: &'static str) -> NotLoaded {
        match self.host.audit_log().append(event) {
            Ok(_) => NotLoaded { failure, code },
            Err(error) => NotLoaded { failure: crate::log::unavailable(&error), code: "audit-unavailable" },
        }
    }
}

impl NotLoaded {
    /// A thread that was lost.
    pub(super) fn lost(error: &tokio::task::JoinError) -> Self {
        Self { failure: Failure::host("loading a package failed").because(error), code: "host-fault" }
    }

    /// What a client is told.
    pub(super) fn ended(&self) -> Ended {
        let what = self.failure.what();
        match self.failure.blame() {
            Blame::Package | Blame::Grant => Ended::Failed(Told {
                kind: FailureKind::NotLoaded,
                code: Some(self.code.to_owned()),
                message: format!("The tool cannot run, and only the user can change that: {what}"),
                invocation: None,
            }),
            // Why has places of this machine in it, which are no client's.
            _ => Ended::Unavailable(what.to_owned()),
        }
    }
}
