//! Requests of the protocol, answered from [`Tools`].
//!
//! One handler answers both eras. In 2026-07-28 every request says who asks and
//! stands alone; before, a session begins with `initialize`. What differs is in
//! [`Era`], and the rest does not know.

use std::borrow::Cow;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::FutureExt as _;
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
use crate::server::{MAX_CALLS, Shared};
use crate::span::{self, Asked};
use crate::{Call, Ended, Tools, Transport, caller, progress, subscriptions};

/// How long a list may be taken for fresh, in milliseconds. Short, because a
/// client that does not subscribe learns of a change in no other way.
pub const LIST_TTL_MS: u64 = 5_000;

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
        tool: Option<&str>,
        context: &RequestContext<RoleServer>,
        answering: impl Future<Output = Result<A, ErrorData>>,
    ) -> Result<A, ErrorData> {
        let asked = Asked { method, tool, context, transport: self.transport };
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
        let mut result =
            ListToolsResult::with_all_items(page.iter().map(|listed| era.tool(&listed.tool)).collect());
        result.next_cursor = next;
        result.ttl_ms = Some(LIST_TTL_MS);
        result.cache_scope = Some(CacheScope::Private);
        Ok(era.list(result))
    }

    /// Answers a call.
    async fn answer(
        &self,
        request: CallToolRequestParams,
        context: &RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let Ok(_place) = self.shared.calls.try_acquire() else {
            let busy = format!("the server is busy: {MAX_CALLS} calls are running");
            return Err(ErrorData::internal_error(busy, None));
        };
        let name = request.name.clone();
        // Dropping the call is what stops the guest.
        let ended = tokio::select! {
            biased;
            () = context.ct.cancelled() => return Err(ErrorData::internal_error("the call was cancelled", None)),
            ended = self.run(request, context) => ended,
        };
        let any_structure = Era::of(context).takes_any_structure();
        ended.into_result(&name, any_structure).map(CallToolResponse::Complete)
    }

    /// Runs a call, and passes on its progress meanwhile.
    async fn run(&self, request: CallToolRequestParams, context: &RequestContext<RoleServer>) -> Ended {
        let (progress, mut steps) = context.meta.get_progress_token().map(progress::to_client).unzip();
        let call = Call {
            tool: request.name.into_owned(),
            arguments: request.arguments.unwrap_or_default(),
            caller: caller::of(context, self.transport, &self.shared.about),
            progress,
        };
        let called = unbroken(self.shared.tools.call(call));
        let ended = match &mut steps {
            None => called.await,
            Some(steps) => tokio::select! {
                ended = called => ended,
                never = steps.forward(&context.peer) => match never {},
            },
        };
        if let Some(steps) = &mut steps {
            steps.rest(&context.peer).await;
        }
        ended
    }
}

/// A call that panics is an error like any other of the host's: without an answer
/// the client would wait for ever.
async fn unbroken(call: impl Future<Output = Ended>) -> Ended {
    let ended = AssertUnwindSafe(call).catch_unwind().await;
    ended.unwrap_or_else(|_| Ended::Unavailable("the host failed".to_owned()))
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
        self.within("initialize", None, &context, async { self.negotiate_initialize(&request) }).await
    }

    async fn discover(&self, context: RequestContext<RoleServer>) -> Result<DiscoverResult, ErrorData> {
        self.within("server/discover", None, &context, async { Ok(self.about()) }).await
    }

    async fn list_tools(
        &self,
        request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let era = Era::of(&context);
        self.within("tools/list", None, &context, async { self.page(request, era) }).await
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let listing = self.shared.tools.listing();
        let tool = listing.find(&request.name).map(|tool| &*tool.name);
        self.within("tools/call", tool, &context, self.answer(request, &context)).await
    }

    /// For the check of headers that repeat arguments; needs the schema alone.
    fn get_tool(&self, name: &str) -> Option<Tool> {
        let listing = self.shared.tools.listing();
        let tool = listing.find(name)?;
        Some(Tool::new_with_raw(tool.name.clone(), None, Arc::clone(&tool.input_schema)))
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
