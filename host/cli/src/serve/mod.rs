//! The installed packages as tools of an MCP server.
//!
//! ```text
//! installed.json ─┐
//! trust.json ─────┴─ catalog: what is listed ─── shelf: what is loaded ─── a call
//! ```
//!
//! - The [`catalog`] is what clients see: each installed package whose manifest
//!   its publisher signed and this user trusts now. To list a package its component
//!   is not read. Its descriptions are kept in a file ([`descriptions`]), so that one that nobody
//!   calls takes little memory, however long they are.
//! - To call one, it is loaded ([`loading`]): read whole, verified, and kept on the
//!   [`shelf`] while it is used.
//! - Both files are looked at before each call, and some times a second
//!   ([`watch`]): what was removed or is no longer trusted is not called any more,
//!   from the moment on that the command which did that is done.
//!
//! Nothing here changes what is installed, trusted or granted: a client cannot
//! ask for it.

mod answer;
mod catalog;
mod compiling;
mod descriptions;
mod installed;
mod listed;
mod loading;
mod news;
mod question;
mod shelf;
mod watch;

pub(crate) use catalog::Chosen;
pub(crate) use compiling::Compiling;
pub(crate) use installed::{InstalledTools, Source};
pub(crate) use listed::{Listed, ServedAs, listed};
pub(crate) use news::{News, Untold};
