//! The token that clients show: made once, kept, and asked for wherever others
//! can reach the server.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

use serde_json::json;

use super::packages::TEXT_STATS;
use super::{Post, Served, User};

fn call() -> Post {
    Post::call("text-stats", json!({"text": "a"}))
}

fn showing(token: &str) -> Post {
    call().line("Authorization", &format!("Bearer {token}"))
}

/// The token in the file of this user.
fn token(user: &User) -> String {
    let path = user.path("config/serve.token");
    assert_eq!(fs::metadata(&path).expect("it was made").mode() & 0o777, 0o600);
    let text = fs::read_to_string(path).expect("it can be read");
    let token = text.strip_suffix('\n').expect("a line");
    assert_eq!(token.len(), 43, "32 bytes in base64url");
    token.to_owned()
}

/// Nobody calls without it, whoever shows it does.
#[track_caller]
fn asks_for(server: &Served, token: &str) {
    let other = token.chars().rev().collect::<String>();
    for (post, challenge) in [
        (call(), "Bearer"),
        (showing(&other), "Bearer error=\"invalid_token\""),
        (showing(""), "Bearer error=\"invalid_token\""),
        (call().line("Authorization", token), "Bearer error=\"invalid_token\""),
    ] {
        let answer = server.ask(&post);
        assert_eq!((answer.status, answer.text()), (401, "this server needs its token\n"));
        assert_eq!(answer.header("www-authenticate"), Some(challenge));
    }
    assert_eq!(server.ask(&showing(token)).result()["isError"], false);
}

#[test]
fn a_token_is_made_once_for_its_owner_alone_and_kept() {
    let user = User::who_installed([&TEXT_STATS]);
    let mut first = Served::start(&user, &["--token"]);
    first.process.says("token: ");
    let made = token(&user);
    asks_for(&first, &made);
    let ended = first.stop().done();
    assert!(!ended.err.contains(&made), "the token itself is nobody's to see");
    let second = Served::start(&user, &["--token"]);
    asks_for(&second, &made);
    second.stop().done();
    assert_eq!(token(&user), made);
    assert_eq!(user.calls_on_record().len(), 2);
}

/// All addresses of this machine are those that others reach, too.
#[test]
fn where_others_can_reach_the_server_a_token_is_needed_without_being_asked_for() {
    let user = User::who_installed([&TEXT_STATS]);
    let server = Served::of(user.mpp(["serve", "--http", "0.0.0.0:0"]));
    asks_for(&server, &token(&user));
    server.stop().done();
    assert_eq!(user.calls_on_record().len(), 1);
}

#[test]
fn on_this_machine_alone_none_is_made() {
    let user = User::who_installed([&TEXT_STATS]);
    let server = Served::start(&user, &[]);
    assert_eq!(server.ask(&call()).status, 200);
    server.stop().done();
    assert!(!user.path("config/serve.token").exists());
}

#[test]
fn a_token_that_others_can_read_is_refused() {
    let user = User::new();
    let path = user.write("config/serve.token", "A".repeat(43));
    let serve = || user.run(["serve", "--http", "127.0.0.1:0", "--token"]);
    for mode in [0o640, 0o604, 0o620, 0o602] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("it is ours");
        serve().failed(1, &["there is no token to ask for", "others on this machine can read", "remove it"]);
    }
}

#[test]
fn a_file_that_holds_no_token_is_refused() {
    let user = User::new();
    let path = user.write("config/serve.token", "short");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("it is ours");
    let serve = user.run(["serve", "--http", "127.0.0.1:0", "--token"]);
    serve.failed(1, &["there is no token to ask for", "does not hold a token; remove it"]);
}
