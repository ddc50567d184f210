//! JSON Schemas of the signed manifest, compiled once and applied to every
//! call: input before it, output after it.
//!
//! A schema is a stranger's, and so is one of the values; the check runs on a
//! thread of the host. So its cost is bounded, whatever they are:
//!
//! 1. A schema of an unreasonable shape does not compile (`shape.rs`).
//! 2. A check reads its value through a meter (`meter.rs`), and ends after
//!    [`MAX_STEPS`], then without a verdict:
//!    [`TOO_MANY_STEPS`](SchemaViolations::TOO_MANY_STEPS).

mod meter;
mod metered;
mod reference;
mod shape;
mod unique;

use std::fmt::{self, Write};

use jsonschema::{Draft, PatternOptions, ValidationError};
use serde_json::Value;

pub use self::meter::MAX_STEPS;
use self::meter::{Prices, metered};
use self::metered::{Metered, Read, is_nothing};
use self::shape::Shape;
use crate::outcome::{SchemaViolations, Violation};

/// Violations that an error lists: enough to mend a call, and no more than a
/// model reads.
pub const MAX_VIOLATIONS: usize = 8;

/// Characters of one violation's text. A schema or an input can be large, and
/// the text quotes both.
const MAX_VIOLATION_CHARS: usize = 300;

/// Memory of the compiled patterns of one schema, together, in bytes.
const MAX_PATTERN_MEMORY: u64 = 8 << 20;

/// What one byte costs, in steps, under a pattern that takes this much memory
/// at most. Patterns never go back in their text, but the worst of them look at
/// all their states for every byte, as `^[ab]*a[ab]{50}$` does: so measured,
/// with the largest of its kind that fits.
const PATTERN_CLASSES: [(u64, u64); 7] = [
    (1 << 10, 1),
    (4 << 10, 90),
    (16 << 10, 220),
    (64 << 10, 800),
    (256 << 10, 2900),
    (1 << 20, 19_000),
    (MAX_PATTERN_MEMORY, 160_000),
];

/// A compiled schema.
#[derive(Debug)]
pub(crate) struct Validator {
    compiled: jsonschema::Validator<Metered>,
    prices: Prices,
}

impl Validator {
    /// Compiles a JSON Schema 2020-12. Nothing outside it is ever fetched: a
    /// `$ref` that leaves the document is an error.
    pub(crate) fn compile(schema: &Value) -> Result<Self, String> {
        let shape = Shape::of(schema).map_err(|why| shorten(&why))?;
        let room = MAX_PATTERN_MEMORY / shape.patterns.max(1);
        let mut built = Err(String::new());
        for (memory, price) in PATTERN_CLASSES {
            let prices = Prices::new(&shape, price);
            built = compile(schema, memory.min(room)).map(|compiled| Self { compiled, prices });
            if built.is_ok() || memory > room || shape.patterns == 0 {
                break;
            }
        }
        built
    }

    /// Checks `value`, and lists what is wrong with it.
    pub(crate) fn check(&self, value: &Value) -> Result<(), SchemaViolations> {
        self.check_within(value, MAX_STEPS).0
    }

    /// The verdict, and the steps that are left of `steps`.
    fn check_within(&self, value: &Value, steps: u64) -> (Result<(), SchemaViolations>, u64) {
        match metered(steps, self.prices, || self.compiled.is_valid(Read(value))) {
            (_, 0) => (Err(SchemaViolations::TOO_MANY_STEPS), 0),
            (true, left) => (Ok(()), left),
            (false, left) => (Err(self.violations(value, left)), left),
        }
    }

    /// What is wrong with a value that does not fit, as far as the steps reach:
    /// at least one thing.
    fn violations(&self, value: &Value, steps: u64) -> SchemaViolations {
        let list = || {
            let errors = self.compiled.iter_errors(Read(value));
            errors.filter(|error| !is_nothing(error.instance())).take(MAX_VIOLATIONS).map(Violation::from)
        };
        let (violations, _) = metered(steps, self.prices, || list().collect::<Vec<_>>());
        if violations.is_empty() {
            let what = "it does not fit, and to say where takes too many steps".to_owned();
            return SchemaViolations(vec![Violation { at: String::new(), what }]);
        }
        SchemaViolations(violations)
    }
}

impl From<ValidationError<'_>> for Violation {
    fn from(error: ValidationError<'_>) -> Self {
        Self { at: error.instance_path().to_string(), what: shorten(&error) }
    }
}

/// `memory`: of one compiled pattern, in bytes.
fn compile(schema: &Value, memory: u64) -> Result<jsonschema::Validator<Metered>, String> {
    // Patterns come from the publisher and run on the host: only the engine
    // that never goes back in its text.
    let patterns = PatternOptions::regex().size_limit(usize::try_from(memory).unwrap_or(usize::MAX));
    jsonschema::options_for::<Metered>()
        .with_draft(Draft::Draft202012)
        .with_pattern_options(patterns)
        .build(schema)
        .map_err(|error| shorten(&error))
}

/// Writes no more of a text than is kept: it may quote a value of any size.
fn shorten(text: &dyn fmt::Display) -> String {
    let mut shortened = Shortened { text: String::new(), room: MAX_VIOLATION_CHARS };
    match write!(shortened, "{text}") {
        Ok(()) => shortened.text,
        Err(fmt::Error) => shortened.text + " ...",
    }
}

struct Shortened {
    text: String,
    room: usize,
}

impl Write for Shortened {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = text.char_indices().nth(self.room).map(|(end, _)| end);
        self.text.push_str(&text[..end.unwrap_or(text.len())]);
        if end.is_some() {
            return Err(fmt::Error);
        }
        self.room -= text.chars().count();
        Ok(())
    }
}

#[cfg(test)]
mod tests;
