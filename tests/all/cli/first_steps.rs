//! From a key to a tool that ran, was seen in the log, and is gone again.

use serde_json::json;

use super::{PUBLISHER, User, component, text};
use crate::support::guests;

#[test]
fn a_key_is_made_once_and_shown_without_its_secret() {
    let user = User::new();
    let made = user.run(["key", "new"]).done().saying(&["fingerprint: ", "next: "]);
    assert_eq!(made.line(), text(&user.path("config/keys/default.pem")));
    user.run(["key", "new"]).failed(2, &["default.pem"]);
    let shown = user.run(["key", "show"]).done().out;
    assert!(shown.starts_with("-----BEGIN PUBLIC KEY-----"), "{shown}");
    let listed = user.run(["key", "list", "--json"]).done().json();
    assert_eq!(listed["keys"][0]["name"], "default");
}

#[test]
fn a_package_is_built_signed_trusted_and_verified() {
    let publisher = User::new();
    let key = publisher.run(["key", "new", "--json"]).done().json();
    let public = publisher.run(["key", "show"]).done().out;
    let public = text(&publisher.write("public.pem", public));
    let source = text(&PUBLISHER.source("steps", ""));
    let package = text(&publisher.path("steps.mpp"));

    let build = ["build", &source, "--component", &component(guests::TEXT_STATS), "--out", &package];
    let built = publisher.run(build).done().saying(&["built: steps 1.0.0", "next: sign it"]);
    assert_eq!(built.line(), package);
    publisher.run(["verify", &package]).failed(3, &["not signed", "mpp sign"]);
    assert_eq!(publisher.run(["sign", &package]).done().line(), package);

    let user = User::new();
    user.run(["verify", &package]).failed(3, &["untrusted publisher", "com.example", "mpp trust add"]);
    user.run(["trust", "add", "com.example", &public]).failed(4, &["no terminal", "--fingerprint"]);
    let fingerprint = key["fingerprint"].as_str().expect("a fingerprint is text");
    user.run(["trust", "add", "com.example", &public, "--fingerprint", fingerprint]).done();
    let listed = user.run(["trust", "list", "--json"]).done().json();
    assert_eq!(listed["publishers"][0]["publisher"], "com.example");
    assert_eq!(listed["publishers"][0]["keys"][0]["fingerprint"], key["fingerprint"]);
    let verified = user.run(["verify", &package]).done().out;
    assert!(verified.starts_with("steps 1.0.0 by com.example: the signature holds\n"), "{verified}");

    user.run(["trust", "remove", "com.example"]).done();
    user.run(["verify", &package]).failed(3, &["untrusted publisher"]);
}

#[test]
fn a_fingerprint_that_is_another_pins_nothing() {
    let user = User::new();
    let public = text(&PUBLISHER.public_key());
    let other = "0".repeat(64);
    user.run(["trust", "add", "com.example", &public, "--fingerprint", &other]).failed(4, &["was expected"]);
    assert_eq!(user.run(["trust", "list", "--json"]).done().json(), json!({"publishers": []}));
}

#[test]
fn an_inspection_shows_that_every_import_is_covered() {
    let user = User::who_trusts();
    let yaml = "permissions: { filesystem: { read: [/data] } }\n";
    let package = text(&PUBLISHER.make("inspected", guests::READS_FILES, yaml));
    let shown = user.run(["inspect", &package, "--json"]).done().json();
    assert_eq!(shown["signature"]["status"], "holds");
    assert_eq!(shown["permissions"]["filesystem"]["read"], json!(["/data"]));
    assert_eq!(shown["deterministic"], true);
    let imports = shown["imports"].as_array().expect("imports are listed");
    assert!(imports.iter().all(|import| import["covered"] == true), "{imports:?}");
    let fs = imports.iter().find(|import| import["name"] == "mpp:tool/fs@0.1.0").expect("it reads files");
    assert_eq!(fs["permission"], "filesystem.read");
}

