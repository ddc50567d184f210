//! What was found, as one JSON document.
//!
//! ```text
//! package      publisher, name, version, digest
//! tool         which of its tools
//! records      "users-log", or "own-logs", which were removed
//! asserted     of each answer: "same-answer", or "an-answer"
//! floor        what the bare engine did: "call", "instance", or null
//! before       read_and_verify, load: count, p50_us, p99_us, beside_floor {p50, p99}
//!              first_load_us; first_compiled, compiled_each_time
//! rows         durability, callers; calls, p50_us, p99_us, calls_per_second; floor: the same
//!              four of the floor in this row, or null; beside_floor {p50, p99,
//!              calls_per_second}, or null; stages_us: the median of each, or null
//! code_bytes   compiled code of the tool, in memory
//! memory       of the process: resident_bytes, peak_bytes; null where it is not known
//! ```
//!
//! Times are in microseconds, with three decimals. What is *beside the floor* is so many
//! times the floor of the same row; of `before`, that of the first row.

use serde_json::{Map, Value, json};

use super::findings::{Findings, Stage};
use super::measured::Reach;
use super::row::Row;
use super::times::{Times, micros, ratio};

/// The document.
pub(super) fn of(findings: &Findings) -> Value {
    let Findings { manifest, digest, tool, in_users_log, same_answer, floor, before, rows, memory } =
        findings;
    let first = findings.first_floor();
    json!({
        "package": {
            "publisher": manifest.publisher(),
            "name": manifest.name(),
            "version": manifest.version(),
            "digest": digest,
        },
        "tool": tool,
        "records": if *in_users_log { "users-log" } else { "own-logs" },
        "asserted": if *same_answer { "same-answer" } else { "an-answer" },
        "floor": reach(*floor),
        "before": {
            "read_and_verify": beforehand(&before.read_and_verify, first),
            "load": beforehand(&before.load, first),
            "first_load_us": rounded(micros(before.first_load)),
            "first_compiled": before.first_compiled,
            "compiled_each_time": before.compiled_each_time,
        },
        "rows": rows.iter().map(|one| row(one, findings)).collect::<Vec<_>>(),
        "code_bytes": before.code_bytes,
        "memory": memory.map(|memory| json!({
            "resident_bytes": memory.resident,
            "peak_bytes": memory.peak,
        })),
    })
}

fn reach(floor: Reach) -> Option<&'static str> {
    match floor {
        Reach::Call => Some("call"),
        Reach::Instance => Some("instance"),
        Reach::Nothing => None,
    }
}

fn beforehand(times: &Times, floor: Option<&Times>) -> Value {
    json!({
        "count": times.count(),
        "p50_us": rounded(micros(times.median())),
        "p99_us": rounded(micros(times.p99())),
        "beside_floor": floor.map(|floor| json!({
            "p50": beside(micros(times.median()), micros(floor.median())),
            "p99": beside(micros(times.p99()), micros(floor.p99())),
        })),
    })
}

fn row(row: &Row, findings: &Findings) -> Value {
    let Row { durability, callers, calls, floor, stages } = row;
    let mut document = figures(calls);
    document.insert("durability".to_owned(), json!(durability));
    document.insert("callers".to_owned(), json!(callers));
    document.insert("floor".to_owned(), json!(floor.as_ref().map(figures)));
    let beside_floor = floor.as_ref().map(|floor| {
        json!({
            "p50": beside(micros(calls.median()), micros(floor.median())),
            "p99": beside(micros(calls.p99()), micros(floor.p99())),
            "calls_per_second": beside(calls.per_second(), floor.per_second()),
        })
    });
    document.insert("beside_floor".to_owned(), json!(beside_floor));
    let stages = (!stages.is_empty()).then(|| by_name(&findings.stages(row)));
    document.insert("stages_us".to_owned(), json!(stages));
    Value::Object(document)
}

fn figures(times: &Times) -> Map<String, Value> {
    [
        ("calls", json!(times.count())),
        ("p50_us", json!(rounded(micros(times.median())))),
        ("p99_us", json!(rounded(micros(times.p99())))),
        ("calls_per_second", json!(rounded(times.per_second()))),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into_iter()
    .collect()
}

fn by_name(stages: &[Stage]) -> Map<String, Value> {
    let named = |stage: &Stage| (stage.name.replace(' ', "_"), json!(rounded(micros(stage.median))));
    stages.iter().map(named).collect()
}

fn beside(one: f64, floor: f64) -> Option<f64> {
    ratio(one, floor).map(rounded)
}

fn rounded(number: f64) -> f64 {
    (number * 1e3).round() / 1e3
}
