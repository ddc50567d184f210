//! The README's page on the audit log, as somebody copies it: every command, in
//! its order, in the shell.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use super::super::{Ended, User};

const README: &str = include_str!("../../../../README.md");

/// The blocks of shell commands on the page, and whether the operator runs them.
fn blocks() -> Vec<(bool, &'static str)> {
    let (_, page) = README.split_once("\n## The audit log\n").expect("the README has the page");
    let page = page.split("\n## ").next().expect("a page ends where the next begins");
    let fenced =
        page.split("```sh\n").skip(1).map(|rest| rest.split("```").next().expect("a fence is closed"));
    let whose = |commands: &'static str| match commands {
        _ if commands.starts_with("# operator") => (true, commands),
        _ if commands.starts_with("# auditor") => (false, commands),
        _ => panic!("a block does not say whose it is:\n{commands}"),
    };
    fenced.map(whose).collect()
}

/// The auditor has the files that the operator hands over, and no home.
fn run(user: &User, operator: bool, commands: &str) -> Ended {
    let path = std::env::var("PATH").expect("there is a shell to be found");
    let mut shell = Command::new("bash");
    shell.args(["-euo", "pipefail", "-c", commands]).current_dir(user.path("desk"));
    shell.env_clear().env("PATH", format!("{}:{path}", user.path("bin").display()));
    if operator {
        shell.env("MPP_HOME", user.home.path()).env("CALL", newest_call(user));
    }
    Ended::of(shell.output().expect("the shell can be started"))
}

/// What the operator reads off `mpp audit show`, once there is a call.
fn newest_call(user: &User) -> String {
    let mut records = user.records().into_iter();
    let intent = records.rfind(|record| record["kind"] == "intent");
    intent.map_or(String::new(), |record| record["body"]["id"].as_str().expect("an id is text").to_owned())
}

#[test]
fn the_commands_of_the_page_on_the_log_prove_a_call_and_erase_what_was_said() {
    let user = User::with_text_stats();
    for directory in ["desk", "bin"] {
        fs::create_dir(user.path(directory)).expect("a directory can be made");
    }
    symlink(env!("CARGO_BIN_EXE_mpp-under-test"), user.path("bin/mpp")).expect("a link can be made");
    let ended: Vec<_> =
        blocks().into_iter().map(|(operator, block)| run(&user, operator, block).done()).collect();
    let [seen, _, grown, _, checked, erased, chosen] = &ended[..] else { panic!("{} blocks", ended.len()) };
    assert!(seen.out.contains("all of them hold"), "{}", seen.out);
    assert!(grown.out.contains("key        the one that was expected"), "{}", grown.out);
    assert!(checked.out.contains("result     ok"), "{}", checked.out);
    assert!(erased.out.contains("refused with status 4"), "{}", erased.out);
    assert!(erased.out.contains("input     (erased)"), "{}", erased.out);
    assert!(chosen.out.contains("retention   400 days"), "{}", chosen.out);
}
