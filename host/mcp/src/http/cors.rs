//! What a browser has to read in an answer before it gives it to a page from
//! elsewhere ([Fetch](https://fetch.spec.whatwg.org/#http-cors-protocol)).
//!
//! Only pages whose origin the operator named get this far. Before a browser sends
//! a page's request it asks whether it may; that question shows no token, and is
//! answered without one.

use axum::body::Body;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, HeaderValue, VARY,
};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;

/// A page that may use the server: its origin, as the browser wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Page(pub(super) HeaderValue);

/// What a page's request may say. `*` leaves `Authorization` out.
const REQUEST_HEADERS: HeaderValue = HeaderValue::from_static("authorization, *");

/// What a page may read of an answer.
const ANSWER_HEADERS: HeaderValue = HeaderValue::from_static("mcp-session-id, www-authenticate, retry-after");

/// How long a browser need not ask again, in seconds.
const MAX_AGE: HeaderValue = HeaderValue::from_static("600");

impl Page {
    /// Whether this is the browser's question.
    pub(super) fn asks(method: &Method, headers: &HeaderMap) -> bool {
        method == Method::OPTIONS && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
    }

    /// The answer to the browser's question.
    pub(super) fn may(&self) -> Response {
        let mut answer = Response::new(Body::empty());
        *answer.status_mut() = StatusCode::NO_CONTENT;
        let headers = answer.headers_mut();
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST, DELETE"));
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, REQUEST_HEADERS);
        headers.insert(ACCESS_CONTROL_MAX_AGE, MAX_AGE);
        self.name_in(&mut answer);
        answer
    }

    /// Says in an answer that this page may read it.
    pub(super) fn name_in(&self, answer: &mut Response) {
        let headers = answer.headers_mut();
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, self.0.clone());
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, ANSWER_HEADERS);
        headers.append(VARY, HeaderValue::from_static("origin"));
    }
}
