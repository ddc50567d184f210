//! What happens outside of a host.

/// Says why a native test cannot go on: the functions of the contract exist
/// only where a host links them. Compiles to nothing in a tool.
#[inline]
#[track_caller]
pub(crate) fn host_only(module: &str) {
    if !cfg!(target_family = "wasm") {
        panic!(
            "mpp_guest::{module} asks the host, and a native test has none: \
             keep host calls out of the code under test, or try the tool with `mpp run`"
        );
    }
}
