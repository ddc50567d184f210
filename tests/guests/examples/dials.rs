//! Sends the requests it is told to send.

use mpp_guest::http::{ErrorKind, Method, Request, Response};
use mpp_guest::schemars::{self, JsonSchema};
use mpp_guest::{Error, Result};
use serde::{Deserialize, Serialize};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Dial {
    url: String,
    #[serde(default)]
    post: bool,
    #[serde(default)]
    headers: Vec<(String, String)>,
    #[serde(default)]
    body: String,
    #[serde(default)]
    timeout_ms: Option<u32>,
}

#[derive(Serialize, JsonSchema)]
struct Answered {
    status: u16,
    location: Option<String>,
    headers: Vec<(String, String)>,
    body: String,
}

impl From<Response> for Answered {
    fn from(response: Response) -> Self {
        let headers = response
            .headers()
            .map(|(name, value)| (name.to_owned(), String::from_utf8_lossy(value).into_owned()));
        Self {
            status: response.status(),
            location: response.header("location").map(str::to_owned),
            headers: headers.collect(),
            body: response.text(),
        }
    }
}

fn send(dial: Dial) -> Result<Response, mpp_guest::http::Error> {
    let method = if dial.post { Method::Post } else { Method::Get };
    let mut request = Request::new(method, dial.url).body(dial.body);
    for (name, value) in dial.headers {
        request = request.header(name, value);
    }
    if let Some(timeout) = dial.timeout_ms {
        request = request.timeout(std::time::Duration::from_millis(timeout.into()));
    }
    request.send()
}

/// Sends one request.
#[mpp_guest::tool]
fn dial(input: Dial) -> Result<Answered> {
    Ok(send(input)?.into())
}

/// Sends one request, and the next one to where it was redirected.
#[mpp_guest::tool]
fn follow(input: Dial) -> Result<Answered> {
    let mut answer: Answered = send(input)?.into();
    while let Some(location) = answer.location.take() {
        answer = mpp_guest::http::get(location)?.into();
    }
    Ok(answer)
}

/// Sends one request, and adds up the first 64-bit word of every 64 bytes of the answer.
#[mpp_guest::tool]
fn sum(input: Dial) -> Result<String> {
    let answer = send(input)?;
    let words = answer.body().chunks(64).filter_map(|line| line.first_chunk().copied());
    Ok(words.fold(0, |sum: u64, word| sum.wrapping_add(u64::from_le_bytes(word))).to_string())
}

/// Sends one request, and tells the kind of the error it got.
#[mpp_guest::tool]
fn fail(input: Dial) -> Result<String> {
    let Err(error) = send(input) else { return Err(Error::failed("there was an answer")) };
    Ok(match error.kind() {
        ErrorKind::Denied(_) => "denied",
        ErrorKind::InvalidRequest(_) => "invalid-request",
        ErrorKind::NameNotResolved(_) => "name-not-resolved",
        ErrorKind::Connection(_) => "connection",
        ErrorKind::Tls(_) => "tls",
        ErrorKind::Timeout => "timeout",
        ErrorKind::Limit(_) => "limit",
        ErrorKind::Protocol(_) => "protocol",
        _ => "unknown",
    }
    .to_owned())
}

/// Sends one request after the other until one fails, at most a hundred.
#[mpp_guest::tool]
fn dial_until_it_fails(input: Dial) -> Result<String> {
    for sent in 0..100 {
        if let Err(error) = mpp_guest::http::get(&input.url) {
            return Ok(format!("{sent}: {}", error.kind()));
        }
    }
    Ok("never".to_owned())
}

mpp_guest::export!(dial, follow, sum, fail, dial_until_it_fails);
