//! How a process comes to a log.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{SettingsSource, Writer};
use crate::error::LogError;
use crate::{Clock, Log, Settings};

/// How often whoever waits for a log looks again.
const LOOK_AGAIN: Duration = Duration::from_millis(25);

/// Opens the log and serves others of the same user with it; or goes through the process that
/// has it, and takes over when that one is gone. For a program that calls tools for long.
///
/// Waits at most `patience` for a process that has the log and serves nobody.
pub fn open_shared(
    dir: &Path,
    clock: impl Clock + 'static,
    settings: impl SettingsSource + 'static,
    patience: Duration,
) -> Result<Writer, LogError> {
    let settings = settings.settings().map_err(LogError::Settings)?;
    open_alone(dir, clock, settings, patience).map(Writer::from)
}

/// Goes through the process that has the log, or opens it if nobody has, without serving others.
/// For a command that puts something on record and is done.
///
/// Waits at most `patience` for a process that has the log and serves nobody.
pub fn open_or_ask(
    dir: &Path,
    clock: impl Clock + 'static,
    settings: impl SettingsSource + 'static,
    patience: Duration,
) -> Result<Writer, LogError> {
    open_shared(dir, clock, settings, patience)
}

/// Opens the log for this process alone. Asks whoever has it to let go of it, and waits at most
/// `patience` for that. For what only the sole writer can do: [`Log::erase`], [`Log::checkpoint`].
pub fn open_alone(
    dir: &Path,
    clock: impl Clock + 'static,
    settings: Settings,
    patience: Duration,
) -> Result<Log, LogError> {
    let (begun, clock) = (Instant::now(), Arc::new(clock));
    loop {
        let clock = Arc::clone(&clock);
        match Log::open_with(dir, move || clock.now(), settings.clone()) {
            Err(LogError::Locked { .. }) if begun.elapsed() < patience => std::thread::sleep(LOOK_AGAIN),
            result => return result,
        }
    }
}
