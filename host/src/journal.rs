//! What happened during one call, gathered while it runs.
//!
//! The journal is shared between the sandbox and the pipeline that waits for
//! it, because a call that is stopped takes its sandbox along and its record
//! must still say what it did.

mod said;

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mpp_policy::{Denial, MAX_RESOURCE_BYTES, Permission};

pub(crate) use self::said::Said;
pub use self::said::{Level, LogLine, LogSource, MAX_REPORTED_BYTES};
use crate::progress::Step;

/// Distinct allowed checks of one call that are kept; repetitions of a kept
/// check are counted with it, and what is beyond is only counted. Bounds the
/// record of a tool that asks for everything once.
pub const MAX_ALLOWED: usize = mpp_audit::limits::MAX_LISTED_CALLS;

/// Distinct denials of one call that are kept, and go on record as they happen;
/// what is beyond is only counted. They have room of their own, so that no flood
/// of what is allowed hides one.
pub const MAX_DENIALS: usize = mpp_audit::limits::MAX_DENIALS;

/// One permission check of a call, with how often it was repeated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// The permission concerned.
    pub permission: Permission,
    /// What was asked for: a path, `METHOD host:port`, or a name; the first
    /// [`MAX_RESOURCE_BYTES`] of it.
    pub resource: String,
    /// Absent if it was allowed; otherwise why not.
    pub denial: Option<Denial>,
    /// How often it was asked.
    pub count: u64,
}

/// Sums over one call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Calls of host functions that carry authority.
    pub host_calls: u64,
    /// Most linear memory in use at once, all memories together, in bytes.
    pub peak_memory_bytes: u64,
    /// Most files and directories open at once.
    pub peak_open_files: u64,
    /// Bytes read from files.
    pub read_bytes: u64,
    /// Bytes written to files.
    pub written_bytes: u64,
    /// HTTP requests sent.
    pub http_requests: u64,
    /// Bytes of request bodies sent.
    pub http_sent_bytes: u64,
    /// Bytes of response bodies received.
    pub http_received_bytes: u64,
}

/// Everything that was gathered.
#[derive(Clone, Debug, Default)]
pub(crate) struct Entries {
    /// Distinct checks in order of first use: [`MAX_ALLOWED`], [`MAX_DENIALS`].
    pub checks: Vec<Check>,
    /// Allowed checks that are not among `checks`.
    pub allowed_unlisted: u64,
    /// Denied checks that are not among `checks`.
    pub denied_unlisted: u64,
    pub said: Said,
    pub counters: Counters,
    /// A hash of each of `checks`, so that a tool that asks for many things is not
    /// compared with all of them each time.
    hashes: Vec<u64>,
    allowed_kinds: usize,
    denied_kinds: usize,
}

/// Is told of a denial, and of the resource as the record names it.
type OnDenial = dyn Fn(&str, &Denial) + Send + Sync;

/// Shared by the sandbox of one call and the pipeline that waits for it.
#[derive(Clone)]
pub(crate) struct Journal {
    entries: Arc<Mutex<Entries>>,
    log_limit: u64,
    on_denial: Arc<OnDenial>,
}

impl Journal {
    /// A journal that tells `on_denial` of the first [`MAX_DENIALS`] distinct
    /// denials, in their order.
    pub(crate) fn new(log_limit: u64, on_denial: impl Fn(&str, &Denial) + Send + Sync + 'static) -> Self {
        Self { entries: Arc::default(), log_limit, on_denial: Arc::new(on_denial) }
    }

    /// Records that `resource` was asked for and whether it was allowed, and
    /// hands the verdict on.
    pub(crate) fn check<T>(
        &self,
        permission: Permission,
        resource: impl Into<String>,
        verdict: Result<T, Denial>,
    ) -> Result<T, Denial> {
        let mut resource = resource.into();
        resource.truncate(resource.floor_char_boundary(MAX_RESOURCE_BYTES));
        let denial = verdict.as_ref().err();
        let is_new = self.lock().add_check(permission, &resource, denial);
        if let (true, Some(denial)) = (is_new, denial) {
            (self.on_denial)(&resource, denial);
        }
        verdict
    }

    pub(crate) fn count(&self, add: impl FnOnce(&mut Counters)) {
        add(&mut self.lock().counters);
    }

    pub(crate) fn count_read(&self, bytes: usize) {
        self.count(|counters| counters.read_bytes = counters.read_bytes.saturating_add(bytes as u64));
    }

    pub(crate) fn log(&self, source: LogSource, text: &[u8]) {
        self.lock().said.add(source, text, self.log_limit);
    }

    /// Adds a report, of which `cut` bytes are gone already; says whether it is
    /// there, so that somebody may be told.
    pub(crate) fn report(&self, step: &Step, cut: usize) -> bool {
        self.lock().said.add_report(step, cut, self.log_limit)
    }

