//! One process that puts things on record through this one.

use std::collections::HashMap;
use std::io::{self, BufReader};
use std::os::unix::net::UnixStream;
use std::sync::Arc;

use super::acks::{Acks, Owed};
use super::frame;
use super::gate::{Entered, Gate, Use, Whose};
use super::limits::{MAX_CALLS, MAX_UNSYNCED_BYTES};
use super::message::{self, Answer, Ask, Failed};
use super::outbox::Outbox;
use crate::error::LogError;
use crate::record::{Denied, Durability, Ended, Event, NewCall};
use crate::{Call, Receipt};

/// Room for what is read at once: some dozens of calls.
const BUFFER_BYTES: usize = 64 << 10;

/// Serves it until it goes, or breaks the rules. The calls that it leaves open are on record
/// then as what they are: nobody knows how they ended.
pub(super) fn serve(stream: &UnixStream, outbox: &Outbox, gate: &Arc<Gate>) -> io::Result<()> {
    let acks = Acks::default();
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("mpp-audit-acks".to_owned());
        thread.spawn_scoped(scope, || acks.run(outbox))?;
        let ends = EndsAcks(&acks);
        let served = Served {
            gate,
            outbox,
            acks: ends.0,
            calls: HashMap::new(),
            answered_next: Vec::new(),
            unsynced: 0,
        }
        .run(stream);
        outbox.end();
        served
    })
}

/// Also where its reader panics: the other thread would wait for good.
struct EndsAcks<'a>(&'a Acks);

impl Drop for EndsAcks<'_> {
    fn drop(&mut self) {
        self.0.end();
    }
}

struct Served<'a> {
    gate: &'a Arc<Gate>,
    outbox: &'a Outbox,
    acks: &'a Acks,
    /// Those that it began and did not end, by their intents.
    calls: HashMap<u64, Active>,
    /// Held until what is ready is answered: before that, nobody says that it was not done.
    answered_next: Vec<Use>,
    /// Bytes of messages since the log was made durable for it.
    unsynced: usize,
}

/// An open call.
struct Active {
    // Dropped first: it has the log in hand.
    call: Call,
    used: Use,
}

impl Active {
    /// Nobody will say how it ended.
    fn lose(self) {
        // Where that fails, the log has stopped, and says it when it is opened the next time.
        let _ = self.call.lose();
    }
}

/// What comes of a request.
enum Reply {
    /// Nothing is said, or somebody else will say it.
    None,
    Now(Answer),
}

impl From<Result<Receipt, LogError>> for Reply {
    fn from(result: Result<Receipt, LogError>) -> Self {
        Self::Now(result.into())
    }
}

impl Served<'_> {
    fn run(mut self, stream: &UnixStream) -> io::Result<()> {
        let mut from = BufReader::with_capacity(BUFFER_BYTES, stream);
        let mut ready = Vec::new();
        while let Some(frame) = frame::read(&mut from)? {
            self.unsynced += frame.body.len();
            if let Reply::Now(answer) = self.reply(frame.number, message::read(&frame.body)?) {
                ready.push((frame.number, answer));
            }
            // What is asked at once is answered at once.
            if from.buffer().is_empty() {
                self.outbox.send_all(&ready)?;
                ready.clear();
                self.answered_next.clear();
            }
            self.bound_unsynced();
        }
        Ok(())
    }

    fn reply(&mut self, number: u64, ask: Ask<'_>) -> Reply {
        match ask {
            Ask::Append(event) => self.append(number, event.into_owned()),
            Ask::Begin(call) => self.begin(*call.into_owned()),
            Ask::Durable { intent } => self.durable(number, intent),
            Ask::Denied { intent, denied } => self.denied(intent, denied.into_owned()),
            Ask::End { intent, ended } => self.end(number, intent, ended.into_owned()),
            Ask::Forget { intent } => {
                if let Some(active) = self.calls.remove(&intent) {
                    active.lose();
                }
                Reply::None
            }
            Ask::Head => match self.gate.ask(|log| log.check().map(|()| log.head())) {
                Some(head) => head.into(),
                None => Reply::Now(Answer::NotNow),
            },
        }
    }

    fn append(&mut self, number: u64, event: Event) -> Reply {
        let Entered::In(used) = self.gate.enter(Whose::Theirs) else { return Reply::Now(Answer::NotNow) };
        let queued = used.log().append_later(event);
        self.when_durable(number, queued, used)
    }

    fn begin(&mut self, call: NewCall) -> Reply {
        if self.calls.len() >= MAX_CALLS {
            return Reply::Now(Answer::Failed(Failed::TooManyOpen));
        }
        let Entered::In(used) = self.gate.enter(Whose::Theirs) else { return Reply::Now(Answer::NotNow) };
        match used.log().begin(call) {
            Ok(call) => {
                let intent = call.intent();
                self.calls.insert(intent.seq, Active { call, used });
                Reply::Now(intent.into())
            }
            Err(error) => Err(error).into(),
        }
    }

    fn durable(&mut self, number: u64, intent: u64) -> Reply {
        let Some(Active { call, used }) = self.calls.get(&intent) else { return unknown() };
        let (intent, used) = (call.intent(), used.again());
        if used.log().settings().durability == Durability::Relaxed {
            return used.log().check().map(|()| intent).into();
        }
        self.when_durable(number, Ok(intent), used)
    }

    fn denied(&mut self, intent: u64, denied: Denied) -> Reply {
        let Some(active) = self.calls.get(&intent) else { return unknown() };
        match active.call.denied(denied) {
            Ok(()) => Reply::None,
            Err(error) => Err(error).into(),
        }
    }

    fn end(&mut self, number: u64, intent: u64, ended: Ended) -> Reply {
        let Some(active) = self.calls.remove(&intent) else { return unknown() };
        let queued = active.call.end_later(ended);
        if let Err(LogError::Unrecordable(_) | LogError::Salt(_)) = queued {
            // It can be ended in another way.
            self.calls.insert(intent, active);
            return queued.into();
        }
        let Active { call, used } = active;
        drop(call);
        if queued.is_ok() && used.log().settings().durability == Durability::Relaxed {
            self.answered_next.push(used);
            return queued.into();
        }
        self.when_durable(number, queued, used)
    }

    /// Answers when that is durable.
    fn when_durable(&self, number: u64, queued: Result<Receipt, LogError>, used: Use) -> Reply {
        match queued {
            Ok(receipt) => {
                self.acks.owe(Owed { number, receipt, used });
                Reply::None
            }
            Err(error) => Err(error).into(),
        }
    }

    /// One process does not fill the memory that the log has for all.
    fn bound_unsynced(&mut self) {
        if self.unsynced <= MAX_UNSYNCED_BYTES {
            return;
        }
        self.unsynced = 0;
        if let Entered::In(used) = self.gate.enter(Whose::Theirs) {
            // Where that fails, the log has stopped, and says so to whoever asks.
            let _ = used.log().flush();
        }
    }
}

/// A call that this process did not begin, or has ended.
fn unknown() -> Reply {
    Reply::Now(Answer::Failed(Failed::Other { why: "no such call is open for this process".to_owned() }))
}

impl Drop for Served<'_> {
    fn drop(&mut self) {
        self.calls.drain().for_each(|(_, active)| active.lose());
    }
}
