//! The process in which an `mpp` has a package compiled: `mpp compile-worker`.
//!
//! No command of the command line, which people are shown and whose names are
//! completed: it is of use to another `mpp` only, which starts it.

use std::ffi::OsString;
use std::process::ExitCode;

use mpp_host::compiler_worker;

use crate::exit::{Failure, Outcome};
use crate::output::Streams;
use crate::report;

/// The one argument of such a process.
pub(crate) const ARGUMENT: &str = "compile-worker";

/// Whether that is what this process was started for.
pub(crate) fn is_meant(arguments: impl IntoIterator<Item = OsString>) -> bool {
    arguments.into_iter().skip(1).eq([ARGUMENT])
}

/// Compiles one component.
pub(crate) fn main(streams: &mut Streams<'_>) -> ExitCode {
    let compiled: Outcome = compiler_worker(&mut streams.input, &mut streams.out)
        .map_err(|error| Failure::host("nothing was compiled").because(error));
    ExitCode::from(compiled.map_or_else(|failure| report(&failure, streams), |()| 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_meant_to_compile_by_one_argument_alone() {
        let meant = |arguments: &[&str]| is_meant(arguments.iter().map(OsString::from));
        assert!(meant(&["mpp", ARGUMENT]));
        for others in [&["mpp"][..], &[ARGUMENT], &["mpp", ARGUMENT, "x"], &["mpp", "run", ARGUMENT]] {
            assert!(!meant(others), "{others:?}");
        }
    }
}
