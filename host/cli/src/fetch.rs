//! Documents that a command line names: a file, `-` for standard input, or an
//! `https://` URL. The one place where this command fetches something for
//! itself.
//!
//! A document that is signed is worth what its signature is worth, whichever way
//! it came. The record by which a domain vouches for keys is not signed: it
//! rests on HTTPS alone, and on lying on that domain, so that no redirect is
//! followed to it ([`Source::read_in_place`]). Nothing here ever falls back from
//! HTTPS, and no server can fill the memory or hold the command up.
//!
//! | | |
//! |---|---|
//! | scheme | `https`; `http` to this machine only (127.0.0.0/8, `::1`, `localhost`) |
//! | name, password | refused in a URL |
//! | redirects | none for a record that is not signed; otherwise at most 3, each under the same rules, never from `https` to `http` |
//! | answer | 200 without `Content-Encoding`; 404 and 410 say that there is none |
//! | size | what the caller allows, counted as it arrives |
//! | time | 30 seconds for all of it |
//! | proxy | `HTTPS_PROXY` less `NO_PROXY`; never for this machine |
//! | cookies, credentials | none |
//!
//! Ctrl-C ends the process, as it does without a handler: nothing is written
//! here that could be left half done, and a handler would stay, and swallow a
//! Ctrl-C at the question that follows.

mod https;
#[cfg(test)]
mod tests;
mod trouble;

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use url::{Host, Url};

pub(crate) use self::https::builder as client_builder;
use self::https::{Answer, Client, MAX_REDIRECTS};
use self::trouble::Trouble;
use crate::context::Context;
use crate::durable;
use crate::exit::Outcome;
use crate::progress::Progress;
use crate::runtime::Runtime;

/// The name of this machine (RFC 6761, section 6.3). It is never looked up, so
/// that nobody can make it another one.
const LOCALHOST: &str = "localhost";

/// Where a document comes from, as the command line names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// A file.
    File(PathBuf),
    /// `-`: standard input.
    Input,
    /// A URL, which is held against the rules again when it is fetched.
    Url(Url),
}

impl FromStr for Source {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "-" {
            return Ok(Self::Input);
        }
        if !starts_with_scheme(text) {
            return Ok(Self::File(PathBuf::from(text)));
        }
        let url = Url::parse(text).map_err(|error| format!("this is no URL: {error}"))?;
        permitted(&url)?;
        Ok(Self::Url(url))
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Input => f.write_str("standard input"),
            Self::Url(url) => url.fmt(f),
        }
    }
}

impl Source {
    /// Reads the document, of at most `limit` bytes. `ca_files` are authorities
    /// to believe beside the public ones.
    pub(crate) fn read(
        &self,
        limit: u64,
        ca_files: &[PathBuf],
        context: &mut Context<'_, '_>,
    ) -> Outcome<Vec<u8>> {
        match self {
            Self::File(path) => durable::read_named(path, limit),
            Self::Input => context.streams.read_input(limit),
            Self::Url(url) => document(url, fetch(url, limit, MAX_REDIRECTS, ca_files, context)?),
        }
    }

    /// As [`read`](Self::read), where the place is part of what the document
    /// proves: a server that sends us elsewhere has not said it itself.
    pub(crate) fn read_in_place(
        &self,
        limit: u64,
        ca_files: &[PathBuf],
        context: &mut Context<'_, '_>,
    ) -> Outcome<Vec<u8>> {
        match self {
            Self::File(_) | Self::Input => self.read(limit, ca_files, context),
            Self::Url(url) => document(url, fetch(url, limit, 0, ca_files, context)?),
        }
    }

    /// As [`read`](Self::read), where there may be no document: no such file, or
    /// a server that answers 404 or 410. Standard input is always there.
    pub(crate) fn read_if_there(
        &self,
        limit: u64,
        ca_files: &[PathBuf],
        context: &mut Context<'_, '_>,
    ) -> Outcome<Option<Vec<u8>>> {
        match self {
            // Only what is certain to be absent is; any other trouble is told.
            Self::File(path) if matches!(path.try_exists(), Ok(false)) => Ok(None),
            Self::File(_) | Self::Input => self.read(limit, ca_files, context).map(Some),
            Self::Url(url) => match fetch(url, limit, MAX_REDIRECTS, ca_files, context)? {
                Answer::Document(bytes) => Ok(Some(bytes)),
                Answer::Nothing(_) => Ok(None),
            },
        }
    }
}

/// The document in an answer that must have one.
fn document(url: &Url, answer: Answer) -> Outcome<Vec<u8>> {
    match answer {
        Answer::Document(bytes) => Ok(bytes),
        Answer::Nothing(status) => Err(Trouble::Status(status).fetching(url, url)),
    }
}

fn fetch(
    url: &Url,
    limit: u64,
    redirects: usize,
    ca_files: &[PathBuf],
    context: &mut Context<'_, '_>,
) -> Outcome<Answer> {
    let client = Client::new(ca_files, context.environment)?;
    let _shown = Progress::show(format!("fetching {url}"), context.streams);
    Runtime::start()?.wait_for(client.get(url, limit, redirects))
}

/// Whether this is meant as a URL (RFC 3986, section 3.1). A file of such a name
/// is `./NAME`.
fn starts_with_scheme(text: &str) -> bool {
    let Some((scheme, _)) = text.split_once("://") else {
        return false;
    };
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
}

/// The rules for every URL: the one that a person names, and each that a server
/// redirects to.
fn permitted(url: &Url) -> Result<(), String> {
    if !url.username().is_empty() || url.password().is_some() {
        return Err("a URL with a name or a password in it is refused: both would be shown and kept \
                    where others can read them"
            .to_owned());
    }
    match url.scheme() {
        "https" => Ok(()),
        "http" if is_this_machine(url) => Ok(()),
        "http" => Err("http:// is for a server on this machine only: use https://".to_owned()),
        other => Err(format!(
            "{other}:// is not supported: use https://, or save it and name the file by its path"
        )),
    }
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == LOCALHOST,
        None => false,
    }
}
