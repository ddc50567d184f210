//! The secret that a client shows (RFC 6750).
//!
//! 32 random bytes, base64url without padding: 43 characters. It is kept in a file
//! that its owner alone can read, and compared in constant time.

use std::ffi::OsString;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use subtle::ConstantTimeEq as _;
use zeroize::{Zeroize as _, Zeroizing};

const SECRET_BYTES: usize = 32;

/// Characters of a token: 32 bytes in base64url.
const TOKEN_CHARACTERS: usize = 43;

/// The scheme, as clients write it before the token. Case does not matter (RFC 9110,
/// section 11.1).
const SCHEME: &str = "bearer ";

/// A secret that a client has to show. Not shown by `Debug`, and wiped when dropped.
#[derive(Clone)]
pub struct Token(String);

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// Not 43 characters of base64url.
    #[error("a token is {TOKEN_CHARACTERS} characters of base64url")]
    Form,
    /// Others can read its file, and so may have read it.
    #[error("others on this machine can read {}; remove it, and another token is made", path.display())]
    Exposed {
        /// The file.
        path: PathBuf,
    },
    /// Its file holds something else.
    #[error("{} does not hold a token; remove it, and another one is made", path.display())]
    File {
        /// The file.
        path: PathBuf,
    },
    /// The file system.
    #[error("cannot {doing} {}: {source}", path.display())]
    Io {
        /// What was tried.
        doing: &'static str,
        /// With what.
        path: PathBuf,
        /// What came of it.
        source: io::Error,
    },
    /// The system gave no random bytes.
    #[error("the system gives no random bytes: {0}")]
    Random(getrandom::Error),
}

impl Token {
    /// A new one.
    pub fn generate() -> Result<Self, TokenError> {
        let mut secret = Zeroizing::new([0; SECRET_BYTES]);
        getrandom::fill(&mut *secret).map_err(TokenError::Random)?;
        Ok(Self(BASE64.encode(*secret)))
    }

    /// Reads a token.
    pub fn parse(text: &str) -> Result<Self, TokenError> {
        let accepted = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        if text.len() == TOKEN_CHARACTERS && text.bytes().all(accepted) {
            return Ok(Self(text.to_owned()));
        }
        Err(TokenError::Form)
    }

    /// The token in a file, which is made with a new one where there is none: mode
    /// 0600, in a directory that exists.
    pub fn open_or_make(path: &Path) -> Result<Self, TokenError> {
        match File::open(path) {
            Ok(file) => read(path, file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => make(path),
            Err(source) => Err(TokenError::Io { doing: "open", path: path.to_owned(), source }),
        }
    }

    /// The token itself, for whoever configures a client.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether a request shows this token.
    pub(super) fn is_shown(&self, headers: &HeaderMap) -> Shown {
        let mut values = headers.get_all(AUTHORIZATION).iter();
        let (Some(value), None) = (values.next(), values.next()) else {
            let twice = headers.contains_key(AUTHORIZATION);
            return Shown::Not(if twice { Missing::Wrong } else { Missing::None });
        };
        let shown = value.as_bytes().split_at_checked(SCHEME.len());
        match shown {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case(SCHEME.as_bytes()) && self.is(token) => {
                Shown::Right
            }
            _ => Shown::Not(Missing::Wrong),
        }
    }

    /// How long it takes tells nothing but whether the length is right, which is
    /// no secret.
    fn is(&self, other: &[u8]) -> bool {
        self.0.as_bytes().ct_eq(other).into()
    }
}

/// What a request shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    Right,
    Not(Missing),
}

/// How a request does not show the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Missing {
    /// It shows none.
    None,
    /// It shows another one, or two.
    Wrong,
}

fn read(path: &Path, file: File) -> Result<Token, TokenError> {
    let io = |source| TokenError::Io { doing: "read", path: path.to_owned(), source };
    if file.metadata().map_err(io)?.mode() & 0o077 != 0 {
        return Err(TokenError::Exposed { path: path.to_owned() });
    }
    let mut text = Zeroizing::new(String::new());
    // Longer is none; and no file is read to its end for being long.
    file.take(TOKEN_CHARACTERS as u64 + 2).read_to_string(&mut text).map_err(io)?;
    Token::parse(text.trim_end()).map_err(|_| TokenError::File { path: path.to_owned() })
}

fn make(path: &Path) -> Result<Token, TokenError> {
    let io = |doing| move |source| TokenError::Io { doing, path: path.to_owned(), source };
    let token = Token::generate()?;
    let half = half(path, &Token::generate()?);
    // New, so that a link somebody put there leads nowhere; and given its name as a
    // whole, so that nobody reads half of it.
    let mut file =
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(&half).map_err(io("make"))?;
    let written = writeln!(file, "{}", token.0).and_then(|()| file.sync_all());
    let named = written.and_then(|()| fs::hard_link(&half, path));
    fs::remove_file(&half).map_err(io("remove"))?;
    match named {
        Ok(()) => Ok(token),
        // Another process was faster: its token is the one.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            read(path, File::open(path).map_err(io("open"))?)
        }
        Err(source) => Err(io("make")(source)),
    }
}

/// A name beside the file that nobody else takes.
fn half(path: &Path, unique: &Token) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".");
    name.push(unique.0.get(..8).unwrap_or_default());
    PathBuf::from(name)
}

impl Drop for Token {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

#[cfg(test)]
mod tests;
