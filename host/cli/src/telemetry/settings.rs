//! What the environment asks for.
//!
//! | variable | |
//! |---|---|
//! | `OTEL_EXPORTER_OTLP_ENDPOINT` | the collector: `/v1/traces` and `/v1/metrics` under this URL |
//! | `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`, `…_METRICS_ENDPOINT` | one of them, this URL as it is |
//! | `OTEL_EXPORTER_OTLP[_TRACES\|_METRICS]_HEADERS` | headers to send: `name=value,…`, percent-encoded |
//! | `OTEL_EXPORTER_OTLP[…]_TIMEOUT` | time for one delivery, in milliseconds |
//! | `OTEL_EXPORTER_OTLP[…]_CERTIFICATE` | a PEM file of further authorities to believe |
//! | `OTEL_EXPORTER_OTLP[…]_PROTOCOL` | `http/protobuf`; nothing else is spoken |
//! | `OTEL_TRACES_EXPORTER`, `OTEL_METRICS_EXPORTER` | anything but `otlp`: none of that |
//! | `OTEL_METRIC_EXPORT_INTERVAL` | time between two deliveries of metrics, in milliseconds |
//! | `OTEL_TRACES_SAMPLER`, `…_ARG` | which spans; `parentbased_always_on` unless named |
//! | `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES` | who says so |
//! | `OTEL_SDK_DISABLED` | `true`: nothing at all |
//!
//! [OTLP exporter](https://opentelemetry.io/docs/specs/otel/protocol/exporter/),
//! [SDK](https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/).

use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::resource::TelemetryResourceDetector;
use opentelemetry_sdk::trace::Sampler;
use reqwest::header::{HeaderName, HeaderValue};
use url::Url;

use super::pairs::pairs;
use crate::exit::{Failure, Outcome};
use crate::home::Environment;
use crate::serve::News;

/// Time for one delivery, retries included, where none is named: as the
/// specification has it.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Longest time for one delivery. Meanwhile spans wait, and what waits is bounded.
const MAX_TIMEOUT: Duration = Duration::from_secs(60);

/// Time between two deliveries of metrics where none is named: as the specification has it.
const METRIC_INTERVAL: Duration = Duration::from_secs(60);

/// Shortest time between two. Who looks more often than this learns nothing more.
const MIN_METRIC_INTERVAL: Duration = Duration::from_millis(100);

/// What is told, to whom, as whom.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) traces: Option<Destination>,
    pub(super) metrics: Option<Destination>,
    pub(super) metric_interval: Duration,
    pub(super) sampler: Sampler,
    pub(super) resource: Resource,
}

/// A kind of thing to tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signal {
    Traces,
    Metrics,
}

/// Where something is sent to.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Destination {
    pub(super) endpoint: Url,
    pub(super) headers: HashMap<String, String>,
    pub(super) timeout: Duration,
    pub(super) ca_files: Vec<PathBuf>,
}

impl Settings {
    /// Reads the environment. What cannot be done is said, and not done.
    pub(super) fn of(environment: &Environment, news: &News) -> Outcome<Self> {
        let instance = instance()?;
        let told = |signal| {
            Destination::of(environment, signal).unwrap_or_else(|failure| {
                news.warn(&failure);
                None
            })
        };
        let mut settings = Self {
            traces: told(Signal::Traces),
            metrics: told(Signal::Metrics),
            metric_interval: METRIC_INTERVAL,
            sampler: Sampler::ParentBased(Box::new(Sampler::AlwaysOn)),
            resource: Resource::builder_empty().build(),
        };
        if settings.traces.is_some() || settings.metrics.is_some() {
            let said = |failure: &Failure| news.warn(failure);
            settings.metric_interval =
                metric_interval(environment).inspect_err(said).unwrap_or(settings.metric_interval);
            settings.sampler = sampler(environment).inspect_err(said).unwrap_or(settings.sampler);
            settings.resource =
                resource(environment, &instance).inspect_err(said).unwrap_or(settings.resource);
        }
        Ok(settings)
    }
}

