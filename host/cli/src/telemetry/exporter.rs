//! How something is sent: OTLP over HTTP, with the names, certificates and proxy
//! of every other request of this command.
//!
//! The exporter reads the environment of the process, too. Whatever of it would
//! count is said to it here, and so does not; but for headers, which it adds. Where
//! a process runs this command alone, they are the same.

use std::time::Duration;

use opentelemetry_otlp::{
    ExporterBuildError, MetricExporter, Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _,
};
use opentelemetry_sdk::metrics::Temporality;
use reqwest::redirect::Policy;

use super::settings::{Destination, Signal};
use crate::exit::{Failure, Outcome};
use crate::fetch;
use crate::home::Environment;

/// Time to reach a collector.
const CONNECT_TIME: Duration = Duration::from_secs(5);

/// Sends spans.
pub(super) fn spans(to: &Destination, environment: &Environment) -> Outcome<SpanExporter> {
    let exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(client(to, Signal::Traces, environment)?)
        .with_endpoint(to.endpoint.as_str())
        .with_headers(to.headers.clone())
        .with_protocol(Protocol::HttpBinary)
        .with_timeout(to.timeout);
    exporter.build().map_err(|error| unusable(Signal::Traces, &error))
}

/// Sends metrics.
pub(super) fn metrics(to: &Destination, environment: &Environment) -> Outcome<MetricExporter> {
    let exporter = MetricExporter::builder()
        .with_http()
        .with_http_client(client(to, Signal::Metrics, environment)?)
        .with_endpoint(to.endpoint.as_str())
        .with_headers(to.headers.clone())
        .with_protocol(Protocol::HttpBinary)
        .with_timeout(to.timeout)
        .with_temporality(Temporality::Cumulative);
    exporter.build().map_err(|error| unusable(Signal::Metrics, &error))
}

/// What is sent goes where it was meant to go: a redirect is not followed.
fn client(to: &Destination, signal: Signal, environment: &Environment) -> Outcome<reqwest::blocking::Client> {
    let builder = fetch::client_builder(&to.ca_files, environment)?
        .redirect(Policy::none())
        .referer(false)
        .connect_timeout(CONNECT_TIME)
        // To the last byte of the answer, however slowly it comes.
        .timeout(to.timeout);
    let client = reqwest::blocking::ClientBuilder::from(builder).timeout(to.timeout).build();
    client.map_err(|error| signal.not_sent().because_of(&error))
}

fn unusable(signal: Signal, error: &ExporterBuildError) -> Failure {
    signal.not_sent().because_of(error)
}
