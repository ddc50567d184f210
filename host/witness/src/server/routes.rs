//! What is asked for, and answers as HTTP.

use std::sync::Arc;
use std::time::SystemTime;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody as _, to_bytes};
use axum::extract::{Path, Request, State};
use axum::http::header::{CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use tokio::time::timeout;

use super::Told;
use super::limits::{BODY_TIME, MAX_REQUEST_BYTES};
use crate::witness::{Answer, Witness};

#[derive(Clone)]
struct Served {
    witness: Arc<Witness>,
    told: Told,
}

pub(super) fn of(witness: Arc<Witness>, told: Told) -> Router {
    Router::new()
        .route("/", get(page))
        .route("/add-checkpoint", post(add_checkpoint))
        .route("/{origin}/checkpoint", get(checkpoint))
        .with_state(Served { witness, told })
}

async fn page(State(served): State<Served>) -> Answer {
    served.witness.page()
}

async fn checkpoint(State(served): State<Served>, Path(origin): Path<String>) -> Answer {
    off(served.witness, move |witness| witness.checkpoint(&origin)).await
}

async fn add_checkpoint(State(served): State<Served>, request: Request) -> Answer {
    let Served { witness, told } = served;
    let body = body(request.into_body()).await;
    // Told before the answer is on its way, so also where the client is gone.
    let answer = move |witness: &Witness| {
        let answer =
            body.map_or_else(|refused| refused, |body| witness.add_checkpoint(&body, SystemTime::now()));
        told(&answer);
        answer
    };
    off(witness, answer).await
}

/// On a thread that may wait for the disk, or for another that does. It goes on
/// to its end also when the client is gone: what is stored is stored.
async fn off(witness: Arc<Witness>, answer: impl FnOnce(&Witness) -> Answer + Send + 'static) -> Answer {
    let answered = tokio::task::spawn_blocking(move || answer(&witness));
    answered.await.unwrap_or_else(|_| Answer::words(500, "nothing was signed"))
}

/// The body of a request, if it is there in time and no longer than any.
async fn body(body: Body) -> Result<Bytes, Answer> {
    let too_long = || Answer::words(413, &format!("a request has at most {MAX_REQUEST_BYTES} bytes"));
    if body.size_hint().lower() > MAX_REQUEST_BYTES as u64 {
        return Err(too_long());
    }
    match timeout(BODY_TIME, to_bytes(body, MAX_REQUEST_BYTES)).await {
        Err(_) => Err(Answer::words(408, "the request did not arrive in time")),
        // Either too long, or broken off; then nobody reads the answer.
        Ok(bytes) => bytes.map_err(|_| too_long()),
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = [
            (CONTENT_TYPE, HeaderValue::from_static(self.content_type)),
            // Words in an answer may be a stranger's: no browser is to guess what they are.
            (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        ];
        (status, headers, self.body).into_response()
    }
}
