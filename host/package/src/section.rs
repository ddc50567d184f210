//! The top level of a component: a preamble and a row of sections.
//!
//! This reader knows just enough of the component binary format to find custom
//! sections, and is stricter than that format where two readers could disagree:
//! a length has exactly one encoding. What is inside other sections (nested
//! modules and components included) is opaque here.

use std::{mem, ops::Range};

use crate::{package::MAX_PACKAGE_BYTES, source::Source};

/// Magic, version 13 and layer 1: what every WebAssembly component begins with.
pub(crate) const COMPONENT_PREAMBLE: [u8; 8] = *b"\0asm\x0d\0\x01\0";

/// Magic, version 1 and layer 0: what a core module begins with.
const MODULE_PREAMBLE: [u8; 8] = *b"\0asm\x01\0\0\0";

/// Most top-level sections of a package. Real components have tens to a few
/// thousand; a file of millions of empty sections is an attack on the reader.
pub const MAX_SECTIONS: usize = 100_000;

/// Longest name of a custom section in bytes: that of the longest string in any
/// WebAssembly that the engine reads. Real names have some tens.
pub const MAX_SECTION_NAME_BYTES: usize = 100_000;

/// Most bytes before the name of a custom section: its id, its length and that of
/// its name.
const MAX_HEADER_BYTES: usize = 1 + 5 + 5;

/// The id of a custom section.
const CUSTOM: u8 = 0;

/// Why bytes are not a row of sections.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StructureError {
    /// Over [`MAX_PACKAGE_BYTES`].
    #[error("the file is {found} bytes long, and at most {MAX_PACKAGE_BYTES} are allowed")]
    TooLarge {
        /// Bytes found.
        found: usize,
    },
    /// No WebAssembly at all, or of another version.
    #[error("not a WebAssembly component: it does not begin with `00 61 73 6d 0d 00 01 00`")]
    NotAComponent,
    /// A core module.
    #[error("a core WebAssembly module, not a component: build it with `mpp build`, which wraps it")]
    CoreModule,
    /// The bytes end inside a section.
    #[error("cut off: the section at offset {offset} reaches beyond the end of the file")]
    Truncated {
        /// Where the section begins.
        offset: usize,
    },
    /// A length in more bytes than it needs, or above 2^32 - 1.
    #[error("the length at offset {offset} is not in its shortest LEB128 form")]
    Length {
        /// Where the length begins.
        offset: usize,
    },
    /// A custom section whose name is not UTF-8.
    #[error("the name of the custom section at offset {offset} is not UTF-8")]
    Name {
        /// Where the section begins.
        offset: usize,
    },
    /// Over [`MAX_SECTION_NAME_BYTES`].
    #[error(
        "the name of the custom section at offset {offset} is {found} bytes long, and at most {MAX_SECTION_NAME_BYTES} are allowed"
    )]
    NameTooLong {
        /// Where the section begins.
        offset: usize,
        /// Bytes found.
        found: usize,
    },
    /// Over [`MAX_SECTIONS`].
    #[error("more than {MAX_SECTIONS} sections")]
    TooManySections,
}

/// One section, by its place in the file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Section<'a> {
    /// From the id to the end of the contents.
    pub(crate) range: Range<usize>,
    /// Set for custom sections.
    pub(crate) custom: Option<Custom<'a>>,
}

/// A custom section.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Custom<'a> {
    pub(crate) name: &'a str,
    /// Where they stand in the file.
    pub(crate) contents: Range<usize>,
}

/// Reads the sections of a component in order, and of each no more than where it
/// is and what it is called. After an error there is nothing more to read.
pub(crate) struct Sections<S> {
    source: S,
    at: usize,
    end: usize,
    count: usize,
}

impl<S: Source> Sections<S> {
    pub(crate) fn of(mut source: S) -> Result<Self, S::Error> {
        let end = within_the_limit(source.len())?;
        let start = COMPONENT_PREAMBLE.len();
        let preamble = source.bytes(0..end.min(start))?;
        if preamble == MODULE_PREAMBLE {
            return Err(StructureError::CoreModule.into());
        }
        if preamble != COMPONENT_PREAMBLE {
            return Err(StructureError::NotAComponent.into());
        }
        Ok(Self { source, at: start, end, count: 0 })
    }

    /// Where the last section ends: bytes of the file.
    pub(crate) fn end(&self) -> usize {
        self.end
    }

    /// The next section; `None` behind the last one.
    pub(crate) fn read(&mut self) -> Result<Option<Section<'_>>, S::Error> {
        // Put back once the section has been read.
        let start = mem::replace(&mut self.at, self.end);
        if start == self.end {
            return Ok(None);
        }
        if self.count == MAX_SECTIONS {
            return Err(StructureError::TooManySections.into());
        }
        let header =
            Header::read(self.source.bytes(start..self.end.min(start + MAX_HEADER_BYTES))?, start, self.end)?;
        let range = start..header.end;
        let custom = match header.name {
            Some(name) => {
                let contents = name.end..header.end;
                Some(Custom { name: read_name(&mut self.source, name, start)?, contents })
            }
            None => None,
        };
        self.at = range.end;
        self.count += 1;
        Ok(Some(Section { range, custom }))
    }

    /// What the sections were read from, for their contents.
    pub(crate) fn into_source(self) -> S {
        self.source
    }
}

