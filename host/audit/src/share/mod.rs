//! One log, and several processes that put things on record in it.
//!
//! A log has one writer: the process that has its lock. Every program that talks to agents
//! starts a host of its own, though, and commands record what they do meanwhile. So the writer,
//! the *owner*, takes what other processes of the same user put on record, over a socket in the
//! directory of the log. They share its commits. It promises:
//!
//! - **The same as a log of one's own.** [`OpenCall::durable`] and [`OpenCall::end`] return when
//!   the owner has what they ask for on the disk, and not before. Whatever else happens is an
//!   error, and what it is about must not be released.
//! - **No call is lost sight of.** Of a process that dies the owner puts the open calls on record
//!   as [recovered](crate::Recovered): nobody knows how they ended. An outcome would have to say
//!   what they did. If the owner dies, whoever opens the log next does the same with all of them.
//! - **Somebody always has the log.** When the owner is gone, the first process that has something
//!   to put on record takes the log over and serves the others. The lock decides who writes; a
//!   socket that is there, or is not, decides nothing.
//! - **Who needs the log alone gets it** ([`open_alone`]). The owner lets nothing new begin, and
//!   lets go when what it has open has ended, or goes on after
//!   [`LET_GO_PATIENCE`](limits::LET_GO_PATIENCE). What waits to begin begins after that.
//! - **Nobody else comes in.** The directory and the socket are their owner's alone, and both ends
//!   ask the system whose process the other one is. What one process can make another one keep
//!   or do is bounded ([`limits`]).
//!
//! What is retried is what does no harm when it is done twice. The beginning of a call is, as long
//! as it was not answered: nothing happens for a call before that, and a second intent is one more
//! call of which nobody knows how it ended. An event or an end is not, unless the owner
//! said that it was not done.
//!
//! A process of the same user can put on record what it likes. It could before: the log is its
//! user's, and so is the memory of every process that writes it. What a log can show against its
//! own user is said [there](crate#what-a-log-alone-cannot-show).
//!
//! # The protocol
//!
//! A stream socket, `socket` in the directory of the log. Both sides send `MPPLOG` and a
//! version (16 bits, big-endian; 2 for this one), then messages: the length of the body (32 bits), a
//! number (64 bits), both big-endian, and the body in JSON. An answer has the number of its
//! request, and comes when it is ready: many requests are under way at once.
//!
//! ```text
//! {"record":{durability, keeping}}   ->  "welcome": it may ask
//!                                        {"kept-otherwise":{durability, keeping}}, "full", "busy"
//! {"begin":call}                     ->  done, at once
//! {"denied":{intent, denied}}            not answered unless it fails; then nothing else is
//! {"durable":{intent}}               ->  done, when the intent is durable
//! {"end":{intent, ended}}            ->  done, when the outcome is durable
//! {"append":event}                   ->  done, when it is durable
//! {"forget":{intent}}                    not answered: nobody will end the call, so it is recovered
//! "head"                             ->  done, with the last durable record
//!
//! "let-go"                           ->  "free": the log is left to whoever asked, until it
//!                                        ends the connection; or "busy"
//!
//! done        {"done":{seq, hash}}: where it stands
//! otherwise   {"failed":why}; or "not-now": nothing was done, to be asked again
//! at the end  "bye", number 0: what has no answer was not done
//! ```
//!
//! Both sides are the same program, or the version differs. What is no message ends the connection.
//!
//! ```text
//! open.rs        how a process comes to a log
//! handle.rs      putting something on record, wherever the log is
//! shared.rs      where it is now, and from one to the other
//! site.rs        which log, and how it is opened
//! gate.rs        who uses the log of this process, and how it is let go of
//! ours.rs        a call in the log of this process
//! theirs.rs      a call in the log of another one
//! in_thread.rs   what of it blocks, for who must not
//! connection.rs  the way there
//! door.rs        where others come in
//! greet.rs       the first words, on both sides
//! served.rs      one process that is served
//! acks.rs        answers that wait for the disk
//! let_go.rs      letting go, and asking for it
//! place.rs       where the socket is, and who is at the other end
//! message.rs     what is said
//! frame.rs       how it is sent; outbox.rs by several threads
//! limits.rs      every limit, and its reason
//! ```

#[cfg(unix)]
mod acks;
#[cfg(unix)]
mod connection;
#[cfg(unix)]
mod door;
#[cfg(unix)]
mod frame;
#[cfg(unix)]
mod gate;
#[cfg(unix)]
mod greet;
#[cfg(unix)]
mod handle;
#[cfg(unix)]
mod in_thread;
#[cfg(unix)]
mod let_go;
pub mod limits;
#[cfg(unix)]
mod message;
mod open;
#[cfg(unix)]
mod ours;
#[cfg(unix)]
mod outbox;
#[cfg(unix)]
mod place;
mod recorder;
#[cfg(unix)]
mod served;
mod settings;
#[cfg(unix)]
mod shared;
#[cfg(unix)]
mod site;
#[cfg(unix)]
mod theirs;

