//! What becomes of what is sent. The first delivery that fails is said, and at the
//! end how many spans were lost; in between, nobody hears of it.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use opentelemetry::Context;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::metrics::Temporality;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;
use opentelemetry_sdk::trace::{Span, SpanData, SpanExporter, SpanProcessor};

use super::settings::{Destination, Signal};
use crate::exit::{Blame, Failure};
use crate::serve::News;

/// The account of one signal.
#[derive(Debug)]
pub(super) struct Delivery {
    signal: Signal,
    /// Without what a URL may hold beside it.
    collector: String,
    news: News,
    /// Spans that were to be sent.
    given: AtomicU64,
    /// Spans that were taken.
    taken: AtomicU64,
    said: AtomicBool,
}

impl Delivery {
    pub(super) fn new(signal: Signal, to: &Destination, news: &News) -> Self {
        Self {
            signal,
            collector: to.endpoint.origin().ascii_serialization(),
            news: news.clone(),
            given: AtomicU64::new(0),
            taken: AtomicU64::new(0),
            said: AtomicBool::new(false),
        }
    }

    /// Says how many spans were lost, if any.
    pub(super) fn ended(&self) {
        let given = self.given.load(Ordering::Relaxed);
        let lost = given.saturating_sub(self.taken.load(Ordering::Relaxed));
        if lost > 0 {
            self.warn(&format!("{lost} of {given} spans were lost"), "it did not take them in time");
        }
    }

    fn delivered(&self, spans: u64, result: &OTelSdkResult) {
        match result {
            Ok(()) => drop(self.taken.fetch_add(spans, Ordering::Relaxed)),
            Err(_) if self.said.swap(true, Ordering::Relaxed) => {}
            Err(error) => {
                let what = format!("the collector does not take {}; this is said once", self.signal);
                self.warn(&what, &words(error));
            }
        }
    }

    fn warn(&self, what: &str, why: &str) {
        let failure = Failure::new(Blame::Network, what);
        self.news.warn(&failure.because(format!("{}: {why}", self.collector)));
    }
}

/// What went wrong, without that something did.
fn words(error: &OTelSdkError) -> String {
    match error {
        OTelSdkError::InternalFailure(words) => words.clone(),
        other => other.to_string(),
    }
}

/// Keeps account of what is to be sent.
pub(super) struct Counted<P>(P, Arc<Delivery>);

impl<P> Counted<P> {
    pub(super) fn new(processor: P, delivery: &Arc<Delivery>) -> Self {
        Self(processor, Arc::clone(delivery))
    }
}

impl<P: SpanProcessor> SpanProcessor for Counted<P> {
    fn on_start(&self, span: &mut Span, context: &Context) {
        self.0.on_start(span, context);
    }

    fn on_end(&self, span: SpanData) {
        self.1.given.fetch_add(1, Ordering::Relaxed);
        self.0.on_end(span);
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.0.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.0.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.0.set_resource(resource);
    }
}

/// Keeps account of what was taken.
pub(super) struct Watched<E>(E, Arc<Delivery>);

impl<E> Watched<E> {
    pub(super) fn new(exporter: E, delivery: &Arc<Delivery>) -> Self {
        Self(exporter, Arc::clone(delivery))
    }
}

impl<E: SpanExporter> SpanExporter for Watched<E> {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let spans = batch.len() as u64;
        let result = self.0.export(batch).await;
        self.1.delivered(spans, &result);
        result
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.0.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.0.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.0.set_resource(resource);
    }
}

impl<E: PushMetricExporter> PushMetricExporter for Watched<E> {
    async fn export(&self, metrics: &ResourceMetrics) -> OTelSdkResult {
        let result = self.0.export(metrics).await;
        self.1.delivered(0, &result);
        result
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.0.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.0.shutdown_with_timeout(timeout)
    }

    fn temporality(&self) -> Temporality {
        self.0.temporality()
    }
}

impl<T> fmt::Debug for Counted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Counted").field(&self.1).finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for Watched<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Watched").field(&self.1).finish_non_exhaustive()
    }
}
