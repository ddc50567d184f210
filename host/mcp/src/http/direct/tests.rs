//! The short way against the long one: the same request, the same answer.

mod both;

use proptest::prelude::*;
use serde_json::{Value, json};

use self::both::{Asking, Both, TOOLS, message};

fn assert_same(both: &Both, request: &Asking) {
    let [short, long] = both.ask(request);
    assert_eq!(short, long, "{:?} {}", request.head, String::from_utf8_lossy(&request.body));
}

/// A message with another value at this place; `None` takes it away.
fn with(pointer: &str, value: Option<Value>) -> Value {
    let mut message = message("echo");
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let parent = message.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    let key = key.replace("~1", "/");
    match value {
        Some(value) => parent.insert(key, value),
        None => parent.remove(&key),
    };
    message
}

const META: &str = "/params/_meta/io.modelcontextprotocol~1";

#[test]
fn a_plain_call_takes_the_short_way_and_is_answered_as_by_the_long_one() {
    let both = Both::new();
    for name in TOOLS {
        let request = Asking::plain(name);
        assert!(both.takes_the_short_way(&request), "{name}");
        assert_same(&both, &request);
    }
    for message in [
        with("/id", Some(json!("a\u{e9}"))),
        with("/id", Some(json!(7.0))),
        with("/id", Some(json!(-1))),
        with("/params/arguments", None),
        with("/params/arguments", Some(json!(null))),
        with(
            "/params/_meta/traceparent",
            Some(json!("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")),
        ),
        with("/params/_meta/traceparent", Some(json!(7))),
        with("/params/_meta/progressToken", Some(json!({}))),
        with("/params/_meta/of.somebody~1else", Some(json!([1]))),
        with(
            &format!("{META}clientInfo"),
            Some(json!({"name": "n", "version": "v", "title": "t", "other": 1})),
        ),
        with(&format!("{META}clientInfo"), Some(json!(["n", null, "v", null, null, null]))),
        with(&format!("{META}clientCapabilities"), Some(json!({"elicitation": {}, "other": {"x": 1}}))),
    ] {
        let request = Asking::of(&message, "echo");
        assert!(both.takes_the_short_way(&request), "{message}");
        assert_same(&both, &request);
    }
    for accept in ["text/event-stream,Application/JSON", "application/json, text/event-stream, */*"] {
        let request = Asking::plain("echo").line("accept", accept);
        assert!(both.takes_the_short_way(&request), "{accept}");
        assert_same(&both, &request);
    }
    assert_same(&both, &Asking::plain("echo").and("mcp-session-id", "of-somebody-else"));
}

#[test]
fn a_key_that_is_there_twice_within_what_a_tool_is_given_is_read_as_by_the_long_way() {
    let both = Both::new();
    let text = message("echo").to_string();
    for (from, to) in [
        ("\"arguments\":{", "\"arguments\":{\"n\":7,"),
        ("\"_meta\":{", "\"_meta\":{\"io.modelcontextprotocol/clientInfo\":7,"),
        ("\"name\":\"echo\"", "\"na\\u006de\":\"echo\""),
    ] {
        assert!(text.contains(from), "{from}");
        let request = Asking::text(&text.replace(from, to));
        assert!(both.takes_the_short_way(&request), "{to}");
        assert_same(&both, &request);
    }
}