#[test]
fn a_package_is_installed_run_seen_and_removed() {
    let user = User::who_trusts();
    let package = text(&PUBLISHER.text_stats());
    user.run(["install", &package]).failed(4, &["no terminal", "--grant"]);
    assert_eq!(user.run(["list", "--json"]).done().json(), json!({"packages": []}));
    user.run(["install", &package, "--grant"]).done().saying(&["text-stats 1.0.0 by com.example"]);
    let listed = user.run(["list", "--json"]).done().json();
    assert_eq!(listed["packages"][0]["name"], "text-stats");
    assert_eq!(listed["packages"][0]["publisher"], "com.example");

    let input = r#"{"text": "to be or not to be"}"#;
    let answer = user.run(["run", "text-stats", "--input", input]).done().json();
    assert_eq!(answer["words"], 6);
    let file = text(&user.write("input.json", input));
    assert_eq!(user.run(["run", "text-stats", "--input", &format!("@{file}")]).done().json(), answer);
    assert_eq!(user.run_reading(input, ["run", "text-stats", "--input", "-"]).done().json(), answer);
    assert_eq!(user.run(["run", "com.example/text-stats", "--input", input]).done().json(), answer);
    assert_eq!(user.run(["run", &package, "--input", input]).done().json(), answer);

    let kinds: Vec<_> = user.records().iter().map(|record| record["kind"].clone()).collect();
    let calls = ["intent", "outcome"].repeat(5);
    assert_eq!(kinds, [&["header", "trust-change", "refusal", "policy-change"][..], &calls].concat());

    user.run(["remove", "text-stats"]).done();
    user.run(["run", "text-stats", "--input", input]).failed(2, &["no package text-stats"]);
    user.run(["remove", "text-stats"]).failed(2, &["no package text-stats"]);
    user.run(["audit", "verify"]).done();
}

#[test]
fn a_call_tells_all_there_is_to_know_as_json() {
    let user = User::with_text_stats();
    let report =
        user.run(["run", "text-stats", "--input", r#"{"text": "a b"}"#, "--agent", "an agent", "--json"]);
    let report = report.done().json();
    assert_eq!(report["outcome"], "ok");
    assert_eq!(report["response"]["structuredContent"]["words"], 2);
    assert_eq!(report["checks"], json!([]));
    let record = user.last_record();
    assert_eq!(record["seq"], report["record"]["seq"]);
    assert_eq!(record["body"]["id"], report["id"]);
    assert_eq!(user.last_intent()["body"]["caller"]["agent"], "an agent");
}

#[test]
fn equal_calls_use_equal_fuel_where_instructions_are_counted() {
    let user = User::with_text_stats();
    let fuel = || {
        let input = r#"{"text": "to be or not to be"}"#;
        let report =
            user.run(["run", "text-stats", "--input", input, "--deterministic", "--json"]).done().json();
        report["usage"]["fuel"].as_u64().expect("fuel was counted")
    };
    assert_eq!(fuel(), fuel());
}

#[test]
fn an_update_that_asks_for_no_more_needs_no_answer_and_one_that_does_shows_what() {
    let user = User::who_trusts();
    let make = |version: &str, rest: &str| {
        let source = PUBLISHER.user().write(
            &format!("source/growing-{version}/mpp.yaml"),
            format!(
                "publisher: com.example\nname: growing\nversion: {version}\ndescription: A tool.\n{rest}"
            ),
        );
        let source = text(source.parent().expect("a file is in a directory"));
        let out = text(&PUBLISHER.user().path(&format!("growing-{version}.mpp")));
        let build =
            ["build", &source, "--component", &component(guests::TEXT_STATS), "--sign", "--out", &out];
        PUBLISHER.user().run(build).done();
        out
    };
    let env = "permissions: { env: [ONE] }\n";
    let more = "permissions: { env: [ONE], filesystem: { read: [/data] } }\n";
    user.run(["install", &make("1.0.0", env), "--grant"]).done();
    user.run(["install", &make("1.1.0", env)]).done();
    assert_eq!(user.last_record()["body"]["answered"], "unneeded");
    let wider = make("1.2.0", more);
    user.run(["install", &wider]).failed(4, &["/data", "--grant"]);
    assert_eq!(user.run(["list", "--json"]).done().json()["packages"][0]["version"], "1.1.0");
    user.run(["install", &wider, "--grant"]).done();
    let record = user.last_record();
    assert_eq!(record["body"]["action"], "update");
    assert_eq!(record["body"]["answered"], "flag");
    assert_eq!(user.run(["list", "--json"]).done().json()["packages"][0]["version"], "1.2.0");
}
