//! How the log is to be kept, asked anew whenever it is opened.

use crate::Settings;

/// Why it cannot be told how the log is to be kept.
pub type NoSettings = Box<dyn std::error::Error + Send + Sync>;

/// Tells how the log is to be kept. Asked each time that this process opens it or goes to
/// another one that has it: the operator may have chosen otherwise meanwhile.
///
/// [`Settings`] are one that never changes; any `Fn() -> Result<Settings, NoSettings>` is one.
pub trait SettingsSource: Send + Sync {
    /// What holds now.
    ///
    /// # Errors
    ///
    /// Whatever keeps it from being told. Nothing is put on record then.
    fn settings(&self) -> Result<Settings, NoSettings>;
}

impl SettingsSource for Settings {
    fn settings(&self) -> Result<Settings, NoSettings> {
        Ok(self.clone())
    }
}

impl<F: Fn() -> Result<Settings, NoSettings> + Send + Sync> SettingsSource for F {
    fn settings(&self) -> Result<Settings, NoSettings> {
        self()
    }
}
