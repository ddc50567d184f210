//! A tool's answer, checked.

mod document;

use serde_json::Value;

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