impl Signal {
    fn upper(self) -> &'static str {
        match self {
            Self::Traces => "TRACES",
            Self::Metrics => "METRICS",
        }
    }

    pub(super) fn not_sent(self) -> Failure {
        Failure::usage(format!("{self} are not sent"))
    }
}

/// As in a sentence, and in a path.
impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Traces => "traces",
            Self::Metrics => "metrics",
        })
    }
}

impl Destination {
    fn of(environment: &Environment, signal: Signal) -> Outcome<Option<Self>> {
        let disabled = text(environment, "OTEL_SDK_DISABLED")?;
        if disabled.is_some_and(|value| value.eq_ignore_ascii_case("true"))
            || !is_wanted(environment, signal)?
        {
            return Ok(None);
        }
        let Some(endpoint) = endpoint(environment, signal)? else {
            return Ok(None);
        };
        speaks(environment, signal)?;
        let ca_file = of_signal(environment, signal, "CERTIFICATE")?;
        let ca_files = ca_file.into_iter().map(|(_, path)| PathBuf::from(path)).collect();
        let (headers, timeout) = (headers(environment, signal)?, timeout(environment, signal)?);
        Ok(Some(Self { endpoint, headers, timeout, ca_files }))
    }
}

/// Without its headers and without what its URL may hold: they are secrets.
impl fmt::Debug for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Destination").field("origin", &self.endpoint.origin()).finish_non_exhaustive()
    }
}

/// Whether this signal is to be sent over OTLP at all.
fn is_wanted(environment: &Environment, signal: Signal) -> Outcome<bool> {
    let exporters = text(environment, &format!("OTEL_{}_EXPORTER", signal.upper()))?;
    Ok(exporters.is_none_or(|list| list.split(',').any(|name| name.trim() == "otlp")))
}

fn endpoint(environment: &Environment, signal: Signal) -> Outcome<Option<Url>> {
    let Some((name, value)) = of_signal(environment, signal, "ENDPOINT")? else {
        return Ok(None);
    };
    // The value is not shown: it may hold a password.
    let unusable = || signal.not_sent().because(format!("{name} is not a URL of HTTP or HTTPS"));
    let of_all = name == general("ENDPOINT");
    let value =
        if of_all { format!("{}/v1/{signal}", value.trim_end_matches('/')) } else { value.to_owned() };
    let url = Url::parse(&value).map_err(|_| unusable())?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(unusable());
    }
    Ok(Some(url))
}

fn speaks(environment: &Environment, signal: Signal) -> Outcome {
    match of_signal(environment, signal, "PROTOCOL")? {
        None | Some((_, "http/protobuf")) => Ok(()),
        Some((name, other)) => Err(signal
            .not_sent()
            .because(format!("{name} asks for {other:?}, and only \"http/protobuf\" is spoken"))
            .next(format!(
                "set OTEL_EXPORTER_OTLP_{}_PROTOCOL=http/protobuf, and an endpoint for it",
                signal.upper()
            ))),
    }
}

fn headers(environment: &Environment, signal: Signal) -> Outcome<HashMap<String, String>> {
    let Some((name, value)) = of_signal(environment, signal, "HEADERS")? else {
        return Ok(HashMap::new());
    };
    let header = |(key, value): (&str, String)| {
        let sound = HeaderName::try_from(key).is_ok() && HeaderValue::try_from(&value).is_ok();
        sound.then(|| (key.to_owned(), value))
    };
    let headers = pairs(value).map(|pair| pair.and_then(header)).collect::<Option<_>>();
    headers.ok_or_else(|| signal.not_sent().because(format!("{name} is not a list of headers, name=value,…")))
}

fn timeout(environment: &Environment, signal: Signal) -> Outcome<Duration> {
    let Some((name, value)) = of_signal(environment, signal, "TIMEOUT")? else {
        return Ok(TIMEOUT);
    };
    let time = value.parse().ok().filter(|time| *time > 0).map(Duration::from_millis);
    let none = || signal.not_sent().because(format!("{name} is not a number of milliseconds"));
    Ok(time.ok_or_else(none)?.min(MAX_TIMEOUT))
}

