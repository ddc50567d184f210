//! What every guest gets without asking, and that it carries no authority.

use mpp_host::Need;
use serde_json::json;

use crate::support::{Scene, guests};

#[tokio::test]
async fn std_needs_no_permission_and_sees_nothing() {
    let tool = Scene::of(guests::USES_STD).await.environment("SECRET", "a secret").load();
    assert!(
        tool.tool.imports().iter().all(|import| import.need == Need::Nothing),
        "{:?}",
        tool.tool.imports()
    );
    let ended = tool.call("look", json!({})).await;
    let seen = ended.structured();
    assert_eq!(seen["arguments"], json!([]));
    assert_eq!(seen["variables"], json!([]));
    assert_eq!(seen["input"], json!(""));
    assert_eq!(seen["terminals"], json!(false));
    assert_eq!(seen["process"], json!("Unsupported"));
    assert!(seen["home"].as_str().is_some_and(|home| home.starts_with("Err")), "{seen}");
    assert_eq!(ended.checks(), [""; 0]);
}

#[tokio::test]
async fn hash_maps_have_the_same_order_in_every_call_and_on_every_host() {
    let mut orders = Vec::new();
    for _ in 0..2 {
        let tool = Scene::of(guests::USES_STD).await.load();
        for _ in 0..2 {
            orders.push(tool.call("look", json!({})).await.structured()["hash_order"].clone());
        }
    }
    assert_eq!(orders[0].as_array().map(Vec::len), Some(100));
    assert!(orders.iter().all(|order| *order == orders[0]));
}

#[tokio::test]
async fn what_is_printed_goes_to_the_record_and_to_nobody_else() {
    let tool = Scene::of(guests::USES_STD).await.load();
    let ended = tool.call("print", json!({})).await;
    assert_eq!(ended.completed().content, []);
    let printed: String =
        ended.record.log.iter().filter(|line| line.level == "stdout").map(|line| &*line.text).collect();
    assert_eq!(printed, "one line\nhalf a line\n");
    let log = ended.log();
    assert!(log.contains(&"stderr: an error\n".to_owned()), "{log:?}");
    assert_eq!(log.last().map(String::as_str), Some("warn: a warning"));
}
