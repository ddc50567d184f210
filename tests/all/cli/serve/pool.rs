//! What a collector is told of calls that wait for a place.

use std::collections::BTreeMap;

use super::packages::{DIALLING, DIALS};
use super::{Halt, PATIENCE, Post, Served, User};
use crate::cli::telemetry::collector::Collector;
use crate::cli::telemetry::otlp::{self, Sum};

/// How full a pool of one place is: its limit and usage, calls that wait, and all that
/// have had to.
fn pool([limit, usage, pending, waits]: [i64; 4]) -> BTreeMap<String, Sum> {
    [
        ("mpp.pool.limit", limit, "{place}", false),
        ("mpp.pool.usage", usage, "{place}", false),
        ("mpp.pool.pending", pending, "{call}", false),
        ("mpp.pool.waits", waits, "{call}", true),
    ]
    .map(|(name, value, unit, monotonic)| (name.to_owned(), Sum { value, unit: unit.to_owned(), monotonic }))
    .into()
}

/// Waits until the collector is told of just this pool.
#[track_caller]
fn until_told(collector: &Collector, expected: &BTreeMap<String, Sum>) {
    let mut last = BTreeMap::new();
    while last != *expected {
        let Some(sent) = collector.next(PATIENCE) else { panic!("{expected:?} was not told, but {last:?}") };
        assert_eq!(sent.path, "/v1/metrics");
        last = otlp::sums(&sent.body);
    }
}

#[test]
fn a_call_that_waits_for_a_place_is_told_of_while_it_waits() {
    let (user, collector, halt) = (User::who_installed([&DIALS]), Collector::start(), Halt::new());
    let mut command = user.mpp(["serve", "--http", "127.0.0.1:0", "--concurrent-calls", "1"]);
    command
        .args(DIALLING)
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.url)
        .env("OTEL_TRACES_EXPORTER", "none")
        .env("OTEL_METRIC_EXPORT_INTERVAL", "100");
    let server = Served::of(command);
    until_told(&collector, &pool([1, 0, 0, 0]));

    let holds = server.connect(&Post::call("dial", halt.input()));
    halt.until(1);
    until_told(&collector, &pool([1, 1, 0, 0]));
    let waits = server.connect(&Post::call("dial", halt.input()));
    until_told(&collector, &pool([1, 1, 1, 1]));

    halt.open();
    for mut call in [holds, waits] {
        assert_eq!(call.answer().result()["isError"], false);
    }
    until_told(&collector, &pool([1, 0, 0, 1]));
    server.stop().done();
}
