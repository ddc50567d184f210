//! Names of hosts, in their one spelling.

use std::fmt;

use thiserror::Error;

use crate::text::{parsed_from_text, serialized_as_text};

/// Longest name in text form without the final dot (RFC 1035 section 2.3.4).
const MAX_NAME_BYTES: usize = 253;
/// Longest label (RFC 1035 section 2.3.4).
const MAX_LABEL_BYTES: usize = 63;

/// A host name in lower-case ASCII, without a trailing dot.
///
/// Labels are of `a-z 0-9 - _`, 1 to 63 bytes, and neither start nor end with
/// `-`; an international name is in its `xn--` form. The last label is not a
/// number, because a URL with such a host names an IPv4 address.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostName(String);

/// Why text is not a host name. Blames who wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum HostNameError {
    /// There is nothing.
    #[error("the host is empty")]
    Empty,
    /// Longer than 253 bytes.
    #[error("the host name is longer than {MAX_NAME_BYTES} bytes")]
    TooLong,
    /// It ends in a dot.
    #[error("the host name ends in a dot: leave it out")]
    TrailingDot,
    /// Two dots in a row, or one at the start.
    #[error("the host name has an empty label")]
    EmptyLabel,
    /// A label is longer than 63 bytes.
    #[error("a label of the host name is longer than {MAX_LABEL_BYTES} bytes")]
    LabelTooLong,
    /// It holds an upper-case letter.
    #[error("the host name has an upper-case letter: write it in lower case")]
    UpperCase,
    /// It is not ASCII.
    #[error("the host name is not ASCII: write its `xn--` form")]
    NotAscii,
    /// It holds a character no host name has.
    #[error("the host name holds a character other than a-z, 0-9, `-`, `_` and `.`")]
    Character,
    /// A label starts or ends with `-`.
    #[error("a label of the host name starts or ends with `-`")]
    Hyphen,
    /// Its last label is a number, so URLs would take it for an address.
    #[error("the host name ends in a number and is no IPv4 address in its usual form")]
    LooksLikeAddress,
    /// An `xn--` label is not what an international name would be written as.
    #[error("an `xn--` label of the host name is not valid")]
    Punycode,
}

impl HostName {
    /// Takes a name in its one spelling.
    ///
    /// # Errors
    /// [`HostNameError`] says which rule the text breaks.
    pub fn parse(text: &str) -> Result<Self, HostNameError> {
        if text.is_empty() {
            return Err(HostNameError::Empty);
        }
        if text.len() > MAX_NAME_BYTES {
            return Err(HostNameError::TooLong);
        }
        if text.ends_with('.') {
            return Err(HostNameError::TrailingDot);
        }
        text.split('.').try_for_each(check_label)?;
        if text.rsplit('.').next().is_some_and(is_number) {
            return Err(HostNameError::LooksLikeAddress);
        }
        // The URL parser has the last word: a name that it would spell
        // otherwise could never match a request.
        match url::Host::parse(text) {
            Ok(url::Host::Domain(name)) if name == text => Ok(Self(name)),
            _ => Err(HostNameError::Punycode),
        }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this name has one or more labels in front of `parent`.
    pub fn is_below(&self, parent: &Self) -> bool {
        self.0.strip_suffix(&parent.0).is_some_and(|labels| labels.ends_with('.'))
    }

    /// How many labels the name has.
    pub(crate) fn labels(&self) -> usize {
        self.0.split('.').count()
    }
}

fn check_label(label: &str) -> Result<(), HostNameError> {
    if label.is_empty() {
        return Err(HostNameError::EmptyLabel);
    }
    if label.len() > MAX_LABEL_BYTES {
        return Err(HostNameError::LabelTooLong);
    }
    for c in label.chars() {
        match c {
            'a'..='z' | '0'..='9' | '-' | '_' => {}
            'A'..='Z' => return Err(HostNameError::UpperCase),
            c if !c.is_ascii() => return Err(HostNameError::NotAscii),
            _ => return Err(HostNameError::Character),
        }
    }
    if label.starts_with('-') || label.ends_with('-') {
        return Err(HostNameError::Hyphen);
    }
    Ok(())
}

/// What the URL standard takes for the end of an IPv4 address: digits, or `0x`
/// and hexadecimal digits.
fn is_number(label: &str) -> bool {
    match label.strip_prefix("0x") {
        Some(digits) => digits.bytes().all(|b| b.is_ascii_hexdigit()),
        None => label.bytes().all(|b| b.is_ascii_digit()),
    }
}

impl fmt::Display for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

parsed_from_text!(HostName, HostNameError, "a host name in lower case");
serialized_as_text!(HostName);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn refused(text: &str, error: HostNameError) {
        assert_eq!(HostName::parse(text), Err(error), "{text:?}");
    }

    #[test]
    fn a_name_in_lower_case_is_taken_as_it_is() {
        for text in ["localhost", "api.example.com", "a_b.x-y.1a", "xn--bcher-kva.example"] {
            assert_eq!(HostName::parse(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn any_other_spelling_is_refused() {
        refused("", HostNameError::Empty);
        refused("example.com.", HostNameError::TrailingDot);
        refused(".example.com", HostNameError::EmptyLabel);
        refused("a..b", HostNameError::EmptyLabel);
        refused("Example.com", HostNameError::UpperCase);
        refused("bücher.example", HostNameError::NotAscii);
        refused("a b", HostNameError::Character);
        refused("user@example.com", HostNameError::Character);
        refused("a%2eb", HostNameError::Character);
        refused("*.example.com", HostNameError::Character);
        refused("-a.example", HostNameError::Hyphen);
        refused("a-.example", HostNameError::Hyphen);
    }

    #[test]
    fn lengths_are_those_of_the_domain_name_system() {
        let label = "a".repeat(63);
        refused(&format!("{label}a"), HostNameError::LabelTooLong);
        let name = [label.as_str(); 4].join(".");
        refused(&name, HostNameError::TooLong);
        assert!(HostName::parse(&name[..253]).is_ok());
    }

    #[test]
    fn a_name_that_urls_read_as_an_address_is_refused() {
        for text in ["127.1", "2130706433", "0x7f.0.0.1", "0x7f000001", "a.0x", "999.999.999.999"] {
            refused(text, HostNameError::LooksLikeAddress);
        }
    }

    #[test]
    fn punycode_must_be_what_the_name_is_written_as() {
        refused("xn--", HostNameError::Hyphen);
        refused("xn--a", HostNameError::Punycode);
        refused("xn--example-.com", HostNameError::Hyphen);
    }

    #[test]
    fn below_means_at_least_one_label_more() {
        let name = |text| HostName::parse(text).unwrap();
        assert!(name("a.example.com").is_below(&name("example.com")));
        assert!(name("a.b.example.com").is_below(&name("example.com")));
        assert!(!name("example.com").is_below(&name("example.com")));
        assert!(!name("badexample.com").is_below(&name("example.com")));
        assert!(!name("example.com").is_below(&name("a.example.com")));
    }

    proptest! {
        #[test]
        fn what_parses_is_what_a_url_has_as_its_host(text in "[a-z0-9x.-]{1,16}|\\PC{0,16}") {
            if let Ok(name) = HostName::parse(&text) {
                let url = url::Url::parse(&format!("https://{text}/")).unwrap();
                prop_assert_eq!(url.domain(), Some(name.as_str()));
            }
        }
    }
}
