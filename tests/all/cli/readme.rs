//! The README's page on trust, as somebody copies it: every command, in its
//! order, in the shell.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use mpp_host::package::{Package, SignedRoot};

use super::{Ended, PUBLISHER, User};

const README: &str = include_str!("../../../README.md");

/// One block of commands, and whose they are.
struct Block {
    publisher: bool,
    commands: &'static str,
}

/// The blocks of shell commands below one heading.
fn blocks(heading: &str) -> Vec<Block> {
    let (_, page) = README.split_once(&format!("\n## {heading}\n")).expect("the README has the page");
    let page = page.split("\n## ").next().expect("a page ends where the next begins");
    let fenced =
        page.split("```sh\n").skip(1).map(|rest| rest.split("```").next().expect("a fence is closed"));
    let whose = |commands: &'static str| match commands {
        _ if commands.starts_with("# publisher") => Block { publisher: true, commands },
        _ if commands.starts_with("# operator") => Block { publisher: false, commands },
        _ => panic!("a block does not say whose it is:\n{commands}"),
    };
    fenced.map(whose).collect()
}

/// Two people who exchange files in one directory.
struct Scene {
    publisher: User,
    operator: User,
}

impl Scene {
    fn new() -> Self {
        let scene = Self { publisher: User::new(), operator: User::new() };
        let built = fs::read(PUBLISHER.text_stats()).expect("the sample is built");
        let package = Package::parse(built).expect("the sample is a package");
        scene.publisher.write("desk/text-stats.mpp", package.unsigned_bytes());
        fs::create_dir(scene.publisher.path("bin")).expect("a directory can be made");
        symlink(env!("CARGO_BIN_EXE_mpp-under-test"), scene.publisher.path("bin/mpp"))
            .expect("a link can be made");
        scene
    }

    fn run(&self, block: &Block) -> Ended {
        let user = if block.publisher { &self.publisher } else { &self.operator };
        let path = std::env::var("PATH").expect("there is a shell to be found");
        let output = Command::new("bash")
            .args(["-euo", "pipefail", "-c", block.commands])
            .current_dir(self.publisher.path("desk"))
            .env("PATH", format!("{}:{path}", self.publisher.path("bin").display()))
            .env("MPP_HOME", user.home.path())
            .env("FINGERPRINT", self.fingerprint())
            .output()
            .expect("the shell can be started");
        Ended::of(output)
    }

    /// What the publisher tells people, once there is a root.
    fn fingerprint(&self) -> String {
        let root = fs::read(self.publisher.path("desk/root-1.json"));
        root.map_or(String::new(), |root| {
            SignedRoot::parse(&root).expect("it is a root").digest().to_string()
        })
    }
}

#[test]
fn the_commands_of_the_page_on_trust_rotate_a_key_and_revoke_a_package() {
    let scene = Scene::new();
    let ended: Vec<_> = blocks("Trust, rotation, revocation")
        .iter()
        .map(|block| (block.publisher, scene.run(block).done()))
        .collect();
    let operator: Vec<_> = ended.iter().filter(|(publisher, _)| !publisher).map(|(_, ended)| ended).collect();
    let [installed, rotated, revoked] = operator[..] else { panic!("{} blocks", operator.len()) };
    assert!(installed.out.contains("\"words\":"), "{}", installed.out);
    assert!(!installed.out.contains("refused"), "{}", installed.out);
    assert!(rotated.out.contains("refused with status 3"), "{}", rotated.out);
    assert!(rotated.out.contains("ok     the index lists it as active: active"), "{}", rotated.out);
    assert!(rotated.err.contains("signed by an untrusted key"), "{}", rotated.err);
    assert!(revoked.out.contains("refused with status 3"), "{}", revoked.out);
    assert!(revoked.err.contains("counts words twice"), "{}", revoked.err);
    scene.operator.run(["audit", "verify"]).done();
}
