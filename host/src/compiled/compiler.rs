//! Who compiles: this process, or another that it starts for each package.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use wasmtime::Engine;

use super::caps::CompileCaps;
use super::child;
use crate::engine::Execution;
use crate::error::LoadError;

/// Who compiles packages. Clones share what they take turns at.
#[derive(Clone, Debug)]
pub struct Compiler {
    program: Option<Arc<Program>>,
    caps: CompileCaps,
}

/// A program that compiles.
#[derive(Debug)]
pub(super) struct Program {
    pub(super) path: PathBuf,
    pub(super) arguments: Vec<OsString>,
    /// Held while it runs: one package has all the cores, and the memory of one.
    turn: Mutex<()>,
}

impl Compiler {
    /// The process of the host itself. Nothing bounds what that takes, and a
    /// compiler that crashes takes the host with it: for packages of one's own.
    #[must_use]
    pub fn in_process() -> Self {
        Self { program: None, caps: CompileCaps::DEFAULT }
    }

    /// A program that is started for each package, one after the other, and calls
    /// [`compiler_worker`](crate::compiler_worker) on its standard input and output.
    /// `path` is absolute, and the program is that of the host: what it answers is
    /// machine code, which is loaded as it is.
    ///
    /// It is started in the directory `/` without any environment, within
    /// [`CompileCaps::DEFAULT`].
    #[must_use]
    pub fn program(
        path: impl Into<PathBuf>,
        arguments: impl IntoIterator<Item = impl Into<OsString>>,
    ) -> Self {
        let arguments = arguments.into_iter().map(Into::into).collect();
        let program = Program { path: path.into(), arguments, turn: Mutex::new(()) };
        Self { program: Some(Arc::new(program)), caps: CompileCaps::DEFAULT }
    }

    /// The same compiler within other caps. They change nothing for one
    /// [in process](Self::in_process).
    #[must_use]
    pub fn within(self, caps: CompileCaps) -> Self {
        Self { caps, ..self }
    }

    /// The code of a component, for an engine that runs it like this.
    pub(super) fn code(
        &self,
        engine: &Engine,
        execution: Execution,
        component: &[u8],
    ) -> Result<Vec<u8>, LoadError> {
        let Some(program) = &self.program else {
            return engine
                .precompile_component(component)
                .map_err(|error| LoadError::Compile(format!("{error:#}")));
        };
        // Nothing is behind the lock, so nothing is left half done.
        let _turn = program.turn.lock().unwrap_or_else(PoisonError::into_inner);
        child::code(program, &self.caps, engine, execution, component)
    }
}
