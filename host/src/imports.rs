//! What a component imports, and which permission each import needs.
//!
//! This is the table that turns a manifest into a linker. It is read three
//! times: when a package is built (an import without a permission is refused),
//! when it is loaded (an import that was not granted is refused before any
//! linking), and when the linker is filled.
//!
//! Interface names are compared *without* their version: the engine links
//! `wasi:http/types@0.2.99` against any 0.2 release, so a table of exact names
//! could be walked around by a version nobody listed.

use mpp_policy::{Grant, Permission};
use wasmtime::component::Component;
use wasmtime::component::types::ComponentItem;

use crate::error::ImportError;

/// One interface (or bare item) that a component imports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// The name as the component spells it, version included.
    pub name: String,
    /// What linking it takes.
    pub need: Need,
}

/// What it takes to link an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Nothing: it carries no authority.
    Nothing,
    /// Any one of these permissions.
    AnyOf(&'static [Permission]),
    /// No permission covers it: a host never links it.
    Never,
}

/// Interfaces that carry no authority, always linked: the contract's types, log and
/// progress, and what the Rust standard library imports without being asked. Their
/// environment holds granted names only, their input is empty, and their output
/// goes to the record of the call; progress also to who waits for the answer.
const INERT: &[&str] = &[
    "mpp:tool/types",
    "mpp:tool/log",
    "mpp:tool/progress",
    "wasi:io/error",
    "wasi:io/poll",
    "wasi:io/streams",
    "wasi:cli/environment",
    "wasi:cli/exit",
    "wasi:cli/stdin",
    "wasi:cli/stdout",
    "wasi:cli/stderr",
    "wasi:cli/terminal-input",
    "wasi:cli/terminal-output",
    "wasi:cli/terminal-stdin",
    "wasi:cli/terminal-stdout",
    "wasi:cli/terminal-stderr",
    "wasi:random/insecure-seed",
];

const FILESYSTEM: &[Permission] = &[Permission::FilesystemRead, Permission::FilesystemWrite];

/// Interfaces that carry a permission. Everything that stands neither here nor
/// in [`INERT`] is never linked.
const GRANTED: &[(&str, &[Permission])] = &[
    ("mpp:tool/fs", FILESYSTEM_READ),
    ("mpp:tool/fs-write", &[Permission::FilesystemWrite]),
    ("mpp:tool/http", &[Permission::NetworkOutbound]),
    ("mpp:tool/env", &[Permission::Env]),
    ("mpp:tool/clock", &[Permission::Clock]),
    ("mpp:tool/random", &[Permission::Random]),
    ("wasi:filesystem/types", FILESYSTEM),
    ("wasi:filesystem/preopens", FILESYSTEM),
    ("wasi:clocks/wall-clock", &[Permission::Clock]),
    ("wasi:clocks/monotonic-clock", &[Permission::Clock]),
    ("wasi:random/random", &[Permission::Random]),
    ("wasi:random/insecure", &[Permission::Random]),
];

const FILESYSTEM_READ: &[Permission] = &[Permission::FilesystemRead];

/// Lists what `component` imports, in its own order.
#[must_use]
pub fn imports(component: &Component) -> Vec<Import> {
    let engine = component.engine();
    component
        .component_type()
        .imports(engine)
        .map(|(name, item)| {
            let need = if is_types_only(&item.ty, engine) { Need::Nothing } else { need(name) };
            Import { name: name.to_owned(), need }
        })
        .collect()
}

/// Refuses a component with an import that `granted` says no to.
pub(crate) fn check(imports: &[Import], granted: impl Fn(Permission) -> bool) -> Result<(), ImportError> {
    let missing: Vec<Import> =
        imports.iter().filter(|import| !import.covered_by(&granted)).cloned().collect();
    if missing.is_empty() { Ok(()) } else { Err(ImportError::new(imports, missing)) }
}

impl Import {
    /// Whether it links under permissions for which `granted` answers yes.
    pub fn covered_by(&self, granted: impl Fn(Permission) -> bool) -> bool {
        match self.need {
            Need::Nothing => true,
            Need::AnyOf(permissions) => permissions.iter().any(|permission| granted(*permission)),
            Need::Never => false,
        }
    }

    /// The name without its version.
    #[must_use]
    pub fn interface(&self) -> &str {
        versionless(&self.name)
    }
}

/// The grant as the question [`check`] asks.
pub(crate) fn granted_by(grant: &Grant) -> impl Fn(Permission) -> bool + '_ {
    |permission| grant.allows(permission)
}

fn need(name: &str) -> Need {
    let interface = versionless(name);
    if INERT.contains(&interface) {
        return Need::Nothing;
    }
    GRANTED
        .iter()
        .find(|(granted, _)| *granted == interface)
        .map_or(Need::Never, |(_, permissions)| Need::AnyOf(permissions))
}

fn versionless(name: &str) -> &str {
    name.split_once('@').map_or(name, |(interface, _)| interface)
}

/// An instance of nothing but value types cannot do anything: the engine links
/// it without any implementation. `std::fs` imports `wasi:clocks/wall-clock`
/// this way, for the type of a timestamp.
fn is_types_only(item: &ComponentItem, engine: &wasmtime::Engine) -> bool {
    match item {
        ComponentItem::ComponentInstance(instance) => {
            instance.exports(engine).all(|(_, export)| is_types_only(&export.ty, engine))
        }
        ComponentItem::Type(_) => true,
        ComponentItem::ComponentFunc(_)
        | ComponentItem::CoreFunc(_)
        | ComponentItem::Module(_)
        | ComponentItem::Component(_)
        | ComponentItem::Resource(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_version_of_an_interface_needs_the_same_permission() {
        assert_eq!(need("wasi:filesystem/types@0.2.6"), need("wasi:filesystem/types@0.2.99"));
        assert_eq!(need("wasi:filesystem/types@0.2.99"), Need::AnyOf(FILESYSTEM));
        assert_eq!(need("wasi:cli/exit@0.2.77"), Need::Nothing);
    }

    #[test]
    fn what_no_table_names_is_never_linked() {
        for name in ["wasi:sockets/tcp@0.2.6", "wasi:http/types@0.2.99", "wasi:cli/run", "x", ""] {
            assert_eq!(need(name), Need::Never, "{name}");
        }
    }
}
