//! Whoever is asked: the server with a tool that does nothing, and one without it.

use std::convert::Infallible;
use std::fs;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, HeaderValue};
use axum::http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use mpp_mcp::catalog::Annotations;
use mpp_mcp::http::{self, Access, Settings};
use mpp_mcp::{About, Answer, Call, Ended, Listing, ToolEntry, Tools};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;

/// The tool that is called.
pub const TOOL: &str = "nothing";

/// The name of the server's threads.
const THREAD: &str = "served";

/// Both servers, each on a port of its own.
pub struct Server {
    pub tools: SocketAddr,
    pub nothing: SocketAddr,
    _runtime: Runtime,
}

impl Server {
    pub fn start() -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(2).thread_name(THREAD).enable_all().build();
        let runtime = runtime.expect("a runtime");
        let listen = || runtime.block_on(TcpListener::bind(("127.0.0.1", 0))).expect("a port");
        let (tools, nothing) = (listen(), listen());
        let address = |listener: &TcpListener| listener.local_addr().expect("an address");
        let (at, nothing_at) = (address(&tools), address(&nothing));
        runtime.spawn(serve_tools(tools));
        runtime.spawn(serve_nothing(nothing));
        Self { tools: at, nothing: nothing_at, _runtime: runtime }
    }
}

/// The processor's time that the server's threads have taken.
pub fn processor_time() -> Duration {
    let tasks = fs::read_dir("/proc/self/task").expect("Linux").map(|task| task.expect("a thread").path());
    let served = tasks
        .filter(|task| fs::read_to_string(task.join("comm")).is_ok_and(|name| name.trim_end() == THREAD));
    let taken = served.map(|task| {
        let text = fs::read_to_string(task.join("schedstat")).expect("Linux counts for each thread");
        let nanoseconds = text.split(' ').next().and_then(|first| first.parse().ok());
        Duration::from_nanos(nanoseconds.expect("nanoseconds"))
    });
    taken.sum()
}

/// A small answer, as a tool gives it.
pub fn answer() -> Value {
    json!({
        "bytes": 40, "characters": 40, "words": 10, "unique_words": 8, "lines": 1, "sentences": 1,
        "top_words": [{"word": "be", "count": 2}, {"word": "to", "count": 2}, {"word": "is", "count": 1}],
    })
}

async fn serve_tools(listener: TcpListener) {
    let about = About {
        name: "bench".to_owned(),
        title: None,
        version: "1".to_owned(),
        instructions: None,
        agent: None,
    };
    let settings = Settings { access: Access::Loopback, names: Vec::new(), origins: Vec::new() };
    let server = mpp_mcp::Server::new(Nothing::new(), about);
    http::serve(server, listener, settings, std::future::pending()).await.expect("it serves");
}

/// Answers at once, and always the same.
struct Nothing {
    listing: Arc<Listing>,
    changes: watch::Sender<u64>,
    answer: Value,
}

impl Nothing {
    fn new() -> Self {
        let input = json!({
            "type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]
        });
        let tool = ToolEntry {
            name: TOOL.to_owned(),
            title: None,
            description: "Does nothing.".to_owned(),
            input_schema: Arc::new(input.as_object().expect("an object").clone()),
            output_schema: None,
            icons: Vec::new(),
            annotations: Annotations::of(&mpp_policy::Permissions::none()),
            origin: None,
        };
        let listing = Arc::new(Listing::new(1, [tool]).expect("a list"));
        Self { listing, changes: watch::Sender::new(1), answer: answer() }
    }
}

impl Tools for Nothing {
    fn listing(&self) -> Arc<Listing> {
        Arc::clone(&self.listing)
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    async fn call(&self, call: Call) -> Ended {
        if call.arguments.get("text").is_none() {
            return Ended::Unavailable("the arguments are not those of the client".to_owned());
        }
        let invocation = Some("019a0000-0000-7000-8000-000000000000".to_owned());
        Ended::Answered(Answer { content: Vec::new(), structured: Some(self.answer.clone()), invocation })
    }
}

async fn serve_nothing(listener: TcpListener) {
    loop {
        let (stream, _) = listener.accept().await.expect("a connection");
        stream.set_nodelay(true).expect("it is a socket");
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(nothing)));
    }
}

/// The answer has the length of the other server's.
async fn nothing(request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
    let body = axum::body::to_bytes(Body::new(request.into_body()), usize::MAX).await.expect("a body");
    let text = format!("{{\"asked\":{},\"structuredContent\":{},\"fill\":{:350}}}", body.len(), answer(), 0);
    let mut response = Response::new(Body::from(text));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}
