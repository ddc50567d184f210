//! Requests that no client of ours sends.

use mpp_mcp::Server;
use mpp_mcp::http::limits::{BODY_TIME, HEAD_TIME, READ_TIME};
use mpp_mcp::http::{self, Access, ServeError, Settings, Token};
use mpp_mcp::limits::MAX_MESSAGE_BYTES;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::time::Instant;

use crate::fixture::Fixture;
use crate::support::{Request, Running, about, open};

const TOKEN: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

fn echo() -> Request {
    Request::call("echo", json!({}))
}

/// Refused, and nothing was called.
async fn refused(server: &Running, request: &Request, status: u16, text: &str) {
    let answer = server.ask(request).await;
    assert_eq!((answer.status, answer.text()), (status, text), "{answer:?}");
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(server.fixture.callers(), []);
}

#[tokio::test]
async fn a_page_from_elsewhere_is_refused_in_both_eras() {
    let server = Running::start().await;
    let says = "pages of this origin may not use this server\n";
    let begin = Request::message(json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {}}));
    for origin in ["http://evil.example", "null", "http://localhost:3000"] {
        refused(&server, &echo().line("Origin", origin), 403, says).await;
        refused(&server, &begin.clone().line("Origin", origin), 403, says).await;
        refused(&server, &Request::stream("any").line("Origin", origin), 403, says).await;
    }
    let own = format!("http://{}", server.address);
    assert_eq!(server.ask(&echo().line("Origin", &own)).await.status, 200);
}

#[tokio::test]
async fn a_page_whose_origin_the_operator_named_may_use_the_server() {
    let settings = Settings {
        access: Access::Token(Token::parse(TOKEN).unwrap()),
        origins: vec!["https://app.example".to_owned()],
        names: Vec::new(),
    };
    let server = Running::with(Fixture::default(), settings).await;
    // Its browser asks first, and shows no token.
    let asked = Request::question().line("Origin", "https://app.example");
    let may = server.ask(&asked).await;
    assert_eq!(may.status, 204);
    assert_eq!(may.header("access-control-allow-origin"), Some("https://app.example"));
    assert_eq!(may.header("access-control-allow-headers"), Some("authorization, *"));
    assert_eq!(may.header("access-control-allow-methods"), Some("GET, POST, DELETE"));

    let page = echo().line("Origin", "https://app.example");
    let answer = server.ask(&page).await;
    assert_eq!(
        (answer.status, answer.header("access-control-allow-origin")),
        (401, Some("https://app.example"))
    );
    let answer = server.ask(&page.line("Authorization", &format!("Bearer {TOKEN}"))).await;
    assert_eq!(
        (answer.status, answer.header("access-control-allow-origin")),
        (200, Some("https://app.example"))
    );
    assert_eq!(answer.header("vary"), Some("origin"));

    let other = server.ask(&asked.line("Origin", "https://other.example")).await;
    assert_eq!((other.status, other.header("access-control-allow-origin")), (403, None));
}

#[tokio::test]
async fn a_name_that_somebody_points_at_this_machine_is_refused() {
    let server = Running::start().await;
    let says = "the Host header does not name this server\n";
    for host in ["evil.example", "evil.example:80", "127.0.0.1.evil.example"] {
        refused(&server, &echo().line("Host", host), 403, says).await;
    }
    refused(&server, &echo().line("Host", "a b"), 400, "the request needs one Host header\n").await;
}

#[tokio::test]
async fn a_name_that_the_operator_gave_the_server_is_its_own() {
    let settings = Settings { names: vec!["tools.example".to_owned()], ..open() };
    let server = Running::with(Fixture::default(), settings).await;
    assert_eq!(server.ask(&echo().line("Host", "tools.example")).await.status, 200);
}

