//! What happened during one call, gathered while it runs.
//!
//! The journal is shared between the sandbox and the pipeline that waits for
//! it, because a call that is stopped takes its sandbox along and its record
//! must still say what it did.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mpp_policy::{Denial, Permission};

/// Distinct permission checks kept for the record of one call; repetitions of
/// a kept check are counted, and what is beyond is counted as dropped. Bounds
/// the record of a tool that asks for everything once.
pub const MAX_CHECKS: usize = 256;

/// One permission check of a call, with how often it was repeated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// The permission concerned.
    pub permission: Permission,
    /// What was asked for: a path, `METHOD host:port`, or a name.
    pub resource: String,
    /// Absent if it was allowed; otherwise why not.
    pub denial: Option<Denial>,
    /// How often it was asked.
    pub count: u64,
}

/// One line that the tool logged or printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// Where it came from.
    pub source: LogSource,
    /// The text, UTF-8 repaired where the tool printed something else.
    pub text: String,
}

/// Where a line of a call's log came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogSource {
    /// `mpp:tool/log`, at this level.
    Log(Level),
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// The levels of `mpp:tool/log`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the documentation; see wit/log.wit")]
pub enum Level {
    Trace,
    Debug,
    Info,
    Warn,
    Error,
}

impl LogSource {
    /// The name in records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Log(Level::Trace) => "trace",
            Self::Log(Level::Debug) => "debug",
            Self::Log(Level::Info) => "info",
            Self::Log(Level::Warn) => "warn",
            Self::Log(Level::Error) => "error",
            Self::Stdout => "stdout",
            Self::Stderr => "stderr",
        }
    }
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
    /// Bytes logged and printed, those dropped included.
    pub log_bytes: u64,
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
    pub checks: Vec<Check>,
    pub checks_dropped: u64,
    pub log: Vec<LogLine>,
    pub log_dropped_bytes: u64,
    pub counters: Counters,
    kept_log_bytes: u64,
}

/// Shared by the sandbox of one call and the pipeline that waits for it.
#[derive(Clone, Debug)]
pub(crate) struct Journal {
    entries: Arc<Mutex<Entries>>,
    log_limit: u64,
}

impl Journal {
    pub(crate) fn new(log_limit: u64) -> Self {
        Self { entries: Arc::default(), log_limit }
    }

    /// Records that `resource` was asked for and whether it was allowed, and
    /// hands the verdict on.
    pub(crate) fn check<T>(
        &self,
        permission: Permission,
        resource: impl Into<String>,
        verdict: Result<T, Denial>,
    ) -> Result<T, Denial> {
        self.lock().add_check(permission, resource.into(), verdict.as_ref().err().cloned());
        verdict
    }

    pub(crate) fn count(&self, add: impl FnOnce(&mut Counters)) {
        add(&mut self.lock().counters);
    }

    pub(crate) fn log(&self, source: LogSource, text: &[u8]) {
        let limit = self.log_limit;
        self.lock().add_log(source, text, limit);
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
    fn add_check(&mut self, permission: Permission, resource: String, denial: Option<Denial>) {
        let same = |check: &&mut Check| {
            check.permission == permission && check.resource == resource && check.denial == denial
        };
        if let Some(check) = self.checks.iter_mut().rev().find(same) {
            check.count = check.count.saturating_add(1);
        } else if self.checks.len() < MAX_CHECKS {
            self.checks.push(Check { permission, resource, denial, count: 1 });
        } else {
            self.checks_dropped = self.checks_dropped.saturating_add(1);
        }
    }

    fn add_log(&mut self, source: LogSource, text: &[u8], limit: u64) {
        self.counters.log_bytes += text.len() as u64;
        let room = usize::try_from(limit.saturating_sub(self.kept_log_bytes)).unwrap_or(usize::MAX);
        let kept = &text[..text.len().min(room)];
        self.log_dropped_bytes += (text.len() - kept.len()) as u64;
        if kept.is_empty() {
            return;
        }
        self.kept_log_bytes += kept.len() as u64;
        let text = String::from_utf8_lossy(kept);
        match self.log.last_mut() {
            // Printed text comes in pieces; a line is what stands before a
            // line break.
            Some(last) if is_stream(source) && last.source == source && !last.text.ends_with('\n') => {
                last.text.push_str(&text);
            }
            _ => self.log.push(LogLine { source, text: text.into_owned() }),
        }
    }
}

fn is_stream(source: LogSource) -> bool {
    matches!(source, LogSource::Stdout | LogSource::Stderr)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_checks_are_counted_and_floods_are_bounded() {
        let journal = Journal::new(1024);
        for _ in 0..3 {
            let _ = journal.check(Permission::Env, "HOME", Ok(()));
        }
        for i in 0..2 * MAX_CHECKS {
            let _ = journal.check(Permission::Env, format!("N{i}"), Ok(()));
        }
        let entries = journal.take();
        assert_eq!(entries.checks[0].count, 3);
        assert_eq!(entries.checks.len(), MAX_CHECKS);
        assert_eq!(entries.checks_dropped, MAX_CHECKS as u64 + 1);
    }

    #[test]
    fn a_log_beyond_its_limit_is_cut_and_the_cut_is_counted() {
        let journal = Journal::new(4);
        journal.log(LogSource::Stdout, b"abc");
        journal.log(LogSource::Stdout, b"def");
        let entries = journal.take();
        assert_eq!(entries.log, [LogLine { source: LogSource::Stdout, text: "abcd".to_owned() }]);
        assert_eq!(entries.log_dropped_bytes, 2);
    }
}
