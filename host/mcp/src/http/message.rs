//! The body of a request, looked at before the protocol reads it.
//!
//! A body that is no JSON, and JSON that is no message, are answered in the words
//! of JSON-RPC 2.0 (sections 4 and 5.1), so that a client learns what is wrong
//! with its request and which one it was.

use axum::body::{Body, Bytes, HttpBody as _, to_bytes};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderValue};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::limits::BODY_TIME;
use crate::limits::MAX_MESSAGE_BYTES;

/// Not JSON.
const PARSE_ERROR: i32 = -32700;

/// JSON, and not a message.
const INVALID_REQUEST: i32 = -32600;

/// What is read of a message here; the rest of it is the protocol's.
pub(super) struct Message {
    pub(super) bytes: Bytes,
    pub(super) method: Option<String>,
    pub(super) id: Option<Value>,
}

/// Why a body is no message. The client's fault.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub(super) enum Malformed {
    /// Longer than any.
    #[error("a message has at most {MAX_MESSAGE_BYTES} bytes")]
    TooLong,
    /// It did not arrive in time.
    #[error("the message did not arrive in time")]
    TooSlow,
    /// Not JSON.
    #[error("the message is not JSON")]
    NotJson,
    /// JSON, and no request, notification or response.
    #[error("this is not a message of JSON-RPC 2.0 that this server knows")]
    NotAMessage {
        /// The id, if there is one.
        id: Option<Value>,
    },
}

#[derive(Deserialize)]
struct Envelope {
    jsonrpc: Option<Value>,
    method: Option<Value>,
    id: Option<Value>,
}

/// The body of a request, if it is there in time and no longer than any.
pub(super) async fn body(body: Body) -> Result<Bytes, Malformed> {
    if body.size_hint().lower() > MAX_MESSAGE_BYTES as u64 {
        return Err(Malformed::TooLong);
    }
    match timeout(BODY_TIME, to_bytes(body, MAX_MESSAGE_BYTES)).await {
        Err(_) => Err(Malformed::TooSlow),
        // Either too long, or broken off; then nobody reads the answer.
        Ok(Err(_)) => Err(Malformed::TooLong),
        Ok(Ok(bytes)) => Ok(bytes),
    }
}

/// The message that a body is.
pub(super) fn read(bytes: Bytes) -> Result<Message, Malformed> {
    let value: Envelope = serde_json::from_slice(&bytes).map_err(|error| {
        if error.is_data() { Malformed::NotAMessage { id: None } } else { Malformed::NotJson }
    })?;
    let Envelope { jsonrpc, method, id } = value;
    let id = id.filter(|id| id.is_string() || id.is_number());
    let method = match method {
        None => None,
        Some(Value::String(method)) => Some(method),
        Some(_) => return Err(Malformed::NotAMessage { id }),
    };
    if jsonrpc != Some(Value::from("2.0")) {
        return Err(Malformed::NotAMessage { id });
    }
    Ok(Message { bytes, method, id })
}

impl Malformed {
    pub(super) fn into_response(self) -> Response {
        let (status, code) = match &self {
            Self::TooLong => (StatusCode::PAYLOAD_TOO_LARGE, INVALID_REQUEST),
            Self::TooSlow => (StatusCode::REQUEST_TIMEOUT, INVALID_REQUEST),
            Self::NotJson => (StatusCode::BAD_REQUEST, PARSE_ERROR),
            Self::NotAMessage { .. } => (StatusCode::BAD_REQUEST, INVALID_REQUEST),
        };
        let message = self.to_string();
        let id = if let Self::NotAMessage { id } = self { id } else { None };
        error(status, code, &message, id)
    }
}

/// An answer with an error of JSON-RPC.
pub(super) fn error(status: StatusCode, code: i32, message: &str, id: Option<Value>) -> Response {
    let error = json!({"jsonrpc": "2.0", "id": id, "error": {"code": code, "message": message}});
    (status, [(CONTENT_TYPE, HeaderValue::from_static("application/json"))], error.to_string())
        .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(text: &str) -> Result<(Option<String>, Option<Value>), Malformed> {
        read(Bytes::copy_from_slice(text.as_bytes())).map(|message| (message.method, message.id))
    }

    #[test]
    fn a_request_a_notification_and_a_response_are_messages() {
        assert_eq!(
            reading(r#"{"jsonrpc":"2.0","id":"a","method":"ping","params":{"x":[1]}}"#),
            Ok((Some("ping".into()), Some(json!("a"))))
        );
        assert_eq!(reading(r#"{"jsonrpc":"2.0","method":"n"}"#), Ok((Some("n".into()), None)));
        assert_eq!(reading(r#"{"jsonrpc":"2.0","id":1,"result":{}}"#), Ok((None, Some(json!(1)))));
    }

    #[test]
    fn what_is_no_json_is_told_from_what_is_no_message() {
        for text in ["", "{", "nonsense", r#"{"jsonrpc":"2.0"}}"#, "\u{feff}{}"] {
            assert_eq!(reading(text), Err(Malformed::NotJson), "{text:?}");
        }
        for text in ["[]", "null", "7", r#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#, "{}"] {
            assert_eq!(reading(text), Err(Malformed::NotAMessage { id: None }), "{text:?}");
        }
        for text in [
            r#"{"id":7,"method":"ping"}"#,
            r#"{"jsonrpc":"1.0","id":7,"method":"ping"}"#,
            r#"{"jsonrpc":2,"id":7,"method":"ping"}"#,
            r#"{"jsonrpc":"2.0","id":7,"method":["ping"]}"#,
        ] {
            assert_eq!(reading(text), Err(Malformed::NotAMessage { id: Some(json!(7)) }), "{text:?}");
        }
    }
}
