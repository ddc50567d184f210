//! W3C Trace Context, as a request carries it in `_meta`.
//!
//! [W3C Trace Context, level 1](https://www.w3.org/TR/trace-context-1/), carried
//! as [SEP-414](https://modelcontextprotocol.io/specification/2026-07-28) says. A
//! `traceparent` that is not well formed is as none: the call goes on without it,
//! as the recommendation asks.

use std::fmt;

/// Longest `tracestate` that is kept, in bytes: what the recommendation asks to
/// pass on at least. A longer one is dropped whole.
pub const MAX_TRACESTATE_BYTES: usize = 512;

/// Where a call belongs in a trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceContext {
    trace_id: String,
    parent_id: String,
    sampled: bool,
    state: Option<String>,
}

impl TraceContext {
    /// Reads `traceparent` and `tracestate`; `None` if the first is not well formed.
    #[must_use]
    pub fn parse(traceparent: &str, tracestate: Option<&str>) -> Option<Self> {
        let mut parts = traceparent.splitn(5, '-');
        let (version, trace_id, parent_id, flags) =
            (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        // A later version may add parts; the version that is known has four.
        let known = version == "00";
        let well_formed = is_hex(version, 2)
            && version != "ff"
            && is_id(trace_id, 32)
            && is_id(parent_id, 16)
            && is_hex(flags, 2)
            && !(known && parts.next().is_some());
        if !well_formed {
            return None;
        }
        Some(Self {
            trace_id: trace_id.to_owned(),
            parent_id: parent_id.to_owned(),
            sampled: u8::from_str_radix(flags, 16).ok()? & 1 == 1,
            state: tracestate.filter(|state| is_state(state)).map(str::to_owned),
        })
    }

    /// The trace: 32 lower-case hexadecimal digits, not all zero.
    #[must_use]
    pub fn trace_id(&self) -> &str {
        &self.trace_id
    }

    /// The span that caused the call: 16 lower-case hexadecimal digits, not all zero.
    #[must_use]
    pub fn parent_id(&self) -> &str {
        &self.parent_id
    }

    /// Whether the caller records this trace.
    #[must_use]
    pub fn sampled(&self) -> bool {
        self.sampled
    }

    /// What vendors pass along, as it came.
    #[must_use]
    pub fn state(&self) -> Option<&str> {
        self.state.as_deref()
    }
}

/// The `traceparent`, in the version that this crate knows.
impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{}-{}-{:02x}", self.trace_id, self.parent_id, u8::from(self.sampled))
    }
}

fn is_hex(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn is_id(text: &str, digits: usize) -> bool {
    is_hex(text, digits) && text.bytes().any(|byte| byte != b'0')
}

fn is_state(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= MAX_TRACESTATE_BYTES
        && text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    const PARENT: &str = "00f067aa0ba902b7";

    #[test]
    fn a_traceparent_reads_back_as_it_was_written() {
        let text = format!("00-{TRACE}-{PARENT}-01");
        let context = TraceContext::parse(&text, Some("vendor=1")).unwrap();
        assert_eq!(context.trace_id(), TRACE);
        assert_eq!(context.parent_id(), PARENT);
        assert!(context.sampled());
        assert_eq!(context.state(), Some("vendor=1"));
        assert_eq!(context.to_string(), text);
    }

    #[test]
    fn a_later_version_may_have_more_parts() {
        let context = TraceContext::parse(&format!("01-{TRACE}-{PARENT}-00-more-of-it"), None).unwrap();
        assert!(!context.sampled());
    }

    #[test]
    fn what_is_not_well_formed_is_as_none() {
        let zero_trace = "0".repeat(32);
        let zero_parent = "0".repeat(16);
        for text in [
            String::new(),
            format!("00-{TRACE}-{PARENT}"),
            format!("00-{TRACE}-{PARENT}-01-"),
            format!("ff-{TRACE}-{PARENT}-01"),
            format!("00-{zero_trace}-{PARENT}-01"),
            format!("00-{TRACE}-{zero_parent}-01"),
            format!("00-{}-{PARENT}-01", TRACE.to_uppercase()),
            format!("00-{TRACE}-{PARENT}-1"),
            format!("00-{TRACE}-{PARENT}-+1"),
        ] {
            assert_eq!(TraceContext::parse(&text, None), None, "{text:?}");
        }
    }

    #[test]
    fn a_tracestate_that_cannot_be_passed_on_is_dropped_and_the_parent_stays() {
        let text = format!("00-{TRACE}-{PARENT}-01");
        for state in [String::new(), "x".repeat(MAX_TRACESTATE_BYTES + 1), "a=\u{7}".to_owned()] {
            assert_eq!(TraceContext::parse(&text, Some(&state)).unwrap().state(), None);
        }
    }
}
