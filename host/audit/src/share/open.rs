//! How a process comes to a log.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::limits::LOOK_AGAIN;
use super::{SettingsSource, Writer};
use crate::error::LogError;
use crate::{Clock, Log, Settings};

/// Opens the log and serves others of the same user with it; or goes through the process that
/// has it, and takes over when that one is gone. For a program that calls tools for long.
///
/// Waits at most `patience` for a process that has the log and serves nobody. The settings are
/// asked for again whenever the log changes hands.
///
/// # Errors
///
/// As [`Log::open_with`]; [`LogError::Locked`] where `patience` was not enough;
/// [`LogError::KeptOtherwise`] where the process that has the log keeps it in another way.
pub fn open_shared(
    dir: &Path,
    clock: impl Clock + 'static,
    settings: impl SettingsSource + 'static,
    patience: Duration,
) -> Result<Writer, LogError> {
    writer(dir, Arc::new(clock), Box::new(settings), patience, true)
}

/// Goes through the process that has the log, or opens it if nobody has, without serving others.
/// For a command that puts something on record and is done.
///
/// Waits as [`open_shared`] does.
///
/// # Errors
///
/// As [`open_shared`].
pub fn open_or_ask(
    dir: &Path,
    clock: impl Clock + 'static,
    settings: impl SettingsSource + 'static,
    patience: Duration,
) -> Result<Writer, LogError> {
    writer(dir, Arc::new(clock), Box::new(settings), patience, false)
}

#[cfg(unix)]
fn writer(
    dir: &Path,
    clock: Arc<dyn Clock>,
    settings: Box<dyn SettingsSource>,
    patience: Duration,
    serves: bool,
) -> Result<Writer, LogError> {
    let site = super::site::Site { dir: dir.to_owned(), clock, settings, serves };
    super::handle::Handle::open(site, patience).map(|handle| Writer(Arc::new(handle)))
}

/// Where there are no sockets of this kind a log has one process at a time.
#[cfg(not(unix))]
fn writer(
    dir: &Path,
    clock: Arc<dyn Clock>,
    settings: Box<dyn SettingsSource>,
    patience: Duration,
    _: bool,
) -> Result<Writer, LogError> {
    let settings = settings.settings().map_err(LogError::Settings)?;
    open_alone(dir, move || clock.now(), settings, patience).map(Writer::from)
}

/// Opens the log for this process alone. Asks whoever has it to let go of it, which it does
/// between two calls, and waits at most `patience` for that. For what only the sole writer
/// can do: [`Log::erase`], [`Log::checkpoint`].
///
/// # Errors
///
/// As [`Log::open_with`]; [`LogError::Locked`] where `patience` was not enough.
pub fn open_alone(
    dir: &Path,
    clock: impl Clock + 'static,
    settings: Settings,
    patience: Duration,
) -> Result<Log, LogError> {
    let (deadline, clock) = (Instant::now() + patience, Arc::new(clock));
    let open = || {
        let clock = Arc::clone(&clock);
        Log::open_with(dir, move || clock.now(), settings.clone())
    };
    loop {
        let rest = deadline.saturating_duration_since(Instant::now());
        match open() {
            Err(LogError::Locked { .. }) if !rest.is_zero() => {}
            result => return result,
        }
        match ask_to_let_go(dir, rest, &open) {
            Some(result) => return result,
            None => std::thread::sleep(LOOK_AGAIN.min(rest)),
        }
    }
}

/// Asks whoever has the log to let go of it, and takes it. `None` where that cannot be now.
#[cfg(unix)]
fn ask_to_let_go(
    dir: &Path,
    patience: Duration,
    open: &dyn Fn() -> Result<Log, LogError>,
) -> Option<Result<Log, LogError>> {
    use super::{let_go::ask_to_let_go, limits::LOOK_AGAIN_SOON, place::Place};
    // Whoever cannot be asked lets go when it ends.
    let left = ask_to_let_go(&Place::of(dir), patience).ok().flatten()?;
    loop {
        match open() {
            // Somebody was faster; or the lock is about to be released.
            Err(LogError::Locked { .. }) if Instant::now() < left.until => {
                std::thread::sleep(LOOK_AGAIN_SOON);
            }
            Err(LogError::Locked { .. }) => return None,
            result => return Some(result),
        }
    }
}

#[cfg(not(unix))]
fn ask_to_let_go(
    _: &Path,
    _: Duration,
    _: &dyn Fn() -> Result<Log, LogError>,
) -> Option<Result<Log, LogError>> {
    None
}
