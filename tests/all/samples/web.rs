//! The web, which is a server on this machine with certificates of the test's
//! own.

use std::time::Duration;

use mpp_host::outcome::{Stop, ToolError};
use mpp_host::policy::{Limits, Permission};
use mpp_host::{Outcome, RootCertStore};
use serde_json::{Value, json};

use super::sample;
use crate::support::server::{Answer, Authority, Received, Server};
use crate::support::{Ended, Loaded, Scene, guests};

const PAGE: &str = "<!doctype html><html><head><title>Wasm &amp; tools</title><script>evil()</script></head>
<body><nav><a href=/home>Home</a></nav><main><h1>A heading</h1>
<p>Some <b>bold</b> words and <a href=\"/wiki/Other\">a link</a>.</p><ul><li>one<li>two</ul></main></body></html>";

const WIKI: &str = "en.wikipedia.org";
const DOCS: &str = "docs.rs";

/// A site under both names.
struct Site {
    authority: Authority,
    server: Server,
}

impl Site {
    fn new(handler: impl Fn(&Received) -> Answer + Send + Sync + 'static) -> Self {
        let authority = Authority::new();
        let server = Server::https(&authority, &[WIKI, DOCS, "evil.example"], handler);
        Self { authority, server }
    }

    async fn fetching(&self, limits: Limits, roots: RootCertStore) -> Loaded {
        let address = self.server.address();
        let scene =
            sample(guests::HTTP_FETCH).await.limits(limits).tls_roots(roots).allows_network("127.0.0.0/8");
        scene
            .host_address(WIKI, address)
            .host_address(DOCS, address)
            .host_address("evil.example", address)
            .load()
    }

    async fn fetch(&self, url: &str) -> Ended {
        self.fetch_within(Limits::DEFAULT, url).await
    }

    async fn fetch_within(&self, limits: Limits, url: &str) -> Ended {
        self.fetching(limits, self.authority.roots()).await.call("http-fetch", json!({"url": url})).await
    }
}

#[tokio::test]
async fn http_fetch_returns_a_page_as_markdown() {
    let site = Site::new(|_| Answer::page("text/html; charset=utf-8", PAGE));
    let ended = site.fetch("https://en.wikipedia.org/wiki/Wasm").await;
    let page = ended.structured();
    assert_eq!((&page["status"], &page["title"]), (&json!(200), &json!("Wasm & tools")));
    assert_eq!(page["headers"]["content-type"], "text/html; charset=utf-8");
    let text = page["text"].as_str().expect("text");
    assert!(text.contains("# A heading") && text.contains("**bold**"), "{text}");
    assert!(text.contains("[a link](https://en.wikipedia.org/wiki/Other)"), "{text}");
    assert!(!text.contains("evil"), "{text}");
    assert_eq!(ended.checks(), ["allowed network.outbound GET en.wikipedia.org:443"]);
    let [request] = site.server.received().try_into().expect("one request");
    assert_eq!(request.target, "/wiki/Wasm");
    assert_eq!(request.header("host"), Some(WIKI));
}

#[tokio::test]
async fn http_fetch_follows_a_redirect_to_a_declared_site() {
    let site = Site::new(|request| match request.header("host") {
        Some(WIKI) => Answer::redirect("https://docs.rs/moved"),
        _ => Answer::page("text/plain", "here it is"),
    });
    let ended = site.fetch("https://en.wikipedia.org/").await;
    let page = ended.structured();
    assert_eq!(page["url"], "https://docs.rs/moved");
    assert_eq!(page["redirects"], json!(["https://en.wikipedia.org/"]));
    assert_eq!(page["text"], "here it is");
    assert_eq!(ended.record.usage.http_requests, 2);
    assert_eq!(ended.checks().len(), 2);
}

#[tokio::test]
async fn http_fetch_does_not_follow_a_redirect_to_an_undeclared_site() {
    let site = Site::new(|_| Answer::redirect("https://evil.example/secret"));
    let ended = site.fetch("https://en.wikipedia.org/").await;
    let Outcome::ToolError(ToolError::Denied(denial)) = &ended.report.outcome else {
        panic!("{:?}", ended.report.outcome)
    };
    assert_eq!(
        (denial.permission, denial.resource.as_str()),
        (Permission::NetworkOutbound, "evil.example:443")
    );
    assert!(denial.reason.contains("https://en.wikipedia.org/ redirects there"), "{}", denial.reason);
    assert_eq!(
        ended.checks(),
        ["allowed network.outbound GET en.wikipedia.org:443", "denied network.outbound GET evil.example:443"]
    );
    assert_eq!(site.server.connections(), 1);
}

