//! The hosts that are measured, and which log their calls are on record in.
//!
//! ```text
//! may write files or reach a network   the log of this user, kept as this user chose
//! may do neither                       <beside that log>/.bench-…/relaxed and …/strict
//! ```
//!
//! What changes something outside its sandbox has to be found where every call is found,
//! so the log of this user is the only one for it, and there is one row for it. What does
//! not may be measured both ways. Its logs lie beside the other, on the same disk, so that
//! a sync takes what it takes; they keep of payloads what this user wants to be kept, and
//! go when the bench ends.

use std::fs::{Permissions, remove_dir_all};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use mpp_audit::{Durability, Log, Settings, SystemClock, Writer};
use mpp_host::{Host, Request, Tool};
use tempfile::TempDir;
use tokio::time::timeout;

use super::super::run::{Asked, LAST_RECORD, Ready};
use super::measured::{Measured, Measuring, Reach};
use super::row::{Plan, Row};
use crate::exit::{Failure, Outcome, file_trouble};
use crate::log::{AuditDirectory, Site};
use crate::output::Streams;
use crate::progress::Progress;
use crate::settings::{self, LogSettings};
use crate::{blame, log};

/// What is measured, and what has to be cleared away afterwards.
pub(super) struct Ground {
    places: Vec<Place>,
    records: Records,
}

/// A host with the tool, and what its calls wait for.
struct Place {
    durability: Durability,
    tool: Tool,
    host: Host,
}

/// Where the calls are on record.
enum Records {
    /// In the log of this user.
    Users(AuditDirectory),
    /// In logs of their own.
    Own(TempDir),
}

/// What was measured on some ground.
pub(super) struct OnGround {
    pub(super) rows: Vec<Row>,
    /// Whether each answer was asserted to be the same.
    pub(super) same_answer: bool,
    pub(super) floor: Reach,
}

impl Ground {
    /// Makes what is to be measured. `host` has the log of this user; where that is not
    /// needed, it is closed when this returns.
    pub(super) fn lay(host: Host, tool: Tool, ready: &Ready, asked: &Asked) -> Outcome<Self> {
        let chosen = settings::read(&ready.home)?;
        if tool.may_act() {
            let place = Place { durability: chosen.durability, tool, host };
            return Ok(Self { places: vec![place], records: Records::Users(asked.audit.clone()) });
        }
        let places = host.pool().places;
        drop((host, tool));
        let directory = beside(&ready.site)?;
        let place = |durability| Place::with_own_log(directory.path(), durability, places, &chosen, ready);
        let places = [Durability::Relaxed, Durability::Strict].map(place);
        let places = places.into_iter().collect::<Outcome<_>>()?;
        Ok(Self { places, records: Records::Own(directory) })
    }

    /// Measures a call, on each place of it in turn.
    pub(super) async fn measure(
        &self,
        request: &Request,
        plan: Plan,
        streams: &Streams<'_>,
    ) -> Measuring<OnGround> {
        let mut rows = Vec::new();
        let (mut expected, mut same_answer, mut floor) = (None, false, Reach::Nothing);
        for Place { durability, tool, host: _ } in &self.places {
            let measured = Measured::prepare(tool, request, expected.take(), self.shown()).await?;
            (same_answer, floor) = (measured.expected.is_same(), measured.reach());
            let measured = Arc::new(measured);
            for callers in plan.rows() {
                let doing = format!("measuring {durability}, {}", callers_in_words(callers));
                let _shown = Progress::show(doing, streams);
                rows.push(Row::measure(&measured, *durability, callers, plan.calls).await?);
            }
            expected = Some(measured.expected.clone());
        }
        Ok(OnGround { rows, same_answer, floor })
    }

    /// Whether the calls are on record in the log of this user.
    pub(super) fn in_users_log(&self) -> bool {
        self.shown().is_some()
    }

    /// Where a person finds the record of a call, if it stays.
    fn shown(&self) -> Option<&AuditDirectory> {
        match &self.records {
            Records::Users(audit) => Some(audit),
            Records::Own(_) => None,
        }
    }

    /// Waits until all calls are on record, those that were cancelled, too; and removes the
    /// logs that were made for them.
    pub(super) async fn clear(self, streams: &mut Streams<'_>) {
        let Self { places, records } = self;
        for Place { host, .. } in &places {
            if timeout(LAST_RECORD, host.idle()).await.is_err() {
                streams.warn("the end of a cancelled call is not on record");
            }
        }
        // Closes the logs: nobody writes below the directory any more.
        drop(places);
        if let Records::Own(directory) = records
            && let Err(failure) = remove(&directory.keep())
        {
            streams.trouble(&failure);
        }
    }
}

impl Place {
    fn with_own_log(
        directory: &Path,
        durability: Durability,
        places: u32,
        chosen: &LogSettings,
        ready: &Ready,
    ) -> Outcome<Self> {
        let settings = Settings { durability, ..chosen.for_log() };
        let log = Log::open_with(&directory.join(durability.as_str()), SystemClock, settings)
            .map_err(|error| log::unavailable(&error))?;
        let host = ready.setup(Writer::from(log), places).build(&ready.home)?;
        let package = ready.chosen.package.package().clone();
        let tool = host
            .load(package, &ready.policy)
            .map_err(|error| blame::not_loaded(&ready.chosen.name, &error))?;
        Ok(Self { durability, tool, host })
    }
}

/// A fresh directory beside a log, this user's alone.
fn beside(site: &Site) -> Outcome<TempDir> {
    let above = match site.directory().parent() {
        Some(above) if !above.as_os_str().is_empty() => above,
        _ => Path::new("."),
    };
    let mut fresh = tempfile::Builder::new();
    fresh
        .prefix(".bench-")
        .permissions(Permissions::from_mode(0o700))
        .tempdir_in(above)
        .map_err(|error| file_trouble("make a directory in", above, &error))
}

fn remove(directory: &PathBuf) -> Outcome {
    remove_dir_all(directory).map_err(|error| {
        let failure: Failure = file_trouble("remove", directory, &error);
        failure.next(format!("remove it: it holds the records of this bench alone: {}", directory.display()))
    })
}

/// `1 caller`, `4 callers`.
pub(super) fn callers_in_words(callers: u32) -> String {
    if callers == 1 { "1 caller".to_owned() } else { format!("{callers} callers") }
}
