//! What is asked for, and by whom.

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::Body;
use axum::http::header::{
    AUTHORIZATION, CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use axum::response::{IntoResponse as _, Response};
use hyper::body::Incoming;
use hyper::service::{Service, service_fn};
use rmcp::transport::streamable_http_server::StreamableHttpService;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;

use super::cors::Page;
use super::direct::Plain;
use super::gate::{Gate, Stopped};
use super::inflight::Inflight;
use super::limits::MAX_SESSIONS;
use super::message::{self, Malformed, Message};
use super::token::{Missing, Shown, Token};
use crate::Tools;
use crate::handler::Handler;
use crate::server::Shared;

/// Where the server is.
pub const PATH: &str = "/mcp";

/// The error of JSON-RPC for what is this server's to put right.
const INTERNAL_ERROR: i32 = -32603;

pub(super) struct Served<T: Tools> {
    pub(super) gate: Gate,
    pub(super) token: Option<Token>,
    pub(super) shared: Arc<Shared<T>>,
    pub(super) service: StreamableHttpService<Handler<T>, LocalSessionManager>,
    pub(super) sessions: Arc<LocalSessionManager>,
    pub(super) inflight: Inflight,
    /// Whether plain calls take the short way. Tests hold it against the long one.
    pub(super) direct: bool,
}

/// What answers the requests of a connection. There is one place, so that finding it
/// needs no router.
pub(super) fn of<T: Tools>(
    served: Served<T>,
) -> impl Service<Request<Incoming>, Response = Response, Error = Infallible, Future: Send> + Clone + Send + 'static
{
    let served = Arc::new(served);
    service_fn(move |request: Request<Incoming>| {
        let served = Arc::clone(&served);
        async move { Ok(served.answer(request.map(Body::new)).await) }
    })
}

impl<T: Tools> Served<T> {
    /// Answers a request.
    pub(super) async fn answer(&self, request: Request<Body>) -> Response {
        if request.uri().path() != PATH {
            return StatusCode::NOT_FOUND.into_response();
        }
        let mut answer = match self.gate.check(request.uri(), request.headers()) {
            Err(why) => stopped(why),
            Ok(None) => self.admitted(request).await,
            Ok(Some(page)) => self.page(page, request).await,
        };
        // Words in an answer may be a stranger's: no browser is to guess what they are.
        answer.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        answer
    }

    /// A request of a page from elsewhere, or its browser's question.
    async fn page(&self, page: Page, request: Request<Body>) -> Response {
        if Page::asks(request.method(), request.headers()) {
            return page.may();
        }
        let mut answer = self.admitted(request).await;
        page.name_in(&mut answer);
        answer
    }

    /// A request from where requests may come; of it, the head alone was read.
    async fn admitted(&self, request: Request<Body>) -> Response {
        match self.token.as_ref().map(|token| token.is_shown(request.headers())) {
            Some(Shown::Not(missing)) => unauthorized(missing),
            None | Some(Shown::Right) => self.authorized(request).await,
        }
    }

    async fn authorized(&self, mut request: Request<Body>) -> Response {
        // It has served its purpose, and what comes next keeps the head and logs it.
        request.headers_mut().remove(AUTHORIZATION);
        if request.method() == Method::POST {
            return self.post(request).await;
        }
        let ends = request.method() == Method::DELETE;
        let answer = Box::pin(self.service.handle(request)).await.map(Body::new);
        if ends { ended(answer) } else { answer }
    }

    /// A message. Counted until its answer is sent.
    async fn post(&self, request: Request<Body>) -> Response {
        let underway = self.inflight.begin();
        let (head, body) = request.into_parts();
        if !is_json(&head.headers) {
            return plain_text(StatusCode::UNSUPPORTED_MEDIA_TYPE, "a message is application/json");
        }
        let bytes = match message::body(body).await {
            Ok(bytes) => bytes,
            Err(malformed) => return malformed.into_response(),
        };
        if let Some(plain) = self.plain(&head, &bytes) {
            drop(bytes);
            return underway.until_sent(self.directly(plain).await);
        }
        let message = match message::read(bytes) {
            Ok(message) => message,
            Err(malformed) => return malformed.into_response(),
        };
        if self.is_full(&message).await {
            return too_many_sessions(message);
        }
        let Message { bytes, id, .. } = message;
        // Boxed, as above: each connection has room for its largest request, busy or not.
        let request = Request::from_parts(head, Body::from(bytes));
        let answer = Box::pin(self.service.handle(request)).await.map(Body::new);
        // Its type was looked at above, so what the protocol did not take is the message.
        if answer.status() == StatusCode::UNSUPPORTED_MEDIA_TYPE {
            return Malformed::NotAMessage { id }.into_response();
        }
        underway.until_sent(answer)
    }

    /// The call that this is, if it needs no more than an answer.
    fn plain<'a>(&self, head: &'a Parts, bytes: &[u8]) -> Option<Plain<'a>> {
        if !self.direct {
            return None;
        }
        Plain::read(head, bytes, &self.shared.tools.listing())
    }

    /// Answers a call, unless the server has no more time for it.
    async fn directly(&self, plain: Plain<'_>) -> Response {
        tokio::select! {
            biased;
            answer = plain.answer(&self.shared) => answer,
            () = self.service.config.cancellation_token.cancelled() => {
                plain_text(StatusCode::INTERNAL_SERVER_ERROR, "the server is stopping")
            }
        }
    }

    /// Whether this would begin a session more than there may be.
    async fn is_full(&self, message: &Message) -> bool {
        message.method.as_deref() == Some("initialize")
            && self.sessions.sessions.read().await.len() >= MAX_SESSIONS
    }
}

/// A session that is ended is ended: nothing is left to be done, as "accepted" has
/// it, and some clients take that for a failure.
fn ended(mut answer: Response) -> Response {
    if answer.status() == StatusCode::ACCEPTED {
        *answer.status_mut() = StatusCode::NO_CONTENT;
    }
    answer
}

fn stopped(why: Stopped) -> Response {
    let status = match why {
        Stopped::NoHost => StatusCode::BAD_REQUEST,
        Stopped::Host | Stopped::Origin => StatusCode::FORBIDDEN,
    };
    tracing::warn!(%why, "a request was refused");
    plain_text(status, &why.to_string())
}

/// RFC 6750, section 3: what to show, and what was wrong with what was shown.
fn unauthorized(missing: Missing) -> Response {
    let challenge = match missing {
        Missing::None => "Bearer",
        Missing::Wrong => "Bearer error=\"invalid_token\"",
    };
    tracing::warn!(?missing, "a request that does not show the token was refused");
    let mut refusal = plain_text(StatusCode::UNAUTHORIZED, "this server needs its token");
    refusal.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    refusal
}

fn too_many_sessions(message: Message) -> Response {
    let why = format!("there are {MAX_SESSIONS} sessions already");
    let mut refusal = message::error(StatusCode::SERVICE_UNAVAILABLE, INTERNAL_ERROR, &why, message.id);
    refusal.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("60"));
    refusal
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = value.and_then(|value| value.split(';').next());
    essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
}

fn plain_text(status: StatusCode, why: &str) -> Response {
    (status, format!("{why}\n")).into_response()
}
