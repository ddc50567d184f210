//! Environment values: granted names, and no others.

use mpp_host::policy::Permission;
use serde_json::json;

use crate::support::{Loaded, Scene, guests};

/// A guest that was granted `TOKEN` and `ABSENT`, on a host that gives values
/// to `TOKEN` and `SECRET`.
async fn granted() -> Loaded {
    Scene::of(guests::READS_ENVIRONMENT)
        .await
        .declares(json!({"env": ["TOKEN", "ABSENT"]}))
        .environment("TOKEN", "a token")
        .environment("SECRET", "a secret")
        .load()
}

#[tokio::test]
async fn a_granted_name_has_its_value_and_the_question_is_on_record() {
    let tool = granted().await;
    let ended = tool.call("var", json!({"name": "TOKEN"})).await;
    assert_eq!(*ended.result(), json!("a token"));
    assert_eq!(ended.checks(), ["allowed env TOKEN"]);
    let ended = tool.call("std-var", json!({"name": "TOKEN"})).await;
    assert_eq!(*ended.result(), json!("a token"));
    assert_eq!(ended.checks(), ["allowed env TOKEN"]);
}

#[tokio::test]
async fn a_granted_name_without_a_value_has_none() {
    let tool = granted().await;
    let ended = tool.call("var", json!({"name": "ABSENT"})).await;
    assert_eq!(*ended.result(), json!(null));
    assert_eq!(ended.checks(), ["allowed env ABSENT"]);
}

#[tokio::test]
async fn a_name_that_was_not_granted_is_denied() {
    let tool = granted().await;
    for name in ["SECRET", "PATH", "HOME", "token", "TOKEN ", "", "TOKEN\0", "*"] {
        let ended = tool.call("var", json!({"name": name})).await;
        let why = ended.denied(Permission::Env, name);
        assert!(why.contains("does not declare"), "{why}");
    }
}

#[tokio::test]
async fn a_name_that_the_operator_did_not_approve_is_denied() {
    let tool = Scene::of(guests::READS_ENVIRONMENT)
        .await
        .declares(json!({"env": ["TOKEN", "SECRET"]}))
        .approves(json!({"env": ["TOKEN"]}))
        .environment("SECRET", "a secret")
        .load();
    let why = tool.call("var", json!({"name": "SECRET"})).await.denied(Permission::Env, "SECRET");
    assert!(why.contains("operator"), "{why}");
    assert_eq!(*tool.call("std-var", json!({"name": "SECRET"})).await.result(), json!(null));
}

#[tokio::test]
async fn std_sees_granted_names_and_nothing_else() {
    let tool = granted().await;
    assert_eq!(*tool.call("std-vars", json!({})).await.structured(), json!({"TOKEN": "a token"}));
    // The library asks for all there is, whichever name it looks for.
    for name in ["SECRET", "PATH", "HOME"] {
        assert_eq!(*tool.call("std-var", json!({"name": name})).await.result(), json!(null), "{name}");
    }
}
