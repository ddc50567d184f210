//! The engine: one configuration, chosen once, for every tool.
//!
//! What is off here is off on purpose, and most of it is off as a Cargo feature
//! too: component-model-async, garbage collection, threads, shared memory,
//! 64-bit memories. Each has had advisories that a host without it never met.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use mpp_policy::Limits;
use wasmtime::{Config, Enabled, Engine, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig};

use crate::error::BuildError;

/// How often running guests are made to yield, so that a guest that never
/// returns meets its time limit: the resolution of that limit.
pub const EPOCH_TICK: Duration = Duration::from_millis(10);

/// Native stack of one call: the guest's share ([`Limits::stack_bytes`]) and
/// as much again, and more, for the host functions it calls.
const ASYNC_STACK_BYTES: usize = 2 << 20;

/// Bytes at the start of each pooled memory that are cleared by writing what was
/// there at first rather than by giving the pages back: all of the memory of a small
/// tool, as `mpp build` links it (64 KiB of stack, its data, 64 KiB for an allocator).
/// More would clear what was never used; less would have every call fault, and every
/// core told that pages are gone.
const MEMORY_KEEP_RESIDENT: usize = 256 << 10;

/// As [`MEMORY_KEEP_RESIDENT`], at the beginning of each native stack: what a call of
/// a small tool and of the host functions beneath it uses.
const STACK_KEEP_RESIDENT: usize = 32 << 10;

/// As [`MEMORY_KEEP_RESIDENT`], for tables.
const TABLE_KEEP_RESIDENT: usize = 4 << 10;

/// Size of the engine's own bookkeeping for one instance. Generous against the
/// default of 1 MiB for components with many functions.
const MAX_INSTANCE_BYTES: usize = 4 << 20;

/// Fuel between two yields in deterministic mode: about 10 ms of guest work.
pub(crate) const FUEL_YIELD_INTERVAL: u64 = 10_000_000;

/// How instances are run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Execution {
    /// Guests are interrupted by the clock. The default, and the fastest.
    Timed,
    /// Guests are charged fuel for every instruction, so that the point where
    /// a call is stopped is the same every time. Slower.
    Deterministic,
}

/// What the pool must be able to hold at once.
pub(crate) struct PoolSize {
    pub calls: u32,
    pub limits: Limits,
}

/// An engine that runs instances.
pub(crate) fn engine(execution: Execution, pool: &PoolSize) -> Result<Engine, BuildError> {
    let mut config = code(execution);
    config
        .max_wasm_stack(usize::try_from(pool.limits.stack_bytes).unwrap_or(usize::MAX))
        .async_stack_size(ASYNC_STACK_BYTES)
        // Stacks are reused across tools: nobody reads what another left.
        .async_stack_zeroing(true)
        .memory_init_cow(true)
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pooling(pool)));
    Engine::new(&config).map_err(|error| BuildError::Engine(format!("{error:#}")))
}

/// An engine that compiles for those that run instances like this. It runs none, so
/// it has no pool and reserves no memory for one.
pub(crate) fn compiling_engine(execution: Execution) -> wasmtime::Result<Engine> {
    Engine::new(&code(execution))
}

/// Everything that decides which code is made.
fn code(execution: Execution) -> Config {
    let mut config = Config::new();
    config
        .wasm_component_model(true)
        .shared_memory(false)
        .wasm_memory64(false)
        .concurrency_support(false)
        .cranelift_opt_level(OptLevel::Speed)
        // Determinism that costs next to nothing is always on.
        .cranelift_nan_canonicalization(true)
        .relaxed_simd_deterministic(true)
        .epoch_interruption(true)
        .consume_fuel(execution == Execution::Deterministic)
        .parallel_compilation(true);
    config
}

fn pooling(pool: &PoolSize) -> PoolingAllocationConfig {
    let limits = &pool.limits;
    let mut pooling = PoolingAllocationConfig::new();
    pooling
        .total_component_instances(pool.calls)
        .total_stacks(pool.calls)
        .total_core_instances(pool.calls.saturating_mul(limits.instances))
        .total_memories(pool.calls.saturating_mul(limits.memories))
        .total_tables(pool.calls.saturating_mul(limits.tables))
        .max_core_instances_per_component(limits.instances)
        .max_memories_per_component(limits.memories)
        .max_tables_per_component(limits.tables)
        .max_tables_per_module(limits.tables)
        .max_memories_per_module(limits.memories)
        .max_component_instance_size(MAX_INSTANCE_BYTES)
        .max_core_instance_size(MAX_INSTANCE_BYTES)
        .max_memory_size(usize::try_from(limits.memory_bytes).unwrap_or(usize::MAX))
        .table_elements(usize::try_from(limits.table_elements).unwrap_or(usize::MAX))
        .linear_memory_keep_resident(MEMORY_KEEP_RESIDENT)
        .table_keep_resident(TABLE_KEEP_RESIDENT)
        .async_stack_keep_resident(STACK_KEEP_RESIDENT)
        // Leaks swapped-out pages between instances in this release line.
        .pagemap_scan(Enabled::No);
    pooling
}

/// Advances the engine's epoch until dropped.
pub(crate) struct Ticker {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Ticker {
    pub(crate) fn start(engine: &Engine) -> Result<Self, BuildError> {
        let stop = Arc::new(AtomicBool::new(false));
        let engine = engine.weak();
        let stopped = Arc::clone(&stop);
        let thread = std::thread::Builder::new()
            .name("mpp-epoch".to_owned())
            .spawn(move || {
                while !stopped.load(Ordering::Relaxed) {
                    std::thread::park_timeout(EPOCH_TICK);
                    let Some(engine) = engine.upgrade() else { return };
                    engine.increment_epoch();
                }
            })
            .map_err(|error| BuildError::Engine(error.to_string()))?;
        Ok(Self { stop, thread: Some(thread) })
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // The last handle of a host may be dropped on any thread, but never
            // on the ticker itself: joining cannot deadlock.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};

    use super::*;

    fn compatibility(engine: &Engine) -> u64 {
        let mut hasher = DefaultHasher::new();
        engine.precompile_compatibility_hash().hash(&mut hasher);
        hasher.finish()
    }

    /// Whatever the pool is laid out for.
    #[test]
    fn an_engine_that_only_compiles_makes_code_for_those_that_run_it() {
        let small = Limits { memory_bytes: 1 << 20, stack_bytes: 64 << 10, tables: 1, ..Limits::DEFAULT };
        for execution in [Execution::Timed, Execution::Deterministic] {
            let compiling = compatibility(&compiling_engine(execution).expect("an engine"));
            for pool in [PoolSize { calls: 1, limits: Limits::DEFAULT }, PoolSize { calls: 3, limits: small }]
            {
                assert_eq!(compatibility(&engine(execution, &pool).expect("an engine")), compiling);
            }
        }
    }
}