#[tokio::test]
async fn http_fetch_gives_up_a_redirect_in_a_circle() {
    let site = Site::new(|_| Answer::redirect("https://en.wikipedia.org/"));
    let ended = site.fetch("https://en.wikipedia.org/").await;
    assert!(ended.failed().contains("more than 5 redirects"));
}

#[tokio::test]
async fn http_fetch_does_not_fetch_an_undeclared_site_nor_an_undeclared_port() {
    let site = Site::new(|_| Answer::page("text/plain", "secret"));
    for (url, resource) in [
        ("https://evil.example/", "evil.example:443"),
        ("https://en.wikipedia.org:8443/", "en.wikipedia.org:8443"),
        ("http://en.wikipedia.org/", "en.wikipedia.org:80"),
        ("https://127.0.0.1/", "127.0.0.1:443"),
    ] {
        site.fetch(url).await.denied(Permission::NetworkOutbound, resource);
    }
    assert_eq!(site.server.connections(), 0);
}

#[tokio::test]
async fn http_fetch_trusts_no_unknown_authority() {
    let site = Site::new(|_| Answer::page("text/plain", "secret"));
    let tool = site.fetching(Limits::DEFAULT, Authority::new().roots()).await;
    let ended = tool.call("http-fetch", json!({"url": "https://en.wikipedia.org/"})).await;
    assert!(ended.failed().contains("no secure connection"), "{}", ended.failed());
    assert_eq!(site.server.received(), []);
}

#[tokio::test]
async fn http_fetch_stops_at_a_body_over_the_limit() {
    let site = Site::new(|_| Answer::page("text/plain", vec![b'x'; 2_000_000]));
    let limits = Limits { http_response_bytes: 1_000_000, ..Limits::DEFAULT };
    let ended = site.fetch_within(limits, "https://en.wikipedia.org/").await;
    assert!(ended.failed().contains("at most 1000000 bytes"), "{}", ended.failed());
    // What came is counted in pieces; the rest was not fetched.
    assert!(ended.record.usage.http_response_bytes < 2_000_000);
}

