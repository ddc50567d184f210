//! Whom a command believes: a log by its key, or whom a policy says.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::Args;
use mpp_audit::note::LogKey;
use mpp_audit::policy::{MAX_POLICY_BYTES, Policy};

use super::evidence;
use crate::exit::{Failure, Outcome};
use crate::output::Streams;

/// Longest file of a key: a name of 255 bytes, the key in base64, and room for
/// an end of line.
const MAX_KEY_FILE_BYTES: u64 = 1024;

/// Whom to believe.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub(super) struct Believed {
    /// The log's key, as `mpp audit key` printed it, or a file that holds it
    #[arg(long, value_name = "KEY|FILE")]
    key: Option<Named>,
    /// A policy: which logs to believe, and which witnesses must have seen them (C2SP tlog-policy)
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
}

impl Believed {
    /// What the command line says; none where it says nothing.
    pub(super) fn read(&self, streams: &mut Streams<'_>) -> Outcome<Option<Policy>> {
        match (&self.key, &self.policy) {
            (None, None) => Ok(None),
            (Some(key), _) => {
                let policy = Policy::unwitnessed(vec![key.read(streams)?]);
                policy.map(Some).map_err(|fault| Failure::usage("the key cannot be used").because_of(&fault))
            }
            (None, Some(path)) => read_policy(path, streams).map(Some),
        }
    }
}

fn read_policy(path: &Path, streams: &mut Streams<'_>) -> Outcome<Policy> {
    let bytes = evidence::read_named(path, MAX_POLICY_BYTES as u64, streams)?;
    let unusable = || Failure::usage(format!("{} is no policy that can be used", path.display()));
    let policy = Policy::parse(&bytes).map_err(|error| unusable().because_of(&error))?;
    if policy.logs().is_empty() {
        return Err(unusable()
            .because("it names no log, so none is believed")
            .next("add a line `log KEY`, with the key that `mpp audit key` prints on the host of the log"));
    }
    Ok(policy)
}

/// The key of a log as a command line names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Named {
    /// The key itself.
    Key(LogKey),
    /// Where it is.
    File(PathBuf),
}

impl FromStr for Named {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse() {
            Ok(key) => Ok(Self::Key(key)),
            Err(error) if is_literal(text) => Err(format!("{error}")),
            Err(_) => Ok(Self::File(PathBuf::from(text))),
        }
    }
}

impl Named {
    fn read(&self, streams: &mut Streams<'_>) -> Outcome<LogKey> {
        let path = match self {
            Self::Key(key) => return Ok(key.clone()),
            Self::File(path) => path,
        };
        let bytes = evidence::read_named(path, MAX_KEY_FILE_BYTES, streams)?;
        let text = String::from_utf8_lossy(&bytes);
        text.trim_end().parse().map_err(|error: mpp_audit::note::KeyError| {
            Failure::usage(format!("{} is no key of a log", path.display()))
                .because_of(&error)
                .next("`mpp audit key` prints it on the host of the log")
        })
    }
}

/// Whether this is meant as a key: `name+id+base64`. A file of such a name is
/// `./NAME`, and its name has a slash before the first plus sign in vain.
fn is_literal(text: &str) -> bool {
    let mut parts = text.splitn(3, '+').skip(1);
    let id =
        parts.next().is_some_and(|id| id.len() == 8 && id.bytes().all(|digit| digit.is_ascii_hexdigit()));
    id && parts.next().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// That of the example on the front page of the format.
    const KEY: &str = "mpp-audit/00112233445566778899aabbccddeeff+1def1f77+\
        /21wcC1hdWRpdC9lcG9jaHMvdjEKAAAABCn9+rdR7qPBxd8cP0Jbpf5R7uHPHNKtnM+x19/NcuSP";

    #[test]
    fn a_key_is_told_from_a_file_and_a_mistyped_key_is_no_file() {
        assert!(matches!(KEY.parse(), Ok(Named::Key(_))));
        for file in ["log.vkey", "-", "a+b", "keys/c++/log.vkey"] {
            assert_eq!(file.parse(), Ok(Named::File(PathBuf::from(file))));
        }
        let mistyped = KEY.replace("+1def1f77+", "+1def1f78+").parse::<Named>();
        assert_eq!(mistyped, Err("the key's identifier should be 1def1f77, not 1def1f78".to_owned()));
    }
}