#[tokio::test]
async fn a_server_with_a_token_answers_nobody_who_does_not_show_it() {
    let settings = Settings { access: Access::Token(Token::parse(TOKEN).unwrap()), ..open() };
    let server = Running::with(Fixture::default(), settings).await;
    let says = "this server needs its token\n";
    for (shown, challenge) in [
        (None, "Bearer"),
        (Some("Bearer wrong"), "Bearer error=\"invalid_token\""),
        (Some(TOKEN), "Bearer error=\"invalid_token\""),
    ] {
        let request = shown.map_or_else(echo, |shown| echo().line("Authorization", shown));
        refused(&server, &request, 401, says).await;
        assert_eq!(server.ask(&request).await.header("www-authenticate"), Some(challenge));
    }
    refused(&server, &Request::stream("any"), 401, says).await;
    refused(&server, &Request::end("any"), 401, says).await;
    let shown = echo().line("Authorization", &format!("Bearer {TOKEN}"));
    assert_eq!(server.ask(&shown).await.status, 200);
    // Where it comes from is asked first.
    let answer = server.ask(&shown.line("Origin", "http://evil.example")).await;
    assert_eq!(answer.status, 403);
}

#[tokio::test]
async fn a_server_that_others_can_reach_needs_a_token() {
    let listener = TcpListener::bind(("0.0.0.0", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = Server::new(Fixture::default(), about());
    let error = http::serve(server, listener, open(), std::future::pending()).await.unwrap_err();
    assert!(matches!(error, ServeError::Exposed(exposed) if exposed == address), "{error}");
}

#[tokio::test]
async fn a_body_that_is_no_message_is_answered_with_what_is_wrong_with_it() {
    let server = Running::start().await;
    let no_message = "this is not a message of JSON-RPC 2.0 that this server knows";
    for (body, code, message, id) in [
        ("{\"jsonrpc\":", -32700, "the message is not JSON", Value::Null),
        ("", -32700, "the message is not JSON", Value::Null),
        ("[]", -32600, no_message, Value::Null),
        ("[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}]", -32600, no_message, Value::Null),
        ("{\"id\":3,\"method\":\"tools/list\"}", -32600, no_message, json!(3)),
        ("{\"jsonrpc\":\"2.0\",\"id\":\"x\",\"method\":1}", -32600, no_message, json!("x")),
        ("{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"tools/list\"}", -32600, no_message, Value::Null),
        ("{\"jsonrpc\":\"2.0\",\"id\":4}", -32600, no_message, json!(4)),
    ] {
        let answer = server.ask(&echo().body(body)).await;
        assert_eq!(answer.status, 400, "{body}: {answer:?}");
        assert_eq!(
            answer.last(),
            json!({"jsonrpc": "2.0", "id": id, "error": {"code": code, "message": message}}),
            "{body}"
        );
    }
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let nested = format!("{{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{deep}}}");
    assert_eq!(server.ask(&echo().body(nested)).await.status, 400);
    assert_eq!(server.fixture.callers(), []);
}

#[tokio::test]
async fn a_body_longer_than_any_is_refused_whether_its_length_is_said_or_not() {
    let server = Running::start().await;
    let long = echo().body(vec![b' '; MAX_MESSAGE_BYTES + 1]);
    let mut client = server.connect().await;
    // Its length alone is enough.
    let bytes = long.bytes(server.address);
    client.send(&bytes[..bytes.len() - long.body.len()]).await;
    let answer = client.answer().await;
    assert_eq!((answer.status, answer.error().0), (413, -32600));

    let head = String::from_utf8(echo().body("").bytes(server.address)).unwrap();
    let chunked = head.replace("Content-Length: 0", "Transfer-Encoding: chunked");
    let mut client = server.connect().await;
    client.send(chunked.as_bytes()).await;
    let chunk = [format!("{:x}\r\n", 64 * 1024).as_bytes(), &vec![b' '; 64 * 1024], b"\r\n"].concat();
    for _ in 0..=MAX_MESSAGE_BYTES / (64 * 1024) {
        client.send(&chunk).await;
    }
    assert_eq!(client.answer().await.status, 413);
}

#[tokio::test]
async fn headers_that_do_not_agree_with_the_body_are_refused() {
    let server = Running::start().await;
    let mismatch = async |request: Request| {
        let answer = server.ask(&request).await;
        assert_eq!((answer.status, answer.error().0), (400, -32020), "{answer:?}");
    };
    mismatch(echo().line("Mcp-Method", "tools/list")).await;
    mismatch(echo().line("Mcp-Name", "hold")).await;
    mismatch(echo().without("Mcp-Method")).await;
    mismatch(echo().without("Mcp-Name")).await;
    mismatch(echo().line("MCP-Protocol-Version", "2025-11-25")).await;
    mismatch(echo().without("MCP-Protocol-Version")).await;
    let repeated = Request::call("repeated", json!({"region": "eu"}));
    mismatch(repeated.clone()).await;
    mismatch(repeated.clone().line("Mcp-Param-Region", "us")).await;
    assert_eq!(server.fixture.callers(), []);
    assert_eq!(server.ask(&repeated.line("Mcp-Param-Region", "eu")).await.status, 200);
}

#[tokio::test]
async fn a_revision_that_nobody_knows_is_answered_with_those_that_are() {
    let server = Running::start().await;
    let text = String::from_utf8(echo().body).unwrap().replace("2026-07-28", "2031-01-01");
    let answer = server.ask(&echo().line("MCP-Protocol-Version", "2031-01-01").body(text)).await;
    assert_eq!((answer.status, answer.error().0), (400, -32022));
    let supported = answer.last()["error"]["data"]["supported"].clone();
    assert!(supported.as_array().unwrap().contains(&json!("2026-07-28")), "{supported}");
    assert!(supported.as_array().unwrap().contains(&json!("2025-11-25")), "{supported}");
}

#[tokio::test]
async fn a_request_for_something_else_is_refused() {
    let server = Running::start().await;
    assert_eq!(server.ask(&echo().line("Content-Type", "text/plain")).await.status, 415);
    assert_eq!(server.ask(&echo().without("Content-Type")).await.status, 415);
    assert_eq!(server.ask(&echo().line("Accept", "text/html")).await.status, 406);
    let mut client = server.connect().await;
    client.send(format!("GET / HTTP/1.1\r\nHost: {}\r\n\r\n", server.address).as_bytes()).await;
    assert_eq!(client.answer().await.status, 404);
    let mut client = server.connect().await;
    client.send(format!("PUT /mcp HTTP/1.1\r\nHost: {}\r\n\r\n", server.address).as_bytes()).await;
    assert_eq!(client.answer().await.status, 405);
}

#[tokio::test]
async fn a_head_longer_than_any_is_refused() {
    let server = Running::start().await;
    let mut client = server.connect().await;
    client.send(&echo().line("X-Long", &"x".repeat(64 * 1024)).bytes(server.address)).await;
    assert_eq!(client.head().await.status, 431);
    assert_eq!(server.fixture.callers(), []);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_does_not_finish_its_head_is_let_go() {
    let server = Running::start().await;
    let mut client = server.connect().await;
    let began = Instant::now();
    client.send(b"POST /mcp HTTP/1.1\r\nHost: loc").await;
    assert!(client.is_closed().await);
    assert!(began.elapsed() >= HEAD_TIME, "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_client_that_does_not_finish_its_body_is_answered_all_the_same() {
    let server = Running::start().await;
    let mut client = server.connect().await;
    let bytes = echo().bytes(server.address);
    let began = Instant::now();
    client.send(&bytes[..bytes.len() - 1]).await;
    let answer = client.answer().await;
    assert_eq!((answer.status, answer.error().1), (408, "the message did not arrive in time".to_owned()));
    assert!(began.elapsed() >= BODY_TIME, "{:?}", began.elapsed());
    assert_eq!(server.fixture.callers(), []);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_does_not_read_its_answers_is_let_go() {
    let server = Running::start().await;
    let client = server.connect().await;
    let (_reads_nothing, mut writes) = client.split();
    let big = Request::call("echo", json!({"text": "x".repeat(1024 * 1024)})).bytes(server.address);
    let began = Instant::now();
    // Answers fill what the system keeps for the client; then the connection ends.
    while writes(&big).await.is_ok() {}
    assert!(began.elapsed() >= READ_TIME, "{:?}", began.elapsed());
}
