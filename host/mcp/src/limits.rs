//! What a client can use up, whichever way it comes.

pub use crate::call::MAX_CLIENT_TEXT_BYTES;
pub use crate::paging::{MAX_PAGE_BYTES, MAX_PAGE_TOOLS};
pub use crate::server::{MAX_CALLS, MAX_SUBSCRIPTIONS};
pub use crate::trace::MAX_TRACESTATE_BYTES;

/// Longest message of a client in bytes. Its arguments have a limit of their own,
/// the host's, which is lower.
pub const MAX_MESSAGE_BYTES: usize = 4 * 1024 * 1024;
