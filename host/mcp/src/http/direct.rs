//! Plain calls, answered without the protocol's own transport.
//!
//! For each request that transport makes a service, tasks and channels between them,
//! and reads the message several times: more work than a small tool. A call that stands
//! alone and is answered with one message needs none of it.
//!
//! A request is plain if all that the transport looks at is there, once and as most
//! clients write it:
//!
//! | what | is |
//! |---|---|
//! | `Accept` | both types, without parameters |
//! | `MCP-Protocol-Version`, `Mcp-Method`, `Mcp-Name` | what the body says |
//! | the message | a request `tools/call` with `name`, `arguments` and `_meta` and nothing else |
//! | its `_meta` | what the revision requires, and the client's name; no wish for progress |
//! | the tool | listed, and without arguments that headers repeat |
//!
//! Everything else goes to the transport, with its body as it came. So nothing is
//! refused here, and no refusal is missing: what is wrong is not plain. A plain call is
//! judged and run where every call is ([`calling`]).

use std::fmt;
use std::future::Future;

use axum::body::Body;
use axum::http::header::{ACCEPT, AsHeaderName, CONTENT_TYPE, HeaderValue};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use rmcp::model::{
    CallToolRequestParams, Implementation, ProtocolVersion, RequestId, RequestMetaObject,
    ServerJsonRpcMessage, ServerResult,
};
use rmcp::{Peer, RoleServer};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, Visitor};

use crate::context::Context;
use crate::listing::Listing;
use crate::server::Shared;
use crate::{Object, Tools, Transport, calling};

/// The one revision that plain calls are in.
const REVISION: ProtocolVersion = ProtocolVersion::V_2026_07_28;

const METHOD: &str = "tools/call";

/// Room that an answer begins with: a small one needs no more.
const USUAL_ANSWER_BYTES: usize = 1024;

const JSON: &str = "application/json";
const EVENTS: &str = "text/event-stream";

/// A plain call.
pub(super) struct Plain<'a> {
    params: CallToolRequestParams,
    alone: Alone<'a>,
}

/// A request that stands alone.
struct Alone<'a> {
    id: RequestId,
    meta: RequestMetaObject,
    client: Implementation,
    head: &'a Parts,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Message<'a> {
    jsonrpc: &'a str,
    id: RequestId,
    method: &'a str,
    #[serde(borrow)]
    params: Keyed<Params<'a>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Params<'a> {
    name: &'a str,
    arguments: Option<Object>,
    #[serde(rename = "_meta")]
    meta: RequestMetaObject,
}

/// What is written as an object: on its own, a structure may be an array as well.
struct Keyed<T>(T);

impl<'a> Plain<'a> {
    /// The call, if the request is plain.
    pub(super) fn read(head: &'a Parts, body: &[u8], listing: &Listing) -> Option<Self> {
        let headers = &head.headers;
        let name = name(headers).filter(|_| accepts_both(headers))?;
        listing.find(name).filter(|listed| listed.repeated().is_none())?;
        let Keyed(Message { jsonrpc, id, method, params }) = serde_json::from_slice(body).ok()?;
        let Keyed(Params { name: called, arguments, meta }) = params;
        let plain = jsonrpc == "2.0"
            && method == METHOD
            && called == name
            && meta.protocol_version() == Some(REVISION)
            && meta.missing_required_keys(&REVISION).is_empty()
            && meta.get_progress_token().is_none();
        let client = meta.client_info().filter(|_| plain)?;
        let mut params = CallToolRequestParams::new(called.to_owned());
        params.arguments = arguments;
        Some(Self { params, alone: Alone { id, meta, client, head } })
    }

    /// Runs it, and answers.
    pub(super) async fn answer<T: Tools>(self, shared: &Shared<T>) -> Response {
        let Self { params, alone } = self;
        let message = match calling::answer(shared, Transport::Http, params, &alone).await {
            Ok(result) => ServerJsonRpcMessage::response(ServerResult::CallToolResult(result), alone.id),
            // Errors of a call go within the protocol, and are no error of HTTP.
            Err(error) => ServerJsonRpcMessage::error(error, Some(alone.id)),
        };
        let mut bytes = Vec::with_capacity(USUAL_ANSWER_BYTES);
        match serde_json::to_writer(&mut bytes, &message) {
            Ok(()) => json(bytes),
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    }
}

impl Context for Alone<'_> {
    fn id(&self) -> &RequestId {
        &self.id
    }

    fn meta(&self) -> &RequestMetaObject {
        &self.meta
    }

    fn revision(&self) -> Option<ProtocolVersion> {
        Some(REVISION)
    }

    fn client(&self) -> Option<Implementation> {
        Some(self.client.clone())
    }

    fn head(&self) -> Option<&Parts> {
        Some(self.head)
    }

    fn peer(&self) -> Option<&Peer<RoleServer>> {
        None
    }

    /// A client that gives up closes its connection, and the answer is dropped with it.
    fn cancelled(&self) -> impl Future<Output = ()> + Send {
        std::future::pending()
    }

    fn is_cancelled(&self) -> bool {
        false
    }
}

/// The tool that the headers name, if they say the rest of it, too.
fn name(headers: &HeaderMap) -> Option<&str> {
    let revision = one(headers, "mcp-protocol-version")?;
    let method = one(headers, "mcp-method")?;
    (revision == REVISION.as_str() && method == METHOD).then(|| one(headers, "mcp-name"))?
}

fn accepts_both(headers: &HeaderMap) -> bool {
    let Some(accept) = one(headers, ACCEPT) else { return false };
    let has = |kind: &str| accept.split(',').any(|part| part.trim().eq_ignore_ascii_case(kind));
    // A comma in quotation marks is none.
    !accept.contains('"') && has(JSON) && has(EVENTS)
}

/// The value of a header that is there once.
fn one(headers: &HeaderMap, name: impl AsHeaderName) -> Option<&str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?;
    values.next().is_none().then(|| value.to_str().ok())?
}

fn json(bytes: Vec<u8>) -> Response {
    let mut answer = Response::new(Body::from(bytes));
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(JSON));
    answer
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Keyed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields<T>(std::marker::PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
            type Value = Keyed<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<Keyed<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(fields)).map(Keyed)
            }
        }

        deserializer.deserialize_map(Fields(std::marker::PhantomData))
    }
}

#[cfg(test)]
mod tests;
