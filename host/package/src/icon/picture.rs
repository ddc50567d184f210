//! What the header of a picture says: what it is, and how large.
//!
//! ```text
//! PNG   89 "PNG" 0d 0a 1a 0a, chunk IHDR: width:u32 height:u32, big-endian
//! JPEG  ff d8, then segments ff marker length:u16 …, big-endian; the first one
//!       of c0 to c2 is the frame: precision:u8 height:u16 width:u16
//! WebP  "RIFF" size "WEBP", then chunks, little-endian: kind length:u32 contents
//!       "VP8 "  tag:u24 9d 01 2a width:u14 scale:u2 height:u14 scale:u2
//!       "VP8L"  2f width-1:u14 height-1:u14
//!       "VP8X"  flags:u8 reserved:u24 width-1:u24 height-1:u24, and behind it,
//!               among others, one of those above
//! ```
//!
//! Both sizes of a WebP with a canvas, that of the canvas and that of the image on
//! it, have to be the same. A moving one has many images, and is refused.
//!
//! A decoder may forgive more than this reader: padding before a marker, a height
//! that comes behind the frame. Such a picture is refused, because two readers
//! might find two sizes in it.

use super::{IconError, IconFormat, IconSize, MAX_ICON_SIDE};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
const JPEG: &[u8] = b"\xff\xd8\xff";

/// The head of a canvas, which is ten bytes long (RFC 9649, section 2.7).
const VP8X: &[u8] = b"VP8X\x0a\0\0\0";

/// The flag of a canvas on which images follow one another.
const ANIMATION: u8 = 0x02;

/// What was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Picture {
    pub(super) format: IconFormat,
    pub(super) size: IconSize,
}

impl Picture {
    pub(super) fn of(bytes: &[u8]) -> Result<Self, IconError> {
        let (format, size) = if bytes.starts_with(PNG) {
            (IconFormat::Png, png(bytes))
        } else if bytes.starts_with(JPEG) {
            (IconFormat::Jpeg, jpeg(bytes))
        } else if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
            (IconFormat::Webp, webp(bytes))
        } else {
            return Err(IconError::UnknownFormat);
        };
        let size = size.ok_or(IconError::Header { format })?;
        if is_allowed(size.width) && is_allowed(size.height) {
            Ok(Self { format, size })
        } else {
            Err(IconError::Size { size })
        }
    }
}

fn is_allowed(side: u32) -> bool {
    (1..=MAX_ICON_SIDE).contains(&side)
}

fn png(bytes: &[u8]) -> Option<IconSize> {
    let header = bytes.strip_prefix(PNG)?.strip_prefix(b"\0\0\0\x0dIHDR")?;
    let (width, rest) = header.split_first_chunk()?;
    let (height, _) = rest.split_first_chunk()?;
    Some(IconSize { width: u32::from_be_bytes(*width), height: u32::from_be_bytes(*height) })
}

/// Goes from segment to segment to the first frame. Each is four bytes or more,
/// so that it comes to an end.
fn jpeg(bytes: &[u8]) -> Option<IconSize> {
    let mut rest = bytes.strip_prefix(b"\xff\xd8")?;
    loop {
        let &[0xff, marker, high, low] = rest.first_chunk()? else { return None };
        // The length counts itself, and not the marker.
        let end = 2 + usize::from(u16::from_be_bytes([high, low]));
        let contents = rest.get(4..end)?;
        match marker {
            0xc0..=0xc2 => return jpeg_frame(contents),
            // Tables, restart interval, application data, comment.
            0xc4 | 0xdb | 0xdd | 0xe0..=0xef | 0xfe => rest = rest.get(end..)?,
            _ => return None,
        }
    }
}

fn jpeg_frame(contents: &[u8]) -> Option<IconSize> {
    let &[_, h1, h0, w1, w0] = contents.first_chunk()?;
    let side = |high, low| u32::from(u16::from_be_bytes([high, low]));
    Some(IconSize { width: side(w1, w0), height: side(h1, h0) })
}

fn webp(bytes: &[u8]) -> Option<IconSize> {
    let chunks = bytes.get(12..)?;
    match chunks.strip_prefix(VP8X) {
        Some(extended) => webp_extended(extended),
        None => {
            let (kind, chunk) = chunks.split_first_chunk()?;
            webp_image(kind, chunk.get(4..)?)
        }
    }
}

fn webp_image(kind: &[u8; 4], contents: &[u8]) -> Option<IconSize> {
    match kind {
        b"VP8 " => webp_lossy(contents),
        b"VP8L" => webp_lossless(contents),
        _ => None,
    }
}

fn webp_lossy(contents: &[u8]) -> Option<IconSize> {
    let &[tag, _, _, 0x9d, 0x01, 0x2a, w0, w1, h0, h1] = contents.first_chunk()? else { return None };
    // A picture is one frame that stands alone.
    let is_key_frame = tag & 1 == 0;
    let side = |low, high| u32::from(u16::from_le_bytes([low, high]) & 0x3fff);
    is_key_frame.then(|| IconSize { width: side(w0, w1), height: side(h0, h1) })
}

fn webp_lossless(contents: &[u8]) -> Option<IconSize> {
    let &[0x2f, b0, b1, b2, b3] = contents.first_chunk()? else { return None };
    let bits = u32::from_le_bytes([b0, b1, b2, b3]);
    Some(IconSize { width: (bits & 0x3fff) + 1, height: (bits >> 14 & 0x3fff) + 1 })
}

/// The canvas, if the image on it is as large. To one decoder another image is
/// none, and to another it is what has to be made room for.
fn webp_extended(extended: &[u8]) -> Option<IconSize> {
    let (&[flags, _, _, _, w0, w1, w2, h0, h1, h2], chunks) = extended.split_first_chunk()?;
    let side = |low, middle, high| u32::from_le_bytes([low, middle, high, 0]) + 1;
    let canvas = IconSize { width: side(w0, w1, w2), height: side(h0, h1, h2) };
    let is_still = flags & ANIMATION == 0;
    (is_still && webp_first_image(chunks)? == canvas).then_some(canvas)
}

/// Goes from chunk to chunk to the first image. Each is eight bytes or more, so
/// that it comes to an end.
fn webp_first_image(mut chunks: &[u8]) -> Option<IconSize> {
    loop {
        let (kind, rest) = chunks.split_first_chunk()?;
        let (length, rest) = rest.split_first_chunk()?;
        let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
        let contents = rest.get(..length)?;
        match kind {
            b"VP8 " | b"VP8L" => return webp_image(kind, contents),
            // Another canvas, or what moves without the flag.
            b"VP8X" | b"ANIM" | b"ANMF" => return None,
            // Transparency, colours, metadata, and what is not known.
            _ => chunks = rest.get(length.checked_next_multiple_of(2)?..)?,
        }
    }
}
