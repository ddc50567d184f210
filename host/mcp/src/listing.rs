//! The list of tools, in the one order and form that clients see.

use std::io;
use std::sync::Arc;

use rmcp::model::{Icon as WireIcon, IconTheme as WireTheme, MetaObject, Tool, ToolAnnotations};
use serde_json::{Map, Value};

use crate::catalog::Annotations;
use crate::described::{Described, Descriptions};
use crate::meta;
use crate::paging::Room;

/// Longest name of a tool in bytes, as the protocol has it.
pub const MAX_TOOL_NAME_BYTES: usize = 128;

/// A JSON object, such as a schema.
pub type Object = Map<String, Value>;

/// One tool as it is served.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolEntry {
    /// The name to call it by: [`names`](crate::catalog::names) makes it.
    pub name: String,
    /// A name for people.
    pub title: Option<String>,
    /// What it does, for the model that chooses it.
    pub description: String,
    /// JSON Schema of the arguments; its root says `"type": "object"`.
    pub input_schema: Arc<Object>,
    /// JSON Schema of the structured answer, where there is one.
    pub output_schema: Option<Arc<Object>>,
    /// Pictures for it.
    pub icons: Vec<Icon>,
    /// What it can do at most, by the permissions it was granted.
    pub annotations: Annotations,
    /// Which package it is from.
    pub origin: Option<Origin>,
}

/// A picture for a tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Icon {
    /// URI: `https:` or `data:`.
    pub src: String,
    /// Its media type.
    pub mime_type: Option<String>,
    /// Sizes such as `48x48`, or `any`.
    pub sizes: Vec<String>,
    /// The background it is drawn for; `None` for any.
    pub theme: Option<IconTheme>,
}

/// The background that a picture is drawn for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IconTheme {
    /// A light one.
    Light,
    /// A dark one.
    Dark,
}

/// Which package a tool is from, as `_meta` says it under [`meta::PACKAGE`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Who signed it, as reverse DNS.
    pub publisher: String,
    /// What the publisher calls it.
    pub package: String,
    /// Which release.
    pub version: String,
    /// The digest of the package, `sha256:` and 64 hexadecimal digits.
    pub digest: String,
    /// What its signature was found to be, in the words of the host.
    pub signature: String,
}

/// Every tool that is served, at one moment. Sorted by name, so that the same
/// tools are always the same list.
#[derive(Debug)]
pub struct Listing {
    generation: u64,
    tools: Vec<Listed>,
}

/// A tool by the name that it is served by.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Listed {
    name: Arc<str>,
    described: Described,
}

/// Why tools cannot be one list. The fault of whoever serves them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ListingError {
    /// A name that clients would refuse.
    #[error("{name:?} cannot be the name of a tool: it is 1 to {MAX_TOOL_NAME_BYTES} of A-Z a-z 0-9 _ - .")]
    Name {
        /// The name.
        name: String,
    },
    /// One name for two tools.
    #[error("two tools are named {name:?}")]
    Twice {
        /// The name.
        name: String,
    },
    /// Arguments of a tool are an object, and its schema has to say so.
    #[error("the input schema of {name:?} does not say `\"type\": \"object\"` at its root")]
    Input {
        /// Whose schema it is.
        name: String,
    },
    /// A tool that cannot be written as JSON.
    #[error("{name:?} cannot be written as JSON: {why}")]
    NotJson {
        /// The tool.
        name: String,
        /// What is wrong.
        why: String,
    },
}

impl Listing {
    /// Makes a list of tools in any order, and keeps it in memory. `generation` is
    /// another one for every other list.
    pub fn new(generation: u64, tools: impl IntoIterator<Item = ToolEntry>) -> Result<Self, ListingError> {
        let memory = Descriptions::in_memory();
        let tools = tools.into_iter().map(|tool| Ok((tool.name.as_str().into(), memory.keep(tool)?)));
        Self::of(generation, tools.collect::<Result<Vec<_>, _>>()?)
    }

