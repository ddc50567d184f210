//! Requests that no client of ours sends: refused at the first thing that is
//! wrong with them, and nothing is called.

use std::net::{Ipv4Addr, TcpListener};

use serde_json::{Value, json};

use super::packages::TEXT_STATS;
use super::{Post, Served, User};

/// Longest message of a client, in bytes.
const MAX_MESSAGE_BYTES: usize = 4 * 1024 * 1024;

struct Web {
    user: User,
    server: Served,
}

impl Web {
    fn start(arguments: &[&str]) -> Self {
        let user = User::who_installed([&TEXT_STATS]);
        let server = Served::start(&user, arguments);
        Self { user, server }
    }

    #[track_caller]
    fn refuses(&self, post: &Post, status: u16, says: &str) {
        let answer = self.server.ask(post);
        assert_eq!((answer.status, answer.text()), (status, says), "{answer:?}");
    }

    /// The code of the error of a request that is refused.
    #[track_caller]
    fn error(&self, post: &Post, status: u16) -> Value {
        let answer = self.server.ask(post);
        assert_eq!(answer.status, status, "{answer:?}");
        answer.last()["error"]["code"].clone()
    }

    /// A right request is answered, and is the only one that called anything.
    #[track_caller]
    fn end(self) {
        assert_eq!(self.server.ask(&right()).result()["isError"], false);
        self.server.stop().done();
        assert_eq!(self.user.calls_on_record().len(), 1);
    }
}

fn right() -> Post {
    Post::call("text-stats", json!({"text": "a"}))
}

#[test]
fn a_page_from_elsewhere_is_refused() {
    let web = Web::start(&[]);
    for origin in ["http://evil.example", "null", "http://localhost:3000", "https://127.0.0.1"] {
        let says = "pages of this origin may not use this server\n";
        web.refuses(&right().line("Origin", origin), 403, says);
    }
    web.end();
}

#[test]
fn a_page_whose_origin_the_operator_named_is_served() {
    let web = Web::start(&["--origin", "https://app.example"]);
    let answer =
        web.server.ask(&Post::stateless("tools/list", json!({})).line("Origin", "https://app.example"));
    assert_eq!(
        (answer.status, answer.header("access-control-allow-origin")),
        (200, Some("https://app.example"))
    );
    web.end();
}

#[test]
fn a_name_that_somebody_points_at_this_machine_is_refused() {
    let web = Web::start(&["--host", "tools.example"]);
    for host in ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "tools.example.evil.example"] {
        web.refuses(&right().line("Host", host), 403, "the Host header does not name this server\n");
    }
    let list = Post::stateless("tools/list", json!({}));
    assert_eq!(web.server.ask(&list.line("Host", "tools.example")).status, 200);
    web.end();
}

#[test]
fn a_message_longer_than_any_is_refused() {
    let web = Web::start(&[]);
    let long = right().body(vec![b' '; MAX_MESSAGE_BYTES + 1]);
    assert_eq!(web.error(&long, 413), -32600);
    web.end();
}

#[test]
fn what_is_no_message_is_refused() {
    let web = Web::start(&[]);
    for body in ["", "{", "{\"jsonrpc\": \"2.0\"", "\u{0}"] {
        assert_eq!(web.error(&right().body(body), 400), -32700, "{body:?}");
    }
    for body in ["[]", "null", "{}", "[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}]"] {
        assert_eq!(web.error(&right().body(body), 400), -32600, "{body:?}");
    }
    web.end();
}

#[test]
fn headers_that_do_not_agree_with_the_message_are_refused() {
    let web = Web::start(&[]);
    for post in [
        right().line("Mcp-Method", "tools/list"),
        right().line("Mcp-Name", "another"),
        right().without("Mcp-Method"),
        right().without("Mcp-Name"),
        right().line("MCP-Protocol-Version", "2025-11-25"),
        right().without("MCP-Protocol-Version"),
    ] {
        assert_eq!(web.error(&post, 400), -32020);
    }
    assert_eq!(web.server.ask(&right().line("Content-Type", "text/plain")).status, 415);
    assert_eq!(web.server.ask(&right().line("Accept", "text/html")).status, 406);
    web.end();
}

#[test]
fn a_session_that_there_is_not_is_refused() {
    let web = Web::start(&[]);
    let call = Served::calling("no-such-session", 1, "text-stats", json!({"text": "a"}));
    assert_eq!(web.server.ask(&call).status, 404);
    web.end();
}

#[test]
fn a_port_that_is_taken_is_status_1_and_says_what_to_do() {
    let user = User::new();
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let address = taken.local_addr().expect("a port has an address").to_string();
    user.run(["serve", "--http", &address]).failed(
        1,
        &[&format!("cannot listen on {address}"), "name another port: --http 127.0.0.1:0 takes a free one"],
    );
}

#[test]
fn what_is_no_origin_and_no_name_is_refused_before_anything_is_served() {
    let user = User::new();
    let serve = |option: &str, value: &str| {
        user.run(["serve", "--http", "127.0.0.1:0", option, value]).with_status(2)
    };
    serve("--origin", "app.example")
        .saying(&["\"app.example\" is not an origin, such as https://app.example"]);
    serve("--host", "app.example:80")
        .saying(&["\"app.example:80\" is not the name of a host, without a port"]);
    user.run(["serve", "--token"]).failed(2, &["--http"]);
    user.run(["serve", "--http", "example.com:80"]).failed(2, &["--http"]);
}
