//! What stands behind one instance: its limits, its handles, its capabilities.
//!
//! The only file that makes a [`Store`]. A sandbox is made for one call and
//! dropped with it.

use std::sync::Arc;
use std::time::Instant;

use mpp_policy::Limits;
use wasmtime::component::ResourceTable;
use wasmtime::{Engine, Store};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

use crate::capability::Capabilities;
use crate::capability::wasi_filesystem::Descriptors;
use crate::effects::Effects;
use crate::engine::{Execution, FUEL_YIELD_INTERVAL};
use crate::error::HostFault;
use crate::journal::Journal;
use crate::limiter::Limiter;
use crate::progress::Progress;

/// Fuel in deterministic mode where no limit names an amount: minutes of guest
/// work, so that the time limit is normally met first, and still finite.
const DEFAULT_FUEL: u64 = 100_000_000_000;

/// The data of a store.
pub(crate) struct Sandbox {
    pub(crate) capabilities: Arc<Capabilities>,
    pub(crate) journal: Journal,
    pub(crate) effects: Effects,
    /// Who is told how far the call is, if anybody.
    pub(crate) progress: Option<Progress>,
    pub(crate) limits: Limits,
    /// When the call has to be over; host functions that wait use what is left.
    pub(crate) deadline: Instant,
    /// Handles that the guest holds, of every kind.
    pub(crate) table: ResourceTable,
    /// Files and directories that the guest has open, in whichever shape.
    pub(crate) open_files: u32,
    pub(crate) wasi_descriptors: Descriptors,
    limiter: Limiter,
    /// There once the guest asks for it, which a guest without WASI never does: its
    /// two seeds alone cost what some calls do.
    wasi: Option<Box<WasiCtx>>,
}

impl Sandbox {
    pub(crate) fn new(
        capabilities: Arc<Capabilities>,
        limits: Limits,
        journal: Journal,
        effects: Effects,
        progress: Option<Progress>,
    ) -> Self {
        let mut table = ResourceTable::new();
        table.set_max_capacity(limits.handles as usize);
        Self {
            wasi: None,
            limiter: Limiter::new(&limits, journal.clone()),
            deadline: Instant::now() + limits.time,
            open_files: 0,
            wasi_descriptors: Descriptors::default(),
            capabilities,
            journal,
            effects,
            progress,
            limits,
            table,
        }
    }
}

impl WasiView for Sandbox {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        let Self { wasi, capabilities, journal, table, .. } = self;
        WasiCtxView { ctx: wasi.get_or_insert_with(|| capabilities.wasi(journal).into()), table }
    }
}

/// Makes the store of one call, with every limit in force.
pub(crate) fn store(
    engine: &Engine,
    execution: Execution,
    sandbox: Sandbox,
) -> Result<Store<Sandbox>, HostFault> {
    let limits = sandbox.limits;
    let mut store = Store::new(engine, sandbox);
    store.limiter(|sandbox| &mut sandbox.limiter);
    store.set_hostcall_fuel(transfer_limit(&limits));
    store.set_max_component_handles(limits.handles as usize);
    store.epoch_deadline_async_yield_and_update(1);
    store.set_epoch_deadline(1);
    if execution == Execution::Deterministic {
        let fuel = limits.fuel.unwrap_or(DEFAULT_FUEL);
        store.set_fuel(fuel).map_err(HostFault::engine)?;
        store.fuel_async_yield_interval(Some(FUEL_YIELD_INTERVAL)).map_err(HostFault::engine)?;
    }
    Ok(store)
}

/// Fuel that a call in deterministic mode has used.
pub(crate) fn fuel_used(store: &Store<Sandbox>) -> Option<u64> {
    let left = store.get_fuel().ok()?;
    Some(store.data().limits.fuel.unwrap_or(DEFAULT_FUEL).saturating_sub(left))
}

/// What the engine counts of an answer beyond its bytes: a fixed amount for each
/// part of its content, here enough for thousands. An answer that is only a
/// little too large arrives, too, and is withheld by its own name.
const ANSWER_FRAME_BYTES: u64 = 1 << 20;

/// The engine has one limit for what it copies from a guest at once, arguments
/// of host calls and the answer of a call alike: the larger of the two.
fn transfer_limit(limits: &Limits) -> usize {
    let answer = limits.output_bytes.saturating_add(ANSWER_FRAME_BYTES);
    usize::try_from(limits.hostcall_bytes.max(answer)).unwrap_or(usize::MAX)
}
