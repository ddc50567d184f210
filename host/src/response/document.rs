//! A response as one JSON document, in the shape of an MCP tool result: what records
//! and `--json` show. Bytes are base64, and members are in the order of their names.

use std::fmt::Display;

use base64::display::Base64Display;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

use super::{Content, EmbeddedResource, Media, ResourceContents, ResourceLink, Response};

impl Response {
    /// The response as one JSON document, in the shape of an MCP tool result:
    /// what records and `--json` show. Bytes are base64.
    #[must_use]
    pub fn to_json(&self) -> Value {
        // Strings and JSON values always serialise; were one not to, the document would
        // say so rather than be missing.
        serde_json::to_value(self).unwrap_or_else(|error| error.to_string().into())
    }

    /// [`to_json`](Self::to_json) as a text, without making the value.
    pub(crate) fn to_json_text(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|error| Value::from(error.to_string()).to_string())
    }
}

impl Serialize for Response {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { content, structured } = self;
        let mut document = serializer.serialize_map(None)?;
        document.serialize_entry("content", content)?;
        optional(&mut document, "structuredContent", structured.as_ref())?;
        document.end()
    }
}

impl Serialize for Content {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut part = serializer.serialize_map(None)?;
        match self {
            Self::Text(text) => {
                part.serialize_entry("text", text)?;
                part.serialize_entry("type", "text")?;
            }
            Self::Image(picture) => media(&mut part, "image", picture)?,
            Self::Audio(sound) => media(&mut part, "audio", sound)?,
            Self::ResourceLink(ResourceLink { uri, name, description, mime_type }) => {
                optional(&mut part, "description", description.as_ref())?;
                optional(&mut part, "mimeType", mime_type.as_ref())?;
                part.serialize_entry("name", name)?;
                part.serialize_entry("type", "resource_link")?;
                part.serialize_entry("uri", uri)?;
            }
            Self::EmbeddedResource(resource) => {
                part.serialize_entry("resource", resource)?;
                part.serialize_entry("type", "resource")?;
            }
        }
        part.end()
    }
}

impl Serialize for EmbeddedResource {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { uri, mime_type, contents } = self;
        let (blob, text) = match contents {
            ResourceContents::Blob(bytes) => (Some(bytes), None),
            ResourceContents::Text(text) => (None, Some(text)),
        };
        let mut resource = serializer.serialize_map(None)?;
        optional(&mut resource, "blob", blob.map(|bytes| base64(bytes)).as_ref())?;
        optional(&mut resource, "mimeType", mime_type.as_ref())?;
        optional(&mut resource, "text", text)?;
        resource.serialize_entry("uri", uri)?;
        resource.end()
    }
}

fn media<M: SerializeMap>(part: &mut M, kind: &str, media: &Media) -> Result<(), M::Error> {
    let Media { data, mime_type } = media;
    part.serialize_entry("data", &base64(data))?;
    part.serialize_entry("mimeType", mime_type)?;
    part.serialize_entry("type", kind)
}

/// A member that is left out where there is nothing to say.
fn optional<M: SerializeMap, T: Serialize>(
    map: &mut M,
    name: &str,
    value: Option<&T>,
) -> Result<(), M::Error> {
    value.map_or(Ok(()), |value| map.serialize_entry(name, value))
}

fn base64(bytes: &[u8]) -> Written<Base64Display<'_, '_, base64::engine::GeneralPurpose>> {
    Written(Base64Display::new(bytes, &BASE64))
}

/// Something that is written out as a string.
struct Written<T>(T);

impl<T: Display> Serialize for Written<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn every_content() -> Vec<Content> {
        let media = || Media { data: vec![0xff, 0x00], mime_type: "image/png".to_owned() };
        let resource = |contents| {
            let (uri, mime_type) = ("file:///a".to_owned(), None);
            Content::EmbeddedResource(EmbeddedResource { uri, mime_type, contents })
        };
        vec![
            Content::Text("\"quoted\"".to_owned()),
            Content::Image(media()),
            Content::Audio(media()),
            Content::ResourceLink(ResourceLink {
                uri: "file:///b".to_owned(),
                name: "b".to_owned(),
                description: None,
                mime_type: Some("text/plain".to_owned()),
            }),
            resource(ResourceContents::Text("c".to_owned())),
            resource(ResourceContents::Blob(vec![1, 2, 3])),
        ]
    }

    #[test]
    fn every_content_is_written_as_a_tool_result_has_it() {
        let response = Response { content: every_content(), structured: Some(json!({"b": 1, "a": null})) };
        let expected = json!({
            "content": [
                {"type": "text", "text": "\"quoted\""},
                {"type": "image", "data": "/wA=", "mimeType": "image/png"},
                {"type": "audio", "data": "/wA=", "mimeType": "image/png"},
                {"type": "resource_link", "uri": "file:///b", "name": "b", "mimeType": "text/plain"},
                {"type": "resource", "resource": {"uri": "file:///a", "text": "c"}},
                {"type": "resource", "resource": {"uri": "file:///a", "blob": "AQID"}},
            ],
            "structuredContent": {"a": null, "b": 1},
        });
        assert_eq!(response.to_json(), expected);
    }

    #[test]
    fn the_text_is_that_of_the_value() {
        for structured in [None, Some(json!([1.5, "x"]))] {
            let response = Response { content: every_content(), structured };
            assert_eq!(response.to_json_text(), response.to_json().to_string());
        }
    }
}
