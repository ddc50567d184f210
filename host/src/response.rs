//! A tool's answer, checked.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

/// What a tool answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Response {
    /// For a person or a model, in order.
    pub content: Vec<Content>,
    /// For a program; valid under the tool's output schema where it has one.
    pub structured: Option<Value>,
}

/// One part of an answer: the content types of MCP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Plain text.
    Text(String),
    /// A picture.
    Image(Media),
    /// A sound.
    Audio(Media),
    /// The name of a resource.
    ResourceLink(ResourceLink),
    /// A resource with its contents.
    EmbeddedResource(EmbeddedResource),
}

/// Bytes with their media type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Media {
    /// The bytes.
    pub data: Vec<u8>,
    /// Their media type.
    pub mime_type: String,
}

/// Names a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceLink {
    /// URI.
    pub uri: String,
    /// A short name.
    pub name: String,
    /// What it is.
    pub description: Option<String>,
    /// Media type, if known.
    pub mime_type: Option<String>,
}

/// Carries a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmbeddedResource {
    /// URI.
    pub uri: String,
    /// Media type, if known.
    pub mime_type: Option<String>,
    /// The contents.
    pub contents: ResourceContents,
}

/// The contents of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResourceContents {
    /// UTF-8 text.
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
}

impl Response {
    /// The text parts, joined by line breaks: what a terminal shows.
    #[must_use]
    pub fn text(&self) -> String {
        let texts: Vec<&str> = self
            .content
            .iter()
            .filter_map(|content| match content {
                Content::Text(text) => Some(text.as_str()),
                _ => None,
            })
            .collect();
        texts.join("\n")
    }
}

impl Response {
    /// The response as one JSON document, in the shape of an MCP tool result:
    /// what records and `--json` show. Bytes are base64.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let Self { content, structured } = self;
        let content: Vec<Value> = content.iter().map(Content::to_json).collect();
        let mut document = json!({ "content": content });
        if let (Some(structured), Value::Object(fields)) = (structured, &mut document) {
            fields.insert("structuredContent".to_owned(), structured.clone());
        }
        document
    }
}

impl Content {
    fn to_json(&self) -> Value {
        match self {
            Self::Text(text) => json!({"type": "text", "text": text}),
            Self::Image(Media { data, mime_type }) => {
                json!({"type": "image", "data": BASE64.encode(data), "mimeType": mime_type})
            }
            Self::Audio(Media { data, mime_type }) => {
                json!({"type": "audio", "data": BASE64.encode(data), "mimeType": mime_type})
            }
            Self::ResourceLink(ResourceLink { uri, name, description, mime_type }) => without_nulls(json!({
                "type": "resource_link", "uri": uri, "name": name,
                "description": description, "mimeType": mime_type,
            })),
            Self::EmbeddedResource(EmbeddedResource { uri, mime_type, contents }) => {
                let (key, value) = match contents {
                    ResourceContents::Text(text) => ("text", text.clone()),
                    ResourceContents::Blob(bytes) => ("blob", BASE64.encode(bytes)),
                };
                let resource = without_nulls(json!({"uri": uri, "mimeType": mime_type, key: value}));
                json!({"type": "resource", "resource": resource})
            }
        }
    }
}

fn without_nulls(mut document: Value) -> Value {
    if let Value::Object(fields) = &mut document {
        fields.retain(|_, value| !value.is_null());
    }
    document
}

/// The wire form of `mpp:tool/types`, before any check.
pub(crate) use crate::bindings::mpp::tool::types as wire;

/// Bytes that a wire response carries, every string and blob together.
pub(crate) fn size(response: &wire::Response) -> u64 {
    let wire::Response { content, structured } = response;
    let structured = structured.as_ref().map_or(0, |json| json.len());
    let content: usize = content.iter().map(content_size).sum();
    (structured + content) as u64
}

fn content_size(content: &wire::Content) -> usize {
    let optional = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    match content {
        wire::Content::Text(text) => text.len(),
        wire::Content::Image(wire::Media { data, mime_type })
        | wire::Content::Audio(wire::Media { data, mime_type }) => data.len() + mime_type.len(),
        wire::Content::ResourceLink(wire::ResourceLink { uri, name, description, mime_type }) => {
            uri.len() + name.len() + optional(description) + optional(mime_type)
        }
        wire::Content::EmbeddedResource(wire::EmbeddedResource { uri, mime_type, contents }) => {
            let contents = match contents {
                wire::ResourceContents::Text(text) => text.len(),
                wire::ResourceContents::Blob(bytes) => bytes.len(),
            };
            uri.len() + optional(mime_type) + contents
        }
    }
}

impl From<wire::Content> for Content {
    fn from(content: wire::Content) -> Self {
        match content {
            wire::Content::Text(text) => Self::Text(text),
            wire::Content::Image(media) => Self::Image(media.into()),
            wire::Content::Audio(media) => Self::Audio(media.into()),
            wire::Content::ResourceLink(wire::ResourceLink { uri, name, description, mime_type }) => {
                Self::ResourceLink(ResourceLink { uri, name, description, mime_type })
            }
            wire::Content::EmbeddedResource(wire::EmbeddedResource { uri, mime_type, contents }) => {
                let contents = match contents {
                    wire::ResourceContents::Text(text) => ResourceContents::Text(text),
                    wire::ResourceContents::Blob(bytes) => ResourceContents::Blob(bytes),
                };
                Self::EmbeddedResource(EmbeddedResource { uri, mime_type, contents })
            }
        }
    }
}

impl From<wire::Media> for Media {
    fn from(wire::Media { data, mime_type }: wire::Media) -> Self {
        Self { data, mime_type }
    }
}
