//! Messages of a client, in both eras.

use serde_json::{Value, json};

/// The newest revision, in which every request stands alone.
pub(super) const STATELESS: &str = "2026-07-28";

/// The newest revision with sessions.
pub(super) const SESSIONS: &str = "2025-11-25";

/// A request of a session.
pub(super) fn request(id: impl Into<Value>, method: &str, params: Value) -> Value {
    json!({"jsonrpc": "2.0", "id": id.into(), "method": method, "params": params})
}

/// A request that stands alone.
pub(super) fn stateless(id: impl Into<Value>, method: &str, mut params: Value) -> Value {
    let params_of = params.as_object_mut().expect("parameters are an object");
    let meta = params_of.entry("_meta").or_insert_with(|| json!({}));
    meta["io.modelcontextprotocol/protocolVersion"] = json!(STATELESS);
    meta["io.modelcontextprotocol/clientInfo"] = json!({"name": "tests", "version": "1"});
    meta["io.modelcontextprotocol/clientCapabilities"] = json!({});
    request(id, method, params)
}

pub(super) fn notification(method: &str, params: Value) -> Value {
    json!({"jsonrpc": "2.0", "method": method, "params": params})
}

/// What begins a session.
pub(super) fn initialize() -> Value {
    let client = json!({"name": "tests", "version": "1"});
    request(0, "initialize", json!({"protocolVersion": SESSIONS, "capabilities": {}, "clientInfo": client}))
}

/// What a session is begun with after that.
pub(super) fn initialized() -> Value {
    notification("notifications/initialized", json!({}))
}

/// What cancels a request.
pub(super) fn cancelled(id: impl Into<Value>) -> Value {
    notification("notifications/cancelled", json!({"requestId": id.into()}))
}

/// The parameters of a call.
pub(super) fn calling(tool: &str, arguments: Value) -> Value {
    json!({"name": tool, "arguments": arguments})
}

/// The names in a list of tools.
pub(super) fn names(list: &Value) -> Vec<String> {
    let tools = list["tools"].as_array().unwrap_or_else(|| panic!("{list} is no list"));
    tools.iter().map(|tool| tool["name"].as_str().expect("a tool has a name").to_owned()).collect()
}