use std::sync::Arc;

use crate::error::LogError;
use crate::record::{Denied, Ended, Event, NewCall};
use crate::{Durably, Ending, Log, Receipt};

use recorder::{Alone, RecordedCall, Recorder};

pub use open::{open_alone, open_or_ask, open_shared};
pub use settings::{NoSettings, SettingsSource};

/// Whoever puts something on record: the log itself, or the process that has it.
///
/// A clone is the same writer. When the last one is dropped, the log is closed, if
/// this process has it.
#[derive(Debug, Clone)]
pub struct Writer(Arc<dyn Recorder>);

impl From<Arc<Log>> for Writer {
    fn from(log: Arc<Log>) -> Self {
        Self(Arc::new(Alone(log)))
    }
}

impl From<Log> for Writer {
    fn from(log: Log) -> Self {
        Arc::new(log).into()
    }
}

impl Writer {
    /// As [`Log::append`]. Blocks.
    ///
    /// # Errors
    ///
    /// As there, and [`LogError::OwnerGone`] where nobody can tell whether the event is on
    /// record. It is not asked for twice: what is on record twice has happened twice.
    pub fn append(&self, event: &Event) -> Result<Receipt, LogError> {
        self.0.append(event)
    }

    /// As [`Log::begin`]. Waits where [`waits`](Self::waits) says so: for an answer, and up to
    /// [`PATIENCE`](limits::PATIENCE) where the log is let go of or taken over meanwhile.
    ///
    /// Where the process that has the log ends before it has answered, another one is asked.
    /// The first may have put the call on record nevertheless, which is found there as one of
    /// which nobody knows how it ended. Nothing had been done for it by then.
    pub fn begin(&self, call: NewCall) -> Result<OpenCall, LogError> {
        self.0.begin(call).map(OpenCall)
    }

    /// Whether [`begin`](Self::begin) may have to wait for another process. An asynchronous
    /// caller calls it from a thread that may block then.
    pub fn waits(&self) -> bool {
        self.0.waits()
    }

    /// Where the last durable record stands. Waits for an answer where another process has the log.
    pub fn head(&self) -> Result<Receipt, LogError> {
        self.0.head()
    }

    /// Fails if nothing can be put on record now. Waits as [`head`](Self::head) does.
    pub fn check(&self) -> Result<(), LogError> {
        self.head().map(drop)
    }
}

/// A call whose intent has its place in the log: a [`Call`](crate::Call), of this process or
/// of another one that has the log.
///
/// Dropped without [`end`](Self::end), it stays open on record, as a [`Call`](crate::Call) does,
/// until the log is opened again. Another process that has the log puts on record at once that it
/// is [recovered](crate::Recovered): what nobody will end takes no room there.
#[derive(Debug)]
pub struct OpenCall(Box<dyn RecordedCall>);

impl OpenCall {
    /// The identifier of the call, as it is on record.
    pub fn id(&self) -> &str {
        self.0.id()
    }

    /// Where the intent stands. Nothing to keep elsewhere before it is
    /// [`durable`](Self::durable).
    pub fn intent(&self) -> Receipt {
        self.0.intent()
    }

    /// As [`Call::durable`](crate::Call::durable). Blocks.
    ///
    /// # Errors
    ///
    /// Here and below, [`LogError::OwnerGone`] where the process that had the log is gone.
    pub fn durable(&self) -> Result<(), LogError> {
        self.0.durable()
    }

    /// As [`Call::denied`](crate::Call::denied). Does not wait for an answer: a denial that
    /// could not be put on record keeps the call from ending.
    pub fn denied(&self, denied: Denied) -> Result<(), LogError> {
        self.0.denied(denied)
    }

    /// As [`Call::end`](crate::Call::end). Blocks.
    pub fn end(&self, ended: Ended) -> Result<Receipt, LogError> {
        self.0.end(ended)
    }

    /// As [`durable`](Self::durable), without blocking: the future says when. The intent is on
    /// its way to the disk when this returns, whether or not anybody looks at the future.
    pub fn durably(&self) -> Durably {
        self.0.durably()
    }

    /// As [`end`](Self::end), without blocking: the future says when. The outcome has its place
    /// in the log of this process when this returns, or was handed over for the process that has
    /// the log; and is on its way to the disk, whether or not anybody looks at the future.
    pub fn ending(&self, ended: Ended) -> Ending {
        self.0.ending(ended)
    }
}
