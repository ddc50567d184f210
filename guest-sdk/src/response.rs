//! What a call returns, part by part.

use crate::bindings::mpp::tool::types as wit;

/// Parts for a person or a model to read, in order: the result of a tool that
/// returns more than one text, or pictures, sounds and resources.
///
/// A tool with this result has no output schema. To return typed data *and*
/// chosen parts, use [`Structured`](crate::Structured).
///
/// ```
/// use mpp_guest::{EmbeddedResource, Response};
///
/// let response = Response::new()
///     .text("Sales by month, as a picture and as data.")
///     .image(vec![0x89, b'P', b'N', b'G'], "image/png")
///     .embed(EmbeddedResource::text("file:///sales.csv", "month,sum\n1,20\n").mime_type("text/csv"));
/// assert_eq!(response.content().len(), 3);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct Response {
    pub(crate) content: Vec<Content>,
    pub(crate) structured: Option<String>,
}

/// One part of a response.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Content {
    /// Plain text.
    Text(String),
    /// A picture.
    Image(Media),
    /// A sound.
    Audio(Media),
    /// A resource named by its URI, which the reader may fetch.
    ResourceLink(ResourceLink),
    /// A resource with its contents.
    EmbeddedResource(EmbeddedResource),
}

/// Bytes with their media type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Media {
    /// The bytes themselves, not base64.
    pub data: Vec<u8>,
    /// Media type (RFC 6838), for example `image/png`.
    pub mime_type: String,
}

/// Names a resource without carrying it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceLink {
    uri: String,
    name: String,
    description: Option<String>,
    mime_type: Option<String>,
}

/// Carries a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmbeddedResource {
    uri: String,
    mime_type: Option<String>,
    contents: ResourceContents,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum ResourceContents {
    Text(String),
    Blob(Vec<u8>),
}

impl Response {
    /// A response without parts.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a text.
    pub fn text(self, text: impl Into<String>) -> Self {
        self.with(Content::Text(text.into()))
    }

    /// Adds a picture: its bytes (not base64) and media type, `image/png`.
    pub fn image(self, data: impl Into<Vec<u8>>, mime_type: impl Into<String>) -> Self {
        self.with(Content::Image(Media::new(data, mime_type)))
    }

    /// Adds a sound: its bytes (not base64) and media type, `audio/wav`.
    pub fn audio(self, data: impl Into<Vec<u8>>, mime_type: impl Into<String>) -> Self {
        self.with(Content::Audio(Media::new(data, mime_type)))
    }

    /// Adds the address of a resource.
    pub fn link(self, link: ResourceLink) -> Self {
        self.with(Content::ResourceLink(link))
    }

    /// Adds a resource with its contents.
    pub fn embed(self, resource: EmbeddedResource) -> Self {
        self.with(Content::EmbeddedResource(resource))
    }

    /// Adds any part.
    pub fn with(mut self, part: Content) -> Self {
        self.content.push(part);
        self
    }

    /// The parts, in order.
    pub fn content(&self) -> &[Content] {
        &self.content
    }

    /// What a program reads: one JSON object, in tools with a typed result.
    pub fn structured(&self) -> Option<&str> {
        self.structured.as_deref()
    }
}

impl Media {
    /// Bytes (not base64) with their media type.
    pub fn new(data: impl Into<Vec<u8>>, mime_type: impl Into<String>) -> Self {
        Self { data: data.into(), mime_type: mime_type.into() }
    }
}

impl ResourceLink {
    /// Names the resource at `uri` (RFC 3986) by a short name.
    pub fn new(uri: impl Into<String>, name: impl Into<String>) -> Self {
        Self { uri: uri.into(), name: name.into(), description: None, mime_type: None }
    }

    /// Says what it is, for a person.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Says its media type.
    #[must_use]
    pub fn mime_type(mut self, mime_type: impl Into<String>) -> Self {
        self.mime_type = Some(mime_type.into());
        self
    }
}

impl EmbeddedResource {
    /// A resource of text.
    pub fn text(uri: impl Into<String>, text: impl Into<String>) -> Self {
        Self::of(uri, ResourceContents::Text(text.into()))
    }

    /// A resource of bytes.
    pub fn blob(uri: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self::of(uri, ResourceContents::Blob(bytes.into()))
    }

    /// Says its media type.
    #[must_use]
    pub fn mime_type(mut self, mime_type: impl Into<String>) -> Self {
        self.mime_type = Some(mime_type.into());
        self
    }

    fn of(uri: impl Into<String>, contents: ResourceContents) -> Self {
        Self { uri: uri.into(), mime_type: None, contents }
    }
}

impl From<Response> for wit::Response {
    fn from(response: Response) -> Self {
        let Response { content, structured } = response;
        Self { content: content.into_iter().map(Into::into).collect(), structured }
    }
}

impl From<Content> for wit::Content {
    fn from(content: Content) -> Self {
        match content {
            Content::Text(text) => Self::Text(text),
            Content::Image(media) => Self::Image(media.into()),
            Content::Audio(media) => Self::Audio(media.into()),
            Content::ResourceLink(link) => Self::ResourceLink(link.into()),
            Content::EmbeddedResource(resource) => Self::EmbeddedResource(resource.into()),
        }
    }
}

impl From<Media> for wit::Media {
    fn from(media: Media) -> Self {
        let Media { data, mime_type } = media;
        Self { data, mime_type }
    }
}

impl From<ResourceLink> for wit::ResourceLink {
    fn from(link: ResourceLink) -> Self {
        let ResourceLink { uri, name, description, mime_type } = link;
        Self { uri, name, description, mime_type }
    }
}

impl From<EmbeddedResource> for wit::EmbeddedResource {
    fn from(resource: EmbeddedResource) -> Self {
        let EmbeddedResource { uri, mime_type, contents } = resource;
        Self {
            uri,
            mime_type,
            contents: match contents {
                ResourceContents::Text(text) => wit::ResourceContents::Text(text),
                ResourceContents::Blob(bytes) => wit::ResourceContents::Blob(bytes),
            },
        }
    }
}
