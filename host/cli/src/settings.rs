//! How the operator wants the audit log to be kept: `<config>/audit.json`.
//!
//! ```json
//! {
//!   "durability": "strict",
//!   "keeping": {
//!     "input": "whole", "output": {"redacted": ["/user/email"]}, "log": "commitment",
//!     "calls": "whole", "reason": "whole", "denial": "whole"
//!   },
//!   "retention_days": null
//! }
//! ```
//!
//! Every key is there, and no other. No file means the first of everything:
//! strict, whole, for as long as the log is. A broken file is an error, never a
//! default: what was to be blacked out would stand in the log. Each change is on
//! record before it counts.

use mpp_audit::{Durability, Event, Keeping, SettingsChange};
use serde::{Deserialize, Serialize};

use crate::durable::{self, Lock, Readers};
use crate::exit::{Failure, Outcome};
use crate::home::Home;

/// Longest file: six fields with sixteen pointers of 256 bytes each, and room.
const MAX_FILE_BYTES: u64 = 64 * 1024;

/// Longest time for which payloads can be kept and still be destroyed by
/// themselves, in days: a hundred years.
pub(crate) const MAX_RETENTION_DAYS: u64 = 36_500;

/// What the operator chose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LogSettings {
    /// What calls wait for.
    pub(crate) durability: Durability,
    /// What is kept of what callers and tools said.
    pub(crate) keeping: Keeping,
    /// For how many days that is kept; `None` for as long as the log is. From 1
    /// to [`MAX_RETENTION_DAYS`].
    // Named, so that a file without it is refused.
    #[serde(deserialize_with = "days")]
    pub(crate) retention_days: Option<u64>,
}

fn days<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let days = Option::deserialize(deserializer)?;
    match days {
        Some(found) if !(1..=MAX_RETENTION_DAYS).contains(&found) => {
            Err(serde::de::Error::custom(format!("retention_days is 1 to {MAX_RETENTION_DAYS}, or null")))
        }
        days => Ok(days),
    }
}

impl LogSettings {
    /// What holds where nothing was chosen.
    const DEFAULT: Self =
        Self { durability: Durability::Strict, keeping: Keeping::WHOLE, retention_days: None };

    /// The choice as the log takes it.
    pub(crate) fn for_log(&self) -> mpp_audit::Settings {
        let Self { durability, keeping, retention_days: _ } = self.clone();
        mpp_audit::Settings { durability, keeping, ..mpp_audit::Settings::default() }
    }

    /// The choice as it goes on record.
    pub(crate) fn event(&self, actor: Option<String>) -> Event {
        let Self { durability, keeping, retention_days } = self.clone();
        Event::Settings(Box::new(SettingsChange { durability, keeping, retention_days, actor }))
    }
}

/// Reads what the operator chose.
pub(crate) fn read(home: &Home) -> Outcome<LogSettings> {
    let path = home.audit_file();
    let Some(bytes) = durable::read_if_there(&path, MAX_FILE_BYTES)? else {
        return Ok(LogSettings::DEFAULT);
    };
    serde_json::from_slice(&bytes).map_err(|error| {
        Failure::host(format!("{} does not say how to keep the audit log, so nothing runs", path.display()))
            .because(error)
            .next("restore it from a backup, or move it away and choose again: mpp audit settings")
    })
}

/// Changes what the operator chose. `change` sees what is on disk, while no other
/// process of this command can change it; `record` puts the new choice on record
/// before it is written, and is asked only if anything is different.
pub(crate) fn change(
    home: &Home,
    change: impl FnOnce(&mut LogSettings),
    record: impl FnOnce(&LogSettings) -> Outcome,
) -> Outcome<LogSettings> {
    let path = home.audit_file();
    let _lock = Lock::take(&path.with_extension("lock"))?;
    let before = read(home)?;
    let mut settings = before.clone();
    change(&mut settings);
    if settings != before {
        record(&settings)?;
        let text = serde_json::to_string_pretty(&settings)
            .map_err(|error| Failure::host("cannot write how to keep the audit log").because(error))?;
        durable::write(&path, (text + "\n").as_bytes(), Readers::Owner)?;
    }
    Ok(settings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let text = serde_json::to_string(&LogSettings::DEFAULT).unwrap();
        assert_eq!(serde_json::from_str::<LogSettings>(&text).unwrap(), LogSettings::DEFAULT);
    }

    #[test]
    fn a_file_that_says_less_more_or_something_else_is_refused() {
        let good = serde_json::to_value(LogSettings::DEFAULT).unwrap();
        assert!(serde_json::from_value::<LogSettings>(good.clone()).is_ok());
        for key in ["durability", "keeping", "retention_days"] {
            let mut less = good.clone();
            less.as_object_mut().unwrap().remove(key);
            assert!(serde_json::from_value::<LogSettings>(less).is_err(), "{key}");
        }
        let with = |key: &str, value: serde_json::Value| {
            let mut other = good.clone();
            other[key] = value;
            serde_json::from_value::<LogSettings>(other)
        };
        assert!(with("keep_forever", true.into()).is_err());
        assert!(with("durability", "lax".into()).is_err());
        for days in [0, MAX_RETENTION_DAYS + 1] {
            assert!(with("retention_days", days.into()).is_err(), "{days}");
        }
        for days in [1, MAX_RETENTION_DAYS] {
            assert_eq!(with("retention_days", days.into()).unwrap().retention_days, Some(days));
        }
    }
}
