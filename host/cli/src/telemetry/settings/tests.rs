//! On variables as people and clients set them.

use super::*;

const COLLECTOR: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";

fn environment<const N: usize>(variables: [(&str, &str); N]) -> Environment {
    let none = Environment::of([]);
    variables.into_iter().fold(none, |environment, (name, value)| environment.with(name, value))
}

fn traces<const N: usize>(variables: [(&str, &str); N]) -> Outcome<Option<Destination>> {
    Destination::of(&environment(variables), Signal::Traces)
}

fn endpoints<const N: usize>(variables: [(&str, &str); N]) -> [Option<String>; 2] {
    let environment = environment(variables);
    [Signal::Traces, Signal::Metrics].map(|signal| {
        let to = Destination::of(&environment, signal).unwrap();
        to.map(|to| to.endpoint.to_string())
    })
}

#[test]
fn nothing_is_sent_where_no_endpoint_is_named() {
    assert_eq!(endpoints([("OTEL_SERVICE_NAME", "tools"), (COLLECTOR, "")]), [None, None]);
}

#[test]
fn the_endpoint_of_all_has_a_path_for_each_and_the_endpoint_of_one_is_as_it_is() {
    let all = endpoints([(COLLECTOR, "http://localhost:4318/")]);
    let [traces, metrics] = all.map(Option::unwrap);
    assert_eq!(traces, "http://localhost:4318/v1/traces");
    assert_eq!(metrics, "http://localhost:4318/v1/metrics");
    let one = endpoints([("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "https://spans.example/in")]);
    assert_eq!(one, [Some("https://spans.example/in".to_owned()), None]);
}

#[test]
fn what_is_switched_off_is_not_sent() {
    let there = (COLLECTOR, "http://localhost:4318");
    assert_eq!(endpoints([there, ("OTEL_SDK_DISABLED", "True")]), [None, None]);
    assert_eq!(endpoints([there, ("OTEL_TRACES_EXPORTER", "none")])[0], None);
    assert_eq!(endpoints([there, ("OTEL_METRICS_EXPORTER", "console")])[1], None);
}

#[test]
fn headers_are_decoded_and_the_time_is_bounded() {
    let to = traces([
        (COLLECTOR, "http://localhost:4318"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Basic%20Zm9v, x-team = a+b,"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "86400000"),
    ]);
    let to = to.unwrap().unwrap();
    assert_eq!(to.headers["authorization"], "Basic Zm9v");
    assert_eq!(to.headers["x-team"], "a+b");
    assert_eq!(to.timeout, MAX_TIMEOUT);
}

#[test]
fn what_cannot_be_done_is_said_without_the_secrets_in_it() {
    let there = (COLLECTOR, "http://localhost:4318");
    for (variables, why) in [
        (
            [(COLLECTOR, "user:canary@collector"), ("", "")],
            "OTEL_EXPORTER_OTLP_ENDPOINT is not a URL of HTTP or HTTPS",
        ),
        (
            [there, ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "authorization=%canary")],
            "OTEL_EXPORTER_OTLP_TRACES_HEADERS is not a list of headers, name=value,…",
        ),
        (
            [there, ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=canary%0d%0aHost: other")],
            "OTEL_EXPORTER_OTLP_HEADERS is not a list of headers, name=value,…",
        ),
        (
            [there, ("OTEL_EXPORTER_OTLP_TIMEOUT", "0")],
            "OTEL_EXPORTER_OTLP_TIMEOUT is not a number of milliseconds",
        ),
        (
            [there, ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")],
            "OTEL_EXPORTER_OTLP_PROTOCOL asks for \"grpc\", and only \"http/protobuf\" is spoken",
        ),
    ] {
        let failure = traces(variables).unwrap_err();
        assert_eq!((failure.what(), failure.why()), ("traces are not sent", &[why.to_owned()][..]));
    }
}

#[test]
fn a_destination_does_not_show_its_secrets() {
    let headers = ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=canary");
    let to = traces([(COLLECTOR, "https://user:canary@collector.example/?key=canary"), headers]).unwrap();
    assert!(!format!("{to:?}").contains("canary"), "{to:?}");
}

#[test]
fn a_sampler_is_one_of_those_that_the_specification_names() {
    let of = |name: &str, ratio: &str| {
        sampler(&environment([("OTEL_TRACES_SAMPLER", name), ("OTEL_TRACES_SAMPLER_ARG", ratio)]))
            .map(|sampler| format!("{sampler:?}"))
    };
    assert_eq!(of("", "").unwrap(), "ParentBased(AlwaysOn)");
    assert_eq!(of("always_off", "").unwrap(), "AlwaysOff");
    assert_eq!(of("parentbased_traceidratio", "0.25").unwrap(), "ParentBased(TraceIdRatioBased(0.25))");
    for (name, ratio) in [("jaeger_remote", ""), ("traceidratio", "2"), ("traceidratio", "NaN")] {
        assert_eq!(of(name, ratio).unwrap_err().blame().status(), 2, "{name} {ratio}");
    }
}

#[test]
fn a_resource_is_this_process_and_what_the_operator_adds() {
    let environment = environment([
        ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test,service.name=other,team=a%2Cb"),
        ("OTEL_SERVICE_NAME", "tools"),
    ]);
    let resource = resource(&environment, "0123").unwrap();
    let mut attributes: Vec<_> = resource.iter().map(|(key, value)| format!("{key}={value}")).collect();
    attributes.retain(|attribute| !attribute.starts_with("telemetry.sdk."));
    attributes.sort();
    assert_eq!(
        attributes,
        [
            "deployment.environment.name=test".to_owned(),
            "service.instance.id=0123".to_owned(),
            "service.name=tools".to_owned(),
            format!("service.version={}", env!("CARGO_PKG_VERSION")),
            "team=a,b".to_owned(),
        ]
    );
}

#[test]
fn metrics_are_sent_each_minute_unless_it_is_said_how_often() {
    let every = |value: Option<&str>| {
        let environment = environment([]);
        let environment = match value {
            Some(value) => environment.with("OTEL_METRIC_EXPORT_INTERVAL", value),
            None => environment,
        };
        metric_interval(&environment)
    };
    assert_eq!(every(None).unwrap(), Duration::from_secs(60));
    assert_eq!(every(Some("5000")).unwrap(), Duration::from_secs(5));
    assert_eq!(every(Some("1")).unwrap(), MIN_METRIC_INTERVAL);
    for wrong in ["0", "-1", "1s", "1.5"] {
        assert!(every(Some(wrong)).unwrap_err().what().starts_with("OTEL_METRIC_EXPORT_INTERVAL"), "{wrong}");
    }
}
