//! A call, and who makes it.

use serde_json::{Map, Value};

use crate::{Progress, TraceContext};

/// Longest text that is kept of what a client says of itself, in bytes. It ends
/// up in records and in traces.
pub const MAX_CLIENT_TEXT_BYTES: usize = 128;

/// What to run, with what, for whom.
#[derive(Debug)]
pub struct Call {
    /// The name it is served by, which is in the listing.
    pub tool: String,
    /// The arguments. Checked against nothing yet.
    pub arguments: Map<String, Value>,
    /// Who calls.
    pub caller: Caller,
    /// Where to say how far it is, if the client asked to be told.
    pub progress: Option<Progress>,
}

/// Who makes a call. All of it but `agent`, `transport` and `session` is what the
/// client says of itself, and nothing that it proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// For whom this server was started, as its operator says.
    pub agent: Option<String>,
    /// The client program.
    pub client: Option<Client>,
    /// The session, in revisions that have them, over HTTP.
    pub session: Option<String>,
    /// The id of the JSON-RPC request.
    pub request: String,
    /// The trace that the call is part of.
    pub trace: Option<TraceContext>,
    /// The revision of the protocol that the request is in.
    pub protocol: Option<String>,
    /// How the request came.
    pub transport: Transport,
}

/// A client program, as it names itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// How requests come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// The standard streams of a process that the client started.
    Stdio,
    /// Streamable HTTP.
    Http,
}

impl Transport {
    /// As `network.transport` in OpenTelemetry.
    #[must_use]
    pub fn network_transport(self) -> &'static str {
        match self {
            Self::Stdio => "pipe",
            Self::Http => "tcp",
        }
    }
}

/// A stranger's text, fit for a record: control characters are replaced, and it
/// ends at [`MAX_CLIENT_TEXT_BYTES`].
pub(crate) fn stranger(text: &str) -> String {
    let mut kept = String::new();
    for character in text.chars() {
        let character = if character.is_control() { char::REPLACEMENT_CHARACTER } else { character };
        if kept.len() + character.len_utf8() > MAX_CLIENT_TEXT_BYTES {
            break;
        }
        kept.push(character);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_client_says_of_itself_is_cut_at_a_character_and_has_no_control_characters() {
        assert_eq!(stranger("inspector\u{1b}[2J\n"), "inspector\u{fffd}[2J\u{fffd}");
        let long = stranger(&"ä".repeat(100));
        assert_eq!(long, "ä".repeat(64));
        assert_eq!(long.len(), MAX_CLIENT_TEXT_BYTES);
    }
}
