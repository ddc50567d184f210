//! What happens in this program, to whoever started it.
//!
//! Of this project's own crates alone: what libraries have to say is for whoever
//! works on them, and may quote a request. Who causes a line over and over fills no
//! terminal: of each kind there are [`MAX_LINES`] in [`PERIOD`], and then a number.

use std::collections::HashMap;
use std::fmt::{Debug, Write as _};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tracing::callsite::Identifier;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use crate::exit::Failure;
use crate::output::plain_line;
use crate::serve::News;

/// Lines of one kind in one [`PERIOD`].
const MAX_LINES: u32 = 10;

/// See [`MAX_LINES`].
const PERIOD: Duration = Duration::from_secs(10);

/// Longest value that is shown, in characters. Some are a stranger's.
const MAX_VALUE_CHARS: usize = 200;

/// Passes on what happens.
pub(super) struct Said {
    news: News,
    /// By where in the program it is said, of which there are a few.
    rates: Mutex<HashMap<Identifier, Rate>>,
}

/// How often something was said lately.
#[derive(Debug)]
pub(super) struct Rate {
    since: Instant,
    said: u32,
    left_out: u64,
}

/// What an event says.
#[derive(Default)]
struct Words {
    message: String,
    values: Vec<String>,
}

impl Said {
    pub(super) fn layer<S>(news: News, level: Level) -> impl Layer<S> + Send + Sync
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let ours = filter_fn(move |what| what.is_event() && *what.level() <= level && is_ours(what.target()));
        Self { news, rates: Mutex::default() }.with_filter(ours.with_max_level_hint(level))
    }

    /// Whether to say it again, and how often it was left out before.
    fn again(&self, kind: Identifier) -> Option<u64> {
        let now = Instant::now();
        let mut rates = self.rates.lock().unwrap_or_else(PoisonError::into_inner);
        rates.entry(kind).or_insert_with(|| Rate::new(now)).again(now)
    }
}

impl<S: Subscriber> Layer<S> for Said {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let Some(left_out) = self.again(event.metadata().callsite()) else {
            return;
        };
        let mut words = Words::default();
        event.record(&mut words);
        let Words { mut message, values } = words;
        if left_out > 0 {
            let _ = write!(message, " (and {left_out} times before, unsaid)");
        }
        match *event.metadata().level() {
            Level::ERROR | Level::WARN => {
                self.news.warn(&values.into_iter().fold(Failure::host(message), Failure::because));
            }
            Level::INFO => self.news.note("info", line(message, &values)),
            _ => self.news.note("debug", line(message, &values)),
        }
    }
}

impl Rate {
    fn new(now: Instant) -> Self {
        Self { since: now, said: 0, left_out: 0 }
    }

    fn again(&mut self, now: Instant) -> Option<u64> {
        if now.duration_since(self.since) >= PERIOD {
            (self.since, self.said) = (now, 0);
        }
        if self.said >= MAX_LINES {
            self.left_out += 1;
            return None;
        }
        self.said += 1;
        Some(std::mem::take(&mut self.left_out))
    }
}

impl Visit for Words {
    fn record_str(&mut self, field: &Field, value: &str) {
        let mut value = plain_line(value);
        if let Some((end, _)) = value.char_indices().nth(MAX_VALUE_CHARS) {
            value.truncate(end);
            value.push('…');
        }
        match field.name() {
            "message" => self.message = value,
            name => self.values.push(format!("{name}: {value}")),
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
}

fn line(message: String, values: &[String]) -> String {
    values.iter().fold(message, |line, value| line + "; " + value)
}

fn is_ours(target: &str) -> bool {
    target.starts_with("mpp_") || target == "mpp"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_left_out_is_counted_when_it_is_said_again() {
        let begin = Instant::now();
        let mut rate = Rate::new(begin);
        assert!((0..MAX_LINES).all(|_| rate.again(begin) == Some(0)));
        assert!((0..5).all(|_| rate.again(begin).is_none()));
        assert_eq!(rate.again(begin + PERIOD), Some(5));
        assert_eq!(rate.again(begin + PERIOD), Some(0));
    }
}