    /// As [`new`](Self::new), of tools that were written down before, each with the
    /// name to call it by.
    pub fn of(
        generation: u64,
        tools: impl IntoIterator<Item = (Arc<str>, Described)>,
    ) -> Result<Self, ListingError> {
        let mut tools: Vec<_> =
            tools.into_iter().map(|(name, described)| Listed { name, described }).collect();
        if let Some(tool) = tools.iter().find(|tool| !is_tool_name(&tool.name)) {
            return Err(ListingError::Name { name: tool.name().to_owned() });
        }
        tools.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        tools.shrink_to_fit();
        match tools.array_windows().find(|[one, other]| one.name == other.name) {
            Some([twice, _]) => Err(ListingError::Twice { name: twice.name().to_owned() }),
            None => Ok(Self { generation, tools }),
        }
    }

    /// This list as the one that follows `before`: of the next generation, or
    /// `before` itself where both have the same tools, and clients need not be told.
    #[must_use]
    pub fn following(self: Arc<Self>, before: &Arc<Self>) -> Arc<Self> {
        if self.tools == before.tools {
            return Arc::clone(before);
        }
        let tools = Arc::try_unwrap(self).map_or_else(|shared| shared.tools.clone(), |list| list.tools);
        Arc::new(Self { generation: before.generation + 1, tools })
    }

    /// Which list this is.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// The names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.tools.iter().map(Listed::name)
    }

    pub(crate) fn find(&self, name: &str) -> Option<&Listed> {
        let at = self.tools.binary_search_by(|listed| listed.name().cmp(name)).ok()?;
        self.tools.get(at)
    }

    /// As many tools as there is room for, at least one, whose names come after
    /// `name`; and whether there are more.
    pub(crate) fn after(&self, name: Option<&str>, room: Room) -> (&[Listed], bool) {
        let start = name.map_or(0, |name| self.tools.partition_point(|listed| listed.name() <= name));
        let rest = self.tools.get(start..).unwrap_or_default();
        let most = room.fits(rest.iter().map(Listed::bytes));
        (rest.get(..most).unwrap_or(rest), rest.len() > most)
    }
}

impl Listed {
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// How much room it takes on a page.
    fn bytes(&self) -> usize {
        self.described.bytes(&self.name)
    }

    /// What a client is shown.
    pub(crate) fn tool(&self) -> io::Result<Tool> {
        self.described.tool(&self.name)
    }

    /// Its input schema, if headers may have to repeat arguments.
    pub(crate) fn repeated(&self) -> Option<&Arc<Object>> {
        self.described.repeated()
    }
}

/// Whether clients accept this as the name of a tool.
pub(crate) fn is_tool_name(name: &str) -> bool {
    let accepted = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    (1..=MAX_TOOL_NAME_BYTES).contains(&name.len()) && name.bytes().all(accepted)
}

impl From<ToolEntry> for Tool {
    fn from(entry: ToolEntry) -> Self {
        let ToolEntry { name, title, description, input_schema, output_schema, icons, annotations, origin } =
            entry;
        let mut tool = Self::new_with_raw(name, Some(description.into()), input_schema)
            .with_annotations(annotations.into());
        tool.title = title;
        tool.output_schema = output_schema;
        tool.icons = (!icons.is_empty()).then(|| icons.into_iter().map(WireIcon::from).collect());
        tool.meta = origin.map(origin_meta);
        tool
    }
}

fn origin_meta(origin: Origin) -> MetaObject {
    let Origin { publisher, package, version, digest, signature } = origin;
    let origin = serde_json::json!({
        "publisher": publisher, "package": package, "version": version,
        "digest": digest, "signature": signature,
    });
    MetaObject(Map::from_iter([(meta::PACKAGE.to_owned(), origin)]))
}

impl From<Icon> for WireIcon {
    fn from(Icon { src, mime_type, sizes, theme }: Icon) -> Self {
        let mut icon = Self::new(src);
        icon.mime_type = mime_type;
        icon.sizes = (!sizes.is_empty()).then_some(sizes);
        icon.theme = theme.map(WireTheme::from);
        icon
    }
}

impl From<IconTheme> for WireTheme {
    fn from(theme: IconTheme) -> Self {
        match theme {
            IconTheme::Light => Self::Light,
            IconTheme::Dark => Self::Dark,
        }
    }
}

impl From<Annotations> for ToolAnnotations {
    fn from(Annotations { read_only, destructive, idempotent, open_world }: Annotations) -> Self {
        Self::from_raw(None, Some(read_only), Some(destructive), Some(idempotent), Some(open_world))
    }
}

#[cfg(test)]
mod tests;
