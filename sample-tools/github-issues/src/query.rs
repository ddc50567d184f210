//! What is searched for, in GitHub's search syntax.

use mpp_guest::{Error, Result};

/// `owner/name` of a repository.
#[derive(Debug, PartialEq)]
pub struct Repository<'a> {
    pub owner: &'a str,
    pub name: &'a str,
}

impl<'a> Repository<'a> {
    pub fn parse(text: &'a str) -> Result<Self> {
        let word = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        match text.split_once('/') {
            Some((owner, name))
                if [owner, name].iter().all(|part| {
                    !part.is_empty() && !part.starts_with("..") && *part != "." && part.chars().all(word)
                }) =>
            {
                Ok(Repository { owner, name })
            }
            _ => Err(Error::invalid_input(format!(
                "repository: {text:?} is not of the form `owner/name`, such as `rust-lang/rust`"
            ))),
        }
    }
}

/// Qualifiers that would lead to other repositories.
const ELSEWHERE: [&str; 4] = ["repo:", "org:", "user:", "owner:"];

/// The search for `words` and `labels` in one repository. The qualifiers are
/// GitHub's, for example `is:open`.
pub fn search(
    words: &str,
    repository: &Repository,
    qualifiers: &[&str],
    labels: &[String],
) -> Result<String> {
    let lower = words.to_ascii_lowercase();
    if let Some(found) = ELSEWHERE.iter().find(|&&elsewhere| lower.contains(elsewhere)) {
        return Err(Error::invalid_input(format!(
            "query: leave out `{found}`; `repository` says where to search"
        )));
    }
    let mut query = format!("{} repo:{}/{}", words.trim(), repository.owner, repository.name);
    for qualifier in qualifiers {
        query.push(' ');
        query.push_str(qualifier);
    }
    for label in labels {
        if label.contains('"') {
            return Err(Error::invalid_input(format!(
                "labels: {label:?} has a quotation mark, which cannot be searched for"
            )));
        }
        query.push_str(&format!(" label:\"{label}\""));
    }
    Ok(query.trim_start().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_is_an_owner_and_a_name() {
        let repository = Repository::parse("rust-lang/rust.vim").unwrap();
        assert_eq!((repository.owner, repository.name), ("rust-lang", "rust.vim"));
        for text in ["rust", "a/b/c", "/b", "a/", "a/..", "../b", "a/.", "a b/c", "a/b?x", ""] {
            assert!(Repository::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_search_stays_in_its_repository() {
        let repository = Repository::parse("a/b").unwrap();
        let labels = ["good first issue".to_owned()];
        assert_eq!(
            search(" memory leak ", &repository, &["is:issue", "is:open"], &labels).unwrap(),
            "memory leak repo:a/b is:issue is:open label:\"good first issue\""
        );
        assert_eq!(search("", &repository, &[], &[]).unwrap(), "repo:a/b");
        for query in ["x repo:c/d", "ORG:x", "-user:x"] {
            let error = search(query, &repository, &[], &[]).unwrap_err();
            assert!(error.to_string().starts_with("query: leave out"), "{query}");
        }
    }

    #[test]
    fn a_label_cannot_end_its_quotation() {
        let repository = Repository::parse("a/b").unwrap();
        let labels = ["x\" repo:\"c/d".to_owned()];
        assert!(search("", &repository, &[], &labels).is_err());
    }
}
