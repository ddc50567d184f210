//! # A server of the Model Context Protocol
//!
//! Puts [`Tools`] that somebody else runs before MCP clients, in both eras of the
//! protocol: [2026-07-28](https://modelcontextprotocol.io/specification/2026-07-28),
//! where every request stands alone, and 2025-11-25 and before, with sessions.
//!
//! - [`Tools`] is what is served, and [`Server`] is it with a name.
//! - [`stdio::serve`] serves one client on a pair of streams, [`http::serve`] any
//!   number of them over Streamable HTTP.
//! - [`catalog`] makes the names and annotations that tools are listed with.
//! - [`clients`] puts a server into the configuration of the clients people use.
//!
//! # What it promises
//!
//! - **Nothing that grants.** A client lists tools and calls them. There is no
//!   request that changes what a tool may do, or which tools there are.
//! - **A call ends when nobody waits for it.** A client that cancels, or is gone in
//!   a revision where that cancels, drops the future of the call.
//! - **A list is the same for everybody, and live.** It is sorted, comes in pages
//!   that stay right while it changes, and clients are told of another one.
//! - **Errors by blame.** What a model can react to is a result; what is wrong with a
//!   request is an error of the protocol; what is wrong with whoever asks is a status
//!   of HTTP.
//! - **It stands up to strangers.** Every size, every wait and every number has a
//!   limit ([`limits`], [`http::limits`]). Pages in browsers and names that somebody
//!   points at this machine do not get in ([`http`]).
//!
//! What is not offered (prompts, resources, completion, logging, sampling,
//! elicitation, roots, tasks) is not advertised, and answers that it is not there.

pub mod catalog;
pub mod clients;
pub mod http;
pub mod limits;
pub mod meta;
pub mod stdio;

mod call;
mod caller;
mod calling;
mod content;
mod context;
mod described;
mod ended;
mod era;
mod handler;
mod listing;
mod paging;
mod progress;
mod server;
mod span;
mod subscriptions;
mod tools;
mod trace;

pub use call::{Call, Caller, Client, Transport};
pub use content::{Content, EmbeddedResource, Media, ResourceContents, ResourceLink};
pub use described::{Described, Descriptions};
pub use ended::{Answer, Ended, Failure, FailureKind};
pub use handler::LIST_TTL_MS;
pub use listing::{Icon, IconTheme, Listing, ListingError, MAX_TOOL_NAME_BYTES, Object, Origin, ToolEntry};
pub use paging::InvalidCursor;
pub use progress::Progress;
pub use server::{About, Server};
pub use span::SPAN_TARGET;
pub use tools::Tools;
pub use trace::TraceContext;
