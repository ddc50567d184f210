//! How long requests take: `mcp.server.operation.duration`, by the conventions for
//! MCP, measured from the beginning of a request's span to its end.

use std::fmt::Debug;
use std::time::Instant;

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Histogram, Meter};
use tracing::Subscriber;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

/// In seconds, as the conventions ask.
const BOUNDARIES: [f64; 14] =
    [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0];

/// What durations are told apart by. Who asked, and in which session, is left out:
/// each would be a series of its own.
const ATTRIBUTES: [&str; 9] = [
    "error.type",
    "gen_ai.operation.name",
    "gen_ai.tool.name",
    "mcp.method.name",
    "mcp.protocol.version",
    "network.protocol.name",
    "network.protocol.version",
    "network.transport",
    "rpc.response.status_code",
];

/// Measures the spans that it is shown.
pub(super) struct Durations(Histogram<f64>);

/// One span, meanwhile.
struct Measured {
    since: Instant,
    attributes: Vec<KeyValue>,
}

impl Durations {
    pub(super) fn of(meter: &Meter) -> Self {
        let histogram = meter.f64_histogram("mcp.server.operation.duration");
        let described = histogram
            .with_description("From when a request was received until its answer is ready")
            .with_unit("s")
            .with_boundaries(BOUNDARIES.into());
        Self(described.build())
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Durations {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut measured =
            Measured { since: Instant::now(), attributes: Vec::with_capacity(ATTRIBUTES.len()) };
        attributes.record(&mut measured);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(measured);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(measured) = span.extensions_mut().get_mut::<Measured>() {
            values.record(measured);
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let measured = context.span(&id).and_then(|span| span.extensions_mut().remove::<Measured>());
        if let Some(Measured { since, attributes }) = measured {
            self.0.record(since.elapsed().as_secs_f64(), &attributes);
        }
    }
}

impl Visit for Measured {
    fn record_str(&mut self, field: &Field, value: &str) {
        if ATTRIBUTES.contains(&field.name()) {
            self.attributes.push(KeyValue::new(field.name(), value.to_owned()));
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if ATTRIBUTES.contains(&field.name()) {
            self.attributes.push(KeyValue::new(field.name(), format!("{value:?}")));
        }
    }
}
