//! Errors outside a call: building a host, loading a package. What happens
//! within a call is an [`Outcome`](crate::Outcome).

use std::any::Any;
use std::fmt::Write as _;
use std::path::PathBuf;

use mpp_audit::LogError;
use mpp_package::{PackageError, VerifyError};
use mpp_policy::{GuestPath, Permission};

use crate::compiled::CompileCap;
use crate::imports::{Import, Need};

/// A host could not be built. Blame: the operator.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The engine refused its configuration, or the machine cannot hold the
    /// pool (address space, threads).
    #[error("the engine could not be set up: {0}")]
    Engine(String),
    /// TLS could not be set up.
    #[error("TLS could not be set up: {0}")]
    Tls(String),
    /// No audit log was given: a host without one runs nothing.
    #[error("a host needs an audit log; give it one with `HostBuilder::audit`")]
    NoAuditLog,
}

/// A package was not loaded. No guest code has run.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The bytes are not a package.
    #[error(transparent)]
    Malformed(#[from] PackageError),
    /// Its signature, publisher or statement did not hold.
    #[error(transparent)]
    Unverified(#[from] VerifyError),
    /// It imports what its manifest does not declare.
    #[error("{0}")]
    Undeclared(ImportError),
    /// It declares, and needs, what the operator did not grant.
    #[error("{0}")]
    NotGranted(ImportError),
    /// It is no valid component, or uses a feature this host leaves out.
    #[error("the component does not compile: {0}")]
    Compile(String),
    /// It takes more to compile than a host spends on one package.
    #[error("the component takes more than {0} to compile, and no package is given more")]
    CompileCap(CompileCap),
    /// The process that compiled it crashed. A component that is made for it can do
    /// that, and one that is not can meet a fault of the compiler.
    #[error("the compiler crashed on the component ({0})")]
    CompilerCrash(String),
    /// It does not export what a tool must, or imports it with other types.
    #[error("the component does not fit the contract mpp:tool@0.1.0: {0}")]
    Contract(String),
    /// A schema of its manifest is not one.
    #[error("the {which} schema of tool {tool:?} is not a usable JSON Schema: {why}")]
    Schema {
        /// The tool.
        tool: String,
        /// `input` or `output`.
        which: &'static str,
        /// What is wrong.
        why: String,
    },
    /// A granted directory cannot be opened. Blame: the operator.
    #[error("the directory {} for the permission on {guest} cannot be used: {why}", .host.display())]
    Directory {
        /// The entry of the grant.
        guest: GuestPath,
        /// The directory on this machine.
        host: PathBuf,
        /// What is wrong, and what to do.
        why: String,
    },
    /// The audit log did not take the record of a refusal, or of compiled code
    /// that was not loaded.
    #[error("the audit log is unavailable, so nothing is loaded: {0}")]
    Audit(#[from] LogError),
    /// The host failed.
    #[error("{0}")]
    Host(#[from] HostFault),
}

impl LoadError {
    /// A stable word for records and scripts.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Malformed(error) => error.code(),
            Self::Unverified(error) => error.code(),
            Self::Undeclared(_) => "undeclared-import",
            Self::NotGranted(_) => "not-granted",
            Self::Compile(_) => "does-not-compile",
            Self::CompileCap(_) => "compile-cap",
            Self::CompilerCrash(_) => "compiler-crash",
            Self::Contract(_) => "contract",
            Self::Schema { .. } => "bad-schema",
            Self::Directory { .. } => "directory",
            Self::Audit(_) => "audit-unavailable",
            Self::Host(_) => "host-fault",
        }
    }
}

/// The host failed at something that no input should be able to make fail.
#[derive(Debug, thiserror::Error)]
#[error("the host failed: {0}")]
pub struct HostFault(pub String);

impl HostFault {
    pub(crate) fn engine(error: wasmtime::Error) -> Self {
        Self(format!("{error:#}"))
    }

    /// A panic that was caught, by what it carries.
    pub(crate) fn panic(payload: &(dyn Any + Send)) -> Self {
        let text = payload.downcast_ref::<&str>().copied();
        let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        Self(format!("a panic: {}", text.unwrap_or("without a message")))
    }
}

/// Imports that no permission covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportError {
    /// The imports concerned, at least one.
    pub missing: Vec<Import>,
    /// Whether the component has the look of one built for `wasm32-wasip1`,
    /// whose adapter imports files and clocks whatever the code does.
    pub adapted_from_wasip1: bool,
}

/// Interfaces that the adapter for `wasm32-wasip1` always imports.
const WASIP1_ADAPTER: &[&str] =
    &["wasi:filesystem/types", "wasi:filesystem/preopens", "wasi:clocks/wall-clock"];

impl ImportError {
    pub(crate) fn new(imports: &[Import], missing: Vec<Import>) -> Self {
        // `std::fs` on wasm32-wasip2 imports the clock for its types only;
        // the adapter imports its functions.
        let adapted_from_wasip1 = WASIP1_ADAPTER.iter().all(|interface| {
            imports.iter().any(|import| import.interface() == *interface && import.need != Need::Nothing)
        });
        Self { missing, adapted_from_wasip1 }
    }

    /// The permissions that would cover what is missing, one for each import.
    pub fn permissions(&self) -> impl Iterator<Item = Permission> + '_ {
        self.missing.iter().filter_map(|import| match import.need {
            Need::AnyOf(permissions) => permissions.first().copied(),
            Need::Nothing | Need::Never => None,
        })
    }
}

impl std::fmt::Display for ImportError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut text = String::new();
        for Import { name, need } in &self.missing {
            let needs = match need {
                Need::AnyOf(permissions) => permissions
                    .iter()
                    .map(|permission| format!("permissions.{permission}"))
                    .collect::<Vec<_>>()
                    .join(" or "),
                Need::Nothing | Need::Never => "a host never links it".to_owned(),
            };
            let separator = if text.is_empty() { "" } else { ", " };
            write!(text, "{separator}{name} ({needs})")?;
        }
        write!(f, "the component imports what it may not use: {text}")?;
        if self.adapted_from_wasip1 {
            f.write_str(
                "; it was built for wasm32-wasip1, whose adapter always imports files and \
                 clocks: build it for wasm32-wasip2",
            )?;
        }
        Ok(())
    }
}

impl std::error::Error for ImportError {}
