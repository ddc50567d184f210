//! Messages for the operator. Needs no permission.
//!
//! They go into the audit record of the call, not to whoever called. The sum of
//! all messages is limited, and what is beyond the limit is dropped.
//!
//! ```
//! let rows = 3;
//! mpp_guest::log::info!("{rows} rows");
//! ```
//!
//! In native tests, where there is no host, messages go to standard error.

use crate::bindings::mpp::tool::log as wit;

#[doc(inline)]
pub use crate::{
    __log_debug as debug, __log_error as error, __log_info as info, __log_trace as trace, __log_warn as warn,
};

/// How much the operator should care.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Every step.
    Trace,
    /// For the author of the tool.
    Debug,
    /// What happened.
    Info,
    /// Something is odd and the call goes on.
    Warn,
    /// Something failed.
    Error,
}

/// Adds a message to the record of this call.
pub fn write(level: Level, message: &str) {
    if cfg!(target_family = "wasm") {
        wit::write(level.into(), message);
    } else {
        eprintln!("{level:?}: {message}");
    }
}

impl From<Level> for wit::Level {
    fn from(level: Level) -> Self {
        match level {
            Level::Trace => Self::Trace,
            Level::Debug => Self::Debug,
            Level::Info => Self::Info,
            Level::Warn => Self::Warn,
            Level::Error => Self::Error,
        }
    }
}

/// Logs every step, with the syntax of `format!`.
#[doc(hidden)]
#[macro_export]
macro_rules! __log_trace {
    ($($message:tt)+) => { $crate::log::write($crate::log::Level::Trace, &::std::format!($($message)+)) };
}

/// Logs for the author of the tool, with the syntax of `format!`.
#[doc(hidden)]
#[macro_export]
macro_rules! __log_debug {
    ($($message:tt)+) => { $crate::log::write($crate::log::Level::Debug, &::std::format!($($message)+)) };
}

/// Logs what happened, with the syntax of `format!`.
#[doc(hidden)]
#[macro_export]
macro_rules! __log_info {
    ($($message:tt)+) => { $crate::log::write($crate::log::Level::Info, &::std::format!($($message)+)) };
}

/// Logs that something is odd, with the syntax of `format!`.
#[doc(hidden)]
#[macro_export]
macro_rules! __log_warn {
    ($($message:tt)+) => { $crate::log::write($crate::log::Level::Warn, &::std::format!($($message)+)) };
}

/// Logs that something failed, with the syntax of `format!`.
#[doc(hidden)]
#[macro_export]
macro_rules! __log_error {
    ($($message:tt)+) => { $crate::log::write($crate::log::Level::Error, &::std::format!($($message)+)) };
}
