//! One request to one witness.

use std::time::Duration;

use mpp_audit::note::MAX_NOTE_BYTES;
use mpp_audit::witness::{AddCheckpoint, MAX_RESPONSE_BYTES, SIZE_CONTENT_TYPE, parse_conflict};
use reqwest::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{RequestBuilder, Response, StatusCode};

use super::error::AskError;
use super::url::WitnessUrl;

/// Time for one request, to its last byte. A witness checks a proof and writes
/// one small file.
const TIME: Duration = Duration::from_secs(20);

/// Time to reach a server.
const CONNECT_TIME: Duration = Duration::from_secs(10);

/// Most of what is shown of a refusal's words, in bytes.
const MAX_WORDS: usize = 200;

/// Asks witnesses.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    time: Duration,
}

/// What a witness answers to a checkpoint.
pub(super) enum Reply {
    /// Signature lines, none of them verified.
    Cosigned(Vec<u8>),
    /// It knows this size.
    Knows(u64),
    /// The checkpoint does not continue what it knows, it says.
    Inconsistent,
}

impl Client {
    /// A client on top of what the caller has set up: whose certificates to
    /// believe, and a proxy. Everything else is set here.
    pub fn new(builder: reqwest::ClientBuilder) -> reqwest::Result<Self> {
        let headers = HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static("identity"))]);
        let builder = builder
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .connect_timeout(CONNECT_TIME)
            .default_headers(headers);
        Ok(Self { http: builder.build()?, time: TIME })
    }

    /// As [`new`](Self::new), with another time for one request.
    #[must_use]
    pub fn within(self, time: Duration) -> Self {
        Self { time, ..self }
    }

    /// Shows a checkpoint to a witness.
    pub(super) async fn add(&self, url: &WitnessUrl, request: &AddCheckpoint) -> Result<Reply, AskError> {
        let post = self.http.post(url.below("add-checkpoint")).body(request.to_string());
        let (status, headers, body) = self.answer(post, MAX_RESPONSE_BYTES).await?;
        match status {
            StatusCode::OK => Ok(Reply::Cosigned(body)),
            StatusCode::CONFLICT
                if headers.get(CONTENT_TYPE).is_some_and(|kind| kind == SIZE_CONTENT_TYPE) =>
            {
                Ok(Reply::Knows(parse_conflict(&body)?))
            }
            StatusCode::CONFLICT => Err(AskError::NotASize),
            StatusCode::UNPROCESSABLE_ENTITY => Ok(Reply::Inconsistent),
            StatusCode::NOT_FOUND => Err(AskError::UnknownLog),
            StatusCode::FORBIDDEN => Err(AskError::UnknownKey),
            status if status.is_redirection() => Err(AskError::Redirect),
            status => Err(AskError::Status { status: status.as_u16(), words: words(&body) }),
        }
    }

    /// The newest checkpoint that a witness has cosigned of a log, in bytes, if it
    /// shows one.
    pub(super) async fn checkpoint(
        &self,
        url: &WitnessUrl,
        origin: &str,
    ) -> Result<Option<Vec<u8>>, AskError> {
        let get = self.http.get(url.below(&format!("{origin}/checkpoint")));
        let (status, _, body) = self.answer(get, MAX_NOTE_BYTES).await?;
        Ok((status == StatusCode::OK).then_some(body))
    }

    async fn answer(
        &self,
        request: RequestBuilder,
        most: usize,
    ) -> Result<(StatusCode, HeaderMap, Vec<u8>), AskError> {
        let answer = async {
            let answer = request.send().await.map_err(connection)?;
            let (status, headers) = (answer.status(), answer.headers().clone());
            Ok((status, headers, body(answer, most).await?))
        };
        tokio::time::timeout(self.time, answer).await.map_err(|_| AskError::Late(self.time))?
    }
}

/// Reads a body, and believes nothing that was said about its length.
async fn body(mut answer: Response, most: usize) -> Result<Vec<u8>, AskError> {
    if answer.headers().contains_key(CONTENT_ENCODING) {
        return Err(AskError::Encoded);
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(connection)? {
        if chunk.len() > most.saturating_sub(bytes.len()) {
            return Err(AskError::TooLong(most));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// The innermost cause: the outer ones only say that there was a request.
fn connection(error: reqwest::Error) -> AskError {
    if error.is_timeout() && error.is_connect() {
        return AskError::Connection(format!("no connection within {CONNECT_TIME:?}"));
    }
    let mut cause: &dyn std::error::Error = &error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    let doing = if error.is_connect() { "no connection" } else { "the connection broke off" };
    AskError::Connection(format!("{doing}: {cause}"))
}

/// The first line, as far as it is text, and not too much of it.
fn words(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(&body[..body.len().min(MAX_WORDS)]);
    let line = text.lines().next().unwrap_or_default();
    line.chars().filter(|c| !c.is_control()).collect()
}
