//! Who makes a call, from what came with the request.

use axum::http::request::Parts;
use rmcp::RoleServer;
use rmcp::service::RequestContext;

use crate::call::stranger;
use crate::era::Era;
use crate::{About, Caller, Client, TraceContext, Transport};

/// The header that names the session.
const SESSION_HEADER: &str = "mcp-session-id";

pub(crate) fn of(context: &RequestContext<RoleServer>, transport: Transport, about: &About) -> Caller {
    let client = context.client_info();
    Caller {
        agent: about.agent.clone(),
        client: client
            .map(|program| Client { name: stranger(&program.name), version: stranger(&program.version) }),
        session: session(context),
        request: stranger(&context.id.to_string()),
        trace: trace(context),
        protocol: context.protocol_version().map(|version| stranger(version.as_str())),
        transport,
    }
}

/// The session's id, which this server made. Where revisions have no sessions the
/// header is a stranger's, and means nothing.
pub(crate) fn session(context: &RequestContext<RoleServer>) -> Option<String> {
    if Era::of(context) == Era::Stateless {
        return None;
    }
    let id = context.extensions.get::<Parts>()?.headers.get(SESSION_HEADER)?;
    id.to_str().ok().map(stranger)
}

/// The trace that the request says it is part of.
pub(crate) fn trace(context: &RequestContext<RoleServer>) -> Option<TraceContext> {
    let meta = &context.meta;
    TraceContext::parse(meta.get_traceparent()?, meta.get_tracestate())
}
