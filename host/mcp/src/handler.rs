//! Requests of the protocol, answered from [`Tools`].
//!
//! One handler answers both eras. In 2026-07-28 every request says who asks and
//! stands alone; before, a session begins with `initialize`. What differs is in
//! [`Era`], and the rest does not know.

use std::borrow::Cow;
use std::future::Future;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rmcp::model::{
    CacheScope, CallToolRequestParams, CallToolResponse, CompleteRequestMethod, CompleteRequestParams,
    CompleteResult, DiscoverResult, Implementation, InitializeRequestParams, InitializeResult,
    ListPromptsRequestMethod, ListPromptsResult, ListResourceTemplatesRequestMethod,
    ListResourceTemplatesResult, ListResourcesRequestMethod, ListResourcesResult, ListToolsResult,
    PaginatedRequestParams, ProtocolVersion, ServerCapabilities, ServerConfig, SubscriptionFilter, Tool,
};
use rmcp::service::{NotificationContext, RequestContext, SubscriptionContext};
use rmcp::{ErrorData, RoleServer, ServerHandler};
use tokio::sync::watch;

use crate::era::Era;
use crate::paging::{self, Room};
use crate::server::Shared;
use crate::span::{self, Asked};
use crate::{Tools, Transport, calling, subscriptions};

/// How long a list may be taken for fresh, in milliseconds. Short, because a
/// client that does not subscribe learns of a change in no other way.
pub const LIST_TTL_MS: u64 = 5_000;

/// What a client is told where the system does not give back what was written down.
const UNREADABLE: &str = "the descriptions of the tools cannot be read";

/// One connection, session or request, whichever the transport makes it for.
pub(crate) struct Handler<T> {
    shared: Arc<Shared<T>>,
    transport: Transport,
    /// Whether the session is told of changes already.
    told: AtomicBool,
    /// Dropped with the handler, and so tells who waits that the session is over.
    life: watch::Sender<()>,
    /// As of when the handler was made.
    changes: watch::Receiver<u64>,
}

impl<T: Tools> Handler<T> {
    pub(crate) fn new(shared: Arc<Shared<T>>, transport: Transport) -> Self {
        let life = watch::Sender::new(());
        let changes = shared.tools.changes();
        Self { shared, transport, told: AtomicBool::new(false), life, changes }
    }

    /// Answers a request within its span.
    async fn within<A: span::Answer>(
        &self,
        method: &'static str,
        context: &RequestContext<RoleServer>,
        answering: impl Future<Output = Result<A, ErrorData>>,
    ) -> Result<A, ErrorData> {
        let asked = Asked { method, tool: None, context, transport: self.transport };
        span::within(asked, &self.shared.tools, answering).await
    }

    /// What this server is, for a client of the newest revisions.
    fn about(&self) -> DiscoverResult {
        let versions = self.supported_protocol_versions().into_owned();
        let mut result = DiscoverResult::from_server_info(versions, self.get_info());
        result.ttl_ms = LIST_TTL_MS;
        result.cache_scope = CacheScope::Private;
        result
    }

    /// One page of the list.
    fn page(&self, request: Option<PaginatedRequestParams>, era: Era) -> Result<ListToolsResult, ErrorData> {
        let after = request.and_then(|request| request.cursor).map(|cursor| paging::after(&cursor));
        let after = after.transpose().map_err(|error| ErrorData::invalid_params(error.to_string(), None))?;
        let listing = self.shared.tools.listing();
        let (page, more) = listing.after(after.as_deref(), Room::PAGE);
        let next = page.last().filter(|_| more).map(|last| paging::cursor(last.name()));
        let tools = page.iter().map(|listed| Ok(era.tool(listed.tool()?))).collect::<io::Result<_>>();
        let tools = tools.map_err(|_| ErrorData::internal_error(UNREADABLE, None))?;
        let mut result = ListToolsResult::with_all_items(tools);
        result.next_cursor = next;
        result.ttl_ms = Some(LIST_TTL_MS);
        result.cache_scope = Some(CacheScope::Private);
        Ok(era.list(result))
    }
}

impl<T: Tools> ServerHandler for Handler<T> {
    fn get_info(&self) -> ServerConfig {
        let about = &self.shared.about;
        let mut program = Implementation::new(about.name.clone(), about.version.clone());
        program.title = about.title.clone();
        let offers = ServerCapabilities::builder().enable_tools().enable_tool_list_changed().build();
        let mut config = ServerConfig::new(offers).with_server_info(program);
        config.instructions = about.instructions.clone();
        config
    }

    fn supported_protocol_versions(&self) -> Cow<'static, [ProtocolVersion]> {
        Cow::Borrowed(ProtocolVersion::known_up_to(&ProtocolVersion::V_2026_07_28))
    }

    async fn initialize(
        &self,
        request: InitializeRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<InitializeResult, ErrorData> {
        context.peer.set_peer_info(request.clone());
        self.within("initialize", &context, async { self.negotiate_initialize(&request) }).await
    }

    async fn discover(&self, context: RequestContext<RoleServer>) -> Result<DiscoverResult, ErrorData> {
        self.within("server/discover", &context, async { Ok(self.about()) }).await
    }

    async fn list_tools(
        &self,
        request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let era = Era::of(&context);
        self.within("tools/list", &context, async { self.page(request, era) }).await
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let answer = calling::answer(&self.shared, self.transport, request, &context).await;
        answer.map(CallToolResponse::Complete)
    }

    /// For the check of headers that repeat arguments; needs the schema alone.
    fn get_tool(&self, name: &str) -> Option<Tool> {
        let listing = self.shared.tools.listing();
        // One of which headers repeat nothing passes that check with any schema.
        let schema = listing.find(name)?.repeated().map(Arc::clone).unwrap_or_default();
        Some(Tool::new_with_raw(name.to_owned(), None, schema))
    }

    async fn on_initialized(&self, context: NotificationContext<RoleServer>) {
        // A client that says it twice is not told twice.
        if !self.told.swap(true, Ordering::Relaxed) {
            let (changes, life) = (self.changes.clone(), self.life.subscribe());
            tokio::spawn(subscriptions::tell(context.peer, changes, life));
        }
    }

    fn accepted_subscription_filter(&self, requested: &SubscriptionFilter) -> Option<SubscriptionFilter> {
        let mut accepted = SubscriptionFilter::new();
        accepted.tools_list_changed = requested.tools_list_changed;
        Some(accepted)
    }

    async fn listen(&self, subscription: SubscriptionContext) -> Result<(), ErrorData> {
        subscriptions::listen(&self.shared, subscription, self.changes.clone()).await
    }

    // What is not offered is not there; the defaults would answer with empty lists.

    async fn complete(
        &self,
        _: CompleteRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CompleteResult, ErrorData> {
        Err(ErrorData::method_not_found::<CompleteRequestMethod>())
    }

    async fn list_prompts(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        Err(ErrorData::method_not_found::<ListPromptsRequestMethod>())
    }

    async fn list_resources(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        Err(ErrorData::method_not_found::<ListResourcesRequestMethod>())
    }

    async fn list_resource_templates(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        Err(ErrorData::method_not_found::<ListResourceTemplatesRequestMethod>())
    }
}