/// Before anything is read.
fn within_the_limit(length: u64) -> Result<usize, StructureError> {
    let found = usize::try_from(length).unwrap_or(usize::MAX);
    if found > MAX_PACKAGE_BYTES { Err(StructureError::TooLarge { found }) } else { Ok(found) }
}

fn read_name<S: Source>(source: &mut S, name: Range<usize>, section: usize) -> Result<&str, S::Error> {
    if name.len() > MAX_SECTION_NAME_BYTES {
        return Err(StructureError::NameTooLong { offset: section, found: name.len() }.into());
    }
    let name = source.bytes(name)?;
    Ok(str::from_utf8(name).map_err(|_| StructureError::Name { offset: section })?)
}

/// What is known of a section from the bytes it begins with.
struct Header {
    /// Where its contents end.
    end: usize,
    /// Where the name of a custom section stands, within the section.
    name: Option<Range<usize>>,
}

impl Header {
    /// `head` is what stands at `start`: [`MAX_HEADER_BYTES`], or all that there
    /// is before `end`.
    fn read(head: &[u8], start: usize, end: usize) -> Result<Self, StructureError> {
        let mut cursor = Cursor { head, section: start, at: start, end };
        let id = cursor.byte()?;
        cursor.end = cursor.sized()?.end;
        let name = if id == CUSTOM { Some(cursor.sized()?) } else { None };
        Ok(Self { end: cursor.end, name })
    }
}

/// A place in the header of a section.
struct Cursor<'a> {
    head: &'a [u8],
    /// Where the section begins, and `head` with it.
    section: usize,
    at: usize,
    /// Up to where the section, or the file, may be read.
    end: usize,
}

impl Cursor<'_> {
    fn truncated(&self) -> StructureError {
        StructureError::Truncated { offset: self.section }
    }

    fn byte(&mut self) -> Result<u8, StructureError> {
        let byte = self.head.get(self.at - self.section).filter(|_| self.at < self.end);
        let byte = *byte.ok_or_else(|| self.truncated())?;
        self.at += 1;
        Ok(byte)
    }

    /// An unsigned 32-bit LEB128 number in its shortest form.
    fn length(&mut self) -> Result<usize, StructureError> {
        let offset = self.at;
        let mut value = 0_u64;
        for shift in [0, 7, 14, 21, 28] {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 != 0 {
                continue;
            }
            // A last byte of zero adds nothing: the number was padded.
            if byte == 0 && shift > 0 {
                break;
            }
            let Ok(value) = u32::try_from(value) else {
                break;
            };
            return usize::try_from(value).map_err(|_| StructureError::Length { offset });
        }
        Err(StructureError::Length { offset })
    }

    /// A length, and the place of that many bytes behind it.
    fn sized(&mut self) -> Result<Range<usize>, StructureError> {
        let length = self.length()?;
        let end = self.at.checked_add(length).filter(|&end| end <= self.end);
        Ok(self.at..end.ok_or_else(|| self.truncated())?)
    }
}

/// Appends a custom section. `name` and `contents` are bounded by the callers,
/// far below the 2^32 bytes that a length can hold.
pub(crate) fn append_custom(out: &mut Vec<u8>, name: &str, contents: &[u8]) {
    let mut prefix = Vec::new();
    append_length(&mut prefix, name.len());
    out.push(CUSTOM);
    append_length(out, prefix.len() + name.len() + contents.len());
    out.extend_from_slice(&prefix);
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(contents);
}

