//! What a stranger can use up.

use std::time::Duration;

pub use mpp_audit::witness::MAX_REQUEST_BYTES;

/// Connections at a time. Further ones wait in the system's queue. A log asks
/// once in a while; so many at once are enough for thousands of logs.
pub const MAX_CONNECTIONS: usize = 64;

/// How long the head of a request may take, and how long a connection may be idle.
pub const HEAD_TIME: Duration = Duration::from_secs(10);

/// How long the body of a request may take, which has some 270 KiB at most.
pub const BODY_TIME: Duration = Duration::from_secs(10);

/// How long a connection may last, whatever happens on it: nobody keeps a place
/// by reading slowly. A client that has more to ask connects again.
pub const CONNECTION_TIME: Duration = Duration::from_secs(60);

/// How long requests under way may take when the server is to stop.
pub const STOP_TIME: Duration = Duration::from_secs(10);

/// Longest head of a request, in bytes: the least that the server can be told.
pub const MAX_HEAD_BYTES: usize = 8 * 1024;

/// Most lines in the head of a request. Clients and proxies write some ten.
pub const MAX_HEAD_LINES: usize = 64;
