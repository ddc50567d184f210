//! The audit log as commands use it: opened with patience, and never optional.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use mpp_audit::share::{self, NoSettings};
use mpp_audit::{Event, Log, LogError, Receipt, Settings, Signs, SystemClock, Writer};

use crate::context::Context;
use crate::exit::{Blame, Failure, Outcome};
use crate::home::Home;
use crate::output::Streams;
use crate::packages::NotRead;
use crate::{record, settings};

/// How long a command waits for another one to let go of the log. A log has one
/// writer; a call holds it for its time limit at most, and other commands hold
/// it for a moment.
const PATIENCE: Duration = Duration::from_secs(30);

/// After this long, a person is told what the command waits for.
const TELL_AFTER: Duration = Duration::from_secs(1);

/// Where the log is.
#[derive(Debug, Clone, Args)]
pub(crate) struct AuditDirectory {
    /// Directory of the audit log [default: in the data directory]
    #[arg(long, value_name = "DIR")]
    audit_dir: Option<PathBuf>,
}

impl AuditDirectory {
    /// The log in the directory that was named, or the one of this user.
    pub(crate) fn of(&self, home: &Home) -> Site {
        let directory = self.audit_dir.clone().unwrap_or_else(|| home.audit());
        Site { directory, home: home.clone() }
    }

    /// The command that shows a record of this log.
    pub(crate) fn to_show(&self, receipt: Receipt) -> String {
        let directory = self.audit_dir.as_ref();
        let option = directory.map_or(String::new(), |named| format!(" --audit-dir {}", named.display()));
        format!("mpp audit show {}{option}", receipt.seq)
    }

    /// The directory to read a log from. Reading needs no home directory where
    /// one is named.
    pub(crate) fn to_read(&self, context: &Context<'_, '_>) -> Outcome<PathBuf> {
        match &self.audit_dir {
            Some(directory) => Ok(directory.clone()),
            None => Ok(context.home()?.audit()),
        }
    }
}

/// A log to be written: where it is, and whose choice how it is kept.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    directory: PathBuf,
    home: Home,
}

impl Site {
    /// Where it is.
    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    /// How the operator wants it to be kept, as the file says each time that this
    /// process comes to the log.
    fn settings(
        &self,
        signs: Signs,
    ) -> impl Fn() -> Result<Settings, NoSettings> + Send + Sync + 'static + use<> {
        let home = self.home.clone();
        move || match settings::read(&home) {
            Ok(chosen) => Ok(Settings { signs, ..chosen.for_log() }),
            Err(failure) => Err([&[failure.what().to_owned()], failure.why()].concat().join(": ").into()),
        }
    }
}

/// The way to put something on record, for a command that does and is done: the
/// log, or the process that has it. Waits a while for one that shares it with nobody.
pub(crate) fn open(site: &Site, streams: &mut Streams<'_>) -> Outcome<Writer> {
    // A file that does not say how is a fault of its own, and not of the log.
    settings::read(&site.home)?;
    patiently(streams, |patience| {
        share::open_or_ask(&site.directory, SystemClock, site.settings(Signs::WhenClosed), patience)
    })
}

/// As [`open`], for a command that calls tools, which may take their time: others
/// put things on record through it meanwhile.
pub(crate) fn open_for_calls(site: &Site, streams: &mut Streams<'_>) -> Outcome<Writer> {
    settings::read(&site.home)?;
    patiently(streams, |patience| {
        share::open_shared(&site.directory, SystemClock, site.settings(Signs::Meanwhile), patience)
    })
}

/// The log for this command alone, for what nobody else may do meanwhile. Whoever
/// has it is asked to let go of it.
pub(crate) fn open_alone(site: &Site, streams: &mut Streams<'_>) -> Outcome<Arc<Log>> {
    let settings = Settings { signs: Signs::WhenClosed, ..settings::read(&site.home)?.for_log() };
    patiently(streams, |patience| {
        share::open_alone(&site.directory, SystemClock, settings.clone(), patience).map(Arc::new)
    })
}

/// Tries with little patience first, so that a person is told what is waited for.
fn patiently<T>(streams: &mut Streams<'_>, open: impl Fn(Duration) -> Result<T, LogError>) -> Outcome<T> {
    let opened = match open(TELL_AFTER) {
        Err(LogError::Locked { .. }) => {
            streams.note("waiting", "for another process that writes the audit log");
            open(PATIENCE)
        }
        opened => opened,
    };
    opened.map_err(|error| unavailable(&error))
}

/// Puts an event on record.
pub(crate) fn append(log: &Writer, event: &Event) -> Outcome<Receipt> {
    log.append(event).map_err(|error| unavailable(&error))
}

/// Puts on record that a file is no package, and hands on what to tell a person.
/// If the log does not take it, that is the graver news.
pub(crate) fn not_read(not_read: NotRead, site: &Site, streams: &mut Streams<'_>) -> Failure {
    let NotRead { failure, refused } = not_read;
    match refused {
        Some(refused) => refuse(&record::malformed(&refused), failure, site, streams),
        None => failure,
    }
}

/// Puts a refusal on record, and hands on what to tell a person. If the log does
/// not take it, that is the graver news.
pub(crate) fn refuse(event: &Event, failure: Failure, site: &Site, streams: &mut Streams<'_>) -> Failure {
    let recorded = open(site, streams).and_then(|log| append(&log, event));
    match recorded {
        Ok(_) => failure,
        Err(unavailable) => unavailable,
    }
}

/// A log that does not take a record stops everything.
pub(crate) fn unavailable(error: &LogError) -> Failure {
    Failure::new(Blame::Audit, "the audit log is unavailable, and without a record nothing may happen")
        .because_of(error)
}

/// A log that cannot be read.
pub(crate) fn unreadable(directory: &Path, error: &io::Error) -> Failure {
    let failure =
        Failure::new(Blame::Audit, format!("the audit log in {} cannot be read", directory.display()));
    if error.kind() == io::ErrorKind::NotFound {
        return failure
            .because("there is none")
            .next("the first `mpp run` begins one; --audit-dir names another directory");
    }
    failure.because(error)
}
