//! As much of OTLP as a test looks at.
//!
//! [`trace.proto` and `metrics.proto`](https://github.com/open-telemetry/opentelemetry-proto)
//! in the encoding of Protocol Buffers: fields with a number, and a value that is a
//! number, or bytes, which may be fields again.

use std::collections::BTreeMap;

/// A span that was sent.
#[derive(Debug)]
pub(super) struct Span {
    pub(super) trace: String,
    pub(super) parent: String,
    pub(super) name: String,
    pub(super) kind: u64,
    /// 2 for an error.
    pub(super) status: u64,
    pub(super) attributes: BTreeMap<String, String>,
}

/// The spans of an `ExportTraceServiceRequest`.
pub(super) fn spans(request: &[u8]) -> Vec<Span> {
    let resources = parts(request, 1);
    let scopes = resources.iter().flat_map(|resource| parts(resource, 2));
    scopes.flat_map(|scope| parts(scope, 2)).map(span).collect()
}

/// A sum of whole numbers that was sent, without attributes.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::cli) struct Sum {
    pub(in crate::cli) value: i64,
    pub(in crate::cli) unit: String,
    /// It only grows.
    pub(in crate::cli) monotonic: bool,
}

/// The sums of an `ExportMetricsServiceRequest`, by their names.
pub(in crate::cli) fn sums(request: &[u8]) -> BTreeMap<String, Sum> {
    let resources = parts(request, 1);
    let scopes = resources.iter().flat_map(|resource| parts(resource, 2));
    scopes.flat_map(|scope| parts(scope, 2)).filter_map(sum).collect()
}

fn sum(metric: &[u8]) -> Option<(String, Sum)> {
    let sum = *parts(metric, 7).first()?;
    let value = only(only(sum, 1), 6).try_into().map(i64::from_le_bytes).expect("a whole number");
    let sum = Sum { value, unit: text(only(metric, 3)), monotonic: number(sum, 3) == 1 };
    Some((text(only(metric, 1)), sum))
}

fn span(span: &[u8]) -> Span {
    let status = parts(span, 15).first().map_or(0, |status| number(status, 3));
    Span {
        trace: hex(only(span, 1)),
        parent: hex(only(span, 4)),
        name: text(only(span, 5)),
        kind: number(span, 6),
        status,
        attributes: parts(span, 9).into_iter().map(attribute).collect(),
    }
}

fn attribute(pair: &[u8]) -> (String, String) {
    (text(only(pair, 1)), text(only(only(pair, 2), 1)))
}

enum Value<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

fn fields(mut message: &[u8]) -> Vec<(u64, Value<'_>)> {
    let mut fields = Vec::new();
    while !message.is_empty() {
        let key = varint(&mut message);
        let value = match key & 7 {
            0 => Value::Number(varint(&mut message)),
            1 => Value::Bytes(take(&mut message, 8)),
            2 => {
                let length = varint(&mut message);
                Value::Bytes(take(&mut message, usize::try_from(length).expect("a length")))
            }
            5 => Value::Bytes(take(&mut message, 4)),
            other => panic!("there is no wire type {other}"),
        };
        fields.push((key >> 3, value));
    }
    fields
}

fn parts(message: &[u8], wanted: u64) -> Vec<&[u8]> {
    let part = |(number, value)| match value {
        Value::Bytes(bytes) if number == wanted => Some(bytes),
        _ => None,
    };
    fields(message).into_iter().filter_map(part).collect()
}

fn number(message: &[u8], wanted: u64) -> u64 {
    let number = |(number, value)| match value {
        Value::Number(value) if number == wanted => Some(value),
        _ => None,
    };
    fields(message).into_iter().find_map(number).unwrap_or(0)
}

fn only(message: &[u8], wanted: u64) -> &[u8] {
    parts(message, wanted).first().copied().unwrap_or_default()
}

fn varint(message: &mut &[u8]) -> u64 {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let byte = take(message, 1)[0];
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return value;
        }
    }
    panic!("a number has an end")
}

fn take<'a>(message: &mut &'a [u8], length: usize) -> &'a [u8] {
    let (taken, rest) = message.split_at(length);
    *message = rest;
    taken
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
