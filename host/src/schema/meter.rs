//! The steps of one check, counted while the validator reads the value.
//!
//! One step stands for about five nanoseconds of work. The count belongs to
//! the thread, not to the validator: a check is one synchronous call, many
//! threads share a validator, and the validator hands out names of properties
//! as values from a place where nothing of the check can be passed along.

use std::cell::Cell;

use super::shape::Shape;

/// Steps that one check may take: about a third of a second. Ordinary data of
/// the largest size that a call takes by default (16 MiB) needs a sixth of it.
pub const MAX_STEPS: u64 = 1 << 26;

/// What one violation costs on top of what it quotes: it is kept until all
/// are found, so this bounds how many are held at once.
const VIOLATION: u64 = 1 << 13;

/// What the parts of a check cost, as the schema makes them.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Prices {
    /// Handing out one member or element: every schema that may apply to it is
    /// walked through, also one that then reads nothing of it.
    visit: u64,
    /// One byte of a string that patterns may be run on.
    byte: u64,
    /// One byte of the name of a member.
    name_byte: u64,
    /// Whether a number may be divided by a fraction.
    fraction: bool,
}

struct Meter {
    left: Cell<u64>,
    /// Bytes of names seen: the path of a violation quotes some of them.
    names: Cell<u64>,
    prices: Cell<Prices>,
}

thread_local! {
    static METER: Meter = const {
        let prices = Prices { visit: 0, byte: 0, name_byte: 0, fraction: false };
        Meter { left: Cell::new(0), names: Cell::new(0), prices: Cell::new(prices) }
    };
}

impl Prices {
    /// The prices of a schema of this shape, whose patterns cost `pattern`
    /// steps for each byte.
    pub(super) fn new(shape: &Shape, pattern: u64) -> Self {
        Self {
            // Walking through four schemas takes one step.
            visit: 1 + shape.applied / 4,
            byte: if shape.patterns == 0 { 0 } else { pattern },
            name_byte: pattern.saturating_mul(shape.name_patterns),
            fraction: shape.divides_by_fraction,
        }
    }
}

/// Runs a check with this many steps, and returns how many are left. None
/// left: the check was cut short, and what it found means nothing.
pub(super) fn metered<T>(steps: u64, prices: Prices, check: impl FnOnce() -> T) -> (T, u64) {
    METER.with(|meter| {
        meter.left.set(steps);
        meter.names.set(0);
        meter.prices.set(prices);
    });
    let found = check();
    (found, METER.with(|meter| meter.left.replace(0)))
}

/// Takes what `price` says; false where no steps are left, now and from then on.
fn pay(price: impl FnOnce(&Meter) -> u64) -> bool {
    METER.with(|meter| {
        let left = meter.left.get().saturating_sub(price(meter));
        meter.left.set(left);
        left > 0
    })
}

/// Reads something of fixed size.
pub(super) fn read() -> bool {
    pay(|_| 1)
}

/// Reads a number. It is divided by a fraction in exact arithmetic, whose
/// numbers have as many digits as the exponents say: up to two thousand bits.
pub(super) fn number(size: impl FnOnce() -> f64) -> bool {
    pay(|meter| match meter.prices.get().fraction {
        false => 1,
        true if size() < 1e18 => 200,
        true => 2000,
    })
}

/// Reads a string that patterns may be run on.
pub(super) fn text(bytes: usize) -> bool {
    pay(|meter| bulk(bytes).saturating_add(meter.prices.get().byte.saturating_mul(bytes as u64)))
}

/// Compares, counts or clears this many bytes or flags in a row.
pub(super) fn span(len: usize) -> bool {
    pay(|_| bulk(len))
}

/// Hands out an element of an array.
pub(super) fn element() -> bool {
    pay(|meter| meter.prices.get().visit)
}

/// Hands out a member of an object.
pub(super) fn member(name: &str) -> bool {
    pay(|meter| {
        meter.names.set(meter.names.get().saturating_add(name.len() as u64));
        let Prices { visit, name_byte, .. } = meter.prices.get();
        visit.saturating_add(bulk(name.len())).saturating_add(name_byte.saturating_mul(name.len() as u64))
    })
}

/// Makes a violation. Its path quotes names, at most all that were seen.
pub(super) fn violation() -> bool {
    pay(|meter| VIOLATION.saturating_add(meter.names.get()))
}

/// A step for each 64 bytes: what a processor does with bytes in a row.
fn bulk(bytes: usize) -> u64 {
    1 + bytes as u64 / 64
}
