//! One tool as the manifest describes it.

use serde::{Deserialize, Serialize};

use crate::{
    name::ToolName,
    schema::{Schema, SchemaError},
    text::{self, TextError},
};

/// Longest title in bytes: one line of a list.
pub const MAX_TITLE_BYTES: usize = 256;

/// Longest description of a tool in bytes. A model reads it with every request,
/// so that a longer one would cost its users more than it tells them.
pub const MAX_TOOL_DESCRIPTION_BYTES: usize = 16 * 1024;

/// One tool of a package, as frozen into its manifest.
///
/// A plain record: what it says is checked when a manifest is made of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ToolEntry {
    /// Unique in its package.
    pub name: ToolName,
    /// A name for people.
    pub title: Option<String>,
    /// What it does, for the model that chooses it.
    pub description: String,
    /// JSON Schema 2020-12 of the arguments; its root says `"type": "object"`.
    pub input_schema: Schema,
    /// JSON Schema 2020-12 of the structured result; `None` where the tool
    /// returns content only.
    pub output_schema: Option<Schema>,
}

/// What is wrong with the description of a tool.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ToolEntryError {
    /// The title.
    #[error("its title {0}")]
    Title(TextError),
    /// The description.
    #[error("its description {0}")]
    Description(TextError),
    /// The input schema.
    #[error("its input schema cannot be used: {0}")]
    InputSchema(SchemaError),
    /// The input schema accepts something else than an object.
    #[error("its input schema does not say `\"type\": \"object\"` at its root: arguments are an object")]
    InputNotAnObject,
    /// The output schema.
    #[error("its output schema cannot be used: {0}")]
    OutputSchema(SchemaError),
}

impl ToolEntry {
    pub(crate) fn check(&self) -> Result<(), ToolEntryError> {
        let Self { name: _, title, description, input_schema, output_schema } = self;
        if let Some(title) = title {
            text::line(title, MAX_TITLE_BYTES).map_err(ToolEntryError::Title)?;
        }
        text::paragraph(description, MAX_TOOL_DESCRIPTION_BYTES).map_err(ToolEntryError::Description)?;
        input_schema.check().map_err(ToolEntryError::InputSchema)?;
        if !input_schema.describes_an_object() {
            return Err(ToolEntryError::InputNotAnObject);
        }
        match output_schema {
            Some(schema) => schema.check().map_err(ToolEntryError::OutputSchema),
            None => Ok(()),
        }
    }
}
