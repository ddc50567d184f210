//! What tools are described as, kept where it costs no memory.
//!
//! A description is some kilobytes, most of them schemas, and is needed when a page
//! of the list is asked for: once by each client, while tools are called all the
//! time. So a tool is written down once, as the JSON that goes over the wire, and read
//! again for a page:
//!
//! ```text
//! ToolEntry ── keep ──> JSON in a file, and in memory where it stands: Described
//! Described ── tool ──> what a client is shown
//! ```
//!
//! The file is whoever made it's: without a name, it is nobody else's, and is gone
//! with the last of its descriptions.

use std::fmt;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rmcp::model::Tool;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::listing::{ListingError, Object, ToolEntry};

/// Where a schema names the header that repeats an argument.
const HEADER_KEY: &str = "x-mcp-header";

/// A place for descriptions. A clone is the same.
#[derive(Clone, Debug)]
pub struct Descriptions(Option<Arc<Texts>>);

/// Texts in a file, one behind the other, never changed.
#[derive(Debug)]
struct Texts {
    file: File,
    /// Bytes that are taken.
    end: AtomicU64,
}

/// A tool that was written down. A clone is the same; equal are those that clients
/// are told the same of.
#[derive(Clone)]
pub struct Described(Arc<Inner>);

struct Inner {
    name: Box<str>,
    text: Text,
    /// Of the text.
    digest: [u8; 32],
    /// Where headers may have to repeat arguments, the schema that says which.
    repeated: Option<Arc<Object>>,
}

/// A tool as JSON, but for its name, which is left empty: it is served by another one
/// once somebody else's has the same.
enum Text {
    Here(Box<str>),
    There { texts: Arc<Texts>, at: u64, bytes: usize },
}

impl Descriptions {
    /// In memory: for few tools, or where no file can be made.
    #[must_use]
    pub const fn in_memory() -> Self {
        Self(None)
    }

    /// In `file`, which is empty, open for both reading and writing, and written by
    /// nobody else.
    #[must_use]
    pub fn in_file(file: File) -> Self {
        Self(Some(Arc::new(Texts { file, end: AtomicU64::new(0) })))
    }

    /// Writes a tool down. Its schemas nest no deeper than `serde_json` reads, which
    /// is 120 levels.
    ///
    /// # Errors
    ///
    /// Arguments that are no object, and what has no JSON.
    pub fn keep(&self, tool: ToolEntry) -> Result<Described, ListingError> {
        if tool.input_schema.get("type").and_then(Value::as_str) != Some("object") {
            return Err(ListingError::Input { name: tool.name });
        }
        let name = tool.name.clone().into_boxed_str();
        let repeated = has_header(&tool.input_schema).then(|| Arc::clone(&tool.input_schema));
        let shown = Tool::from(ToolEntry { name: String::new(), ..tool });
        let text = serde_json::to_string(&shown)
            .map_err(|error| ListingError::NotJson { name: name.to_string(), why: error.to_string() })?;
        let digest = Sha256::digest(&text).into();
        Ok(Described(Arc::new(Inner { name, text: self.write(text), digest, repeated })))
    }

    /// A full disk costs memory, and no tool.
    fn write(&self, text: String) -> Text {
        let there = self.0.as_ref().and_then(|texts| Text::there(texts, &text).ok());
        there.unwrap_or_else(|| Text::Here(text.into()))
    }
}

impl Text {
    fn there(texts: &Arc<Texts>, text: &str) -> io::Result<Self> {
        let bytes = text.len();
        let at = texts.end.fetch_add(bytes as u64, Ordering::Relaxed);
        texts.file.write_all_at(text.as_bytes(), at)?;
        Ok(Self::There { texts: Arc::clone(texts), at, bytes })
    }
}

impl Described {
    /// The name that it was written down by.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Bytes of its JSON when it is served by `name`, which needs no escapes. A client
    /// of an earlier revision may be given less.
    pub(crate) fn bytes(&self, name: &str) -> usize {
        let text = match &self.0.text {
            Text::Here(text) => text.len(),
            Text::There { bytes, .. } => *bytes,
        };
        text + name.len()
    }

    /// Its input schema, if that says that headers repeat arguments, with
    /// [`HEADER_KEY`], or at least has that word in it.
    pub(crate) fn repeated(&self) -> Option<&Arc<Object>> {
        self.0.repeated.as_ref()
    }

