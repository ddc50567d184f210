//! Talking to GitHub's REST API: requests, redirects, and what its errors mean.

use mpp_guest::http::{Request, Response};
use mpp_guest::{Error, Result, env, log};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::Url;

/// Where the API is. A token is sent nowhere else.
const BASE: &str = "https://api.github.com";

/// Redirects followed. GitHub sends one for a renamed repository.
const MAX_REDIRECTS: u32 = 3;

/// Characters of GitHub's own words in a message.
const MAX_QUOTE: usize = 300;

/// The API with the credentials that the operator gives.
pub struct Api {
    token: Option<String>,
}

impl Api {
    pub fn new() -> Self {
        let token = env::var("GITHUB_TOKEN").unwrap_or_else(|denial| {
            log::info!("going on without a token: {denial}");
            None
        });
        Api { token: token.map(|token| token.trim().to_owned()).filter(|token| !token.is_empty()) }
    }

    /// Gets JSON. `path` is made of segments, so that none can escape its place.
    pub fn get<T: DeserializeOwned>(&self, path: &[&str], query: &[(&str, &str)]) -> Result<T> {
        let mut url = address(path, query)?;
        for _ in 0..=MAX_REDIRECTS {
            let response = self.send(&url)?;
            match response.status() {
                200 => return Ok(response.json()?),
                301 | 302 | 307 | 308 => url = next(&url, response.header("location"))?,
                _ => return Err(Refusal::new(&response, self.token.is_some()).explain()),
            }
        }
        Err(Error::failed(format!("GitHub redirects without end, last to {url}")))
    }

    fn send(&self, url: &Url) -> Result<Response> {
        let mut request = Request::get(url.as_str())
            .header("accept", "application/vnd.github+json")
            .header("x-github-api-version", "2022-11-28")
            .header("user-agent", concat!("mpp-github-issues/", env!("CARGO_PKG_VERSION")));
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        Ok(request.send()?)
    }
}

fn address(path: &[&str], query: &[(&str, &str)]) -> Result<Url> {
    let mut url = Url::parse(BASE)?;
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.extend(path);
    }
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query);
    }
    Ok(url)
}

fn next(url: &Url, location: Option<&str>) -> Result<Url> {
    let location = location.ok_or("GitHub redirects, and does not say where")?;
    let next = url.join(location)?;
    if next.origin() != url.origin() {
        return Err(Error::failed(format!("GitHub redirects to another server: {next}")));
    }
    Ok(next)
}

/// An answer other than success.
struct Refusal<'a> {
    status: u16,
    /// `retry-after`: seconds.
    retry_after: Option<&'a str>,
    /// `x-ratelimit-remaining`: requests.
    remaining: Option<&'a str>,
    /// `x-ratelimit-reset`: seconds since 1970.
    reset: Option<&'a str>,
    body: &'a [u8],
    token: bool,
}

impl<'a> Refusal<'a> {
    fn new(response: &'a Response, token: bool) -> Self {
        Refusal {
            status: response.status(),
            retry_after: response.header("retry-after"),
            remaining: response.header("x-ratelimit-remaining"),
            reset: response.header("x-ratelimit-reset"),
            body: response.body(),
            token,
        }
    }

    fn explain(&self) -> Error {
        let words = words(self.body);
        let hint = if self.token { "" } else { "; GITHUB_TOKEN has no value, and a token would help" };
        match self.status {
            _ if self.is_rate_limit(&words) => {
                Error::failed(format!("GitHub's rate limit is reached; {}{hint}", self.wait()))
            }
            401 => Error::failed(format!("GitHub does not accept the token in GITHUB_TOKEN: {words}")),
            404 | 410 => Error::invalid_input(format!(
                "repository, number: GitHub shows no such thing ({words}); it does not exist, was \
                 deleted, or is private{hint}"
            )),
            422 => Error::invalid_input(format!("query: GitHub cannot search for this: {words}{hint}")),
            status => Error::failed(format!("GitHub answers with status {status}: {words}")),
        }
    }

    fn is_rate_limit(&self, words: &str) -> bool {
        let told = self.retry_after.is_some() || words.contains("rate limit");
        matches!(self.status, 403 | 429) && (told || self.remaining == Some("0"))
    }

