//! How far a call is, told to who waits for it.
//!
//! A report leaves the sandbox before the outcome of its call is durable. So the
//! first one waits for the intent as every effect does (`effects.rs`), and
//! none is told that is not in the journal of the call. Where nobody listens, a
//! report is nothing: no wait, no record, and the tool cannot tell.

use std::fmt;
use std::sync::Arc;

use crate::effects::{Behind, Durable};

/// Longest message of a report, in bytes: a line for a person. What is longer is
/// cut.
pub const MAX_MESSAGE_BYTES: usize = 1024;

/// Listens to how far a call is. Clones are the same listener.
#[derive(Clone)]
pub struct Progress(Arc<Behind<Listener>>);

type Listener = Box<dyn Fn(Step) + Send + Sync>;

/// What a tool reports of its call while it runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// How much is done, in whatever unit the tool counts. A finite number; that
    /// it grows is not promised.
    pub done: f64,
    /// How much there is in all, where the tool knows. A finite number.
    pub total: Option<f64>,
    /// What the tool is doing, for a person: its words, of at most
    /// [`MAX_MESSAGE_BYTES`]. Control characters are where the tool put them, and
    /// whoever shows it sees to them.
    pub message: Option<String>,
}

impl Progress {
    /// Hands each report on to `listener`, in order. The call goes on when
    /// `listener` returns, so it does not block; where it panics, the call ends as
    /// a fault of the host.
    pub fn new(listener: impl Fn(Step) + Send + Sync + 'static) -> Self {
        Self(Arc::new(Behind::the_gate(Box::new(listener))))
    }

    pub(crate) fn tell(&self, durable: &Durable, step: Step) {
        (self.0.get(durable))(step);
    }
}

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Progress").finish_non_exhaustive()
    }
}

impl Step {
    /// A report as a guest makes it; nothing where `done` is no number to count
    /// with. Returns also how many bytes of the message were cut.
    pub(crate) fn new(done: f64, total: Option<f64>, message: Option<String>) -> Option<(Self, usize)> {
        let said = message.as_ref().map_or(0, String::len);
        let message = message.map(|mut message| {
            message.truncate(message.floor_char_boundary(MAX_MESSAGE_BYTES));
            message
        });
        let cut = said - message.as_ref().map_or(0, String::len);
        let total = total.filter(|total| total.is_finite());
        done.is_finite().then_some((Self { done, total, message }, cut))
    }
}

/// The form in records: `3/10 reading`, without what is not there.
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        number(f, self.done)?;
        if let Some(total) = self.total {
            f.write_str("/")?;
            number(f, total)?;
        }
        match &self.message {
            Some(message) => write!(f, " {message}"),
            None => Ok(()),
        }
    }
}

/// The shortest form that is read as the same number, and no hundreds of digits.
fn number(f: &mut fmt::Formatter<'_>, number: f64) -> fmt::Result {
    let digits = format!("{number:?}");
    f.write_str(digits.strip_suffix(".0").unwrap_or(&digits))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(done: f64, total: Option<f64>, message: Option<&str>) -> String {
        let (step, cut) = Step::new(done, total, message.map(str::to_owned)).expect("a finite number");
        assert_eq!(cut, 0);
        step.to_string()
    }

    #[test]
    fn a_step_is_shown_without_what_is_not_there() {
        assert_eq!(shown(50.0, Some(100.0), Some("half of it")), "50/100 half of it");
        assert_eq!(shown(0.5, None, None), "0.5");
        assert_eq!(shown(-0.0, Some(-2.0), None), "-0/-2");
        assert_eq!(
            shown(f64::MAX, Some(f64::MIN_POSITIVE), Some("")),
            "1.7976931348623157e308/2.2250738585072014e-308 "
        );
    }

    #[test]
    fn what_is_no_number_to_count_with_is_no_step() {
        for done in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(Step::new(done, None, None), None);
        }
        assert_eq!(shown(1.0, Some(f64::INFINITY), None), "1");
        assert_eq!(shown(1.0, Some(f64::NAN), None), "1");
    }

    #[test]
    fn a_message_is_cut_between_two_characters() {
        let long = "ü".repeat(MAX_MESSAGE_BYTES);
        let (step, cut) = Step::new(1.0, None, Some(format!("x{long}"))).expect("a finite number");
        assert_eq!(step.message, Some(format!("x{}", "ü".repeat((MAX_MESSAGE_BYTES - 1) / 2))));
        assert_eq!(cut, long.len() + 1 - (MAX_MESSAGE_BYTES - 1));
    }
}
