//! Limits that the engine asks about while a guest grows.

use mpp_policy::Limits;
use wasmtime::ResourceLimiter;

use crate::journal::Journal;
use crate::outcome::LimitKind;

/// The error by which a limit stops a guest: carried through the engine as a
/// trap and found again by [`crate::guest`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the limit on {0} was met")]
pub(crate) struct LimitReached(pub LimitKind);

/// Counts what one store has, over all its instances.
pub(crate) struct Limiter {
    memory_limit: u64,
    table_limit: u64,
    instances: usize,
    tables: usize,
    memories: usize,
    memory: u64,
    table_elements: u64,
    journal: Journal,
}

impl Limiter {
    pub(crate) fn new(limits: &Limits, journal: Journal) -> Self {
        Self {
            memory_limit: limits.memory_bytes,
            table_limit: limits.table_elements,
            instances: limits.instances as usize,
            tables: limits.tables as usize,
            memories: limits.memories as usize,
            memory: 0,
            table_elements: 0,
            journal,
        }
    }
}

/// Adds a growth to a sum, or says which limit it meets.
fn grow(sum: &mut u64, current: usize, desired: usize, limit: u64, kind: LimitKind) -> wasmtime::Result<()> {
    let growth = desired.saturating_sub(current) as u64;
    let grown = sum.saturating_add(growth);
    if grown > limit {
        return Err(LimitReached(kind).into());
    }
    *sum = grown;
    Ok(())
}

/// A growth beyond what a memory or table says of itself fails in the guest, and
/// takes nothing: it must not be counted.
fn fails_by_itself(desired: usize, maximum: Option<usize>) -> bool {
    maximum.is_some_and(|maximum| desired > maximum)
}

impl ResourceLimiter for Limiter {
    // Both stop the guest rather than letting the growth fail: whether a guest
    // that was refused memory goes on must not depend on what it does about it.
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        if fails_by_itself(desired, maximum) {
            return Ok(false);
        }
        grow(&mut self.memory, current, desired, self.memory_limit, LimitKind::Memory)?;
        let peak = self.memory;
        self.journal.count(|counters| counters.peak_memory_bytes = counters.peak_memory_bytes.max(peak));
        Ok(true)
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        if fails_by_itself(desired, maximum) {
            return Ok(false);
        }
        grow(&mut self.table_elements, current, desired, self.table_limit, LimitKind::Tables)?;
        Ok(true)
    }

    fn instances(&self) -> usize {
        self.instances
    }

    fn tables(&self) -> usize {
        self.tables
    }

    fn memories(&self) -> usize {
        self.memories
    }
}
