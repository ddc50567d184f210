//! How full the pool is, whenever metrics are sent: whoever looks sees that calls wait
//! before their callers tell.
//!
//! | metric | instrument | unit | |
//! |---|---|---|---|
//! | `mpp.pool.limit` | up-down counter | `{place}` | calls that may run at once |
//! | `mpp.pool.usage` | up-down counter | `{place}` | calls that run |
//! | `mpp.pool.pending` | up-down counter | `{call}` | calls that wait for a place |
//! | `mpp.pool.waits` | counter | `{call}` | calls that have had to wait |
//!
//! There is no convention for such a pool. The names are made as those of
//! [others](https://opentelemetry.io/docs/specs/semconv/general/naming/#instrument-naming)
//! are: a `limit` that is known, and the `usage` of it.

use mpp_host::Pool;
use opentelemetry::metrics::Meter;

/// Observes the pool that `look` looks at. Nobody is observed between two deliveries.
pub(super) fn observe(meter: &Meter, look: impl Fn() -> Pool + Clone + Send + Sync + 'static) {
    observe_number(meter, "mpp.pool.limit", "{place}", "Calls that may run at once", {
        let look = look.clone();
        move || look().places
    });
    observe_number(meter, "mpp.pool.usage", "{place}", "Calls that run", {
        let look = look.clone();
        move || look().taken
    });
    observe_number(meter, "mpp.pool.pending", "{call}", "Calls that wait for a place", {
        let look = look.clone();
        move || look().waiting
    });
    meter
        .u64_observable_counter("mpp.pool.waits")
        .with_unit("{call}")
        .with_description("Calls that have had to wait for a place")
        .with_callback(move |observer| observer.observe(look().waited, &[]))
        .build();
}

fn observe_number(
    meter: &Meter,
    name: &'static str,
    unit: &'static str,
    description: &'static str,
    number: impl Fn() -> u32 + Send + Sync + 'static,
) {
    meter
        .i64_observable_up_down_counter(name)
        .with_unit(unit)
        .with_description(description)
        .with_callback(move |observer| observer.observe(number().into(), &[]))
        .build();
}
