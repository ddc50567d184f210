//! P25: pictures that lie elsewhere, run, or cost more than they show.

use super::{
    Vector,
    documents::{HELLO, Release},
    format::base64,
};

/// A red pixel.
const PIXEL: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0\x90wS\xde\
    \0\0\0\x0cIDATx\x9cc\xf8\xcf\xc0\0\0\x03\x01\x01\0\xc9\xfe\x92\xef\0\0\0\0IEND\xaeB`\x82";

/// Black, 16,383 by 16,383 pixels.
const BOMB: &[u8] = b"RIFF\x1a\0\0\0WEBPVP8L\x0e\0\0\0\
    \x2f\xfe\xbf\xff\x0f\x07\x10\x11\xfd\x0fDD\xff\x03";

fn src(media_type: &str, picture: &[u8]) -> String {
    format!("data:{media_type};base64,{}", base64(picture))
}

/// The first release with these icons, each with its theme.
fn with(icons: &[(&str, Option<&str>)]) -> Vec<u8> {
    Release { icons, ..HELLO }.signed()
}

pub fn vectors() -> Vec<Vector> {
    let pixel = src("image/png", PIXEL);
    let refused = |name, detail: &str, comment, src: &str| {
        Vector::new(name, &format!("malformed {detail}"), comment, with(&[(src, None)]))
    };
    vec![
        Vector::new(
            "ok-icons",
            "accepted",
            "A package with an icon, and one for dark backgrounds.",
            with(&[(&pixel, None), (&pixel, Some("dark"))]),
        ),
        refused("p25-remote", "icon-source", "An icon that lies elsewhere.", "https://example.com/icon.png"),
        refused(
            "p25-svg",
            "icon-source",
            "An icon that is a document.",
            &src("image/svg+xml", b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script/></svg>"),
        ),
        refused(
            "p25-unpadded",
            "icon-base64",
            "An icon in base64 of another spelling.",
            src("image/webp", BOMB).trim_end_matches('='),
        ),
        refused(
            "p25-document",
            "icon-unknown-format",
            "A document under the name of a picture.",
            &src("image/png", b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script/></svg>"),
        ),
        refused(
            "p25-other-format",
            "icon-other-format",
            "A PNG under the name of a JPEG.",
            &src("image/jpeg", PIXEL),
        ),
        refused(
            "p25-cut",
            "icon-header",
            "A PNG that was cut off in its header.",
            &src("image/png", &PIXEL[..20]),
        ),
        refused(
            "p25-bomb",
            "icon-size",
            "A picture of 34 bytes that takes a gigabyte to show.",
            &src("image/webp", BOMB),
        ),
        Vector::new(
            "p25-five",
            "malformed too-many-icons",
            "More icons than a client has use for.",
            with(&[(pixel.as_str(), None); 5]),
        ),
    ]
}
