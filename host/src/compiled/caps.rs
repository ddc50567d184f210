//! What compiling one package may take.

use std::fmt;
use std::time::Duration;

/// The most that compiling one package may take, where a [`Compiler`] has a
/// process for it.
///
/// [`Compiler`]: crate::Compiler
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CompileCaps {
    /// Memory of the process, in bytes, without its program file: what it may
    /// write to (`RLIMIT_DATA`). Linux only.
    pub memory_bytes: u64,
    /// Time of all processors together (`RLIMIT_CPU`), in whole seconds, at least
    /// one. Linux only.
    pub processor_time: Duration,
    /// Time until the code is there, whoever else keeps the processors busy.
    pub time: Duration,
}

impl CompileCaps {
    /// What a host allows unless it is told otherwise: some four times what the
    /// largest package of ordinary code takes. One of 64 MiB, which is 250 modules of a
    /// sample tool, took 70 s of two processors and 1.4 GB; that tool alone, of 260 KB,
    /// a quarter of a second and 40 MB. The last one allows for a machine that does
    /// something else.
    pub const DEFAULT: Self = Self {
        memory_bytes: 4 << 30,
        processor_time: Duration::from_secs(300),
        time: Duration::from_secs(600),
    };
}

/// A cap that a package met while it was compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompileCap {
    /// [`CompileCaps::memory_bytes`].
    Memory(u64),
    /// [`CompileCaps::processor_time`].
    ProcessorTime(Duration),
    /// [`CompileCaps::time`].
    Time(Duration),
    /// [`CompiledCache::MAX_CODE_BYTES`](crate::CompiledCache::MAX_CODE_BYTES).
    Code(u64),
}

impl fmt::Display for CompileCap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory(bytes) => write!(f, "{} MiB of memory", bytes >> 20),
            Self::ProcessorTime(time) => write!(f, "{} s of processor time", time.as_secs_f64()),
            Self::Time(time) => write!(f, "{} s", time.as_secs_f64()),
            Self::Code(bytes) => write!(f, "{} MiB of machine code", bytes >> 20),
        }
    }
}
