//! Who makes a call, from what came with the request.

use rmcp::model::{ProtocolVersion, RequestMetaObject};

use crate::call::stranger;
use crate::context::Context;
use crate::era::Era;
use crate::{About, Caller, Client, TraceContext, Transport};

/// The header that names the session.
const SESSION_HEADER: &str = "mcp-session-id";

pub(crate) fn of(context: &impl Context, transport: Transport, about: &About) -> Caller {
    let client = context.client();
    Caller {
        agent: about.agent.clone(),
        client: client
            .map(|program| Client { name: stranger(&program.name), version: stranger(&program.version) }),
        session: session(context),
        request: stranger(&context.id().to_string()),
        trace: trace(context),
        protocol: context.revision().map(|version| stranger(version.as_str())),
        transport,
    }
}

/// The session's id, which this server made. Where a request stands alone the
/// header is a stranger's, and means nothing.
pub(crate) fn session(context: &impl Context) -> Option<String> {
    if Era::of(context) == Era::Stateless || stands_alone(context.meta()) {
        return None;
    }
    let id = context.head()?.headers.get(SESSION_HEADER)?;
    id.to_str().ok().map(stranger)
}

/// Whether a request brings all that a session would have told of the client: then it
/// is served without one, whatever revision it names.
pub(crate) fn stands_alone(meta: &RequestMetaObject) -> bool {
    meta.missing_required_keys(&ProtocolVersion::V_2026_07_28).is_empty()
}

/// The trace that the request says it is part of.
pub(crate) fn trace(context: &impl Context) -> Option<TraceContext> {
    let meta = context.meta();
    TraceContext::parse(meta.get_traceparent()?, meta.get_tracestate())
}
