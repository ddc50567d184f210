//! What a tool may take.

use schemars::{JsonSchema, Schema};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::schema;
use crate::{Error, Result};

/// What a tool may take: every type with `serde::Deserialize` and
/// `schemars::JsonSchema` whose JSON is an object. Derive both; there is
/// nothing else to implement.
///
/// Doc comments of the fields become descriptions in the schema, and a model
/// reads them to fill the fields in. Unknown fields are ignored unless the type
/// says `#[serde(deny_unknown_fields)]`, and then the schema says it too.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the argument of a tool",
    label = "a tool takes one owned type that derives `serde::Deserialize` and `schemars::JsonSchema`",
    note = "write `#[derive(serde::Deserialize, schemars::JsonSchema)]` on `{Self}`"
)]
pub trait ToolInput: Sized {
    /// Reads the arguments of a call.
    #[doc(hidden)]
    fn from_arguments(arguments: &str) -> Result<Self>;

    /// JSON Schema of the arguments.
    #[doc(hidden)]
    fn schema() -> Schema;
}

impl<T> ToolInput for T
where
    T: DeserializeOwned + JsonSchema,
{
    fn from_arguments(arguments: &str) -> Result<Self> {
        serde_json::from_str(arguments).map_err(Error::invalid_input)
    }

    fn schema() -> Schema {
        schema::of_input::<T>()
    }
}

/// The argument of a tool function that has none: the empty object.
#[doc(hidden)]
#[derive(Debug)]
pub struct NoInput;

impl ToolInput for NoInput {
    fn from_arguments(arguments: &str) -> Result<Self> {
        Empty::from_arguments(arguments).map(|Empty {}| Self)
    }

    fn schema() -> Schema {
        schemars::json_schema!({
            "type": "object",
            "properties": {},
            "additionalProperties": false,
        })
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Empty {}
