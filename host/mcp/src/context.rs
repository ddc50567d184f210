//! What comes with a request beside what it asks for, whichever way it came.

use std::future::Future;

use axum::http::request::Parts;
use rmcp::model::{Implementation, ProtocolVersion, RequestId, RequestMetaObject};
use rmcp::service::RequestContext;
use rmcp::{Peer, RoleServer};

use crate::caller::stands_alone;

/// A request's surroundings. Nothing is looked up before it is asked for.
pub(crate) trait Context: Sync {
    /// Its id.
    fn id(&self) -> &RequestId;

    /// Its `_meta`.
    fn meta(&self) -> &RequestMetaObject;

    /// The revision that it is in.
    fn revision(&self) -> Option<ProtocolVersion>;

    /// The client program, as it names itself.
    fn client(&self) -> Option<Implementation>;

    /// The head of the HTTP request, where it came with one.
    fn head(&self) -> Option<&Parts>;

    /// Whom to tell before the answer, where there is a way.
    fn peer(&self) -> Option<&Peer<RoleServer>>;

    /// Returns once the client has given the request up and the answer need not come.
    fn cancelled(&self) -> impl Future<Output = ()> + Send;

    /// Whether it has.
    fn is_cancelled(&self) -> bool;
}

impl Context for RequestContext<RoleServer> {
    fn id(&self) -> &RequestId {
        &self.id
    }

    fn meta(&self) -> &RequestMetaObject {
        &self.meta
    }

    fn revision(&self) -> Option<ProtocolVersion> {
        self.protocol_version()
    }

    fn client(&self) -> Option<Implementation> {
        // Of a client that does not name itself the library makes one up, with a name of its own.
        if stands_alone(&self.meta) { self.meta.client_info() } else { self.client_info() }
    }

    fn head(&self) -> Option<&Parts> {
        self.extensions.get()
    }

    fn peer(&self) -> Option<&Peer<RoleServer>> {
        Some(&self.peer)
    }

    fn cancelled(&self) -> impl Future<Output = ()> + Send {
        self.ct.cancelled()
    }

    fn is_cancelled(&self) -> bool {
        self.ct.is_cancelled()
    }
}
