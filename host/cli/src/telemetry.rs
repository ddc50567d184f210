//! What is told to others of what is served: spans and metrics to a collector, and
//! what the server has to say to whoever started it.
//!
//! A collector is told over OTLP (HTTP, protobuf), if the standard variables name
//! one ([`settings`]): of requests, their spans, as `mpp-mcp` describes them, and how
//! long they took, by the
//! [conventions for MCP](https://opentelemetry.io/docs/specs/semconv/gen-ai/mcp/); and
//! of the host, how full its pool is ([`pool`]).
//!
//! - **Nothing is sent unless somebody asks for it.** Without an endpoint no span is
//!   built, and a request pays for one comparison.
//! - **It never stands in the way of a call.** A collector that is slow, gone or
//!   hostile costs spans, which are counted, and a bounded time at the end.
//! - **It never stops a server.** A variable that asks for something that is not
//!   offered is said, and what it asks for is not done: clients hand their own
//!   variables down to the servers they start.
//! - **A caller's word counts for spans alone.** Whether a span is sent follows the
//!   caller's sampled flag, so that traces are whole. Metrics count every request,
//!   and the audit log is the record.

mod collector;
mod delivery;
mod durations;
mod exporter;
mod pairs;
mod pool;
mod said;
mod settings;

use mpp_host::Pool;
use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState};
use tracing::{Level, Span, Subscriber};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::Layer;
use tracing_subscriber::layer::SubscriberExt as _;

use self::collector::Collector;
use self::said::Said;
use self::settings::Settings;
use crate::exit::Outcome;
use crate::home::Environment;
use crate::serve::News;
use mpp_mcp::TraceContext;

/// What is told, until it is [shut down](Self::shutdown).
pub(crate) struct Telemetry(Collector);

/// Begins to tell: collectors, of what the environment asks for and of the pool that
/// `pool` looks at; and through `news`, of what happens, from `level` on.
///
/// Blocks, so it is not for asynchronous code. A program that has a
/// `tracing` subscriber of its own keeps it, and nothing is told here.
pub(crate) fn start(
    environment: &Environment,
    news: &News,
    level: Level,
    pool: impl Fn() -> Pool + Clone + Send + Sync + 'static,
) -> Outcome<Telemetry> {
    let (subscriber, telemetry) = prepare(environment, news, level, pool)?;
    let _ = tracing::subscriber::set_global_default(subscriber);
    Ok(telemetry)
}

fn prepare<P: Fn() -> Pool + Clone + Send + Sync + 'static>(
    environment: &Environment,
    news: &News,
    level: Level,
    pool: P,
) -> Outcome<(impl Subscriber + Send + Sync + use<P>, Telemetry)> {
    let settings = Settings::of(environment, news)?;
    let collector = Collector::start(settings, environment, news);
    collector.observe(pool);
    // No layer that is not there: a place for one would ask for every span.
    let mut layers = vec![Said::layer(news.clone(), level).boxed()];
    layers.extend(collector.spans().map(Layer::boxed));
    layers.extend(collector.durations().map(Layer::boxed));
    let subscriber = tracing_subscriber::registry().with(layers);
    Ok((subscriber, Telemetry(collector)))
}

impl Telemetry {
    /// Makes the span part of a caller's trace. Does nothing to a span that nobody
    /// collects, and nothing once it was entered.
    pub(crate) fn traced(span: &Span, trace: &TraceContext) {
        if let Some(parent) = parent(trace) {
            let _ = span.set_parent(Context::new().with_remote_span_context(parent));
        }
    }

    /// Sends what is left, within [`collector::FLUSH_TIME`], and says what was lost.
    /// Blocks, so it is not for asynchronous code.
    pub(crate) fn shutdown(self) {
        self.0.shutdown();
    }
}

fn parent(trace: &TraceContext) -> Option<SpanContext> {
    let flags = if trace.sampled() { TraceFlags::SAMPLED } else { TraceFlags::default() };
    // One that is not well formed is as none, as W3C Trace Context asks.
    let state = trace.state().and_then(|state| state.parse::<TraceState>().ok()).unwrap_or_default();
    let trace_id = TraceId::from_hex(trace.trace_id()).ok()?;
    let parent_id = SpanId::from_hex(trace.parent_id()).ok()?;
    Some(SpanContext::new(trace_id, parent_id, flags, true, state))
}

#[cfg(test)]
mod tests;