    /// Takes what was gathered; later entries of a dying sandbox go nowhere.
    pub(crate) fn take(&self) -> Entries {
        std::mem::take(&mut *self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        // Nothing panics while holding it; if it did, the entries are still
        // worth more than none.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entries {
    /// Checks that are not among `checks`.
    pub(crate) fn checks_dropped(&self) -> u64 {
        self.allowed_unlisted.saturating_add(self.denied_unlisted)
    }

    /// How many checks were denied.
    pub(crate) fn denied(&self) -> u64 {
        let listed = self.checks.iter().filter(|check| check.denial.is_some()).map(|check| check.count);
        listed.fold(self.denied_unlisted, u64::saturating_add)
    }

    /// Adds a check; says whether it is a new one that is kept.
    fn add_check(&mut self, permission: Permission, resource: &str, denial: Option<&Denial>) -> bool {
        let hash = hash(permission, resource);
        let same = |(kept, known): &(&mut Check, &u64)| {
            **known == hash
                && kept.permission == permission
                && kept.resource == resource
                && kept.denial.as_ref() == denial
        };
        if let Some((kept, _)) = self.checks.iter_mut().zip(&self.hashes).rev().find(same) {
            kept.count = kept.count.saturating_add(1);
            return false;
        }
        let (kept, room, unlisted) = match denial {
            None => (&mut self.allowed_kinds, MAX_ALLOWED, &mut self.allowed_unlisted),
            Some(_) => (&mut self.denied_kinds, MAX_DENIALS, &mut self.denied_unlisted),
        };
        if *kept == room {
            *unlisted = unlisted.saturating_add(1);
            return false;
        }
        *kept += 1;
        let (resource, denial) = (resource.to_owned(), denial.cloned());
        self.checks.push(Check { permission, resource, denial, count: 1 });
        self.hashes.push(hash);
        true
    }
}

fn hash(permission: Permission, resource: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (permission, resource).hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use mpp_policy::DenialReason;

    use super::*;

    fn denial(resource: &str) -> Denial {
        Denial::new(Permission::Env, resource, DenialReason::NotDeclared)
    }

    fn deaf(log_limit: u64) -> Journal {
        Journal::new(log_limit, |_, _| ())
    }

    #[test]
    fn repeated_checks_are_counted_and_floods_are_bounded() {
        let journal = deaf(1024);
        for _ in 0..3 {
            let _ = journal.check(Permission::Env, "HOME", Ok(()));
        }
        for i in 0..2 * MAX_ALLOWED {
            let _ = journal.check(Permission::Env, format!("N{i}"), Ok(()));
        }
        let entries = journal.take();
        assert_eq!(entries.checks[0].count, 3);
        assert_eq!(entries.checks.len(), MAX_ALLOWED);
        assert_eq!(entries.allowed_unlisted, MAX_ALLOWED as u64 + 1);
        assert_eq!(entries.denied_unlisted, 0);
    }

    #[test]
    fn no_flood_hides_a_denial() {
        let journal = deaf(1024);
        for i in 0..2 * MAX_ALLOWED {
            let _ = journal.check(Permission::Env, format!("N{i}"), Ok(()));
        }
        let denied: Result<(), Denial> = Err(denial("SECRET"));
        assert_eq!(journal.check(Permission::Env, "SECRET", denied), Err(denial("SECRET")));
        let last = journal.take().checks.pop();
        assert_eq!(last.and_then(|check| check.denial), Some(denial("SECRET")));
    }

    #[test]
    fn each_distinct_denial_is_told_once_and_as_it_happens() {
        let told = Arc::new(Mutex::new(Vec::new()));
        let telling = Arc::clone(&told);
        let journal = Journal::new(1024, move |resource, denial: &Denial| {
            telling.lock().unwrap().push((resource.to_owned(), denial.clone()));
        });
        let ask = |name: &str| journal.check(Permission::Env, name, Err::<(), _>(denial(name)));
        let _ = journal.check(Permission::Env, "HOME", Ok(()));
        let _ = (ask("A"), ask("A"), ask("B"), ask("A"));
        let expected = ["A", "B"].map(|name| (name.to_owned(), denial(name)));
        assert_eq!(*told.lock().unwrap(), expected);
        for i in 0..2 * MAX_DENIALS {
            let _ = ask(&format!("N{i}"));
        }
        assert_eq!(told.lock().unwrap().len(), MAX_DENIALS);
        assert_eq!(journal.take().denied_unlisted, MAX_DENIALS as u64 + 2);
    }

    #[test]
    fn a_resource_is_kept_up_to_the_longest_path() {
        let journal = deaf(1024);
        let long = "ü".repeat(MAX_RESOURCE_BYTES);
        let _ = journal.check(Permission::Env, long.as_str(), Ok(()));
        assert_eq!(journal.take().checks[0].resource, "ü".repeat(MAX_RESOURCE_BYTES / 2));
    }
}
