//! Which log, and how it is opened.

use std::path::PathBuf;
use std::sync::Arc;

use super::SettingsSource;
use crate::error::LogError;
use crate::{Clock, Settings, layout};

/// A log that this process needs.
pub(super) struct Site {
    pub(super) dir: PathBuf,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) settings: Box<dyn SettingsSource>,
    /// Whether others are served.
    pub(super) serves: bool,
}

impl std::fmt::Debug for Site {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Site").field("dir", &self.dir).field("serves", &self.serves).finish_non_exhaustive()
    }
}

impl Site {
    /// How it is to be kept now.
    pub(super) fn settings(&self) -> Result<Settings, LogError> {
        self.settings.settings().map_err(LogError::Settings)
    }

    /// The log file.
    pub(super) fn path(&self) -> PathBuf {
        layout::log(&self.dir)
    }
}
