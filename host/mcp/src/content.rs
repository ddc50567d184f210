//! What a tool answers, and how it goes over the wire.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use rmcp::model::{ContentBlock, Resource, ResourceContents as Wire};

/// One part of an answer.
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

impl From<Content> for ContentBlock {
    fn from(content: Content) -> Self {
        match content {
            Content::Text(text) => Self::text(text),
            Content::Image(Media { data, mime_type }) => Self::image(BASE64.encode(data), mime_type),
            Content::Audio(Media { data, mime_type }) => Self::audio(BASE64.encode(data), mime_type),
            Content::ResourceLink(ResourceLink { uri, name, description, mime_type }) => {
                let mut resource = Resource::new(uri, name);
                resource.description = description;
                resource.mime_type = mime_type;
                Self::resource_link(resource)
            }
            Content::EmbeddedResource(EmbeddedResource { uri, mime_type, contents }) => {
                Self::resource(match contents {
                    ResourceContents::Text(text) => {
                        Wire::TextResourceContents { uri, mime_type, text, meta: None }
                    }
                    ResourceContents::Blob(bytes) => {
                        Wire::BlobResourceContents { uri, mime_type, blob: BASE64.encode(bytes), meta: None }
                    }
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn wire(content: Content) -> Value {
        serde_json::to_value(ContentBlock::from(content)).unwrap()
    }

    #[test]
    fn every_type_of_content_has_its_form_on_the_wire() {
        let media = || Media { data: vec![0, 1, 2], mime_type: "image/png".into() };
        assert_eq!(wire(Content::Text("hi".into())), json!({"type": "text", "text": "hi"}));
        assert_eq!(
            wire(Content::Image(media())),
            json!({"type": "image", "data": "AAEC", "mimeType": "image/png"})
        );
        assert_eq!(
            wire(Content::Audio(media())),
            json!({"type": "audio", "data": "AAEC", "mimeType": "image/png"})
        );
        let link = ResourceLink {
            uri: "file:///a".into(),
            name: "a".into(),
            description: Some("the letter".into()),
            mime_type: None,
        };
        assert_eq!(
            wire(Content::ResourceLink(link)),
            json!({"type": "resource_link", "uri": "file:///a", "name": "a", "description": "the letter"})
        );
        let embedded = |contents| {
            wire(Content::EmbeddedResource(EmbeddedResource {
                uri: "file:///a".into(),
                mime_type: Some("text/plain".into()),
                contents,
            }))
        };
        assert_eq!(
            embedded(ResourceContents::Text("a".into())),
            json!({"type": "resource", "resource": {"uri": "file:///a", "mimeType": "text/plain", "text": "a"}})
        );
        assert_eq!(
            embedded(ResourceContents::Blob(vec![0xff])),
            json!({"type": "resource", "resource": {"uri": "file:///a", "mimeType": "text/plain", "blob": "/w=="}})
        );
    }
}
