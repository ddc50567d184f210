//! `mpp:tool/log`: messages for the operator, kept in the record of the call.

use crate::bindings::mpp::tool::log;
use crate::journal::{Level, LogSource};
use crate::sandbox::Sandbox;

impl log::Host for Sandbox {
    fn write(&mut self, level: log::Level, message: String) -> wasmtime::Result<()> {
        let level = match level {
            log::Level::Trace => Level::Trace,
            log::Level::Debug => Level::Debug,
            log::Level::Info => Level::Info,
            log::Level::Warn => Level::Warn,
            log::Level::Error => Level::Error,
        };
        self.journal.log(LogSource::Log(level), message.as_bytes());
        Ok(())
    }
}