fn append_length(out: &mut Vec<u8>, mut length: usize) {
    loop {
        let low = (length & 0x7f) as u8;
        length >>= 7;
        if length == 0 {
            out.push(low);
            return;
        }
        out.push(low | 0x80);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(body: &[u8]) -> Result<Vec<(usize, usize)>, StructureError> {
        let bytes = [&COMPONENT_PREAMBLE, body].concat();
        let (mut sections, mut found) = (Sections::of(&bytes[..])?, vec![]);
        while let Some(Section { range, .. }) = sections.read()? {
            found.push((range.start, range.end));
        }
        Ok(found)
    }

    fn refused(bytes: &[u8]) -> Option<StructureError> {
        Sections::of(bytes).err()
    }

    #[test]
    fn an_empty_component_has_no_sections() {
        assert_eq!(read(&[]), Ok(vec![]));
    }

    #[test]
    fn a_nested_module_is_one_opaque_section() {
        assert_eq!(read(&[1, 3, 0xff, 0xff, 0xff, 0, 2, 1, b'x']), Ok(vec![(8, 13), (13, 17)]));
    }

    #[test]
    fn a_core_module_is_told_apart_from_other_bytes() {
        assert_eq!(refused(b"\0asm\x01\0\0\0"), Some(StructureError::CoreModule));
        assert_eq!(refused(b"PK\x03\x04 zip"), Some(StructureError::NotAComponent));
        assert_eq!(refused(b"\0asm"), Some(StructureError::NotAComponent));
    }

    #[test]
    fn a_padded_length_is_refused() {
        for padded in [&[1, 0x80, 0][..], &[1, 0x83, 0x00, 1, 2, 3], &[1, 0x80, 0x80, 0x80, 0x80, 0]] {
            assert_eq!(read(padded), Err(StructureError::Length { offset: 9 }), "{padded:x?}");
        }
    }

    #[test]
    fn a_padded_name_length_is_refused() {
        assert_eq!(read(&[0, 3, 0x81, 0, b'x']), Err(StructureError::Length { offset: 10 }));
    }

    #[test]
    fn a_length_above_32_bits_is_refused() {
        let too_long = [1, 0xff, 0xff, 0xff, 0xff, 0x1f];
        assert_eq!(read(&too_long), Err(StructureError::Length { offset: 9 }));
        let too_many = [1, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
        assert_eq!(read(&too_many), Err(StructureError::Length { offset: 9 }));
    }

    #[test]
    fn a_length_beyond_the_file_is_refused() {
        let four_gib = [1, 0xff, 0xff, 0xff, 0xff, 0x0f];
        assert_eq!(read(&four_gib), Err(StructureError::Truncated { offset: 8 }));
        assert_eq!(read(&[1]), Err(StructureError::Truncated { offset: 8 }));
        assert_eq!(read(&[1, 1, 7, 2, 4, 7]), Err(StructureError::Truncated { offset: 11 }));
    }

    #[test]
    fn a_name_beyond_its_section_is_refused() {
        assert_eq!(read(&[0, 2, 5, b'x', 1, 4, 0, 0, 0, 0]), Err(StructureError::Truncated { offset: 8 }));
        assert_eq!(read(&[0, 0]), Err(StructureError::Truncated { offset: 8 }));
    }

    #[test]
    fn a_name_that_is_not_utf8_is_refused() {
        assert_eq!(read(&[0, 2, 1, 0xff]), Err(StructureError::Name { offset: 8 }));
    }

    #[test]
    fn a_name_is_no_longer_than_the_engine_reads() {
        let longest = "x".repeat(MAX_SECTION_NAME_BYTES);
        let named = |name: &str| {
            let mut bytes = vec![];
            append_custom(&mut bytes, name, b"");
            read(&bytes)
        };
        assert_eq!(named(&longest), Ok(vec![(8, 100_015)]));
        let found = MAX_SECTION_NAME_BYTES + 1;
        assert_eq!(named(&(longest + "x")), Err(StructureError::NameTooLong { offset: 8, found }));
    }

    #[test]
    fn a_million_sections_are_refused() {
        let body = [1, 0].repeat(1_000_000);
        assert_eq!(read(&body), Err(StructureError::TooManySections));
        assert_eq!(read(&body[..2 * MAX_SECTIONS]).map(|s| s.len()), Ok(MAX_SECTIONS));
    }

    #[test]
    fn nothing_is_read_after_an_error() {
        let bytes = [&COMPONENT_PREAMBLE[..], &[1, 0x80, 0, 1, 0]].concat();
        let mut sections = Sections::of(&bytes[..]).unwrap();
        assert_eq!(sections.read(), Err(StructureError::Length { offset: 9 }));
        assert_eq!(sections.read(), Ok(None));
    }

    proptest! {
        #[test]
        fn the_walker_never_panics_and_never_overlaps(body in prop::collection::vec(any::<u8>(), 0..300)) {
            let bytes = [&COMPONENT_PREAMBLE[..], &body].concat();
            let mut sections = Sections::of(&bytes[..]).unwrap();
            let mut end = COMPONENT_PREAMBLE.len();
            while let Ok(Some(Section { range, .. })) = sections.read() {
                prop_assert_eq!(range.start, end);
                prop_assert!(range.end <= bytes.len());
                end = range.end;
            }
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            if let Ok(mut sections) = Sections::of(&bytes[..]) {
                while let Ok(Some(_)) = sections.read() {}
            }
        }

        #[test]
        fn an_appended_section_reads_back(
            name in "[ -~]{0,200}",
            contents in prop::collection::vec(any::<u8>(), 0..20_000),
        ) {
            let mut bytes = COMPONENT_PREAMBLE.to_vec();
            append_custom(&mut bytes, &name, &contents);
            let mut sections = Sections::of(&bytes[..]).unwrap();
            let custom = Some(Custom { name: &name, contents: bytes.len() - contents.len()..bytes.len() });
            prop_assert_eq!(sections.read(), Ok(Some(Section { range: 8..bytes.len(), custom })));
            prop_assert_eq!(sections.read(), Ok(None));
            prop_assert!(bytes.ends_with(&contents));
        }
    }
}
