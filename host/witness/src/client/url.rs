//! Where a witness is.

use std::fmt;
use std::str::FromStr;

use url::{Host, Url};

/// The address under which a witness takes requests: its submission prefix.
/// It has no query and no credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WitnessUrl(Url);

/// Why a text is not the address of a witness.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// Not a URL.
    #[error("this is no URL: {0}")]
    Form(#[from] url::ParseError),
    /// Neither `https` nor a server on this machine.
    #[error("a witness is at https://, or at http:// on this machine")]
    Scheme,
    /// More than a prefix.
    #[error("the address of a witness has no name, no password, no query and no fragment")]
    NotAPrefix,
}

impl WitnessUrl {
    /// The address of something below it.
    pub(crate) fn below(&self, path: &str) -> Url {
        let mut url = self.0.clone();
        url.set_path(&format!("{}/{path}", self.0.path().trim_end_matches('/')));
        url
    }
}

impl FromStr for WitnessUrl {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, UrlError> {
        let url = Url::parse(text)?;
        let secret = !url.username().is_empty() || url.password().is_some();
        if secret || url.query().is_some() || url.fragment().is_some() {
            return Err(UrlError::NotAPrefix);
        }
        match url.scheme() {
            "https" => Ok(Self(url)),
            "http" if is_this_machine(&url) => Ok(Self(url)),
            _ => Err(UrlError::Scheme),
        }
    }
}

impl fmt::Display for WitnessUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        // RFC 6761, section 6.3.
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_kept_with_and_without_its_slash() {
        for (prefix, asked) in [
            ("https://w.example", "https://w.example/add-checkpoint"),
            ("https://w.example/a/", "https://w.example/a/add-checkpoint"),
            ("https://w.example/a", "https://w.example/a/add-checkpoint"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080/add-checkpoint"),
            ("http://[::1]/", "http://[::1]/add-checkpoint"),
        ] {
            let url: WitnessUrl = prefix.parse().unwrap();
            assert_eq!(url.below("add-checkpoint").as_str(), asked);
        }
    }

    #[test]
    fn other_addresses_are_refused_by_name() {
        for (text, error) in [
            ("http://w.example", UrlError::Scheme),
            ("http://127.0.0.1.example", UrlError::Scheme),
            ("ftp://w.example", UrlError::Scheme),
            ("https://me:secret@w.example", UrlError::NotAPrefix),
            ("https://w.example/?a", UrlError::NotAPrefix),
            ("https://w.example/#a", UrlError::NotAPrefix),
            ("w.example", UrlError::Form(url::ParseError::RelativeUrlWithoutBase)),
        ] {
            assert_eq!(text.parse::<WitnessUrl>(), Err(error), "{text}");
        }
    }
}
