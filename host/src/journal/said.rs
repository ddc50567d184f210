//! What a tool says during a call besides its answer: what it logs, prints, and
//! reports of its progress.
//!
//! Log and print are cut where the log limit of the call is reached. A report is
//! kept whole or not at all, and not where the audit log might leave it out:
//! somebody else is told of it, and of nothing that is not on record.

use crate::progress::Step;

/// How far into the lines of a call reports are kept, in bytes as they stand in
/// its record at most. This much of their beginning the audit log keeps, whatever
/// comes after. It also bounds the reports of a call: to some fourteen
/// thousand.
pub const MAX_REPORTED_BYTES: usize = mpp_audit::limits::MAX_LOG_BYTES / 2;

/// Most bytes that one byte of a line takes in a record: `\u001f`.
const ESCAPED_BYTES: usize = 6;

/// Most bytes that stand around a line in a record.
const FRAME_BYTES: usize = r#"{"level":"progress","text":""},"#.len();

/// One line that the tool logged, printed or reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// Where it came from.
    pub source: LogSource,
    /// The text, UTF-8 repaired where the tool printed something else.
    pub text: String,
}

/// Where a line of a call's log came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogSource {
    /// `mpp:tool/log`, at this level.
    Log(Level),
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
    /// `mpp:tool/progress`, and somebody was told. The text is done, total and
    /// message: `3/10 reading`.
    Progress,
}

/// The levels of `mpp:tool/log`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the documentation; see wit/log.wit")]
pub enum Level {
    Trace,
    Debug,
    Info,
    Warn,
    Error,
}

impl LogSource {
    /// The name in records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Log(Level::Trace) => "trace",
            Self::Log(Level::Debug) => "debug",
            Self::Log(Level::Info) => "info",
            Self::Log(Level::Warn) => "warn",
            Self::Log(Level::Error) => "error",
            Self::Stdout => "stdout",
            Self::Stderr => "stderr",
            Self::Progress => "progress",
        }
    }

    /// Printed text comes in pieces; a line is what stands before a line break.
    fn is_stream(self) -> bool {
        matches!(self, Self::Stdout | Self::Stderr)
    }
}

/// The lines of one call, within its log limit.
#[derive(Clone, Debug, Default)]
pub(crate) struct Said {
    pub(crate) lines: Vec<LogLine>,
    /// Bytes that were said and are not in `lines`.
    pub(crate) dropped_bytes: u64,
    kept_bytes: u64,
    /// What `lines` take in the record at most.
    recorded_bytes: usize,
}

impl Said {
    /// Adds what was logged or printed, as far as there is room.
    pub(super) fn add(&mut self, source: LogSource, text: &[u8], limit: u64) {
        let kept = &text[..text.len().min(self.room(limit))];
        self.dropped_bytes += (text.len() - kept.len()) as u64;
        if !kept.is_empty() {
            self.keep(source, kept.len(), &String::from_utf8_lossy(kept));
        }
    }

    /// Bytes that were said, whether or not they are in `lines`.
    pub(crate) fn bytes(&self) -> u64 {
        self.kept_bytes.saturating_add(self.dropped_bytes)
    }

    /// Adds a report, of which `cut` bytes are gone already, if there is room for
    /// all the rest and the record is sure to have it; says whether it was added.
    pub(super) fn add_report(&mut self, step: &Step, cut: usize, limit: u64) -> bool {
        let text = step.to_string();
        self.dropped_bytes += cut as u64;
        let recorded = self.recorded_bytes.saturating_add(most_recorded(&text));
        let fits = text.len() <= self.room(limit) && recorded <= MAX_REPORTED_BYTES;
        if fits {
            self.keep(LogSource::Progress, text.len(), &text);
        } else {
            self.dropped_bytes += text.len() as u64;
        }
        fits
    }

    fn room(&self, limit: u64) -> usize {
        usize::try_from(limit.saturating_sub(self.kept_bytes)).unwrap_or(usize::MAX)
    }

    fn keep(&mut self, source: LogSource, bytes: usize, text: &str) {
        self.kept_bytes += bytes as u64;
        self.recorded_bytes = self.recorded_bytes.saturating_add(most_recorded(text));
        match self.lines.last_mut() {
            Some(last) if source.is_stream() && last.source == source && !last.text.ends_with('\n') => {
                last.text.push_str(text);
            }
            _ => self.lines.push(LogLine { source, text: text.to_owned() }),
        }
    }
}

/// What a line takes in a record at most.
fn most_recorded(text: &str) -> usize {
    text.len().saturating_mul(ESCAPED_BYTES).saturating_add(FRAME_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(done: u32, message: &str) -> Step {
        Step { done: f64::from(done), total: None, message: Some(message.to_owned()) }
    }

    #[test]
    fn a_log_beyond_its_limit_is_cut_and_the_cut_is_counted() {
        let mut said = Said::default();
        said.add(LogSource::Stdout, b"abc", 4);
        said.add(LogSource::Stdout, b"def", 4);
        assert_eq!(said.lines, [LogLine { source: LogSource::Stdout, text: "abcd".to_owned() }]);
        assert_eq!(said.dropped_bytes, 2);
    }

    #[test]
    fn a_report_is_kept_whole_or_dropped_and_counted() {
        let mut said = Said::default();
        assert!(said.add_report(&step(1, "one"), 0, 10));
        assert!(!said.add_report(&step(2, "three"), 0, 10));
        assert!(said.add_report(&step(3, "two"), 7, 10));
        assert!(!said.add_report(&step(4, ""), 0, 10));
        let lines: Vec<&str> = said.lines.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(lines, ["1 one", "3 two"]);
        assert_eq!(said.dropped_bytes, "2 three".len() as u64 + 7 + "4 ".len() as u64);
        assert_eq!(said.bytes(), 10 + said.dropped_bytes);
    }

    #[test]
    fn however_large_the_limit_reports_are_kept_where_the_record_keeps_its_beginning() {
        let mut said = Said::default();
        let kept =
            (0..u32::from(u16::MAX)).filter(|done| said.add_report(&step(*done, "\0"), 0, u64::MAX)).count();
        assert!((5_000..20_000).contains(&kept), "{kept}");
        assert_eq!(said.lines.len(), kept);
        said.add(LogSource::Log(Level::Info), b"what is logged is cut by its limit alone", u64::MAX);
        assert_eq!(said.lines.len(), kept + 1);
        assert!(!said.add_report(&step(0, ""), 0, u64::MAX));
    }
}
