//! What collects: spans, which are sent in batches, and metrics, which are sent
//! each minute, both from threads that no call waits for.

use std::sync::Arc;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use mpp_host::Pool;
use opentelemetry::InstrumentationScope;
use opentelemetry::metrics::MeterProvider as _;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::{PeriodicReader, SdkMeterProvider};
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, Sampler, SdkTracerProvider, SpanLimits,
};
use tracing::level_filters::LevelFilter;
use tracing::{Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{FilterFn, filter_fn};
use tracing_subscriber::registry::LookupSpan;

use super::delivery::{Counted, Delivery, Watched};
use super::durations::Durations;
use super::settings::{Destination, Settings, Signal};
use super::{exporter, pool};
use crate::exit::Outcome;
use crate::home::Environment;
use crate::serve::News;

/// Time that a collector has for what is left when the server ends.
pub(super) const FLUSH_TIME: Duration = Duration::from_secs(3);

/// Spans that wait at most; further ones are lost. Some 2 MB.
const MAX_WAITING: usize = 2_048;

/// Spans in one delivery at most.
const MAX_BATCH: usize = 512;

/// How long a span waits for others. These three are the specification's defaults.
const SPAN_INTERVAL: Duration = Duration::from_secs(5);

/// What collects, if anybody asked for it.
pub(super) struct Collector {
    spans: Option<Spans>,
    metrics: Option<SdkMeterProvider>,
}

struct Spans {
    provider: SdkTracerProvider,
    delivery: Arc<Delivery>,
}

impl Collector {
    /// Sets up what the settings ask for. What cannot be set up is said, and not done.
    pub(super) fn start(settings: Settings, environment: &Environment, news: &News) -> Self {
        let Settings { traces, metrics, metric_interval, sampler, resource } = settings;
        let spans = traces.map(|to| Spans::start(&to, sampler, &resource, environment, news));
        let metrics = metrics.map(|to| metered(&to, metric_interval, &resource, environment, news));
        Self { spans: started(spans, news), metrics: started(metrics, news) }
    }

    /// What collects spans.
    pub(super) fn spans<S>(&self) -> Option<impl Layer<S> + Send + Sync + use<S>>
    where
        S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
    {
        let Spans { provider, delivery: _ } = self.spans.as_ref()?;
        let layer = tracing_opentelemetry::layer()
            .with_tracer(provider.tracer_with_scope(scope()))
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false)
            .with_context_activation(false);
        Some(layer.with_filter(requests()))
    }

    /// What measures how long requests take.
    pub(super) fn durations<S>(&self) -> Option<impl Layer<S> + Send + Sync + use<S>>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let provider = self.metrics.as_ref()?;
        Some(Durations::of(&provider.meter_with_scope(scope())).with_filter(requests()))
    }

    /// Observes a pool.
    pub(super) fn observe(&self, pool: impl Fn() -> Pool + Clone + Send + Sync + 'static) {
        if let Some(provider) = &self.metrics {
            pool::observe(&provider.meter_with_scope(scope()), pool);
        }
    }

    /// Sends what is left, within [`FLUSH_TIME`], and says what was lost.
    pub(super) fn shutdown(self) {
        let Self { spans, metrics } = self;
        let delivery = spans.as_ref().map(|spans| Arc::clone(&spans.delivery));
        let spans = spans.map(|spans| move || drop(spans.provider.shutdown_with_timeout(FLUSH_TIME)));
        let metrics = metrics.map(|provider| move || drop(provider.shutdown()));
        // Each holds a sender until it is done, and so the wait ends with the last.
        let (unfinished, finished) = mpsc::channel::<()>();
        beside(spans, &unfinished);
        beside(metrics, &unfinished);
        drop(unfinished);
        let _ = finished.recv_timeout(FLUSH_TIME);
        if let Some(delivery) = delivery {
            delivery.ended();
        }
    }
}

impl Spans {
    fn start(
        to: &Destination,
        sampler: Sampler,
        resource: &Resource,
        environment: &Environment,
        news: &News,
    ) -> Outcome<Self> {
        let delivery = Arc::new(Delivery::new(Signal::Traces, to, news));
        let exporter = Watched::new(exporter::spans(to, environment)?, &delivery);
        // Said one by one, so that the process's own variables do not count.
        let batches = BatchConfigBuilder::default()
            .with_max_queue_size(MAX_WAITING)
            .with_max_export_batch_size(MAX_BATCH)
            .with_scheduled_delay(SPAN_INTERVAL)
            .build();
        let processor = Counted::new(BatchSpanProcessor::new(exporter, batches), &delivery);
        let provider = SdkTracerProvider::builder()
            .with_span_processor(processor)
            .with_sampler(sampler)
            .with_span_limits(SpanLimits::default())
            .with_resource(resource.clone())
            .build();
        Ok(Self { provider, delivery })
    }
}

fn metered(
    to: &Destination,
    interval: Duration,
    resource: &Resource,
    environment: &Environment,
    news: &News,
) -> Outcome<SdkMeterProvider> {
    let delivery = Arc::new(Delivery::new(Signal::Metrics, to, news));
    let exporter = Watched::new(exporter::metrics(to, environment)?, &delivery);
    let reader = PeriodicReader::builder(exporter).with_interval(interval).build();
    Ok(SdkMeterProvider::builder().with_reader(reader).with_resource(resource.clone()).build())
}

/// What could be set up; why something could not is said.
fn started<T>(what: Option<Outcome<T>>, news: &News) -> Option<T> {
    what?.inspect_err(|failure| news.warn(failure)).ok()
}

/// Does something on a thread of its own, if there is something to do.
fn beside(what: Option<impl FnOnce() + Send + 'static>, unfinished: &mpsc::Sender<()>) {
    let unfinished = unfinished.clone();
    if let Some(what) = what {
        thread::spawn(move || {
            what();
            drop(unfinished);
        });
    }
}

fn scope() -> InstrumentationScope {
    InstrumentationScope::builder("mpp").with_version(env!("CARGO_PKG_VERSION")).build()
}

/// The spans of requests, and nothing that happens within them.
fn requests() -> FilterFn<impl Fn(&Metadata<'_>) -> bool> {
    filter_fn(|what: &Metadata<'_>| what.is_span() && what.target() == mpp_mcp::SPAN_TARGET)
        .with_max_level_hint(LevelFilter::INFO)
}