    /// What clients are told of it, served by `name`. Reads from memory or from the
    /// system's cache, so it does not wait for long.
    pub(crate) fn tool(&self, name: &str) -> io::Result<Tool> {
        let mut tool: Tool = match &self.0.text {
            Text::Here(text) => serde_json::from_str(text)?,
            Text::There { texts, at, bytes } => {
                let mut text = vec![0; *bytes];
                texts.file.read_exact_at(&mut text, *at)?;
                // What was read from a signed manifest is not taken from a disk unseen.
                if self.0.digest != <[u8; 32]>::from(Sha256::digest(&text)) {
                    return Err(io::Error::new(io::ErrorKind::InvalidData, "it is not what was written"));
                }
                serde_json::from_slice(&text)?
            }
        };
        tool.name = name.to_owned().into();
        Ok(tool)
    }
}

impl PartialEq for Described {
    fn eq(&self, other: &Self) -> bool {
        self.0.digest == other.0.digest
    }
}

impl Eq for Described {}

impl fmt::Debug for Described {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Described").field(&self.name()).finish()
    }
}

fn has_header(schema: &Object) -> bool {
    schema.iter().any(|(key, value)| key == HEADER_KEY || has_header_within(value))
}

/// Whether any object in a schema has [`HEADER_KEY`], wherever it is.
fn has_header_within(schema: &Value) -> bool {
    match schema {
        Value::Object(schema) => has_header(schema),
        Value::Array(items) => items.iter().any(has_header_within),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use mpp_policy::Permissions;
    use serde_json::json;

    use super::*;
    use crate::catalog::Annotations;

    fn entry(schema: &Value) -> ToolEntry {
        ToolEntry {
            name: "own".to_owned(),
            title: Some("A \"title\"".to_owned()),
            description: "does\n\u{e9}".to_owned(),
            input_schema: Arc::new(schema.as_object().unwrap().clone()),
            output_schema: None,
            icons: Vec::new(),
            annotations: Annotations::of(&Permissions::none()),
            origin: None,
        }
    }

    #[test]
    fn what_is_read_again_is_what_was_written_wherever_it_is_kept() {
        let schema =
            json!({"type": "object", "maximum": 1.797_693_134_862_315_7e308, "z": 0.1, "a": [null, -1]});
        let shown = Tool::from(ToolEntry { name: "served".to_owned(), ..entry(&schema) });
        let bytes = serde_json::to_string(&shown).unwrap().len();
        for place in [Descriptions::in_memory(), Descriptions::in_file(tempfile::tempfile().unwrap())] {
            // The second stands behind another one.
            for described in [place.keep(entry(&schema)).unwrap(), place.keep(entry(&schema)).unwrap()] {
                assert_eq!(described.name(), "own");
                assert_eq!(described.tool("served").unwrap(), shown);
                assert_eq!(described.bytes("served"), bytes);
            }
        }
    }

    #[test]
    fn equal_is_what_clients_are_told_the_same_of() {
        let (one, other) = (json!({"type": "object"}), json!({"type": "object", "title": "other"}));
        let (here, there) = (Descriptions::in_memory(), Descriptions::in_file(tempfile::tempfile().unwrap()));
        assert_eq!(here.keep(entry(&one)), there.keep(entry(&one)));
        assert_ne!(here.keep(entry(&one)), there.keep(entry(&other)));
    }

    #[test]
    fn what_the_file_does_not_take_is_kept_in_memory() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let read_only = Descriptions::in_file(File::open(file.path()).unwrap());
        let described = read_only.keep(entry(&json!({"type": "object"}))).unwrap();
        assert_eq!(described.tool("served").unwrap().name, "served");
    }

    #[test]
    fn a_text_that_was_changed_is_an_error() {
        let file = tempfile::tempfile().unwrap();
        let place = Descriptions::in_file(file.try_clone().unwrap());
        let described = place.keep(entry(&json!({"type": "object"}))).unwrap();
        let mut text = vec![0; described.bytes("")];
        file.read_exact_at(&mut text, 0).unwrap();
        let changed = String::from_utf8(text).unwrap().replace("does", "DOES");
        file.write_all_at(changed.as_bytes(), 0).unwrap();
        assert_eq!(described.tool("served").unwrap_err().kind(), io::ErrorKind::InvalidData);
    }

    #[test]
    fn a_text_that_is_gone_is_an_error() {
        let file = tempfile::tempfile().unwrap();
        let place = Descriptions::in_file(file.try_clone().unwrap());
        let described = place.keep(entry(&json!({"type": "object"}))).unwrap();
        file.set_len(0).unwrap();
        assert_eq!(described.tool("served").unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }
}
