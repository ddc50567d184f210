//! How `mpp.yaml` names the pictures of a package.

use std::{
    fmt,
    path::{Component, Path, PathBuf},
};

use serde::{
    Deserialize, Deserializer,
    de::{self, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer},
};

use crate::icon::{IconTheme, MAX_ICONS};

/// A file with the picture of an icon, as an author names it: by its path alone,
/// or in a map that says for which theme it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IconFile {
    /// Relative to the directory of `mpp.yaml`, and in it: without `..`.
    pub path: PathBuf,
    /// The background that the picture is drawn for; `None` for any.
    pub theme: Option<IconTheme>,
}

/// What stands under `icons`, at most [`MAX_ICONS`].
pub(super) struct IconFiles(pub(super) Vec<IconFile>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IconFileForm {
    file: IconPath,
    theme: Option<IconTheme>,
}

struct IconPath(PathBuf);

impl IconPath {
    fn parse<E: de::Error>(text: &str) -> Result<Self, E> {
        let path = Path::new(text);
        let stays = |part| matches!(part, Component::Normal(_) | Component::CurDir);
        if path.file_name().is_some() && path.components().all(stays) {
            return Ok(Self(path.to_owned()));
        }
        Err(E::custom(format_args!(
            "{text:?} is not a file beside mpp.yaml or below: write a path such as `icons/tool.png`"
        )))
    }
}

impl<'de> Deserialize<'de> for IconPath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?)
    }
}

impl<'de> Deserialize<'de> for IconFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(IconFileVisitor)
    }
}

struct IconFileVisitor;

impl<'de> Visitor<'de> for IconFileVisitor {
    type Value = IconFile;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the path of a picture, or a map of file and theme")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<IconFile, E> {
        let IconPath(path) = IconPath::parse(text)?;
        Ok(IconFile { path, theme: None })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<IconFile, A::Error> {
        let IconFileForm { file: IconPath(path), theme } =
            IconFileForm::deserialize(MapAccessDeserializer::new(map))?;
        Ok(IconFile { path, theme })
    }
}

impl<'de> Deserialize<'de> for IconFiles {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Not as a list: a single path should be told what is expected in its place.
        deserializer.deserialize_any(IconFilesVisitor).map(Self)
    }
}

struct IconFilesVisitor;

impl<'de> Visitor<'de> for IconFilesVisitor {
    type Value = Vec<IconFile>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of at most {MAX_ICONS} pictures")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<IconFile>, A::Error> {
        let mut files = Vec::new();
        while let Some(file) = seq.next_element()? {
            if files.len() == MAX_ICONS {
                return Err(de::Error::custom(format_args!("more than {MAX_ICONS} icons")));
            }
            files.push(file);
        }
        Ok(files)
    }
}
