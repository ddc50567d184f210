//! A witness: what it answers, without the HTTP around it.

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use mpp_audit::checkpoint::SignedCheckpoint;
use mpp_audit::note::{Cosigner, KeyName, SignatureLine, WitnessKey};
use mpp_audit::witness::{AddCheckpoint, Refusal, SIZE_CONTENT_TYPE, Step, Stored, WitnessedLog};

use crate::directory::{Directory, origin_hash};
use crate::memory::{Memory, NotStored, by_its_log};

/// What words have as their type.
const TEXT: &str = "text/plain; charset=utf-8";

/// A witness with its key and its memory. Requests may come from many threads.
#[derive(Debug)]
pub struct Witness {
    cosigner: Cosigner,
    memories: HashMap<KeyName, Memory>,
    /// Held as long as the witness is there.
    _directory: Directory,
}

/// What a witness answers, and what its owner should know of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The type of the body.
    pub content_type: &'static str,
    /// The body.
    pub body: String,
    /// The log that the request names and the size it asks for, once known.
    pub about: Option<(KeyName, u64)>,
    /// Where a proof was put that the log signed two histories, if the request
    /// was one.
    pub fork: Option<PathBuf>,
    /// What went wrong on this side.
    pub trouble: Option<String>,
}

/// Why nothing is signed.
enum Unsigned {
    /// The request is at fault.
    Refused(Refusal),
    /// This side is: nothing was signed, and nothing is until a new start.
    Doubtful(String),
    /// The clock shows no time that a cosignature may have.
    NoTime,
}

impl From<Refusal> for Unsigned {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<NotStored> for Unsigned {
    fn from(error: NotStored) -> Self {
        match error {
            NotStored::Conflict(size) => Self::Refused(Refusal::Conflict { size }),
            NotStored::Doubtful(why) => Self::Doubtful(why),
        }
    }
}

impl Witness {
    pub(crate) fn new(directory: Directory, cosigner: Cosigner, memories: HashMap<KeyName, Memory>) -> Self {
        Self { cosigner, memories, _directory: directory }
    }

    /// The key with which it cosigns.
    pub const fn key(&self) -> &WitnessKey {
        self.cosigner.key()
    }

    /// The logs that it follows, in no order.
    pub fn logs(&self) -> impl Iterator<Item = &KeyName> {
        self.memories.values().map(Memory::origin)
    }

    /// Answers the body of an `add-checkpoint` request. It blocks while the
    /// checkpoint is made durable; when it returns a signature, it is.
    pub fn add_checkpoint(&self, body: &[u8], now: SystemTime) -> Answer {
        let request = match AddCheckpoint::parse(body) {
            Ok(request) => request,
            Err(error) => return Answer::refusing(&error.into()),
        };
        let claimed = request.checkpoint().claimed();
        let answer = match self.cosign(&request, now) {
            Ok((line, trouble)) => Answer { trouble, ..Answer::of(200, TEXT, format!("{line}\n")) },
            Err(Unsigned::Refused(refusal)) => self.convict(&request, &refusal, Answer::refusing(&refusal)),
            Err(Unsigned::Doubtful(why)) => Answer::failing(503, "what was signed is in doubt", why),
            Err(Unsigned::NoTime) => {
                Answer::failing(500, "no time to sign at", "the clock is before 1970".to_owned())
            }
        };
        Answer { about: Some((claimed.origin().clone(), claimed.head().size)), ..answer }
    }

    /// The newest checkpoint of a log with this witness's signature, found by the
    /// hash of its origin.
    pub fn checkpoint(&self, origin: &str) -> Answer {
        let found = self.memories.values().find(|memory| origin_hash(memory.origin()) == origin);
        match found.and_then(Memory::cosigned) {
            Some(cosigned) => Answer::of(200, TEXT, cosigned),
            None => Answer::of(404, TEXT, "nothing was cosigned of such a log\n".to_owned()),
        }
    }

    /// The page that says whose witness this is.
    pub fn page(&self) -> Answer {
        Answer::of(200, TEXT, format!("{}\n", self.key()))
    }

    /// Check, store, sign: in this order. What could not be kept to be served is
    /// handed back beside the signature, which is good all the same.
    fn cosign(
        &self,
        request: &AddCheckpoint,
        now: SystemTime,
    ) -> Result<(SignatureLine, Option<String>), Unsigned> {
        let origin = request.checkpoint().claimed().origin();
        let unknown = || Refusal::UnknownLog { origin: origin.clone() };
        let memory = self.memories.get(origin).ok_or_else(unknown)?;
        let stored = store(memory, check(memory, request)?, request)?;
        let seconds = now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let line = stored.cosign(&self.cosigner, seconds).ok_or(Unsigned::NoTime)?;
        let trouble = self.publish(memory, &stored, &line).err();
        Ok((line, trouble))
    }

    fn publish(&self, memory: &Memory, stored: &Stored, line: &SignatureLine) -> Result<(), String> {
        let mut cosigned: SignedCheckpoint = by_its_log(stored.checkpoint())?;
        let known = std::slice::from_ref(self.key());
        cosigned.add_cosignatures(vec![line.clone()], known).map_err(|error| error.to_string())?;
        memory.publish(&cosigned).map_err(|error| format!("the cosigned checkpoint is not served: {error}"))
    }

    /// A checkpoint of the size that is known, with another root, accuses its log.
    fn convict(&self, request: &AddCheckpoint, refusal: &Refusal, answer: Answer) -> Answer {
        if !matches!(refusal, Refusal::Inconsistent(_) | Refusal::Conflict { .. }) {
            return answer;
        }
        let memory = self.memories.get(request.checkpoint().claimed().origin());
        match memory.and_then(|memory| memory.accuse(request.checkpoint())) {
            None => answer,
            Some(Ok(path)) => Answer { fork: Some(path), ..answer },
            Some(Err(error)) => Answer { trouble: Some(format!("a fork was not kept: {error}")), ..answer },
        }
    }
}

/// What is decided, as things stand. Nothing is held: others may be faster.
fn check(memory: &Memory, request: &AddCheckpoint) -> Result<Step, Unsigned> {
    Ok(WitnessedLog::decide(Some(&memory.log()?), request)?)
}

fn store(memory: &Memory, step: Step, request: &AddCheckpoint) -> Result<Stored, Unsigned> {
    let log = memory.log()?;
    let checkpoint = request.checkpoint().verify(log.keys()).map_err(Refusal::Untrusted)?;
    Ok(step.store(|advance| memory.store(advance, &checkpoint))?)
}

impl Answer {
    pub(crate) fn of(status: u16, content_type: &'static str, body: String) -> Self {
        Self { status, content_type, body, about: None, fork: None, trouble: None }
    }

    fn refusing(refusal: &Refusal) -> Self {
        let content_type = match refusal {
            Refusal::Conflict { .. } => SIZE_CONTENT_TYPE,
            _ => TEXT,
        };
        Self::of(refusal.status(), content_type, refusal.body())
    }

    /// Words for a person on the other side.
    pub(crate) fn words(status: u16, words: &str) -> Self {
        Self::of(status, TEXT, format!("{words}\n"))
    }

    fn failing(status: u16, words: &str, why: String) -> Self {
        Self { trouble: Some(why), ..Self::words(status, words) }
    }
}

#[cfg(test)]
mod tests;
