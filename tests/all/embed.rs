//! The program of `host/examples/embed.rs`, run as it stands.

use std::path::PathBuf;
use std::process::Command;

use crate::support::{Draft, guests, signing_key};

/// Where cargo puts the examples that it builds with the tests.
fn example(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("the path of this test");
    let profile = test.ancestors().nth(2).expect("tests are in target/PROFILE/deps");
    profile.join("examples").join(name)
}

#[tokio::test]
async fn an_application_runs_a_tool_in_a_few_lines() {
    let directory = tempfile::tempdir().expect("a directory");
    let package = Draft::of_guest(guests::TEXT_STATS).await.signed();
    std::fs::write(directory.path().join("tool.mpp"), package).expect("the package is written");
    let key = signing_key().public_key().to_pem().expect("a PEM");
    std::fs::write(directory.path().join("key.pem"), key).expect("the key is written");

    let output = Command::new(example("embed"))
        .current_dir(directory.path())
        .args(["tool.mpp", "key.pem", "text-stats", r#"{"text":"one small step"}"#])
        .output()
        .expect("the example is built with the tests");

    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(printed.contains(r#""words":3"#), "{printed}");
    let verified = mpp_host::audit::verify_dir(&directory.path().join("audit"), &[]);
    assert!(verified.is_ok(), "{verified:?}");
}