#[tokio::test]
async fn http_fetch_of_a_server_that_never_answers_is_stopped() {
    let site = Site::new(|_| Answer::Stall(b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\n".to_vec()));
    let time = Duration::from_millis(700);
    let ended = site.fetch_within(Limits { time, ..Limits::DEFAULT }, "https://en.wikipedia.org/").await;
    match &ended.report.outcome {
        Outcome::Stopped(stop) => assert_eq!(*stop, Stop::TimedOut(time)),
        _ => assert!(ended.failed().contains("no answer in time")),
    }
}

#[tokio::test]
async fn http_fetch_returns_an_error_page_as_an_answer() {
    let site = Site::new(|_| Answer::Full {
        status: 404,
        headers: vec![("content-type", "text/plain".to_owned())],
        body: b"no such page".to_vec(),
    });
    let ended = site.fetch("https://docs.rs/nothing").await;
    assert_eq!(ended.structured()["status"], 404);
    assert_eq!(ended.structured()["text"], "no such page");
}

const GITHUB: &str = "api.github.com";

fn issue(number: u64) -> Value {
    json!({
        "number": number, "title": "Panics on empty input", "state": "open", "state_reason": null,
        "user": {"login": "octocat", "id": 1}, "labels": [{"name": "bug", "color": "ff0000"}], "assignees": [],
        "comments": 2, "created_at": "2024-05-01T10:00:00Z", "updated_at": "2024-05-02T10:00:00Z",
        "closed_at": null, "html_url": format!("https://github.com/o/r/issues/{number}"),
        "body": "It panics.", "reactions": {"total_count": 0},
    })
}

fn comment(text: &str) -> Value {
    json!({
        "user": null, "created_at": "2024-05-01T11:00:00Z", "body": text,
        "html_url": "https://github.com/o/r/issues/7#issuecomment-1", "author_association": "NONE",
    })
}

fn github(request: &Received) -> Answer {
    let found = |value: Value| Answer::page("application/json", value.to_string());
    let path = request.target.split('?').next().unwrap_or_default();
    match path {
        "/search/issues" => {
            found(json!({"total_count": 41, "incomplete_results": false, "items": [issue(7), issue(9)]}))
        }
        "/repos/o/r/issues/7" | "/repositories/1/issues/7" => found(issue(7)),
        "/repos/o/r/issues/7/comments" | "/repositories/1/issues/7/comments" => {
            found(json!([comment("Me too."), comment("Mended in 1.2.")]))
        }
        "/repos/old/name/issues/7" => Answer::redirect("https://api.github.com/repositories/1/issues/7"),
        "/repos/old/name/issues/7/comments" => {
            Answer::redirect("https://api.github.com/repositories/1/issues/7/comments")
        }
        "/repos/evil/place/issues/7" => Answer::redirect("https://evil.example/steal"),
        "/repos/evil/path/issues/7" => Answer::redirect("https://api.github.com/user/emails"),
        _ => Answer::Full { status: 404, headers: Vec::new(), body: br#"{"message": "Not Found"}"#.to_vec() },
    }
}

struct Github {
    server: Server,
    tool: Loaded,
}

impl Github {
    async fn new(change: impl FnOnce(Scene) -> Scene) -> Self {
        let authority = Authority::new();
        let server = Server::https(&authority, &[GITHUB], github);
        let scene =
            sample(guests::GITHUB_ISSUES).await.tls_roots(authority.roots()).allows_network("127.0.0.0/8");
        let tool = change(scene.host_address(GITHUB, server.address())).load();
        Self { server, tool }
    }

    async fn with_token() -> Self {
        Self::new(|scene| scene.environment("GITHUB_TOKEN", "ghp_secret")).await
    }
}

#[tokio::test]
async fn github_issues_searches_with_the_operators_token() {
    let github = Github::with_token().await;
    let input = json!({"repository": "o/r", "query": "panic & crash", "labels": ["bug"], "sort": "updated", "limit": 2});
    let ended = github.tool.call("search_issues", input).await;
    let found = ended.structured();
    assert_eq!((&found["total"], &found["truncated"]), (&json!(41), &json!(true)));
    assert_eq!(found["issues"][0]["number"], 7);
    assert_eq!(found["issues"][0]["labels"], json!(["bug"]));
    assert_eq!(
        ended.checks(),
        ["allowed env GITHUB_TOKEN", "allowed network.outbound GET api.github.com:443"]
    );
    let [request] = github.server.received().try_into().expect("one request");
    assert_eq!(request.header("authorization"), Some("Bearer ghp_secret"));
    assert!(request.target.starts_with("/search/issues?"), "{}", request.target);
    assert!(
        request.target.contains("repo%3Ao%2Fr") && request.target.contains("panic"),
        "{}",
        request.target
    );
    // The token is used and nowhere kept.
    let record = format!("{:?}", ended.record);
    assert!(!record.contains("ghp_secret"), "the token is in the record");
}

#[tokio::test]
async fn github_issues_goes_without_a_token_where_there_is_none() {
    let github = Github::new(|scene| scene).await;
    github.tool.call("search_issues", json!({"repository": "o/r"})).await.completed();
    assert_eq!(github.server.received()[0].header("authorization"), None);
}

#[tokio::test]
async fn github_issues_reads_an_issue_with_its_comments() {
    let github = Github::with_token().await;
    for repository in ["o/r", "old/name"] {
        let ended = github.tool.call("read_issue", json!({"repository": repository, "number": 7})).await;
        let read = ended.structured();
        assert_eq!(read["issue"]["title"], "Panics on empty input");
        assert_eq!(read["issue"]["author"], "octocat");
        assert_eq!(read["comments"][1]["body"], "Mended in 1.2.");
        assert_eq!(read["comments"][1]["author"], json!(null));
    }
}

#[tokio::test]
async fn github_issues_takes_its_token_nowhere_else() {
    let github = Github::with_token().await;
    let ended = github.tool.call("read_issue", json!({"repository": "evil/place", "number": 7})).await;
    assert!(ended.failed().contains("another server"), "{}", ended.failed());
    assert_eq!(github.server.connections(), 1);

    // The same server, and a place that the manifest does not name.
    let ended = github.tool.call("read_issue", json!({"repository": "evil/path", "number": 7})).await;
    ended.denied(Permission::NetworkOutbound, "api.github.com:443");
    assert_eq!(github.server.connections(), 2);
}

#[tokio::test]
async fn github_issues_says_what_is_not_there() {
    let github = Github::with_token().await;
    let ended = github.tool.call("read_issue", json!({"repository": "o/r", "number": 404})).await;
    let Outcome::ToolError(ToolError::InvalidInput(why)) = &ended.report.outcome else {
        panic!("{:?}", ended.report.outcome)
    };
    assert!(why.contains("Not Found"), "{why}");
    for repository in ["o", "o/r/x", "../../user", "o/r?x=1", "o/..", ""] {
        let ended = github.tool.call("read_issue", json!({"repository": repository, "number": 7})).await;
        assert_eq!(ended.report.outcome.code(), Some("invalid-input"), "{repository}");
    }
    assert_eq!(github.server.connections(), 1);
}