#[test]
fn a_request_with_other_headers_is_not_plain_and_is_answered_as_ever() {
    let both = Both::new();
    let plain = || Asking::plain("echo");
    let mut requests = vec![
        plain().line("accept", "application/json;q=0, text/event-stream"),
        plain().line("accept", "application/json;q=0.5, text/event-stream"),
        plain().line("accept", "x;y=\"application/json, text/event-stream, \""),
        plain().line("accept", "application/json").and("accept", "text/event-stream"),
        plain().line("accept", "*/*"),
        plain().line("mcp-name", "=?base64?ZWNobw==?="),
        Asking::of(&message("nobody"), "nobody"),
        Asking::plain("region"),
        Asking::of(&json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"}), "echo"),
    ];
    for name in ["accept", "mcp-protocol-version", "mcp-method", "mcp-name"] {
        requests.push(plain().without(name));
        requests.push(plain().line(name, ""));
        requests.push(plain().line(name, "other"));
        requests.push(plain().line(name, "\u{e9}"));
        let value = plain().head.iter().find(|(other, _)| other == name).unwrap().1.clone();
        if name != "accept" {
            requests.push(plain().and(name, &value));
        }
        requests.push(plain().and(name, "other"));
    }
    for revision in ["2025-11-25", "2024-11-05", "2031-01-01", "2026-07-29"] {
        requests.push(plain().line("mcp-protocol-version", revision));
        let body = with(&format!("{META}protocolVersion"), Some(json!(revision)));
        requests.push(Asking::of(&body, "echo"));
        requests.push(Asking::of(&body, "echo").line("mcp-protocol-version", revision));
    }
    for request in &requests {
        assert!(!both.takes_the_short_way(request), "{:?}", request.head);
        assert_same(&both, request);
    }
}

#[test]
fn a_request_with_another_message_is_not_plain_and_is_answered_as_ever() {
    let both = Both::new();
    let text = message("echo").to_string();
    let values = [json!(null), json!([]), json!({}), json!(""), json!("x"), json!(1.5), json!(true)];
    let mut texts = vec![
        String::new(),
        format!("[{text}]"),
        format!("{text}x"),
        format!("\u{feff}{text}"),
        text.replace("\"id\":1", "\"id\":1,\"id\":2"),
        text.replace("\"params\":{", "\"params\":{\"name\":\"text\","),
        text.replace("1e+300", "1e999"),
        text.replace("\"text\":", "\"\\ud800\":"),
        text.replace("null", &"[".repeat(200)),
        r#"["2.0",1,"tools/call",{"name":"echo"}]"#.to_owned(),
        with("/result", Some(json!({}))).to_string(),
        with("/params/task", Some(json!({"ttl": 1}))).to_string(),
        with("/params/requestState", Some(json!("s"))).to_string(),
        with("/params/_meta/progressToken", Some(json!("t"))).to_string(),
        with("/params/_meta/progressToken", Some(json!(1))).to_string(),
        with(&format!("{META}clientInfo"), None).to_string(),
        with(&format!("{META}clientCapabilities"), None).to_string(),
        with(&format!("{META}protocolVersion"), None).to_string(),
        with(&format!("{META}clientCapabilities"), Some(json!([]))).to_string(),
        with(&format!("{META}clientInfo"), Some(json!({"name": "n"}))).to_string(),
    ];
    for place in ["/jsonrpc", "/method", "/params", "/params/name", "/params/_meta"] {
        texts.push(with(place, None).to_string());
        texts.extend(values.iter().map(|value| with(place, Some(value.clone())).to_string()));
    }
    texts.push(with("/id", None).to_string());
    for value in [json!(null), json!([]), json!(1.5), json!(u64::MAX), json!(true)] {
        texts.push(with("/id", Some(value)).to_string());
    }
    for value in [json!([]), json!("x"), json!(1)] {
        texts.push(with("/params/arguments", Some(value)).to_string());
    }
    for text in &texts {
        let request = Asking::text(text);
        assert!(!both.takes_the_short_way(&request), "{text}");
        assert_same(&both, &request);
    }
    assert_same(&both, &Asking { body: b"\xff\xfe".to_vec(), ..Asking::plain("echo") });
}

/// Any byte, and often one that means something in JSON.
fn byte() -> impl Strategy<Value = u8> {
    prop_oneof![any::<u8>(), prop::sample::select(b"\"\\{}[]:, 0e.-tn".to_vec())]
}

proptest! {
    #[test]
    fn whatever_is_done_to_a_request_both_ways_answer_the_same(
        edits in prop::collection::vec((any::<prop::sample::Index>(), byte(), 0..3_u8), 0..3),
        line in prop::option::of((
            prop::sample::select(vec!["accept", "mcp-protocol-version", "mcp-method", "mcp-name"]),
            "[ -~]{0,24}",
            any::<bool>(),
        )),
        tool in prop::sample::select(TOOLS.to_vec()),
    ) {
        thread_local! {
            static BOTH: Both = Both::new();
        }
        let mut request = Asking::plain(tool);
        for (at, byte, how) in edits {
            let at = at.index(request.body.len());
            match how {
                0 => request.body[at] = byte,
                1 => request.body.insert(at, byte),
                _ => drop(request.body.remove(at)),
            }
        }
        if let Some((name, value, replaces)) = line {
            request = if replaces { request.line(name, &value) } else { request.and(name, &value) };
        }
        BOTH.with(|both| assert_same(both, &request));
    }
}
