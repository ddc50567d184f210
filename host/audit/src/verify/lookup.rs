//! Finds a record again that was read before.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};

use super::said::Said;
use super::walk::Link;
use super::{Fault, FaultKind, ReadError};
use crate::limits::MAX_RECORD_BYTES;
use crate::record::{Bound, Field, Record};

/// Every so manieth record is remembered. With eight bytes each, a log of 10⁸
/// records takes 12 MB, and finding a record takes reading 64.
const EVERY: u64 = 64;

/// Where records begin. `offsets` would say so too, but not of records that no
/// checkpoint covers, and not before it was checked.
pub(super) struct Lookup {
    log: File,
    /// Where the records 0, 64, 128 … begin.
    begins: Vec<u64>,
    /// How many records there are so far.
    records: u64,
}

/// A record that was found, with its line.
pub(super) struct Again {
    pub(super) seq: u64,
    pub(super) offset: u64,
    pub(super) line: Vec<u8>,
}

/// What a record binds, and the call that it is of.
pub(super) struct Binds {
    pub(super) call: Option<String>,
    pub(super) payloads: Vec<(Field, Bound)>,
}

impl Binds {
    /// The call as an erasure names it: empty for none.
    pub(super) fn call(&self) -> &str {
        self.call.as_deref().unwrap_or_default()
    }
}

impl Again {
    pub(super) fn binds(&self) -> Result<Binds, Fault> {
        let record = Record::decode(&self.line).map_err(|kind| self.fault(kind))?;
        let said = Said::by(&record);
        Ok(Binds { call: said.call().map(str::to_owned), payloads: said.bound })
    }

    /// This record's fault.
    pub(super) fn fault(&self, kind: FaultKind) -> Fault {
        Fault { seq: self.seq, line: self.seq + 1, offset: self.offset, kind }
    }
}

impl Lookup {
    pub(super) const fn new(log: File) -> Self {
        Self { log, begins: Vec::new(), records: 0 }
    }

    /// Takes the next record.
    pub(super) fn add(&mut self, link: &Link) {
        if self.records.is_multiple_of(EVERY) {
            self.begins.push(link.offset);
        }
        self.records += 1;
    }

    /// Reads a record that was taken before.
    pub(super) fn find(&self, seq: u64) -> io::Result<Option<Again>> {
        self.from(seq)?.next().transpose()
    }

    /// What a record binds that was taken before.
    pub(super) fn binds(&self, seq: u64) -> Result<Option<Binds>, ReadError> {
        Ok(self.find(seq)?.map(|again| again.binds()).transpose()?)
    }

    /// Reads the records that were taken before, from one on.
    pub(super) fn from(&self, seq: u64) -> io::Result<impl Iterator<Item = io::Result<Again>> + use<>> {
        let block = (seq / EVERY) as usize;
        let begin = self.begins.get(block).copied();
        let mut file = self.log.try_clone()?;
        file.seek(SeekFrom::Start(begin.unwrap_or(0)))?;
        let first = seq - seq % EVERY;
        let count = if begin.is_some() { self.records.saturating_sub(first) } else { 0 };
        let lines = Lines { log: BufReader::with_capacity(1 << 16, file), offset: begin.unwrap_or(0) };
        let records = (first..).zip(lines).take(count as usize);
        Ok(records.skip((seq - first) as usize).map(|(seq, line)| {
            let (offset, line) = line?;
            Ok(Again { seq, offset, line })
        }))
    }
}

struct Lines {
    log: BufReader<File>,
    offset: u64,
}

impl Iterator for Lines {
    type Item = io::Result<(u64, Vec<u8>)>;

    fn next(&mut self) -> Option<Self::Item> {
        let offset = self.offset;
        let mut line = Vec::new();
        let most = MAX_RECORD_BYTES as u64 + 1;
        match (&mut self.log).take(most).read_until(b'\n', &mut line) {
            Ok(0) => None,
            Ok(read) => {
                self.offset += read as u64;
                line.pop();
                Some(Ok((offset, line)))
            }
            Err(error) => Some(Err(error)),
        }
    }
}
