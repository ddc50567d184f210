//! The top level of a component: a preamble and a row of sections.
//!
//! This reader knows just enough of the component binary format to find custom
//! sections, and is stricter than that format where two readers could disagree:
//! a length has exactly one encoding. What is inside other sections (nested
//! modules and components included) is opaque here.

use std::ops::Range;

use crate::package::MAX_PACKAGE_BYTES;

/// Magic, version 13 and layer 1: what every WebAssembly component begins with.
pub(crate) const COMPONENT_PREAMBLE: [u8; 8] = *b"\0asm\x0d\0\x01\0";

/// Magic, version 1 and layer 0: what a core module begins with.
const MODULE_PREAMBLE: [u8; 8] = *b"\0asm\x01\0\0\0";

/// Most top-level sections of a package. Real components have tens to a few
/// thousand; a file of millions of empty sections is an attack on the reader.
pub const MAX_SECTIONS: usize = 100_000;

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

/// What a custom section holds.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Custom<'a> {
    pub(crate) name: &'a str,
    pub(crate) contents: &'a [u8],
}

/// Reads the sections of a component in order. Allocates nothing; after an
/// error there is nothing more to read.
pub(crate) struct Sections<'a> {
    bytes: &'a [u8],
    at: usize,
    count: usize,
}

impl<'a> Sections<'a> {
    pub(crate) fn of(bytes: &'a [u8]) -> Result<Self, StructureError> {
        if bytes.len() > MAX_PACKAGE_BYTES {
            return Err(StructureError::TooLarge { found: bytes.len() });
        }
        if bytes.starts_with(&MODULE_PREAMBLE) {
            return Err(StructureError::CoreModule);
        }
        if !bytes.starts_with(&COMPONENT_PREAMBLE) {
            return Err(StructureError::NotAComponent);
        }
        Ok(Self { bytes, at: COMPONENT_PREAMBLE.len(), count: 0 })
    }

    /// What stands before the first section.
    pub(crate) fn preamble(&self) -> &'a [u8] {
        &self.bytes[..COMPONENT_PREAMBLE.len()]
    }

    fn read(&mut self) -> Result<Section<'a>, StructureError> {
        if self.count == MAX_SECTIONS {
            return Err(StructureError::TooManySections);
        }
        let start = self.at;
        let mut cursor = Cursor { bytes: self.bytes, at: start, section: start };
        let id = cursor.byte()?;
        let mut body = cursor.sized()?;
        let custom = if id == CUSTOM { Some(body.custom()?) } else { None };
        self.at = cursor.at;
        self.count += 1;
        Ok(Section { range: start..cursor.at, custom })
    }
}

impl<'a> Iterator for Sections<'a> {
    type Item = Result<Section<'a>, StructureError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.at == self.bytes.len() {
            return None;
        }
        let section = self.read();
        if section.is_err() {
            self.at = self.bytes.len();
        }
        Some(section)
    }
}

/// A place in the bytes of one section.
struct Cursor<'a> {
    /// Everything up to where this cursor may read.
    bytes: &'a [u8],
    at: usize,
    /// Where the section begins, for errors.
    section: usize,
}

impl<'a> Cursor<'a> {
    fn truncated(&self) -> StructureError {
        StructureError::Truncated { offset: self.section }
    }

    fn byte(&mut self) -> Result<u8, StructureError> {
        let byte = *self.bytes.get(self.at).ok_or_else(|| self.truncated())?;
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

    /// A length and that many bytes, as a cursor of their own.
    fn sized(&mut self) -> Result<Cursor<'a>, StructureError> {
        let length = self.length()?;
        let end = self.at.checked_add(length).filter(|&end| end <= self.bytes.len());
        let end = end.ok_or_else(|| self.truncated())?;
        let inner = Cursor { bytes: &self.bytes[..end], at: self.at, section: self.section };
        self.at = end;
        Ok(inner)
    }

    fn rest(&self) -> &'a [u8] {
        &self.bytes[self.at..]
    }

    fn custom(&mut self) -> Result<Custom<'a>, StructureError> {
        let name = self.sized()?.rest();
        let name = str::from_utf8(name).map_err(|_| StructureError::Name { offset: self.section })?;
        Ok(Custom { name, contents: self.rest() })
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
        let sections: Result<Vec<_>, _> = Sections::of(&bytes)?.collect();
        Ok(sections?.into_iter().map(|s| (s.range.start, s.range.end)).collect())
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
        assert_eq!(Sections::of(b"\0asm\x01\0\0\0").err(), Some(StructureError::CoreModule));
        assert_eq!(Sections::of(b"PK\x03\x04 zip").err(), Some(StructureError::NotAComponent));
        assert_eq!(Sections::of(b"\0asm").err(), Some(StructureError::NotAComponent));
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
    fn a_million_sections_are_refused() {
        let body = [1, 0].repeat(1_000_000);
        assert_eq!(read(&body), Err(StructureError::TooManySections));
        assert_eq!(read(&body[..2 * MAX_SECTIONS]).map(|s| s.len()), Ok(MAX_SECTIONS));
    }

    #[test]
    fn nothing_is_read_after_an_error() {
        let bytes = [&COMPONENT_PREAMBLE[..], &[1, 0x80, 0, 1, 0]].concat();
        let mut sections = Sections::of(&bytes).unwrap();
        assert!(sections.next().unwrap().is_err());
        assert_eq!(sections.next(), None);
    }

    proptest! {
        #[test]
        fn the_walker_never_panics_and_never_overlaps(body in prop::collection::vec(any::<u8>(), 0..300)) {
            let bytes = [&COMPONENT_PREAMBLE[..], &body].concat();
            let mut end = COMPONENT_PREAMBLE.len();
            for section in Sections::of(&bytes).unwrap() {
                let Ok(section) = section else { break };
                prop_assert_eq!(section.range.start, end);
                prop_assert!(section.range.end <= bytes.len());
                end = section.range.end;
            }
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            if let Ok(sections) = Sections::of(&bytes) {
                let _ = sections.count();
            }
        }

        #[test]
        fn an_appended_section_reads_back(
            name in "[ -~]{0,200}",
            contents in prop::collection::vec(any::<u8>(), 0..20_000),
        ) {
            let mut bytes = COMPONENT_PREAMBLE.to_vec();
            append_custom(&mut bytes, &name, &contents);
            let sections: Vec<_> = Sections::of(&bytes).unwrap().map(Result::unwrap).collect();
            prop_assert_eq!(sections.len(), 1);
            prop_assert_eq!(&sections[0].range, &(8..bytes.len()));
            prop_assert_eq!(&sections[0].custom, &Some(Custom { name: &name, contents: &contents }));
        }
    }
}
