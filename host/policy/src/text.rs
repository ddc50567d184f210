//! How words of others are shown, and how types with a text form meet serde.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use serde::de::{Error, Visitor};

/// Characters of foreign text that are shown before it is cut: enough for any
/// host name and most paths, not enough to push the rest off a screen.
const MAX_SHOWN_CHARS: usize = 300;

/// Text that somebody else chose, fit to be read by a person.
///
/// Plain words are shown as they are. Anything with a space, a quote, an
/// invisible or control character is put in quotes and escaped, so that it can
/// neither pass for words of the sentence around it nor drive a terminal; and
/// what is long is cut, visibly.
#[derive(Clone, Copy, Debug)]
pub struct Quoted<'a>(pub &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (shown, cut) = match self.0.char_indices().nth(MAX_SHOWN_CHARS) {
            Some((end, _)) => (&self.0[..end], true),
            None => (self.0, false),
        };
        if !cut && !shown.is_empty() && shown.chars().all(is_plain) {
            return f.write_str(shown);
        }
        write!(f, "{shown:?}{}", if cut { "… (cut)" } else { "" })
    }
}

fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || "/._-+@~:*[]%=".contains(c)
}

/// Reads a string and parses it; the error shows the string.
pub(crate) struct TextVisitor<T> {
    expecting: &'static str,
    target: PhantomData<T>,
}

impl<T> TextVisitor<T> {
    pub(crate) fn new(expecting: &'static str) -> Self {
        Self { expecting, target: PhantomData }
    }
}

impl<T> Visitor<'_> for TextVisitor<T>
where
    T: FromStr,
    T::Err: fmt::Display,
{
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expecting)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(|error| E::custom(format_args!("{}: {error}", Quoted(text))))
    }
}

/// `FromStr` and `Deserialize` through the type's one maker `parse`.
macro_rules! parsed_from_text {
    ($type:ty, $error:ty, $expecting:literal) => {
        impl std::str::FromStr for $type {
            type Err = $error;

            fn from_str(text: &str) -> Result<Self, $error> {
                Self::parse(text)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str($crate::text::TextVisitor::<$type>::new($expecting))
            }
        }
    };
}
pub(crate) use parsed_from_text;

/// `Serialize` as the text of `Display`.
macro_rules! serialized_as_text {
    ($type:ty) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
    };
}
pub(crate) use serialized_as_text;

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        Quoted(text).to_string()
    }

    #[test]
    fn plain_words_are_shown_as_they_are() {
        for text in ["/data/in.csv", "*.example.com:443", "[::1]:80", "A_B"] {
            assert_eq!(shown(text), text);
        }
    }

    #[test]
    fn anything_else_is_quoted_and_escaped() {
        assert_eq!(shown(""), r#""""#);
        assert_eq!(shown("a b"), r#""a b""#);
        assert_eq!(shown("a\"b`"), r#""a\"b`""#);
        assert_eq!(shown("\x1b[31m\n"), r#""\u{1b}[31m\n""#);
        assert_eq!(shown("\u{202e}\u{200b}"), r#""\u{202e}\u{200b}""#);
    }

    #[test]
    fn what_is_long_is_cut_visibly() {
        let long = "ü".repeat(301);
        assert_eq!(shown(&long), format!("\"{}\"… (cut)", "ü".repeat(300)));
        assert_eq!(shown(&"a".repeat(300)), "a".repeat(300));
    }
}
