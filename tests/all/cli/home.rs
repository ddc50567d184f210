//! Where the command keeps things, and who can read them.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::{Ended, PUBLISHER, User, text};
use crate::support::guests;

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap_or_else(|error| panic!("{}: {error}", path.display())).permissions().mode() & 0o777
}

#[test]
fn what_is_secret_is_for_its_owner_alone() {
    let user = User::with_text_stats();
    user.run(["key", "new"]).done();
    user.run(["run", "text-stats", "--input", r#"{"text": "a"}"#]).done();
    for file in
        ["config/keys/default.pem", "config/trust.json", "data/installed.json", "data/audit/log.jsonl"]
    {
        assert_eq!(mode(&user.path(file)), 0o600, "{file}");
    }
    for directory in ["config/keys", "data/audit", "data/audit/payloads"] {
        assert_eq!(mode(&user.path(directory)), 0o700, "{directory}");
    }
}

#[test]
fn a_key_that_others_can_read_is_warned_about() {
    let user = User::new();
    let key = user.run(["key", "new"]).done();
    std::fs::set_permissions(key.line(), std::fs::Permissions::from_mode(0o644)).expect("it is ours");
    user.run(["key", "show"]).done().saying(&["warning: others", "chmod 600"]);
}

#[test]
fn without_mpp_home_the_directories_of_the_system_are_used() {
    let user = User::new();
    let mut command = user.mpp(["key", "new"]);
    command.env_remove("MPP_HOME").env("HOME", user.home.path());
    for name in ["XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"] {
        command.env_remove(name);
    }
    let ended = Ended::of(command.output().expect("the command can be started")).done();
    assert_eq!(ended.line(), text(&user.path(".config/mpp/keys/default.pem")));
}

/// A tool reads the variables that it was granted and given, and no others.
#[test]
fn a_variable_reaches_a_tool_only_where_it_is_granted_and_given() {
    let user = User::who_trusts();
    let yaml = "permissions: { env: [GIVEN, KEPT] }\n";
    let package = text(&PUBLISHER.make("environment", guests::READS_ENVIRONMENT, yaml));
    let read = |name: &str| {
        let input = format!(r#"{{"name": "{name}"}}"#);
        let arguments = [
            "run",
            &package,
            "--grant",
            "--tool",
            "var",
            "--env",
            "GIVEN=value",
            "--json",
            "--input",
            &input,
        ];
        let mut command = user.mpp(arguments);
        command.env("KEPT", "secret").env("HIDDEN", "secret");
        Ended::of(command.output().expect("the command can be started"))
    };
    assert!(read("GIVEN").done().out.contains("value"));
    assert!(!read("KEPT").done().out.contains("secret"));
    let hidden = read("HIDDEN").with_status(4).json();
    assert_eq!((&hidden["outcome"], &hidden["checks"][0]["allowed"]), (&"denied".into(), &false.into()));
}
