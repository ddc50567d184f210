//! Every limit of sharing, and its reason.

use std::time::Duration;

/// Longest message, in bytes. Input and output of a call are 16 MiB at most unless the operator
/// says more, and JSON can spell a byte with six: all of that fits, and a log of 1 MiB.
pub const MAX_MESSAGE_BYTES: usize = 128 << 20;

/// Most processes that are served at once. Each takes two threads; nobody runs so many agents.
pub const MAX_CLIENTS: usize = 64;

/// Most connections at once: those that are served, and as many that wait for a greeting, are
/// sent away, or need the log for themselves. More are ended before a thread is started for them.
pub const MAX_CONNECTIONS: usize = 2 * MAX_CLIENTS;

/// Longest hello or greeting, in bytes: a few words. It is read before anybody is let in.
pub const MAX_GREETING_BYTES: usize = 256 << 10;

/// Most calls that one process can have open: more than a host runs at a time, and few enough
/// that one which forgets to end them leaves room for the others in
/// [`MAX_OPEN_CALLS`](crate::limits::MAX_OPEN_CALLS).
pub const MAX_CALLS: usize = 4096;

/// Most answers that one process can be owed. Whoever asks more waits until some are given.
pub const MAX_WAITING: usize = 4096;

/// How much one process can have put on record, in bytes of its messages, before it waits until
/// that is durable: an eighth of what the log holds in memory for all.
pub const MAX_UNSYNCED_BYTES: usize = 8 << 20;

/// How long whoever puts something on record waits for a process that has the log and serves
/// nobody. A command has it for a moment only.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// How long an answer is waited for. The slowest disk syncs within that; a process that was
/// stopped does not answer at all, and is taken for gone.
pub const ANSWER_PATIENCE: Duration = Duration::from_secs(30);

/// How long each side waits for all of the other's greeting, which takes no disk.
pub const GREETING_PATIENCE: Duration = Duration::from_secs(5);

/// How long calls may keep an owner from letting go of the log, while no new ones begin. After
/// that it goes on: nobody else's calls may stand still for as long as one takes.
pub const LET_GO_PATIENCE: Duration = Duration::from_secs(10);

/// How long an asker that did not get the log waits before it asks again, and how long the owner
/// lets no other one have its turn: what could not begin because of it begins within that.
pub(super) const GIVE_WAY: Duration = Duration::from_millis(250);

/// How long the log is left to whoever asked for it, before others try to get it again.
pub const LEFT_TO_ASKER: Duration = Duration::from_secs(2);

/// How long a process that is sent away may take to read the last message.
pub(super) const LAST_WORD: Duration = Duration::from_millis(100);

/// How long a process that ends waits for the calls of others, which go through it. Whoever
/// started it may kill it after two seconds.
pub const FAREWELL: Duration = Duration::from_secs(1);

/// How often whoever waits for the log looks again.
pub(super) const LOOK_AGAIN: Duration = Duration::from_millis(25);

/// How often an asker looks that was told that the log is free.
pub(super) const LOOK_AGAIN_SOON: Duration = Duration::from_millis(1);
