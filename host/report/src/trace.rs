//! The caller's trace (W3C Trace Context, level 1, section 3.2: `traceparent`).
//!
//! What a caller sends is a claim. It is followed only if it is spelled as the
//! specification says; anything else links a record to no trace.

/// Which span of which trace a call was made in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TraceContext<'a> {
    /// 32 lower-case hexadecimal digits, not all zero.
    pub(crate) trace_id: &'a str,
    /// 16 lower-case hexadecimal digits, not all zero: the caller's span.
    pub(crate) span_id: &'a str,
    /// Bit 0: the caller may have recorded the trace.
    pub(crate) flags: u8,
}

/// Length of a `traceparent` of version 00.
const VERSION_0_LENGTH: usize = 55;

impl<'a> TraceContext<'a> {
    /// Reads a `traceparent`. A version after 00 may have more fields, which are
    /// left alone (section 3.2.4).
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.split('-');
        let (version, trace_id, span_id, flags) =
            (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let known = version == "00" && text.len() == VERSION_0_LENGTH;
        let newer = is_id(version, 2) && version != "ff";
        let valid = is_id(trace_id, 32) && is_id(span_id, 16) && is_hex(flags, 2);
        if !(valid && (known || newer)) {
            return None;
        }
        Some(Self { trace_id, span_id, flags: u8::from_str_radix(flags, 16).ok()? })
    }
}

/// Hexadecimal digits that are not all zero.
fn is_id(text: &str, length: usize) -> bool {
    is_hex(text, length) && text.bytes().any(|digit| digit != b'0')
}

fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn the_example_of_the_specification_is_read() {
        let context = TraceContext {
            trace_id: "4bf92f3577b34da6a3ce929d0e0e4736",
            span_id: "00f067aa0ba902b7",
            flags: 1,
        };
        assert_eq!(TraceContext::parse(EXAMPLE), Some(context));
        let newer = format!("cc{}-what-the-future-will-be-like", &EXAMPLE[2..]);
        assert_eq!(TraceContext::parse(&newer), Some(context));
    }

    #[test]
    fn what_the_specification_refuses_links_to_no_trace() {
        for wrong in [
            "",
            "00",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\n",
            "00-4bf92f3577b34da6a3ce929d0e0e473é-00f067aa0ba902b7-01",
        ] {
            assert_eq!(TraceContext::parse(wrong), None, "{wrong}");
        }
    }
}
