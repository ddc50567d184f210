//! What a client over HTTP can use up, beyond [`crate::limits`].

use std::time::Duration;

/// Connections at a time. Further ones wait in the system's queue. Each client
/// has a few, and one for each call that runs.
pub const MAX_CONNECTIONS: usize = 2_048;

/// Sessions at a time, in revisions that have them. A client that goes without
/// ending its session leaves it behind for [`SESSION_IDLE_TIME`].
pub const MAX_SESSIONS: usize = 512;

/// How long a session may be idle. A client whose session is gone begins another.
pub const SESSION_IDLE_TIME: Duration = Duration::from_secs(30 * 60);

/// How long the head of a request may take, and how long a connection may be idle.
pub const HEAD_TIME: Duration = Duration::from_secs(30);

/// How long the body of a request may take.
pub const BODY_TIME: Duration = Duration::from_secs(30);

/// How long a client may read nothing while there is something to read.
pub const READ_TIME: Duration = Duration::from_secs(30);

/// Longest head of a request, in bytes. Arguments may be repeated in headers.
pub const MAX_HEAD_BYTES: usize = 32 * 1024;

/// Most lines in the head of a request.
pub const MAX_HEAD_LINES: usize = 128;

/// How long requests under way may take when the server is to stop.
pub const STOP_TIME: Duration = Duration::from_secs(30);

/// How long connections may take to close after that, and calls that were cancelled
/// to end.
pub const CLOSE_TIME: Duration = Duration::from_secs(5);
