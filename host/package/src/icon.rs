//! The pictures that clients show with the tools of a package.
//!
//! ```text
//! src = "data:" ( "image/png" | "image/jpeg" | "image/webp" ) ";base64," BASE64
//! ```
//!
//! An icon is bytes of the signed manifest, and nothing that lies elsewhere: a
//! remote picture would tell its publisher who looks at it and when, and could be
//! another one after it was signed. So there is one kind of source, a `data:` URI
//! (RFC 2397) in base64 (RFC 4648, section 4, padded), and it has one spelling.
//!
//! Three formats are known. Clients of MCP that show icons must know the first two
//! and should know the third. SVG is refused: it is a document and not a picture,
//! with scripts, links and fonts from elsewhere, and clients put icons into web
//! views.
//!
//! What a picture is and how large it is stands in its header, and is read from
//! there: nothing that a publisher could say otherwise. It is not decoded.

mod picture;

use std::{borrow::Cow, fmt};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};

use picture::Picture;

/// Most icons of a package: a small one and a large one, for light and for dark.
pub const MAX_ICONS: usize = 4;

/// Largest picture of an icon in bytes. A drawn symbol of 64 by 64 pixels takes
/// 1 to 4 KiB. A client is given the icons with every tool of the package, so
/// that more of them would outweigh all that a model reads in a list.
pub const MAX_ICON_BYTES: usize = 8 * 1024;

/// Most pixels of an icon in each direction, the most that platforms ask of
/// applications. A WebP of 34 bytes can be 16,383 by 16,383 pixels, and costs
/// whoever shows it 1 GiB; a picture of this size costs 1 MiB.
pub const MAX_ICON_SIDE: u32 = 512;

/// A picture for the tools of a package, small enough to be handed on to
/// everybody. It exists only if every check passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Icon {
    src: String,
    picture: Picture,
    theme: Option<IconTheme>,
}

/// The formats of pictures that are accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IconFormat {
    /// Portable Network Graphics (W3C).
    Png,
    /// JPEG (ITU-T T.81): baseline, extended or progressive.
    Jpeg,
    /// WebP (RFC 9649).
    Webp,
}

/// The size of a picture in pixels, written `48x48` as MCP writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IconSize {
    /// Pixels from left to right.
    pub width: u32,
    /// Pixels from top to bottom.
    pub height: u32,
}

/// The background that an icon is drawn for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum IconTheme {
    /// A light one.
    Light,
    /// A dark one.
    Dark,
}

/// Why something is not an icon. The publisher's fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IconError {
    /// A source that is no `data:` URI of a known format.
    #[error(
        "its source does not begin with `data:image/png;base64,`, or the same with jpeg or webp: pictures from elsewhere and SVG are not accepted"
    )]
    Source,
    /// Not base64, or not in its one spelling.
    #[error("its source is not in standard, padded base64")]
    Base64,
    /// Over [`MAX_ICON_BYTES`].
    #[error("it is {found} bytes long, and at most {MAX_ICON_BYTES} are allowed")]
    TooLarge {
        /// Bytes found.
        found: usize,
    },
    /// The first bytes are those of no format that is accepted.
    #[error("it is neither a PNG nor a JPEG nor a WebP picture")]
    UnknownFormat,
    /// The source names a format, and the first bytes are those of another.
    #[error("its source says {said}, and it is {found}")]
    OtherFormat {
        /// What the source says.
        said: IconFormat,
        /// What the picture is.
        found: IconFormat,
    },
    /// A header without a size that every decoder would find.
    #[error("its header as {format} cannot be read: save the picture anew")]
    Header {
        /// What it begins like.
        format: IconFormat,
    },
    /// Nothing, or over [`MAX_ICON_SIDE`].
    #[error("it is {size} pixels large, and 1x1 to {MAX_ICON_SIDE}x{MAX_ICON_SIDE} are allowed")]
    Size {
        /// The size found.
        size: IconSize,
    },
}

impl Icon {
    /// Makes an icon of the bytes of a picture, as they are.
    pub fn new(picture: &[u8], theme: Option<IconTheme>) -> Result<Self, IconError> {
        if picture.len() > MAX_ICON_BYTES {
            return Err(IconError::TooLarge { found: picture.len() });
        }
        let header = Picture::of(picture)?;
        let src = format!("{}{}", prefix(header.format), STANDARD.encode(picture));
        Ok(Self { src, picture: header, theme })
    }

    /// Reads the source of an icon in its one spelling.
    pub fn parse(src: &str, theme: Option<IconTheme>) -> Result<Self, IconError> {
        let (said, data) = split(src).ok_or(IconError::Source)?;
        let picture = STANDARD.decode(data).map_err(|_| IconError::Base64)?;
        let icon = Self::new(&picture, theme)?;
        let found = icon.format();
        if found == said { Ok(icon) } else { Err(IconError::OtherFormat { said, found }) }
    }

    /// The `data:` URI: what clients are given.
    pub fn src(&self) -> &str {
        &self.src
    }

    /// What the picture is, by its first bytes.
    pub fn format(&self) -> IconFormat {
        self.picture.format
    }

    /// How large the picture says it is, at most [`MAX_ICON_SIDE`] either way.
    pub fn size(&self) -> IconSize {
        self.picture.size
    }

    /// The background it is drawn for; `None` for any.
    pub fn theme(&self) -> Option<IconTheme> {
        self.theme
    }
}

/// The wire form: what is not in the picture itself.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct IconForm<'a> {
    src: Cow<'a, str>,
    theme: Option<IconTheme>,
}

impl<'a> From<&'a Icon> for IconForm<'a> {
    fn from(icon: &'a Icon) -> Self {
        Self { src: Cow::Borrowed(&icon.src), theme: icon.theme }
    }
}

impl TryFrom<IconForm<'_>> for Icon {
    type Error = IconError;

    fn try_from(form: IconForm<'_>) -> Result<Self, IconError> {
        Self::parse(&form.src, form.theme)
    }
}

/// What the source of a picture of this format begins with.
fn prefix(format: IconFormat) -> String {
    format!("data:{};base64,", format.media_type())
}

/// The format that a source names, and what follows.
fn split(src: &str) -> Option<(IconFormat, &str)> {
    IconFormat::ALL.into_iter().find_map(|format| Some((format, src.strip_prefix(&prefix(format))?)))
}

impl IconFormat {
    const ALL: [Self; 3] = [Self::Png, Self::Jpeg, Self::Webp];

    /// The media type, such as `image/png`.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Webp => "image/webp",
        }
    }
}

impl fmt::Display for IconFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.media_type())
    }
}

impl fmt::Display for IconSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.width, self.height)
    }
}

impl IconTheme {
    /// `light` or `dark`, as MCP writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

impl fmt::Display for IconTheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
