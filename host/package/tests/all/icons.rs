//! P25: pictures that lie elsewhere, run, or cost more than they show.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use mpp_package::{
    Icon, IconError, IconFormat, IconSize, IconTheme, MAX_ICON_BYTES, MAX_ICON_SIDE, MAX_ICONS, Manifest,
    ManifestError, ManifestParts,
};
use proptest::prelude::*;

use crate::support::parts;

/// One red pixel as each format has it.
pub const PNG: &str = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC";
const WEBP: &str = "data:image/webp;base64,UklGRhwAAABXRUJQVlA4TA8AAAAvAAAAAAcQ/Y/+ByKi/wEA";

/// Black, 16,383 by 16,383 pixels, in 34 bytes.
const BOMB: &str = "data:image/webp;base64,UklGRhoAAABXRUJQVlA4TA4AAAAv/r//DwcQEf0PRET/Aw==";

fn base64(src: &str) -> &str {
    src.split_once(',').expect("a source has a comma").1
}

fn icon(src: &str) -> Icon {
    Icon::parse(src, None).unwrap()
}

fn refused(picture: &[u8]) -> IconError {
    Icon::new(picture, None).unwrap_err()
}

fn png(width: u32, height: u32) -> Vec<u8> {
    [&b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR"[..], &width.to_be_bytes(), &height.to_be_bytes()].concat()
}

/// A comment, a table, the frame.
fn jpeg(width: u16, height: u16) -> Vec<u8> {
    let frame = [&b"\xff\xc2\0\x0b\x08"[..], &height.to_be_bytes(), &width.to_be_bytes(), b"\x01\x01\x11\0"];
    [&b"\xff\xd8\xff\xfe\0\x04hi\xff\xdb\0\x02"[..], &frame.concat()].concat()
}

fn webp(kind: &[u8], contents: &[u8]) -> Vec<u8> {
    [&b"RIFF\0\0\0\0WEBP"[..], kind, b"\0\0\0\0", contents].concat()
}

/// With the bits of a scale above both sizes.
fn lossy(width: u16, height: u16) -> Vec<u8> {
    let sides = [(width | 0x4000).to_le_bytes(), (height | 0xc000).to_le_bytes()].concat();
    webp(b"VP8 ", &[b"\xd0\x01\0\x9d\x01\x2a", &sides[..]].concat())
}

fn lossless(width: u32, height: u32) -> Vec<u8> {
    let bits = (width - 1) | (height - 1) << 14 | 1 << 28;
    webp(b"VP8L", &[&[0x2f][..], &bits.to_le_bytes()].concat())
}

fn chunk(kind: &[u8], contents: &[u8]) -> Vec<u8> {
    let length = u32::try_from(contents.len()).unwrap();
    let padding = vec![0; contents.len() % 2];
    [kind, &length.to_le_bytes(), contents, &padding].concat()
}

/// A canvas with these flags, and chunks behind it.
fn canvas(flags: u8, width: u32, height: u32, chunks: &[Vec<u8>]) -> Vec<u8> {
    let sides = [&(width - 1).to_le_bytes()[..3], &(height - 1).to_le_bytes()[..3]].concat();
    let header = chunk(b"VP8X", &[&[flags, 0, 0, 0][..], &sides].concat());
    [&b"RIFF\0\0\0\0WEBP"[..], &header, &chunks.concat()].concat()
}

/// The one chunk of a simple picture, with its length.
fn image(picture: &[u8]) -> Vec<u8> {
    chunk(&picture[12..16], &picture[20..])
}

/// Its chunk of transparency is of odd length, and padded.
fn extended(width: u16, height: u16) -> Vec<u8> {
    let chunks = [chunk(b"ALPH", b"abc"), image(&lossy(width, height))];
    canvas(0x10, width.into(), height.into(), &chunks)
}

#[test]
fn an_icon_is_its_picture_in_a_data_uri() {
    for (src, format) in [(PNG, IconFormat::Png), (WEBP, IconFormat::Webp)] {
        let read = Icon::parse(src, Some(IconTheme::Dark)).unwrap();
        assert_eq!((read.src(), read.format(), read.theme()), (src, format, Some(IconTheme::Dark)));
        assert_eq!(read.size(), IconSize { width: 1, height: 1 });
        let picture = STANDARD.decode(base64(src)).unwrap();
        assert_eq!(Icon::new(&picture, Some(IconTheme::Dark)), Ok(read));
    }
}

#[test]
fn the_size_is_read_from_the_header_of_every_format() {
    let pictures = [
        (IconFormat::Png, png(48, 32)),
        (IconFormat::Jpeg, jpeg(48, 32)),
        (IconFormat::Webp, lossy(48, 32)),
        (IconFormat::Webp, lossless(48, 32)),
        (IconFormat::Webp, extended(48, 32)),
        (IconFormat::Webp, canvas(0x10, 48, 32, &[image(&lossless(48, 32))])),
        (IconFormat::Webp, canvas(0, 48, 32, &[image(&lossy(48, 32)), chunk(b"EXIF", b"")])),
    ];
    for (format, picture) in pictures {
        let icon = Icon::new(&picture, None).unwrap();
        assert_eq!((icon.format(), icon.size().to_string().as_str()), (format, "48x32"), "{picture:?}");
    }
}

/// P25: whoever shows it would ask somebody else for it, or run it.
#[test]
fn a_picture_from_elsewhere_and_one_that_is_a_document_are_refused() {
    let sources = [
        "https://example.com/icon.png",
        "//example.com/icon.png",
        "file:///etc/passwd",
        "icon.png",
        "",
        "javascript:alert(1)",
        "data:image/svg+xml;base64,PHN2Zy8+",
        "data:text/html;base64,PHN2Zy8+",
        "data:image/gif;base64,R0lGODlhAQABAAAAACw=",
        "data:image/png,%89PNG",
        "data:;base64,iVBORw0KGgo=",
    ];
    for src in sources {
        assert_eq!(Icon::parse(src, None), Err(IconError::Source), "{src}");
    }
}

/// P25.
#[test]
fn a_source_has_one_spelling() {
    let data = base64(PNG);
    for prefix in ["data:image/jpg;base64,", "DATA:image/png;base64,", "data:image/png;name=a;base64,"] {
        assert_eq!(Icon::parse(&format!("{prefix}{data}"), None), Err(IconError::Source), "{prefix}");
    }
    let spellings = [
        BOMB.trim_end_matches('=').to_owned(),
        BOMB.replacen("Aw==", "Ax==", 1),
        WEBP.replacen("/Y/+By", "_Y_-By", 1),
        format!("{PNG}\n"),
        format!("{PNG}=="),
    ];
    for src in spellings {
        assert!(![PNG, WEBP, BOMB].contains(&src.as_str()), "{src}");
        assert_eq!(Icon::parse(&src, None), Err(IconError::Base64), "{src}");
    }
}

/// P25: a client goes by what the source says, and another by the first bytes.
#[test]
fn a_picture_that_is_not_what_its_source_says_is_refused() {
    let swapped = PNG.replacen("png", "webp", 1);
    let error = IconError::OtherFormat { said: IconFormat::Webp, found: IconFormat::Png };
    assert_eq!(Icon::parse(&swapped, None), Err(error));
    for bytes in [&b""[..], b"<svg/>", b"GIF89a", b"\x89PNG", b"\xff\xd8", b"RIFF\0\0\0\0WAVE", b"MZ"] {
        let src = format!("data:image/png;base64,{}", STANDARD.encode(bytes));
        assert_eq!(Icon::parse(&src, None), Err(IconError::UnknownFormat), "{src}");
    }
}

/// P25.
#[test]
fn a_picture_that_costs_more_than_it_shows_is_refused() {
    let size = IconSize { width: 16_383, height: 16_383 };
    assert_eq!(Icon::parse(BOMB, None), Err(IconError::Size { size }));
    let most = MAX_ICON_SIDE;
    assert!(Icon::new(&png(most, most), None).is_ok());
    for (width, height) in [(0, 1), (1, 0), (most + 1, 1), (1, most + 1), (u32::MAX, u32::MAX)] {
        assert_eq!(refused(&png(width, height)), IconError::Size { size: IconSize { width, height } });
    }
}

/// P25.
#[test]
fn a_picture_over_the_limit_is_refused() {
    let padded = |length| {
        let mut picture = png(48, 48);
        picture.resize(length, 0);
        picture
    };
    assert!(Icon::new(&padded(MAX_ICON_BYTES), None).is_ok());
    let found = MAX_ICON_BYTES + 1;
    assert_eq!(refused(&padded(found)), IconError::TooLarge { found });
}

/// P25.
#[test]
fn a_header_in_which_two_readers_might_find_two_sizes_is_refused() {
    let frame = jpeg(48, 32)[12..].to_vec();
    let behind = |start: &[u8]| [b"\xff\xd8", start, &frame].concat();
    let pictures = [
        // Padding before a marker, a restart, a scan, an end, a hierarchy, a lossless frame.
        behind(b"\xff"),
        behind(b"\xff\xd0"),
        behind(b"\xff\xda\0\x02"),
        behind(b"\xff\xd9"),
        behind(b"\xff\xde\0\x02"),
        behind(b"\xff\xc3\0\x02"),
        // A segment shorter than its own length, and one beyond the end.
        behind(b"\xff\xfe\0\0"),
        behind(b"\xff\xfe\xff\xff"),
    ];
    for picture in pictures {
        assert_eq!(refused(&picture), IconError::Header { format: IconFormat::Jpeg }, "{picture:02x?}");
    }
    let mut between = lossy(48, 32);
    between[20] |= 1;
    for picture in [between, webp(b"ALPH", b""), webp(b"ANMF", b"")] {
        assert_eq!(refused(&picture), IconError::Header { format: IconFormat::Webp }, "{picture:02x?}");
    }
    let mut other_chunk = png(48, 32);
    other_chunk[12..16].copy_from_slice(b"CgBI");
    assert_eq!(refused(&other_chunk), IconError::Header { format: IconFormat::Png });
}

/// P25: one reader goes by the canvas, and another by the image on it.
#[test]
fn a_canvas_without_one_still_image_of_its_size_is_refused() {
    let still = || image(&lossy(48, 32));
    let beyond = [b"ICCP", &u32::MAX.to_le_bytes()[..], &still()].concat();
    let cut = [&b"VP8 \x09\0\0\0"[..], &still()[8..]].concat();
    let pictures = [
        canvas(0, 48, 32, &[image(&lossy(4_800, 3_200))]),
        canvas(0, 48, 32, &[image(&lossless(48, 33))]),
        canvas(0, 48, 32, &[image(&lossy(1, 1)), still()]),
        // Moving, by the flag or by a chunk.
        canvas(0x02, 48, 32, &[still()]),
        canvas(0, 48, 32, &[chunk(b"ANIM", b"\0\0\0\0\0\0"), still()]),
        canvas(0, 48, 32, &[chunk(b"ANMF", b""), still()]),
        // No image, another canvas, a chunk beyond the end, an image beyond its chunk.
        canvas(0, 48, 32, &[]),
        canvas(0, 48, 32, &[chunk(b"ALPH", b"abc")]),
        canvas(0, 48, 32, &[canvas(0, 48, 32, &[still()])[12..].to_vec()]),
        canvas(0, 48, 32, &[beyond]),
        canvas(0, 48, 32, &[cut]),
        // A canvas of another length, which would have the chunks elsewhere.
        webp(b"VP8X", &canvas(0, 48, 32, &[still()])[20..]),
    ];
    for picture in pictures {
        assert_eq!(refused(&picture), IconError::Header { format: IconFormat::Webp }, "{picture:02x?}");
    }
    let most = MAX_ICON_SIDE + 1;
    let size = IconSize { width: most, height: 1 };
    assert_eq!(refused(&canvas(0, most, 1, &[image(&lossless(most, 1))])), IconError::Size { size });
}

/// P25.
#[test]
fn a_header_that_was_cut_off_is_refused() {
    for picture in [png(9, 9), jpeg(9, 9), lossy(9, 9), lossless(9, 9), extended(9, 9)] {
        assert!(Icon::new(&picture, None).is_ok());
        for length in 0..picture.len() {
            let error = refused(&picture[..length]);
            assert!(
                matches!(error, IconError::UnknownFormat | IconError::Header { .. }),
                "{length}: {error}"
            );
        }
    }
}

fn with_icons(icons: Vec<Icon>) -> Result<Manifest, ManifestError> {
    Manifest::new(ManifestParts { icons, ..parts() })
}

fn text(icons: Vec<Icon>) -> String {
    String::from_utf8(with_icons(icons).unwrap().to_json().unwrap()).unwrap()
}

/// The manifest with this as its icons.
fn read(icons: &str) -> Result<Manifest, ManifestError> {
    let text = text(vec![]).replacen("\"limits\"", &format!("\"icons\":{icons},\"limits\""), 1);
    Manifest::parse(text.as_bytes())
}

#[test]
fn a_manifest_speaks_of_icons_exactly_if_it_has_any() {
    assert!(!text(vec![]).contains("icons"));
    let icons = vec![icon(PNG), Icon::parse(WEBP, Some(IconTheme::Light)).unwrap()];
    let json = format!(r#"[{{"src":"{PNG}","theme":null}},{{"src":"{WEBP}","theme":"light"}}]"#);
    let manifest = read(&json).unwrap();
    assert_eq!(manifest.icons(), icons);
    assert_eq!(String::from_utf8(manifest.to_json().unwrap()).unwrap(), text(icons));
    for none in ["[]", "null"] {
        assert_eq!(read(none), Err(ManifestError::NotCanonical), "{none}");
    }
}

#[test]
fn an_icon_in_a_manifest_has_one_spelling() {
    for other in [
        format!(r#"[{{"src":"{PNG}"}}]"#),
        format!(r#"[["{PNG}",null]]"#),
        format!(r#"[{{"theme":null,"src":"{PNG}"}}]"#),
    ] {
        assert_eq!(read(&other), Err(ManifestError::NotCanonical), "{other}");
    }
    for other in [
        format!(r#"["{PNG}"]"#),
        format!(r#"[{{"mimeType":"image/png","src":"{PNG}","theme":null}}]"#),
        format!(r#"[{{"src":"{PNG}","theme":"blue"}}]"#),
        r#"[{"theme":null}]"#.to_owned(),
        format!(r#"{{"src":"{PNG}","theme":null}}"#),
    ] {
        assert!(matches!(read(&other), Err(ManifestError::Json(_))), "{other}");
    }
}

/// P25.
#[test]
fn an_icon_that_is_refused_refuses_its_package_and_is_numbered() {
    let json =
        format!(r#"[{{"src":"{PNG}","theme":null}},{{"src":"https://example.com/i.png","theme":null}}]"#);
    assert_eq!(read(&json), Err(ManifestError::Icon { number: 2, problem: IconError::Source }));
}

/// P25.
#[test]
fn a_package_has_few_icons() {
    assert!(with_icons(vec![icon(PNG); MAX_ICONS]).is_ok());
    let found = MAX_ICONS + 1;
    assert_eq!(with_icons(vec![icon(PNG); found]), Err(ManifestError::TooManyIcons { found }));
    let item = format!(r#"{{"src":"{PNG}","theme":null}}"#);
    let json = format!("[{}]", vec![item; found].join(","));
    assert_eq!(read(&json), Err(ManifestError::TooManyIcons { found }));
}

proptest! {
    #[test]
    fn any_bytes_are_an_icon_of_at_most_the_limits_or_refused(
        head in prop::sample::select(vec![png(1, 1), jpeg(1, 1), lossy(1, 1), lossless(1, 1), extended(1, 1)]),
        at in any::<prop::sample::Index>(),
        noise in prop::collection::vec(any::<u8>(), 0..40),
    ) {
        let mut picture = head.clone();
        picture.splice(at.index(head.len()).., noise);
        if let Ok(icon) = Icon::new(&picture, None) {
            let IconSize { width, height } = icon.size();
            prop_assert!((1..=MAX_ICON_SIDE).contains(&width) && (1..=MAX_ICON_SIDE).contains(&height));
            prop_assert_eq!(Icon::parse(icon.src(), None), Ok(icon));
        }
    }

    #[test]
    fn what_is_read_is_written_the_same(data in "[A-Za-z0-9+/=]{0,60}", like in 0..3_usize) {
        let head = ["png;base64,iVBORw0KGgo", "jpeg;base64,/9j/", "webp;base64,UklGR"][like];
        let src = format!("data:image/{head}{data}");
        if let Ok(icon) = Icon::parse(&src, None) {
            prop_assert_eq!(icon.src(), src);
        }
    }
}
