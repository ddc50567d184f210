//! From records to calls.

use std::collections::BTreeMap;

use super::read::Reader;
use super::source::PayloadSource;
use super::{EndSeen, How, Item};
use crate::limits::MAX_DENIALS;
use crate::record::{DenialRecord, Entry, Record};
use crate::verify::{Link, ReadError};

/// Puts calls together. A call is given when it has ended; what is still open
/// when there are no more records, or none that holds, is given then, the oldest
/// first. A record that is part of no call, or of one whose intent was not among
/// these records, is given at once, by itself.
///
/// In memory are the calls that are open. Of each there is an intent, at most
/// [`MAX_DENIALS`] denials, and payloads of at most the length that was asked for.
pub(crate) struct Items<I, S> {
    records: I,
    reader: Reader<S>,
    /// By the number of the intent.
    open: BTreeMap<u64, Box<super::Invocation>>,
    over: bool,
}

impl<I, S> Items<I, S>
where
    I: Iterator<Item = Result<(Link, Record), ReadError>>,
    S: PayloadSource,
{
    /// Puts these records together with payloads from `source`, as far as they
    /// have at most `most` bytes; longer ones are left unread.
    pub(crate) fn new(records: I, source: S, most: u64) -> Self {
        Self { records, reader: Reader { source, most }, open: BTreeMap::new(), over: false }
    }

    /// Takes the next record, which may complete something.
    fn take(&mut self, link: &Link, record: Record) -> Result<Option<Item>, ReadError> {
        match &record.entry {
            Entry::Intent(intent) => {
                let call = self.reader.intent(link, &record, intent)?;
                self.open.insert(record.seq, Box::new(call));
            }
            Entry::Denial(denial) if self.has_room(denial) => {
                let seen = self.reader.denial(link, &record, denial)?;
                self.open.entry(denial.intent).and_modify(|call| call.denials.push(seen));
            }
            Entry::Outcome(outcome) if self.is_open(outcome.intent, &outcome.id) => {
                let seen = self.reader.outcome(link, outcome)?;
                return Ok(self.end(outcome.intent, &record, How::Outcome(Box::new(seen))));
            }
            Entry::Recovered(recovered) if self.is_open(recovered.intent, &recovered.id) => {
                return Ok(self.end(recovered.intent, &record, How::Recovered));
            }
            _ => return Ok(Some(Item::Other(Box::new(record)))),
        }
        Ok(None)
    }

    fn is_open(&self, intent: u64, id: &str) -> bool {
        self.open.get(&intent).is_some_and(|call| call.id == id)
    }

    /// More denials than there can be are no part of the call.
    fn has_room(&self, denial: &DenialRecord) -> bool {
        let call = self.open.get(&denial.intent);
        call.is_some_and(|call| call.id == denial.id && call.denials.len() < MAX_DENIALS)
    }

    fn end(&mut self, intent: u64, record: &Record, how: How) -> Option<Item> {
        let mut call = self.open.remove(&intent)?;
        call.end = Some(EndSeen { seq: record.seq, leaf: record.hash, ts: record.ts, how });
        Some(Item::Call(call))
    }

    fn read_on(&mut self) -> Option<Result<Item, ReadError>> {
        loop {
            let item = match self.records.next()? {
                Ok((link, record)) => self.take(&link, record),
                Err(error) => Err(error),
            };
            if let Some(item) = item.transpose() {
                return Some(item);
            }
        }
    }
}

impl<I, S> Iterator for Items<I, S>
where
    I: Iterator<Item = Result<(Link, Record), ReadError>>,
    S: PayloadSource,
{
    type Item = Result<Item, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if !self.over {
            let next = self.read_on();
            self.over = !matches!(next, Some(Ok(_)));
            if next.is_some() {
                return next;
            }
        }
        let (_, call) = self.open.pop_first()?;
        Some(Ok(Item::Call(call)))
    }
}
