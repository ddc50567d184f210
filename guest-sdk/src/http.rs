//! HTTP requests. Needs `permissions.network.outbound` with the `host:port`.
//!
//! ```no_run
//! use std::time::Duration;
//!
//! # fn main() -> mpp_guest::Result<()> {
//! let response = mpp_guest::http::Request::get("https://api.example.com/v1/status")
//!     .header("accept", "application/json")
//!     .timeout(Duration::from_secs(5))
//!     .send()?;
//! if !response.is_success() {
//!     return Err(mpp_guest::Error::failed(format!("status {}", response.status())));
//! }
//! let status: serde_json::Value = response.json()?;
//! # drop(status);
//! # Ok(())
//! # }
//! ```
//!
//! The host follows no redirect: a tool that wants to follow one sends the next
//! request itself, and it is checked like the first.

use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::bindings::mpp::tool::http as wit;
use crate::host_only::host_only;

pub use crate::http_error::{Error, ErrorKind};

/// Gets what is at an absolute `http` or `https` URL.
pub fn get(url: impl Into<String>) -> Result<Response, Error> {
    Request::get(url).send()
}

/// Request methods (RFC 9110 section 9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// `GET`
    Get,
    /// `HEAD`
    Head,
    /// `POST`
    Post,
    /// `PUT`
    Put,
    /// `DELETE`
    Delete,
    /// `PATCH`
    Patch,
    /// `OPTIONS`
    Options,
}

/// A request, built up and then sent.
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until it is sent"]
pub struct Request {
    request: wit::Request,
}

impl Request {
    /// A request to an absolute `http` or `https` URL without user information.
    pub fn new(method: Method, url: impl Into<String>) -> Self {
        Self {
            request: wit::Request {
                method: method.into(),
                url: url.into(),
                headers: Vec::new(),
                body: Vec::new(),
                timeout_ms: None,
            },
        }
    }

    /// A `GET` request.
    pub fn get(url: impl Into<String>) -> Self {
        Self::new(Method::Get, url)
    }

    /// A `HEAD` request.
    pub fn head(url: impl Into<String>) -> Self {
        Self::new(Method::Head, url)
    }

    /// A `POST` request.
    pub fn post(url: impl Into<String>) -> Self {
        Self::new(Method::Post, url)
    }

    /// A `PUT` request.
    pub fn put(url: impl Into<String>) -> Self {
        Self::new(Method::Put, url)
    }

    /// A `PATCH` request.
    pub fn patch(url: impl Into<String>) -> Self {
        Self::new(Method::Patch, url)
    }

    /// A `DELETE` request.
    pub fn delete(url: impl Into<String>) -> Self {
        Self::new(Method::Delete, url)
    }

    /// Adds a header. The host sets `host`, `content-length`, `connection` and
    /// the other fields that frame a message, and refuses them here.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<Vec<u8>>) -> Self {
        self.request.headers.push(wit::Header { name: name.into(), value: value.into() });
        self
    }

    /// Sets the body.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.request.body = body.into();
        self
    }

    /// Sets a JSON body and its `content-type`.
    ///
    /// # Errors
    ///
    /// If `body` has no JSON form, such as a map whose keys are not strings.
    pub fn json(self, body: &impl Serialize) -> serde_json::Result<Self> {
        let body = serde_json::to_vec(body)?;
        Ok(self.header("content-type", "application/json").body(body))
    }

    /// Sets how long the whole answer may take. The time left of the call is
    /// the upper bound in any case.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.request.timeout_ms = Some(u32::try_from(timeout.as_millis()).unwrap_or(u32::MAX));
        self
    }

    /// Sends it and waits for the whole answer. Every status is an answer, also
    /// 404 and 500.
    pub fn send(self) -> Result<Response, Error> {
        host_only("http");
        match wit::send(&self.request) {
            Ok(response) => Ok(Response { response }),
            Err(error) => Err(Error::new(self.request.url, error)),
        }
    }
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Response {
    response: wit::Response,
}

impl Response {
    /// Status code.
    pub fn status(&self) -> u16 {
        self.response.status
    }

    /// Whether the status is 200 to 299.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.response.status)
    }

    /// The first header of this name, in any case of letters, if it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers()
            .find(|(header, _)| header.eq_ignore_ascii_case(name))
            .and_then(|(_, value)| std::str::from_utf8(value).ok())
    }

    /// All headers in the order received, names in lower case.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.response.headers.iter().map(|header| (header.name.as_str(), header.value.as_slice()))
    }

    /// The body as received: no content coding is undone.
    pub fn body(&self) -> &[u8] {
        &self.response.body
    }

    /// The body, taken out.
    pub fn into_body(self) -> Vec<u8> {
        self.response.body
    }

    /// The body as text, with U+FFFD for what is not UTF-8.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(self.body()).into_owned()
    }

    /// The body as JSON.
    ///
    /// # Errors
    ///
    /// If it is no JSON, or not of this type.
    pub fn json<T: DeserializeOwned>(&self) -> serde_json::Result<T> {
        serde_json::from_slice(self.body())
    }
}

impl From<Method> for wit::Method {
    fn from(method: Method) -> Self {
        match method {
            Method::Get => Self::Get,
            Method::Head => Self::Head,
            Method::Post => Self::Post,
            Method::Put => Self::Put,
            Method::Delete => Self::Delete,
            Method::Patch => Self::Patch,
            Method::Options => Self::Options,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response() -> Response {
        let header = |name: &str, value: &[u8]| wit::Header { name: name.to_owned(), value: value.to_vec() };
        Response {
            response: wit::Response {
                status: 404,
                headers: vec![header("content-type", b"application/json"), header("x-name", b"\xff")],
                body: b"[1, 2]".to_vec(),
            },
        }
    }

    #[test]
    fn a_header_is_found_in_any_case_of_letters() {
        assert_eq!(response().header("Content-Type"), Some("application/json"));
        assert_eq!(response().header("absent"), None);
    }

    #[test]
    fn a_header_that_is_no_text_is_found_among_all_of_them_only() {
        assert_eq!(response().header("x-name"), None);
        assert_eq!(response().headers().nth(1), Some(("x-name", &b"\xff"[..])));
    }

    #[test]
    fn the_body_is_read_as_bytes_text_or_json() {
        assert_eq!(response().body(), b"[1, 2]");
        assert_eq!(response().text(), "[1, 2]");
        assert_eq!(response().json::<Vec<u8>>().ok(), Some(vec![1, 2]));
        assert!(!response().is_success());
    }

    #[test]
    fn a_json_body_brings_its_content_type() {
        let request = Request::post("https://a/").json(&[1, 2]).expect("a list is JSON");
        assert_eq!(request.request.body, b"[1,2]");
        assert_eq!(request.request.headers[0].value, b"application/json");
    }

    #[test]
    fn a_timeout_beyond_the_contracts_range_is_its_end() {
        let request = Request::get("https://a/").timeout(Duration::MAX);
        assert_eq!(request.request.timeout_ms, Some(u32::MAX));
    }

    #[test]
    #[should_panic(expected = "keep host calls out of the code under test")]
    fn outside_of_a_host_a_request_says_so() {
        let _ = get("https://a/");
    }
}
