//! Following redirects. The host follows none, so each of them is a request of
//! its own, which the host checks like the first.

use mpp_guest::{Error, Result};
use url::Url;

/// Redirects followed. Browsers follow 20; a page that needs more than a few is
/// a loop or a login.
pub const MAX_REDIRECTS: usize = 5;

/// An answer, as far as redirects are concerned.
pub trait Answer {
    /// Where it redirects to, as the server wrote it.
    fn location(&self) -> Option<&str>;
}

/// The last answer and the way to it.
#[derive(Debug)]
pub struct Arrival<A> {
    pub answer: A,
    /// Where the answer came from.
    pub url: Url,
    /// The URLs before it that redirected.
    pub redirects: Vec<String>,
}

/// Asks `send` for `url`, and for where that redirects to, until an answer does
/// not redirect.
pub fn follow<A: Answer>(mut url: Url, mut send: impl FnMut(&Url) -> Result<A>) -> Result<Arrival<A>> {
    let mut redirects: Vec<String> = Vec::new();
    loop {
        let answer = send(&url).map_err(|error| on_the_way(error, redirects.last()))?;
        let Some(location) = answer.location() else {
            return Ok(Arrival { answer, url, redirects });
        };
        let next = url.join(location).map_err(|error| {
            Error::failed(format!("{url} redirects to {location:?}, which is no URL: {error}"))
        })?;
        if url.scheme() == "https" && next.scheme() != "https" {
            return Err(Error::failed(format!(
                "{url} redirects to {next}, which is not secure; ask for that URL yourself if you want it"
            )));
        }
        redirects.push(url.into());
        if redirects.len() > MAX_REDIRECTS {
            return Err(Error::failed(format!(
                "more than {MAX_REDIRECTS} redirects: {} redirects to {next}",
                redirects.join(" redirects to ")
            )));
        }
        url = next;
        url.set_fragment(None);
    }
}

/// A denial of a URL that nobody asked for says how the tool came to it.
fn on_the_way(error: Error, from: Option<&String>) -> Error {
    match (error, from) {
        (Error::Denied(mut denial), Some(from)) => {
            denial.reason = format!("{} ({from} redirects there)", denial.reason);
            Error::Denied(denial)
        }
        (error, _) => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mpp_guest::{Denial, Permission};

    impl Answer for Option<&str> {
        fn location(&self) -> Option<&str> {
            *self
        }
    }

    fn start() -> Url {
        Url::parse("https://a.test/one").unwrap()
    }

    #[test]
    fn relative_and_absolute_redirects_are_followed() {
        let mut answers = [Some("two?x#y"), Some("//b.test/three"), None].into_iter();
        let mut asked = Vec::new();
        let arrival = follow(start(), |url| {
            asked.push(url.to_string());
            Ok(answers.next().unwrap())
        })
        .unwrap();
        let urls = ["https://a.test/one", "https://a.test/two?x", "https://b.test/three"];
        assert_eq!(asked, urls);
        assert_eq!(arrival.redirects, urls[..2]);
        assert_eq!(arrival.url.as_str(), urls[2]);
    }

    #[test]
    fn a_loop_ends_after_five_redirects() {
        let mut sent = 0;
        let error = follow(start(), |_| {
            sent += 1;
            Ok(Some("/one"))
        })
        .unwrap_err();
        assert_eq!(sent, MAX_REDIRECTS + 1);
        assert!(error.to_string().starts_with("more than 5 redirects"), "{error}");
    }

    #[test]
    fn a_redirect_from_https_to_http_is_not_followed() {
        let error = follow(start(), |_| Ok(Some("http://a.test/"))).unwrap_err();
        assert!(error.to_string().contains("not secure"), "{error}");
    }

    #[test]
    fn a_denied_redirect_stays_a_denial_and_says_where_it_came_from() {
        let mut first = true;
        let error = follow(start(), |_| {
            if std::mem::take(&mut first) {
                return Ok(Some("https://evil.test/"));
            }
            let reason = "not declared";
            Err(Denial::new(Permission::NetworkOutbound, "evil.test:443", reason).into())
        })
        .unwrap_err();
        let denial = error.denial().unwrap();
        assert_eq!(denial.resource, "evil.test:443");
        assert_eq!(denial.reason, "not declared (https://a.test/one redirects there)");
    }
}
