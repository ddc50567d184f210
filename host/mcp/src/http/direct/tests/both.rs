//! One server by two ways, and requests for it.

use std::sync::{Arc, Mutex, PoisonError};

use axum::body::{Body, to_bytes};
use axum::http::Request;
use axum::http::header::HeaderValue;
use rmcp::transport::streamable_http_server::StreamableHttpService;
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;

use super::super::Plain;
use crate::catalog::Annotations;
use crate::handler::Handler;
use crate::http::gate::Gate;
use crate::http::inflight::Inflight;
use crate::http::routes::Served;
use crate::http::{protocol, sessions};
use crate::{
    About, Answer, Call, Caller, Content, Ended, Failure, FailureKind, Listing, Object, Server, ToolEntry,
    Tools, Transport,
};

/// The tools that answer, each in its own way.
pub const TOOLS: [&str; 7] = ["echo", "text", "number", "failed", "unavailable", "panic", "gone"];

/// With which arguments a tool was called, and by whom.
type Called = Arc<Mutex<Vec<(Object, Caller)>>>;

/// What became of a request.
#[derive(Debug, PartialEq)]
pub struct Answered {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
    called: Vec<(Object, Caller)>,
}

/// A call of each tool comes to another end.
struct Ends {
    listing: Arc<Listing>,
    changes: watch::Sender<u64>,
    called: Called,
}

impl Tools for Ends {
    fn listing(&self) -> Arc<Listing> {
        Arc::clone(&self.listing)
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    async fn call(&self, call: Call) -> Ended {
        let Call { tool, arguments, caller, progress: _ } = call;
        let answer = Answer { content: Vec::new(), structured: None, invocation: None };
        let ended = match tool.as_str() {
            "echo" | "region" => {
                Ended::Answered(Answer { structured: Some(Value::Object(arguments.clone())), ..answer })
            }
            "text" => Ended::Answered(Answer { content: vec![Content::Text("<\u{1}é".into())], ..answer }),
            "number" => Ended::Answered(Answer {
                structured: Some(json!(1.5)),
                invocation: Some("0190".into()),
                ..answer
            }),
            "failed" => Ended::Failed(Failure {
                kind: FailureKind::Denied,
                code: Some("filesystem.read".into()),
                message: "no".into(),
                invocation: None,
            }),
            "unavailable" => Ended::Unavailable("the log is full".into()),
            "panic" => panic!("it is asked to"),
            _ => Ended::NoSuchTool,
        };
        self.called.lock().unwrap_or_else(PoisonError::into_inner).push((arguments, caller));
        ended
    }
}

fn entry(name: &str, schema: Value) -> ToolEntry {
    ToolEntry {
        name: name.to_owned(),
        title: None,
        description: String::new(),
        input_schema: Arc::new(schema.as_object().unwrap().clone()),
        output_schema: None,
        icons: Vec::new(),
        annotations: Annotations::of(&mpp_policy::Permissions::none()),
        origin: None,
    }
}

fn listing() -> Listing {
    let region =
        json!({"type": "object", "properties": {"region": {"type": "string", "x-mcp-header": "Region"}}});
    let tools = TOOLS.map(|name| entry(name, json!({"type": "object"})));
    Listing::new(1, tools.into_iter().chain([entry("region", region)])).unwrap()
}

/// The same server twice: by the short way where there is one, and always by the long.
pub struct Both {
    runtime: Runtime,
    ways: [(Served<Ends>, Called); 2],
}

impl Both {
    pub fn new() -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let ways = [true, false].map(|direct| {
            let called = Called::default();
            let tools = Ends {
                listing: Arc::new(listing()),
                changes: watch::Sender::new(1),
                called: Arc::clone(&called),
            };
            let about = About {
                name: "ends".into(),
                title: None,
                version: "1".into(),
                instructions: None,
                agent: Some("planner".into()),
            };
            (served(Server::new(tools, about), direct), called)
        });
        Self { runtime, ways }
    }

    /// What becomes of a request on either way.
    pub fn ask(&self, request: &Asking) -> [Answered; 2] {
        [0, 1].map(|way| {
            let (served, called) = &self.ways[way];
            let mut answered = self.runtime.block_on(answered(served, request));
            answered.called = std::mem::take(&mut *called.lock().unwrap());
            answered
        })
    }

    pub fn takes_the_short_way(&self, request: &Asking) -> bool {
        let (head, _) = request.request().into_parts();
        Plain::read(&head, &request.body, &listing()).is_some()
    }
}

async fn answered(served: &Served<Ends>, request: &Asking) -> Answered {
    let answer = served.answer(request.request()).await;
    let status = answer.status().as_u16();
    let text = |value: &HeaderValue| value.to_str().unwrap().to_owned();
    let headers = answer.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect();
    let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
    Answered { status, headers, body: String::from_utf8(body.to_vec()).unwrap(), called: Vec::new() }
}

fn served(server: Server<Ends>, direct: bool) -> Served<Ends> {
    let gate = Gate::new("127.0.0.1:80".parse().unwrap(), &[], &[]).unwrap();
    let sessions = Arc::new(sessions());
    let shared = Arc::clone(&server.0);
    let handler = {
        let shared = Arc::clone(&shared);
        move || Ok(Handler::new(Arc::clone(&shared), Transport::Http))
    };
    let service = StreamableHttpService::new(handler, Arc::clone(&sessions), protocol(&gate));
    Served { gate, token: None, shared, service, sessions, inflight: Inflight::new(), direct }
}

/// A request, a plain one to begin with.
#[derive(Clone, Debug)]
pub struct Asking {
    pub head: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Asking {
    pub fn of(message: &Value, name: &str) -> Self {
        let head = [
            ("host", "localhost"),
            ("content-type", "application/json"),
            ("accept", "application/json, text/event-stream"),
            ("mcp-protocol-version", "2026-07-28"),
            ("mcp-method", "tools/call"),
            ("mcp-name", name),
        ];
        let head = head.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        Self { head, body: message.to_string().into_bytes() }
    }

    pub fn plain(name: &str) -> Self {
        Self::of(&message(name), name)
    }

    pub fn text(text: &str) -> Self {
        Self { body: text.as_bytes().to_vec(), ..Self::plain("echo") }
    }

    pub fn line(mut self, name: &str, value: &str) -> Self {
        self = self.without(name);
        self.and(name, value)
    }

    pub fn and(mut self, name: &str, value: &str) -> Self {
        self.head.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.head.retain(|(other, _)| other != name);
        self
    }

    fn request(&self) -> Request<Body> {
        let request = Request::post("/mcp");
        let request = self.head.iter().fold(request, |request, (name, value)| request.header(name, value));
        request.body(Body::from(self.body.clone())).unwrap()
    }
}

pub fn message(name: &str) -> Value {
    json!({
        "jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": {
            "name": name, "arguments": {"text": "é\n", "n": [1, 2.5, -0.0, 1e300, null, {"b": {}, "a": true}]},
            "_meta": {
                "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientInfo": {"name": "tests", "version": "1"},
                "io.modelcontextprotocol/clientCapabilities": {},
            },
        },
    })
}
