//! From bytes to text.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

/// How far into a page browsers look for `<meta charset>`.
const PRESCAN: usize = 1024;

/// Decodes a body by its byte order mark, the charset of its `content-type`, or
/// (for HTML) of its `<meta>`, in this order. Without any of them it is UTF-8 if
/// it can be, otherwise Windows-1252, which includes Latin-1. What is no
/// character becomes U+FFFD.
pub fn decode(body: &[u8], content_type: &str, html: bool) -> String {
    let named = parameter(content_type.as_bytes())
        .or_else(|| parameter(&body[..body.len().min(PRESCAN)]).filter(|_| html));
    let guessed = || match std::str::from_utf8(body) {
        Ok(_) => UTF_8,
        Err(_) => WINDOWS_1252,
    };
    let (text, _, _) = named.unwrap_or_else(guessed).decode(body);
    text.into_owned()
}

/// The encoding after the first `charset=` of a text.
fn parameter(text: &[u8]) -> Option<&'static Encoding> {
    const NAME: &[u8] = b"charset=";
    let start = text.windows(NAME.len()).position(|window| window.eq_ignore_ascii_case(NAME))?;
    let value = text[start + NAME.len()..].trim_ascii_start();
    let value = value.strip_prefix(b"\"").or(value.strip_prefix(b"'")).unwrap_or(value);
    let end = value.iter().position(|byte| !byte.is_ascii_alphanumeric() && !b"-_:.".contains(byte));
    Encoding::for_label(&value[..end.unwrap_or(value.len())])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_names_the_charset() {
        assert_eq!(decode(b"caf\xe9", "text/plain; charset=ISO-8859-1", false), "café");
        assert_eq!(decode(b"\x82\xa0", "text/html; charset=\"Shift_JIS\"", true), "あ");
    }

    #[test]
    fn a_page_names_its_charset_and_plain_text_does_not() {
        let page = b"<meta charset=windows-1251><p>\xcf</p>";
        assert!(decode(page, "text/html", true).contains("<p>П</p>"));
        let page = b"<META http-equiv=content-type content='text/html; Charset=koi8-r'>\xf0";
        assert!(decode(page, "text/html", true).ends_with('П'));
        assert!(decode(b"charset=koi8-r \xf0", "text/plain", false).ends_with('ð'));
    }

    #[test]
    fn without_a_name_it_is_utf8_if_it_can_be_and_latin_otherwise() {
        assert_eq!(decode("né".as_bytes(), "text/plain", false), "né");
        assert_eq!(decode(b"n\xe9", "text/plain", false), "né");
    }

    #[test]
    fn a_byte_order_mark_wins_and_broken_bytes_are_replaced() {
        let body = b"\xef\xbb\xbfn\xc3\xa9";
        assert_eq!(decode(body, "text/plain; charset=latin1", false), "né");
        assert_eq!(decode(b"n\xff", "text/plain; charset=utf-8", false), "n\u{fffd}");
        assert_eq!(decode(b"x", "text/plain; charset=klingon", false), "x");
    }
}