    fn wait(&self) -> String {
        if let Some(seconds) = self.retry_after {
            return format!("try again in {seconds} seconds");
        }
        let reset = self.reset.and_then(|time| time.parse::<u64>().ok());
        match reset.map(|time| time % 86_400) {
            Some(time) => {
                format!("try again after {:02}:{:02}:{:02} UTC", time / 3600, time / 60 % 60, time % 60)
            }
            None => "try again later".to_owned(),
        }
    }
}

/// What GitHub says about an error.
fn words(body: &[u8]) -> String {
    #[derive(Deserialize)]
    struct Body {
        message: String,
        #[serde(default)]
        errors: Vec<serde_json::Value>,
    }
    let words = match serde_json::from_slice::<Body>(body) {
        Ok(body) => {
            let details = body.errors.iter().filter_map(|error| error.get("message")?.as_str());
            let all: Vec<_> = [body.message.as_str()].into_iter().chain(details).collect();
            all.join(": ")
        }
        Err(_) => String::from_utf8_lossy(body).into_owned(),
    };
    words.chars().take(MAX_QUOTE).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn explain(status: u16, headers: &[(&str, &'static str)], body: &str, token: bool) -> Error {
        let header = |name: &str| headers.iter().find(|h| h.0 == name).map(|h| h.1);
        Refusal {
            status,
            retry_after: header("retry-after"),
            remaining: header("x-ratelimit-remaining"),
            reset: header("x-ratelimit-reset"),
            body: body.as_bytes(),
            token,
        }
        .explain()
    }

    #[test]
    fn a_reached_rate_limit_says_when_to_come_back_and_how_to_raise_it() {
        let headers = [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1700000000")];
        let error = explain(403, &headers, "{\"message\": \"API rate limit exceeded\"}", false);
        assert_eq!(
            error,
            Error::failed(
                "GitHub's rate limit is reached; try again after 22:13:20 UTC; \
                 GITHUB_TOKEN has no value, and a token would help"
            )
        );
        let error = explain(429, &[("retry-after", "60")], "", true);
        assert_eq!(error, Error::failed("GitHub's rate limit is reached; try again in 60 seconds"));
    }

    #[test]
    fn a_refusal_that_is_no_rate_limit_is_told_as_it_is() {
        let error = explain(403, &[("x-ratelimit-remaining", "59")], "{\"message\": \"No\"}", true);
        assert_eq!(error, Error::failed("GitHub answers with status 403: No"));
        let error = explain(401, &[], "{\"message\": \"Bad credentials\"}", true);
        assert!(error.to_string().contains("GITHUB_TOKEN: Bad credentials"));
    }

    #[test]
    fn what_is_not_found_is_a_matter_of_the_input() {
        let error = explain(404, &[], "{\"message\": \"Not Found\"}", true);
        assert!(matches!(&error, Error::InvalidInput(text) if text.starts_with("repository, number")));
        let body = r#"{"message": "Validation Failed", "errors": [{"message": "cannot be searched"}]}"#;
        let error = explain(422, &[], body, true);
        assert_eq!(
            error,
            Error::invalid_input(
                "query: GitHub cannot search for this: Validation Failed: cannot be searched"
            )
        );
    }

    #[test]
    fn an_answer_that_is_no_json_is_quoted_and_cut() {
        let error = explain(502, &[], &"<html>".repeat(1000), false).to_string();
        assert!(error.starts_with("GitHub answers with status 502: <html>"));
        assert!(error.len() < 400);
    }

    #[test]
    fn segments_and_parameters_stay_in_their_place() {
        let url = address(&["repos", "a", "b/../c?d"], &[("q", "x y&z")]).unwrap();
        assert_eq!(url.as_str(), "https://api.github.com/repos/a/b%2F..%2Fc%3Fd?q=x+y%26z");
    }

    #[test]
    fn a_token_follows_no_redirect_to_another_server() {
        let url = address(&["repos", "a", "b"], &[]).unwrap();
        let moved = next(&url, Some("https://api.github.com/repositories/1")).unwrap();
        assert_eq!(moved.path(), "/repositories/1");
        assert_eq!(next(&url, Some("/repositories/1")).unwrap(), moved);
        for elsewhere in ["https://evil.test/", "http://api.github.com/", "//evil.test"] {
            assert!(next(&url, Some(elsewhere)).is_err(), "{elsewhere}");
        }
        assert!(next(&url, None).is_err());
    }
}
