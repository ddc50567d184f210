//! No client can install, trust or grant anything: whatever it asks for, what
//! the user chose stays as it was.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::message::{notification, request};
use super::packages::{BADLY, READS, TEXT_STATS};
use super::{Piped, Post, Served, User, text};

/// Every method that the protocol has, in any revision, and some that others
/// might have.
const METHODS: [&str; 30] = [
    "initialize",
    "server/discover",
    "ping",
    "tools/list",
    "tools/call",
    "subscriptions/listen",
    "resources/list",
    "resources/read",
    "resources/templates/list",
    "resources/subscribe",
    "resources/unsubscribe",
    "prompts/list",
    "prompts/get",
    "completion/complete",
    "logging/setLevel",
    "roots/list",
    "sampling/createMessage",
    "elicitation/create",
    "tasks/get",
    "tasks/list",
    "tasks/result",
    "tasks/cancel",
    "tasks/update",
    "tools/install",
    "tools/grant",
    "trust/add",
    "packages/remove",
    "config/set",
    "shutdown",
    "exit",
];

const NOTIFICATIONS: [&str; 6] = [
    "notifications/initialized",
    "notifications/cancelled",
    "notifications/progress",
    "notifications/roots/list_changed",
    "notifications/tools/list_changed",
    "notifications/granted",
];

/// Arguments that would like to be taken for something else.
fn hostile() -> Vec<Value> {
    let grant = json!({"filesystem": {"read": ["/"], "write": ["/"]}, "network": {"outbound": ["*:*"]}});
    let path = "../../../config/trust.json";
    vec![
        json!({}),
        json!({"name": "text-stats", "arguments": {"text": "a"}}),
        json!({"name": "text-stats", "arguments": {"text": "a"}, "permissions": grant, "grant": true}),
        json!({"name": "read", "arguments": {"path": "/data/../../config/trust.json"}}),
        json!({"name": "read", "arguments": {"path": path}, "_meta": {"dev.mpp/granted": grant}}),
        json!({"name": path, "arguments": {"path": path}, "uri": format!("file://{path}")}),
        json!({"name": "answer", "arguments": {"error": "\u{1b}[2J", "bytes": 1}, "level": "debug"}),
        json!({"name": ["text-stats"], "arguments": "text", "cursor": "\u{0}", "notifications": 3}),
        json!({"cursor": "A".repeat(10_000), "requestId": {"$gt": 0}, "taskId": "1", "ref": null}),
        json!({"package": "com.evil/tool", "publisher": "com.evil", "file": "/tmp/tool.mpp", "yes": true}),
    ]
}

/// Every file below a directory, with its mode, but for the log.
fn snapshot(user: &User) -> BTreeMap<PathBuf, (u32, Vec<u8>)> {
    let mut files = BTreeMap::new();
    for below in ["config", "data"] {
        collect(&user.path(below), &user.path("data/audit"), &mut files);
    }
    files
}

fn collect(directory: &Path, but: &Path, files: &mut BTreeMap<PathBuf, (u32, Vec<u8>)>) {
    for entry in fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("it can be listed").path();
        if path == but {
            continue;
        }
        let mode = fs::symlink_metadata(&path).expect("it is there").mode();
        if path.is_dir() {
            files.insert(path.clone(), (mode, Vec::new()));
            collect(&path, but, files);
        } else {
            files.insert(path.clone(), (mode, fs::read(&path).expect("it can be read")));
        }
    }
}

/// Somebody whose home has everything that the first call of a tool makes.
fn settled() -> User {
    let user = User::who_installed([&TEXT_STATS, &BADLY, &READS]);
    user.run(["run", "text-stats", "--input", r#"{"text": "a"}"#]).done();
    fs::create_dir(user.path("files")).expect("a directory can be made");
    user
}

/// What was granted is what it was, on disk and on record.
#[track_caller]
fn is_as_it_was(user: &User, before: &BTreeMap<PathBuf, (u32, Vec<u8>)>) {
    let after = snapshot(user);
    assert!(after.keys().eq(before.keys()), "{:?} and before {:?}", after.keys(), before.keys());
    for (path, file) in before {
        assert_eq!(after.get(path), Some(file), "{}", path.display());
    }
    let calls = user.calls_on_record();
    assert!(calls.iter().all(|call| call["granted"]["filesystem"]["write"] == json!([])));
    let kinds = ["header", "trust-change", "policy-change", "intent", "denial", "outcome"];
    for record in user.records() {
        assert!(kinds.iter().any(|kind| record["kind"] == *kind), "{record}");
    }
    let changes = user.records().into_iter().filter(|record| record["kind"] == "policy-change").count();
    assert_eq!(changes, 3, "each package was installed once");
}

#[test]
fn whatever_a_client_asks_for_over_http_what_the_user_chose_stays() {
    let user = settled();
    let map = format!("/data={}", text(&user.path("files")));
    let server = Served::start(&user, &["--map", &map]);
    let before = snapshot(&user);
    let session = server.session();
    for method in METHODS {
        for params in hostile() {
            let open = method == "subscriptions/listen";
            let posts = [
                Post::stateless(method, params.clone()),
                Post::in_session(&session, &request(1, method, params)),
            ];
            for post in posts {
                let mut client = server.connect(&post);
                // What stays open is left.
                let answer = if open { client.head() } else { client.answer() };
                assert!((200..500).contains(&answer.status), "{method}: {answer:?}");
            }
        }
    }
    for method in NOTIFICATIONS {
        for params in hostile() {
            let status = server.ask(&Post::in_session(&session, &notification(method, params))).status;
            assert!((200..500).contains(&status), "{method}: {status}");
        }
    }
    assert_eq!(server.call("text-stats", json!({"text": "a"}))["isError"], false);
    server.stop().done();
    is_as_it_was(&user, &before);
}

#[test]
fn whatever_a_client_asks_for_over_standard_streams_what_the_user_chose_stays() {
    let user = settled();
    let map = format!("/data={}", text(&user.path("files")));
    let mut client = Piped::start(&user, &["--map", &map]);
    let before = snapshot(&user);
    client.begin();
    for method in METHODS {
        for params in hostile() {
            client.send(&request(1, method, params.clone()));
            client.request(method, params);
        }
    }
    for method in NOTIFICATIONS {
        for params in hostile() {
            client.send(&notification(method, params));
        }
    }
    assert_eq!(client.call("text-stats", json!({"text": "a"}))["isError"], false);
    client.hang_up();
    while client.next().is_some() {}
    client.process.end().done();
    is_as_it_was(&user, &before);
}
