//! Tells how far it is, and more than that.

use mpp_guest::schemars::{self, JsonSchema};
use mpp_guest::{log, progress};
use serde::Deserialize;

#[derive(Deserialize, JsonSchema)]
struct Report {
    /// What a float has no JSON for comes in words: `NaN`, `inf`.
    done: String,
    total: Option<String>,
    message: Option<String>,
}

fn number(text: &str) -> f64 {
    text.parse().expect("a number")
}

/// Reports once.
#[mpp_guest::tool]
fn report(input: Report) -> &'static str {
    let total = input.total.as_deref().map(number);
    progress::report(number(&input.done), total, input.message.as_deref());
    "reported"
}

#[derive(Deserialize, JsonSchema)]
struct Steps {
    steps: usize,
    message: String,
    /// Lines that are logged before.
    before: u32,
    /// Lines that are logged after.
    after: u32,
}

fn say_much(lines: u32) {
    for _ in 0..lines {
        log::info!("x");
    }
}

/// Reports step by step.
#[mpp_guest::tool]
fn steps(input: Steps) -> &'static str {
    say_much(input.before);
    for done in 1..=input.steps {
        progress::step(done, input.steps, &input.message);
    }
    say_much(input.after);
    "done"
}

/// Reports once, and does not come back.
#[mpp_guest::tool]
fn report_and_stay() {
    progress::step(1, 2, "staying");
    loop {
        std::hint::black_box(());
    }
}

mpp_guest::export!(report, steps, report_and_stay);
