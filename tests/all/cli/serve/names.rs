//! The names that tools are served by, where two have the same.

use serde_json::{Value, json};

use super::on_record::{OK, end};
use super::packages::{ENDLESS, FIRST, FLOODS, TEXT_STATS};
use super::{Piped, Post, Served, User};

/// What `mpp list` says that each tool of a package is served as.
fn served_as(user: &User, package: &str) -> Vec<(String, String)> {
    let listed = user.run(["list", "--json"]).done().json();
    let packages = listed["packages"].as_array().expect("a list").clone();
    let found = packages.iter().find(|found| found["name"] == package).expect("it is installed");
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let tools = found["tools"].as_array().unwrap_or_else(|| panic!("{found}")).iter();
    tools.map(|tool| (text(&tool["name"]), text(&tool["served_as"]))).collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
}

#[test]
fn two_tools_of_one_name_are_both_served_by_their_packages_and_listed_so() {
    let user = User::who_installed([&ENDLESS, &FLOODS]);
    let mut client = Piped::start(&user, &[]);
    assert_eq!(client.tools(), ["print", "served-endless__log", "served-floods__log", "spin"]);
    let flood = client.call("served-floods__log", json!({"times": 1, "text": "one line"}));
    assert_eq!(flood["isError"], false, "{flood}");
    let id = client.request("tools/call", json!({"name": "log", "arguments": {}}));
    assert_eq!(client.answer(id)["error"], json!({"code": -32602, "message": "there is no tool \"log\""}));
    client.end().done();
    let call = user.only_call();
    assert_eq!((&call["tool"], &call["package"]["name"]), (&json!("log"), &json!("served-floods")));
    assert_eq!(end(&call), OK);
    let endless = pairs(&[("log", "served-endless__log"), ("spin", "spin")]);
    assert_eq!(served_as(&user, "served-endless"), endless);
    let floods = pairs(&[("log", "served-floods__log"), ("print", "print")]);
    assert_eq!(served_as(&user, "served-floods"), floods);
    let table = user.run(["list"]).done().out;
    assert!(table.contains("log as served-endless__log, spin"), "{table}");
}

/// FIRST has a tool of the same name, and is not what was asked for.
#[test]
fn a_server_of_one_package_serves_it_alone_whatever_is_installed_later() {
    let user = User::who_installed([&TEXT_STATS]);
    let server = Served::start(&user, &["text-stats"]);
    user.run(["install", &FIRST, "--grant"]).done();
    assert_eq!(server.call("text-stats", json!({"text": "a"}))["isError"], false);
    assert_eq!(server.tools(), ["text-stats"]);
    server.stop().done();
}

/// A client that keeps the name it knew finds nobody else behind it.
#[test]
fn a_package_that_comes_later_never_answers_to_the_name_of_another() {
    let user = User::who_installed([&TEXT_STATS]);
    let server = Served::start(&user, &[]);
    assert_eq!(server.tools(), ["text-stats"]);
    let mut told = server.connect(&Post::subscribe());
    assert_eq!(told.head().status, 200);
    assert!(told.event().is_some(), "it is acknowledged");
    user.run(["install", &FIRST, "--grant"]).done();
    assert!(told.event().is_some(), "it is told");
    assert_eq!(server.tools(), ["served-growing__text-stats", "text-stats__text-stats"]);
    let answer = server.ask(&Post::call("text-stats", json!({"text": "a"}))).last();
    assert_eq!(answer["error"]["code"], -32602);
    assert_eq!(server.call("text-stats__text-stats", json!({"text": "a"}))["isError"], false);
    // Alone again, it goes by its own name again.
    user.run(["remove", "served-growing"]).done();
    assert!(told.event().is_some(), "it is told");
    assert_eq!(server.tools(), ["text-stats"]);
    server.stop().done();
    assert_eq!(user.only_call()["package"]["name"], "text-stats");
}
