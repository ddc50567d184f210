//! The two eras of the protocol, and what a client of each takes.
//!
//! Until 2025-11-25 a structured answer is an object, and so the schema of one
//! describes an object; a client of that time may refuse a whole list for one
//! tool with another schema. Since 2026-07-28 it is any JSON value.

use std::sync::Arc;

use rmcp::model::{ListToolsResult, ProtocolVersion, Tool};
use serde_json::Value;

use crate::context::Context;

/// When the client's revision is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Era {
    /// With sessions: until 2025-11-25.
    Sessions,
    /// Every request alone: since 2026-07-28.
    Stateless,
}

impl Era {
    pub(crate) fn of(context: &impl Context) -> Self {
        match context.revision() {
            // Revisions are dates, and compare as such.
            Some(version) if version.as_str() >= ProtocolVersion::V_2026_07_28.as_str() => Self::Stateless,
            _ => Self::Sessions,
        }
    }

    /// Whether a structured answer may be other than an object.
    pub(crate) fn takes_any_structure(self) -> bool {
        self == Self::Stateless
    }

    /// The tool as a client of this era takes it.
    pub(crate) fn tool(self, mut tool: Tool) -> Tool {
        if self == Self::Sessions {
            tool.output_schema = tool.output_schema.filter(describes_an_object);
        }
        tool
    }

    /// The list as a client of this era takes it: before, nothing was said of how
    /// long a list is fresh.
    pub(crate) fn list(self, mut list: ListToolsResult) -> ListToolsResult {
        if self == Self::Sessions {
            list.ttl_ms = None;
            list.cache_scope = None;
        }
        list
    }
}

fn describes_an_object(schema: &Arc<crate::Object>) -> bool {
    schema.get("type").and_then(Value::as_str) == Some("object")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_schema_of_something_else_than_an_object_is_not_shown_to_a_client_that_refuses_it() {
        let schema = |value: Value| Arc::new(value.as_object().unwrap().clone());
        let input = schema(json!({"type": "object"}));
        let numbers = schema(json!({"type": "array"}));
        let tool = Tool::new_with_raw("count", None, Arc::clone(&input)).with_raw_output_schema(numbers);
        assert_eq!(Era::Stateless.tool(tool.clone()), tool);
        assert_eq!(Era::Sessions.tool(tool.clone()).output_schema, None);
        let tool = tool.with_raw_output_schema(input);
        assert_eq!(Era::Sessions.tool(tool.clone()), tool);
    }
}
