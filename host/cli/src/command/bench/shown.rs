//! What was found, as a person reads it: a table, and what it is about.

use super::findings::Findings;
use super::ground::callers_in_words;
use super::measured::Reach;
use super::row::Row;
use super::times::{Times, micros, ratio};
use crate::exit::Outcome;
use crate::output::Streams;

const HEADER: [&str; 8] = ["", "calls", "p50 (µs)", "× floor", "p99 (µs)", "× floor", "calls/s", "× floor"];

const MEBIBYTE: f64 = (1 << 20) as f64;

/// Shows it.
pub(super) fn show(findings: &Findings, streams: &mut Streams<'_>) -> Outcome {
    let mut rows = before(findings);
    for row in &findings.rows {
        rows.extend(row_with_parts(row, findings));
    }
    streams.figures(&HEADER, rows)?;
    streams.line("")?;
    for line in lines(findings) {
        streams.line(&line)?;
    }
    Ok(())
}

fn before(findings: &Findings) -> Vec<Vec<String>> {
    let before = &findings.before;
    let floor = findings.first_floor();
    let first = Times::one_by_one(vec![before.first_load]);
    let first_name = if before.first_compiled { "compile and load, once" } else { "load, the first time" };
    let load = if before.compiled_each_time { "compile and load" } else { "load compiled" };
    [("read and verify", &before.read_and_verify), (first_name, &first), (load, &before.load)]
        .map(|(name, times)| {
            let mut cells = times_of(name.to_owned(), times, floor);
            // Packages are not calls, and of one time all percentiles are the same.
            cells[1].clear();
            cells.truncate(if times.count() == 1 { 4 } else { 6 });
            cells.resize(HEADER.len(), String::new());
            cells
        })
        .into()
}

fn row_with_parts(row: &Row, findings: &Findings) -> Vec<Vec<String>> {
    let Row { durability, callers, calls, floor, stages: _ } = row;
    let name = format!("{durability}, {}", callers_in_words(*callers));
    let mut rows = vec![times_of(name, calls, floor.as_ref())];
    rows.extend(floor.as_ref().map(|floor| times_of("  floor".to_owned(), floor, Some(floor))));
    rows.extend(findings.stages(row).into_iter().map(|stage| {
        let median = micros(stage.median);
        let beside = floor.as_ref().and_then(|floor| ratio(median, micros(floor.median())));
        let mut cells = vec![format!("  {}", stage.name), String::new(), one_decimal(median), times(beside)];
        cells.resize(HEADER.len(), String::new());
        cells
    }));
    rows
}

fn times_of(name: String, of: &Times, floor: Option<&Times>) -> Vec<String> {
    let (median, p99, rate) = (micros(of.median()), micros(of.p99()), of.per_second());
    let beside = |one, floor: fn(&Times) -> f64, floors: Option<&Times>| {
        times(floors.and_then(|floors| ratio(one, floor(floors))))
    };
    vec![
        name,
        of.count().to_string(),
        one_decimal(median),
        beside(median, |floor| micros(floor.median()), floor),
        one_decimal(p99),
        beside(p99, |floor| micros(floor.p99()), floor),
        format!("{rate:.0}"),
        beside(rate, Times::per_second, floor),
    ]
}

fn one_decimal(number: f64) -> String {
    format!("{number:.1}")
}

fn times(ratio: Option<f64>) -> String {
    ratio.map_or(String::new(), |ratio| format!("{ratio:.2}"))
}

/// What the figures are about.
fn lines(findings: &Findings) -> [String; 4] {
    let floor = match findings.floor {
        Reach::Call => {
            "a fresh instance and a call of this component on the bare engine, in turns with the calls"
        }
        Reach::Instance => {
            "a fresh instance of this component on the bare engine, without a call: it cannot answer without its host"
        }
        Reach::Nothing => "none: this component makes no instance without its host",
    };
    let answers = if findings.same_answer {
        "each the same as the first"
    } else {
        "there, each time; those of equal calls of this tool may differ"
    };
    let records = if findings.in_users_log {
        "in your log, because this tool may write files or reach a network: mpp audit show"
    } else {
        "in logs of their own beside yours, which are removed"
    };
    [
        format!("floor     {floor}"),
        format!("answers   {answers}"),
        format!("records   {records}"),
        format!("memory    {}", memory(findings)),
    ]
}

fn memory(findings: &Findings) -> String {
    let code = findings.before.code_bytes as f64 / MEBIBYTE;
    match findings.memory {
        Some(memory) => format!(
            "{:.1} MiB, {:.1} MiB at its highest, of the whole process; {code:.1} MiB is the tool's code",
            memory.resident as f64 / MEBIBYTE,
            memory.peak as f64 / MEBIBYTE,
        ),
        None => format!("not known here; {code:.1} MiB is the tool's code"),
    }
}
