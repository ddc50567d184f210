//! Reading a component before it becomes a package: what it imports, and what
//! it says of itself.
//!
//! Used when a package is built. A host that runs one trusts the signed
//! manifest only.

use std::sync::Arc;

use mpp_package::{Schema, ToolEntry, ToolName};
use mpp_policy::{Limits, Permissions};
use wasmtime::Engine;
use wasmtime::component::{Component, Linker};

use crate::bindings::ToolPre;
use crate::capability::{self, Capabilities};
use crate::compiled::{self, Compiler};
use crate::effects::Effects;
use crate::engine::{Execution, PoolSize, Ticker, engine};
use crate::error::{BuildError, HostFault, ImportError, LoadError};
use crate::guest::{self, Ending};
use crate::imports::{self, Import};
use crate::journal::{Journal, LogLine};
use crate::outcome::Stop;
use crate::response::wire;
use crate::sandbox::Sandbox;
use crate::schema::Validator;
use crate::tool::declared_by;

/// A component, compiled to be looked at.
pub struct Inspection {
    engine: Engine,
    component: Component,
    imports: Vec<Import>,
    _ticker: Ticker,
}

/// A component could not be described. Blame: its author.
#[derive(Debug, thiserror::Error)]
pub enum DescribeError {
    /// This machine cannot run components.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// Not a component that this host accepts.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// `describe` did not return. It runs where everything that carries
    /// authority is a trap.
    #[error("`describe` did not answer: {stop}; it may use no capability{}", said(.log))]
    Stopped {
        /// Why it was stopped.
        stop: Stop,
        /// What it logged and printed before.
        log: Vec<LogLine>,
    },
    /// `describe` returned nothing.
    #[error("the component describes no tool; export at least one")]
    NoTools,
    /// A name is not usable, or stands twice.
    #[error("tool {name:?}: {why}")]
    Name {
        /// The name.
        name: String,
        /// What is wrong with it.
        why: String,
    },
    /// A schema is not JSON, not an object, or not a JSON Schema.
    #[error("the {which} schema of tool {tool:?} is not usable: {why}")]
    Schema {
        /// The tool.
        tool: String,
        /// `input` or `output`.
        which: &'static str,
        /// What is wrong with it.
        why: String,
    },
}

impl Inspection {
    /// Compiles a component of one's own, in this process.
    ///
    /// # Errors
    ///
    /// As [`Inspection::by`].
    pub fn of(component: &[u8]) -> Result<Self, DescribeError> {
        Self::by(&Compiler::in_process(), component)
    }

    /// Has a component compiled.
    ///
    /// # Errors
    ///
    /// [`DescribeError::Build`] and [`DescribeError::Load`].
    pub fn by(compiler: &Compiler, component: &[u8]) -> Result<Self, DescribeError> {
        let engine = engine(Execution::Timed, &PoolSize { calls: 1, limits: Limits::DEFAULT })?;
        let component = compiled::component(&engine, Execution::Timed, compiler, component)?;
        Ok(Self {
            imports: imports::imports(&component),
            _ticker: Ticker::start(&engine)?,
            engine,
            component,
        })
    }

    /// What it imports.
    #[must_use]
    pub fn imports(&self) -> &[Import] {
        &self.imports
    }

    /// Refuses it if it imports what `declared` does not cover.
    ///
    /// # Errors
    ///
    /// [`ImportError`], naming each import and the permission it needs.
    pub fn check(&self, declared: &Permissions) -> Result<(), ImportError> {
        imports::check(&self.imports, declared_by(declared))
    }

    /// Calls `describe` with nothing behind its imports but the inert base, and
    /// checks what it says.
    ///
    /// # Errors
    ///
    /// [`DescribeError`].
    pub async fn describe(&self) -> Result<Vec<ToolEntry>, DescribeError> {
        let journal = Journal::new(Limits::DEFAULT.log_bytes, |_, _| ());
        let descriptions = match self.call_describe(journal.clone()).await? {
            Ending::Returned(descriptions) => descriptions,
            Ending::Stopped(stop) => {
                return Err(DescribeError::Stopped { stop, log: journal.take().said.lines });
            }
            Ending::Fault(fault) => return Err(LoadError::Host(fault).into()),
        };
        if descriptions.is_empty() {
            return Err(DescribeError::NoTools);
        }
        let mut entries: Vec<ToolEntry> = Vec::new();
        for description in descriptions {
            let entry = entry(description)?;
            if entries.iter().any(|known| known.name == entry.name) {
                return Err(DescribeError::Name {
                    name: entry.name.to_string(),
                    why: "the package has two tools of this name".to_owned(),
                });
            }
            entries.push(entry);
        }
        Ok(entries)
    }

    async fn call_describe(&self, journal: Journal) -> Result<Ending<Vec<wire::ToolDescription>>, LoadError> {
        let capabilities = Arc::new(Capabilities::nothing()?);
        let mut linker = Linker::new(&self.engine);
        capability::link(&mut linker, &capabilities)?;
        // Not a way to run anything: what is trapped here was never linked.
        linker.define_unknown_imports_as_traps(&self.component).map_err(HostFault::engine)?;
        let contract = |error: wasmtime::Error| LoadError::Contract(format!("{error:#}"));
        let pre = linker.instantiate_pre(&self.component).and_then(ToolPre::new).map_err(contract)?;
        let limits = *capabilities.grant.limits();
        let sandbox = Sandbox::new(capabilities, limits, journal, Effects::never(), None);
        Ok(guest::describe(&pre, Execution::Timed, sandbox).await)
    }
}

fn said(log: &[LogLine]) -> String {
    let text: Vec<&str> = log.iter().map(|line| line.text.trim_end()).collect();
    if text.is_empty() { String::new() } else { format!("\nit said: {}", text.join("\n")) }
}

fn entry(description: wire::ToolDescription) -> Result<ToolEntry, DescribeError> {
    let wire::ToolDescription { name, title, description, input_schema, output_schema } = description;
    let tool = name.parse::<ToolName>();
    let tool = tool.map_err(|error| DescribeError::Name { name: name.clone(), why: error.to_string() })?;
    let input_schema = schema(&name, "input", &input_schema)?;
    let output_schema = output_schema.map(|text| schema(&name, "output", &text)).transpose()?;
    Ok(ToolEntry { name: tool, title, description, input_schema, output_schema })
}

/// What else a schema must be, the manifest checks when it is made.
fn schema(tool: &str, which: &'static str, text: &str) -> Result<Schema, DescribeError> {
    let bad = |why: String| DescribeError::Schema { tool: tool.to_owned(), which, why };
    let schema = Schema::parse(text).map_err(|error| bad(error.to_string()))?;
    Validator::compile(&schema.to_value()).map_err(bad)?;
    Ok(schema)
}
