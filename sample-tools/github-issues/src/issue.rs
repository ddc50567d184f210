//! Issues and comments: as GitHub sends them, and as the tools return them.

use mpp_guest::schemars::{self, JsonSchema};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

/// Characters of an issue that a search shows.
const EXCERPT: usize = 300;

/// An issue or pull request, of GitHub's many fields the ones that matter here.
#[derive(Deserialize)]
pub struct RawIssue {
    number: u64,
    title: String,
    state: String,
    state_reason: Option<String>,
    user: Option<RawUser>,
    #[serde(default)]
    labels: Vec<RawLabel>,
    #[serde(default)]
    assignees: Vec<RawUser>,
    #[serde(default)]
    pub comments: u64,
    created_at: String,
    updated_at: String,
    closed_at: Option<String>,
    html_url: String,
    body: Option<String>,
    pull_request: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct RawUser {
    login: String,
}

#[derive(Deserialize)]
struct RawLabel {
    name: String,
}

/// A comment as GitHub sends it.
#[derive(Deserialize)]
pub struct RawComment {
    user: Option<RawUser>,
    created_at: String,
    html_url: String,
    body: Option<String>,
}

/// What a search gives.
#[derive(Deserialize)]
pub struct RawSearch {
    pub total_count: u64,
    pub incomplete_results: bool,
    pub items: Vec<RawIssue>,
}

/// An issue or a pull request.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Issue {
    /// Its number in the repository.
    pub number: u64,
    /// Whether it is an issue or a pull request.
    pub kind: Kind,
    /// Its title.
    pub title: String,
    /// `open` or `closed`.
    pub state: String,
    /// Why it has this state, for example `completed` or `not_planned`.
    pub state_reason: Option<String>,
    /// Login of who opened it; none if the account is gone.
    pub author: Option<String>,
    /// Logins of who it is assigned to.
    pub assignees: Vec<String>,
    /// Names of its labels.
    pub labels: Vec<String>,
    /// How many comments it has.
    pub comment_count: u64,
    /// When it was opened (RFC 3339).
    pub created_at: String,
    /// When it changed last (RFC 3339).
    pub updated_at: String,
    /// When it was closed (RFC 3339).
    pub closed_at: Option<String>,
    /// Its page for people.
    pub url: String,
    /// Its text, Markdown.
    pub body: String,
    /// Whether `body` was cut.
    pub body_truncated: bool,
}

/// Issue or pull request.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// An issue.
    Issue,
    /// A pull request.
    PullRequest,
}

/// A comment.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Comment {
    /// Login of who wrote it; none if the account is gone.
    pub author: Option<String>,
    /// When it was written (RFC 3339).
    pub created_at: String,
    /// Its place on the page for people.
    pub url: String,
    /// Its text, Markdown.
    pub body: String,
    /// Whether `body` was cut.
    pub body_truncated: bool,
}

impl Issue {
    /// The issue with the start of its text.
    pub fn excerpt(raw: RawIssue) -> Self {
        Self::new(raw, EXCERPT)
    }

    /// The issue with at most `longest` characters of its text.
    pub fn new(raw: RawIssue, longest: usize) -> Self {
        let (body, body_truncated) = cut(raw.body.unwrap_or_default(), longest);
        Issue {
            number: raw.number,
            kind: match raw.pull_request {
                Some(IgnoredAny) => Kind::PullRequest,
                None => Kind::Issue,
            },
            title: raw.title,
            state: raw.state,
            state_reason: raw.state_reason,
            author: raw.user.map(|user| user.login),
            assignees: raw.assignees.into_iter().map(|user| user.login).collect(),
            labels: raw.labels.into_iter().map(|label| label.name).collect(),
            comment_count: raw.comments,
            created_at: raw.created_at,
            updated_at: raw.updated_at,
            closed_at: raw.closed_at,
            url: raw.html_url,
            body,
            body_truncated,
        }
    }
}

impl Comment {
    /// The comment with at most `longest` characters of its text.
    pub fn new(raw: RawComment, longest: usize) -> Self {
        let (body, body_truncated) = cut(raw.body.unwrap_or_default(), longest);
        Comment {
            author: raw.user.map(|user| user.login),
            created_at: raw.created_at,
            url: raw.html_url,
            body,
            body_truncated,
        }
    }
}

fn cut(mut text: String, longest: usize) -> (String, bool) {
    match text.char_indices().nth(longest) {
        Some((end, _)) => {
            text.truncate(end);
            (text, true)
        }
        None => (text, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(change: impl FnOnce(&mut serde_json::Value)) -> RawIssue {
        let mut json = serde_json::json!({
            "number": 7, "title": "Leak", "state": "open", "state_reason": null,
            "user": {"login": "ada", "id": 1}, "labels": [{"name": "bug"}], "assignees": [],
            "comments": 2, "created_at": "2024-01-02T03:04:05Z",
            "updated_at": "2024-01-02T03:04:05Z", "closed_at": null,
            "html_url": "https://github.com/a/b/issues/7", "body": "It leaks.",
        });
        change(&mut json);
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn an_issue_keeps_what_matters() {
        let issue = Issue::new(raw(|_| {}), 100);
        assert_eq!((issue.number, issue.kind), (7, Kind::Issue));
        assert_eq!(issue.author.as_deref(), Some("ada"));
        assert_eq!(issue.labels, ["bug"]);
        assert_eq!((issue.body.as_str(), issue.body_truncated), ("It leaks.", false));
    }

    #[test]
    fn a_pull_request_is_told_from_an_issue() {
        let raw = raw(|json| json["pull_request"] = serde_json::json!({"url": "x"}));
        assert_eq!(Issue::new(raw, 100).kind, Kind::PullRequest);
    }

    #[test]
    fn an_account_that_is_gone_and_an_empty_text_are_no_errors() {
        let raw = raw(|json| {
            json["user"] = serde_json::Value::Null;
            json["body"] = serde_json::Value::Null;
        });
        let issue = Issue::new(raw, 100);
        assert_eq!((issue.author, issue.body.as_str()), (None, ""));
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        let long = |json: &mut serde_json::Value| json["body"] = "é".repeat(EXCERPT + 1).into();
        let issue = Issue::excerpt(raw(long));
        assert_eq!((issue.body.chars().count(), issue.body_truncated), (EXCERPT, true));
        assert!(!Issue::new(raw(long), EXCERPT + 1).body_truncated);
    }
}
