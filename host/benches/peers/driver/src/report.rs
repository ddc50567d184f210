//! What came of it, as text for people.

use std::time::Duration;

use crate::cold::Start;
use crate::markdown::Markdown;
use crate::markdown::Side::{Left, Right};
use crate::measure::Times;
use crate::rows::Row;

/// The rows that isolate calls from each other, and the others.
pub fn calls(isolating: &mut [Row], others: &mut [Row]) -> String {
    let beside = isolating.first().and_then(|row| Times::of(&row.times)).map(|times| times.percentile(50));
    format!(
        "### Something fresh in each call\n\n{}\n### For orientation\n\n{}",
        table(isolating, beside),
        table(others, beside)
    )
}

fn table(rows: &mut [Row], beside: Option<Duration>) -> Markdown<9> {
    let mut table = Markdown::new([
        ("", Left),
        ("p50", Right),
        ("p99", Right),
        ("calls/s", Right),
        ("p50 beside MPP", Right),
        ("memory", Right),
        ("calls", Right),
        ("fresh in each call", Left),
        ("what else it gives", Left),
    ]);
    rows.iter_mut().for_each(|row| table.row(cells(row, beside)));
    table
}

fn cells(row: &mut Row, beside: Option<Duration>) -> [String; 9] {
    let (name, fresh) = (row.name.to_owned(), row.fresh.words().to_owned());
    let Some(times) = Times::of(&row.times) else {
        let why = row.peer.as_ref().err().map_or("not measured".to_owned(), ToString::to_string);
        let nothing = || "–".to_owned();
        return [name, nothing(), nothing(), nothing(), nothing(), nothing(), nothing(), fresh, why];
    };
    let memory = row.peer().map(|peer| peer.memory());
    let median = times.percentile(50);
    [
        name,
        time(median),
        time(times.percentile(99)),
        thousands(times.per_second()),
        beside.map_or("–".to_owned(), |beside| ratio(median, beside)),
        memory.and_then(Result::ok).map_or("–".to_owned(), |memory| memory.to_string()),
        thousands(times.count() as f64),
        fresh,
        row.gives.to_owned(),
    ]
}

/// From nothing to the first answer.
pub fn starts(starts: &[Start<'_>]) -> String {
    let mut table = Markdown::new([
        ("", Left),
        ("p50", Right),
        ("slowest", Right),
        ("starts", Right),
        ("before the call", Left),
    ]);
    for start in starts {
        let (name, does) = (start.name.to_owned(), start.does.to_owned());
        table.row(match (Times::of(&start.times), &start.once) {
            (Some(times), _) => [
                name,
                time(times.percentile(50)),
                time(times.percentile(100)),
                times.count().to_string(),
                does,
            ],
            (None, Err(why)) => [name, "–".to_owned(), "–".to_owned(), "0".to_owned(), why.to_string()],
            (None, Ok(_)) => [name, "–".to_owned(), "–".to_owned(), "0".to_owned(), does],
        });
    }
    format!("### From nothing to the first answer\n\n{table}")
}

/// In the unit that fits, with three digits.
fn time(time: Duration) -> String {
    let micros = time.as_secs_f64() * 1e6;
    match micros {
        ..100.0 => format!("{micros:.1} µs"),
        ..1000.0 => format!("{micros:.0} µs"),
        ..10_000.0 => format!("{:.2} ms", micros / 1e3),
        ..100_000.0 => format!("{:.1} ms", micros / 1e3),
        _ => format!("{:.0} ms", micros / 1e3),
    }
}

fn ratio(time: Duration, beside: Duration) -> String {
    let ratio = time.as_secs_f64() / beside.as_secs_f64();
    if ratio < 10.0 { format!("{ratio:.2}×") } else { format!("{ratio:.0}×") }
}

fn thousands(number: f64) -> String {
    let digits = format!("{number:.0}");
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().map(|group| std::str::from_utf8(group).unwrap_or("")).collect();
    groups.join(",")
}
