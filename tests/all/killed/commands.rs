//! Each command that keeps something.

use super::change::Change;
use super::home::Home;
use super::releases::unsigned;

const TRUSTED: &str = "config/trust.json";
const INSTALLED: &str = "data/installed.json";

/// What was accepted is remembered when it is there, not before: or neither the
/// release that is there would run, nor the one that is remembered.
const INSTALLING: &[&str] = &[INSTALLED, TRUSTED];

/// All of them.
pub const COMMANDS: &[fn() -> Change] = &[
    install,
    update,
    remove,
    trust_add,
    trust_add_root,
    trust_update,
    trust_refresh,
    trust_remove,
    sign,
    key_new,
];

fn install() -> Change {
    Change::done(Home::that_trusts(), &["install", "one.mpp", "--grant"], INSTALLING)
}

fn update() -> Change {
    Change::done(Home::with_one(), &["install", "two.mpp", "--grant"], INSTALLING)
}

fn remove() -> Change {
    Change::done(Home::with_one(), &["remove", "guest"], &[TRUSTED, INSTALLED])
}

/// The first command of all: it makes the directories and begins the log.
fn trust_add() -> Change {
    Change::done(Home::new(), &["trust", "add", "com.example", "public.pem", "--yes"], &[TRUSTED])
}

fn trust_remove() -> Change {
    Change::done(Home::with_one(), &["trust", "remove", "com.example"], &[TRUSTED])
}

/// The new root trusts another key: what is installed runs no longer.
fn trust_update() -> Change {
    let update = &["trust", "update", "com.example", "root-2.json"];
    Change::done(Home::with_one_under_a_root(), update, &[TRUSTED])
}

/// The new index revokes what is installed.
fn trust_refresh() -> Change {
    let refresh = &["trust", "refresh", "com.example", "index-2.json"];
    Change::done(Home::with_one_under_a_root(), refresh, &[TRUSTED])
}

/// A root takes the place of a key.
fn trust_add_root() -> Change {
    let home = Home::with_one_under_a_root().after(&["trust", "remove", "com.example"]);
    let home = home.after(&["trust", "add", "com.example", "public.pem", "--yes"]);
    Change::done(home, &["trust", "add", "com.example", "root-1.json", "--yes"], &[TRUSTED])
}

fn sign() -> Change {
    let home = Home::new();
    home.write("mine.mpp", &unsigned(1));
    Change::done(home, &["sign", "mine.mpp", "--key", "./secret.pem"], &["mine.mpp"])
}

fn key_new() -> Change {
    Change::done(Home::new(), &["key", "new"], &["config/keys/default.pem"])
}

#[test]
fn a_kill_at_any_file_operation_of_install_leaves_nothing_or_the_package() {
    install().killed_anywhere();
}

#[test]
fn a_failure_of_any_file_operation_of_install_leaves_nothing_or_the_package() {
    install().failing_anywhere();
}

#[test]
fn a_kill_at_any_file_operation_of_an_update_leaves_the_old_or_the_new_version() {
    update().killed_anywhere();
}

#[test]
fn a_failure_of_any_file_operation_of_an_update_leaves_the_old_or_the_new_version() {
    update().failing_anywhere();
}

#[test]
fn a_kill_at_any_file_operation_of_remove_leaves_the_package_or_nothing() {
    remove().killed_anywhere();
}

#[test]
fn a_failure_of_any_file_operation_of_remove_leaves_the_package_or_nothing() {
    remove().failing_anywhere();
}

#[test]
fn a_kill_at_any_file_operation_of_trust_add_leaves_nobody_or_the_publisher_trusted() {
    trust_add().killed_anywhere();
}

#[test]
fn a_failure_of_any_file_operation_of_trust_add_leaves_nobody_or_the_publisher_trusted() {
    trust_add().failing_anywhere();
}

#[test]
fn a_kill_at_any_file_operation_of_trust_remove_leaves_the_publisher_trusted_or_nobody() {
    trust_remove().killed_anywhere();
}

#[test]
fn a_failure_of_any_file_operation_of_trust_remove_leaves_the_publisher_trusted_or_nobody() {
    trust_remove().failing_anywhere();
}

#[test]
fn a_kill_at_any_file_operation_of_trust_update_leaves_the_old_or_the_new_root() {
    trust_update().killed_anywhere();
}

#[test]
fn a_failure_of_any_file_operation_of_trust_update_leaves_the_old_or_the_new_root() {
    trust_update().failing_anywhere();
}

#[test]
fn a_kill_at_any_file_operation_of_trust_refresh_leaves_the_old_or_the_new_index() {
    trust_refresh().killed_anywhere();
}

#[test]
fn a_failure_of_any_file_operation_of_trust_refresh_leaves_the_old_or_the_new_index() {
    trust_refresh().failing_anywhere();
}

#[test]
fn a_kill_at_any_file_operation_of_trust_add_leaves_the_pinned_key_or_the_root() {
    trust_add_root().killed_anywhere();
}

#[test]
fn a_failure_of_any_file_operation_of_trust_add_leaves_the_pinned_key_or_the_root() {
    trust_add_root().failing_anywhere();
}

#[test]
fn a_kill_at_any_file_operation_of_sign_leaves_the_unsigned_or_the_signed_file() {
    sign().killed_anywhere();
}

#[test]
fn a_failure_of_any_file_operation_of_sign_leaves_the_unsigned_or_the_signed_file() {
    sign().failing_anywhere();
}

#[test]
fn a_kill_at_any_file_operation_of_key_new_leaves_no_key_or_a_whole_one() {
    key_new().killed_anywhere();
}

#[test]
fn a_failure_of_any_file_operation_of_key_new_leaves_no_key_or_a_whole_one() {
    key_new().failing_anywhere();
}
