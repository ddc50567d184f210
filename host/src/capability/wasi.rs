//! The WASI 0.2 interfaces that the Rust standard library imports: the inert
//! base, always linked, and clocks and randomness where granted.
//!
//! Inert means: input is empty, output goes to the record of the call, the
//! environment holds granted names only, there are no arguments, no terminal,
//! and the seed that hash maps take is the same every time.

use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::AsyncWrite;
use wasmtime::component::Linker;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream, WasiCli, WasiCliView};
use wasmtime_wasi::clocks::{WasiClocks, WasiClocksView};
use wasmtime_wasi::p2::bindings::{cli, clocks, random};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamResult};
use wasmtime_wasi::random::{WasiRandom, WasiRandomView};
use wasmtime_wasi::{ResourceTable, WasiCtx};
use wasmtime_wasi_io::bindings::wasi::io;
use wasmtime_wasi_io::bytes::Bytes;

use super::random::MAX_RANDOM_BYTES;
use super::wasi_filesystem::Preopens;
use crate::journal::{Journal, LogSource};
use crate::sandbox::Sandbox;

/// The seed of every hash map in every guest. Hash maps of a guest are only
/// ever attacked by its own input, within its own limits.
const INSECURE_SEED: u128 = 0x6d70_703a_746f_6f6c;

/// Bytes of printed output that one write may carry: see
/// [`OutputStream::check_write`] on why it is not larger.
const WRITE_PERMIT: usize = 64 << 10;

/// The context of one sandbox.
pub(crate) fn context(preopens: &Preopens, journal: &Journal) -> WasiCtx {
    let mut builder = WasiCtx::builder();
    builder
        .stdout(Captured { journal: journal.clone(), source: LogSource::Stdout })
        .stderr(Captured { journal: journal.clone(), source: LogSource::Stderr })
        .insecure_random_seed(INSECURE_SEED)
        .max_random_size(u64::from(MAX_RANDOM_BYTES))
        .allow_tcp(false)
        .allow_udp(false)
        .allow_ip_name_lookup(false);
    let mut context = builder.build();
    preopens.clone_into(context.filesystem());
    context
}

/// Links what every Rust component imports and what carries no authority.
pub(crate) fn link_inert(linker: &mut Linker<Sandbox>) -> wasmtime::Result<()> {
    io::error::add_to_linker::<Sandbox, Io>(linker, |sandbox| &mut sandbox.table)?;
    io::poll::add_to_linker::<Sandbox, Io>(linker, |sandbox| &mut sandbox.table)?;
    io::streams::add_to_linker::<Sandbox, Io>(linker, |sandbox| &mut sandbox.table)?;
    cli::environment::add_to_linker::<Sandbox, WasiCli>(linker, Sandbox::cli)?;
    super::environment::link_wasi(linker)?;
    cli::exit::add_to_linker::<Sandbox, WasiCli>(linker, Sandbox::cli)?;
    cli::stdin::add_to_linker::<Sandbox, WasiCli>(linker, Sandbox::cli)?;
    cli::stdout::add_to_linker::<Sandbox, WasiCli>(linker, Sandbox::cli)?;
    cli::stderr::add_to_linker::<Sandbox, WasiCli>(linker, Sandbox::cli)?;
    cli::terminal_input::add_to_linker::<Sandbox, WasiCli>(linker, Sandbox::cli)?;
    cli::terminal_output::add_to_linker::<Sandbox, WasiCli>(linker, Sandbox::cli)?;
    cli::terminal_stdin::add_to_linker::<Sandbox, WasiCli>(linker, Sandbox::cli)?;
    cli::terminal_stdout::add_to_linker::<Sandbox, WasiCli>(linker, Sandbox::cli)?;
    cli::terminal_stderr::add_to_linker::<Sandbox, WasiCli>(linker, Sandbox::cli)?;
    random::insecure_seed::add_to_linker::<Sandbox, WasiRandom>(linker, Sandbox::random)
}

/// Links both clocks.
pub(crate) fn link_clocks(linker: &mut Linker<Sandbox>) -> wasmtime::Result<()> {
    clocks::wall_clock::add_to_linker::<Sandbox, WasiClocks>(linker, Sandbox::clocks)?;
    clocks::monotonic_clock::add_to_linker::<Sandbox, WasiClocks>(linker, Sandbox::clocks)
}

/// Links randomness.
pub(crate) fn link_random(linker: &mut Linker<Sandbox>) -> wasmtime::Result<()> {
    random::random::add_to_linker::<Sandbox, WasiRandom>(linker, Sandbox::random)?;
    random::insecure::add_to_linker::<Sandbox, WasiRandom>(linker, Sandbox::random)
}

struct Io;

impl wasmtime::component::HasData for Io {
    type Data<'a> = &'a mut ResourceTable;
}

/// Standard output or error, written to the journal.
#[derive(Clone)]
struct Captured {
    journal: Journal,
    source: LogSource,
}

impl IsTerminal for Captured {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Captured {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

impl OutputStream for Captured {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.journal.log(self.source, &bytes);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(WRITE_PERMIT)
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for Captured {
    async fn ready(&mut self) {}
}

impl AsyncWrite for Captured {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<std::io::Result<usize>> {
        self.journal.log(self.source, bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