fn metric_interval(environment: &Environment) -> Outcome<Duration> {
    const NAME: &str = "OTEL_METRIC_EXPORT_INTERVAL";
    let Some(value) = text(environment, NAME)? else {
        return Ok(METRIC_INTERVAL);
    };
    let time = value.parse().ok().filter(|time| *time > 0).map(Duration::from_millis);
    let none =
        || Failure::usage(format!("{NAME} is not a number of milliseconds")).because("60000 is used instead");
    Ok(time.ok_or_else(none)?.max(MIN_METRIC_INTERVAL))
}

fn sampler(environment: &Environment) -> Outcome<Sampler> {
    let from = |sampler: Sampler| Sampler::ParentBased(Box::new(sampler));
    Ok(match text(environment, "OTEL_TRACES_SAMPLER")? {
        None | Some("parentbased_always_on") => from(Sampler::AlwaysOn),
        Some("parentbased_always_off") => from(Sampler::AlwaysOff),
        Some("parentbased_traceidratio") => from(Sampler::TraceIdRatioBased(ratio(environment)?)),
        Some("always_on") => Sampler::AlwaysOn,
        Some("always_off") => Sampler::AlwaysOff,
        Some("traceidratio") => Sampler::TraceIdRatioBased(ratio(environment)?),
        Some(other) => {
            let unknown = format!("OTEL_TRACES_SAMPLER names no sampler there is: {other:?}");
            return Err(Failure::usage(unknown).because("parentbased_always_on is used"));
        }
    })
}

fn ratio(environment: &Environment) -> Outcome<f64> {
    const NAME: &str = "OTEL_TRACES_SAMPLER_ARG";
    let Some(value) = text(environment, NAME)? else {
        return Ok(1.0);
    };
    let ratio = value.parse().ok().filter(|ratio| (0.0..=1.0).contains(ratio));
    ratio.ok_or_else(|| Failure::usage(format!("{NAME} is not a number from 0 to 1")))
}

/// Who says all this: this program, in this process, and what the operator adds.
/// Nothing of the machine or the user.
fn resource(environment: &Environment, instance: &str) -> Outcome<Resource> {
    const ATTRIBUTES: &str = "OTEL_RESOURCE_ATTRIBUTES";
    let own = [
        KeyValue::new("service.name", "mpp"),
        KeyValue::new("service.version", env!("CARGO_PKG_VERSION")),
        KeyValue::new("service.instance.id", instance.to_owned()),
    ];
    let given = pairs(text(environment, ATTRIBUTES)?.unwrap_or_default());
    let given: Option<Vec<_>> =
        given.map(|pair| pair.map(|(key, value)| KeyValue::new(key.to_owned(), value))).collect();
    let given = given.ok_or_else(|| Failure::usage(format!("{ATTRIBUTES} is not a list, name=value,…")))?;
    let name = text(environment, "OTEL_SERVICE_NAME")?;
    let name = name.map(|name| KeyValue::new("service.name", name.to_owned()));
    Ok(Resource::builder_empty()
        .with_detector(Box::new(TelemetryResourceDetector))
        .with_attributes(own)
        .with_attributes(given)
        .with_attributes(name)
        .build())
}

/// Tells processes apart that are the same program.
fn instance() -> Outcome<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| Failure::host("no random bytes").because(error))?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}

/// The variable of one signal, or else of both, and its value.
fn of_signal<'a>(
    environment: &'a Environment,
    signal: Signal,
    what: &str,
) -> Outcome<Option<(String, &'a str)>> {
    for name in [format!("OTEL_EXPORTER_OTLP_{}_{what}", signal.upper()), general(what)] {
        if let Some(value) = text(environment, &name)? {
            return Ok(Some((name, value)));
        }
    }
    Ok(None)
}

fn general(what: &str) -> String {
    format!("OTEL_EXPORTER_OTLP_{what}")
}

fn text<'a>(environment: &'a Environment, name: &str) -> Outcome<Option<&'a str>> {
    let Some(value) = environment.variable(name) else {
        return Ok(None);
    };
    value
        .to_str()
        .map(|value| Some(value.trim()))
        .ok_or_else(|| Failure::usage(format!("{name} is not UTF-8")))
}

#[cfg(test)]
mod tests;
