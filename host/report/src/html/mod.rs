//! # A page to read
//!
//! One HTML file that says what a log says: whether it was verified, how many
//! calls there were and how they ended, what each package declared, was granted
//! and used, what was denied, what failed, who changed what, what was erased,
//! and every call by itself.
//!
//! - **It asks for nothing.** No address is in it that a browser would fetch, and
//!   its Content-Security-Policy allows nothing but the one style sheet and the one
//!   script in it, by their hashes. The script filters the table of calls; without
//!   it everything is there, and the filter is not.
//! - **Nothing of a stranger runs or hides.** All text from the log is escaped by
//!   the template, after what cannot be seen in it was made visible.
//! - **It stays small.** The newest calls are shown, as many as [`MAX_CALLS`], and
//!   it says how many are left out. So memory is bounded, too.
//!
//! The page is a projection and says so: each line names its record by number and
//! leaf hash, which is what `mpp audit` can prove.

mod newest;
mod number;
mod packages;
mod page;
mod permissions;
mod rows;
mod timeline;
mod verification;

use std::io::{self, Write};

use mpp_audit::view::{Invocation, Item};
use mpp_audit::{Record, Timestamp};

use crate::export::Source;
use crate::payload::Payloads;
use crate::said::{Said, Topic};
use crate::weight::Ending;
use newest::Newest;
use packages::Packages;
use rows::{Called, Denied, Other};
use timeline::Timeline;

pub use verification::{Evidence, Verification, Witnesses};

/// Most calls on a page: more make it too slow to open and to search.
pub const MAX_CALLS: usize = 5_000;

/// Most lines of each other table.
pub const MAX_LINES: usize = 1_000;

/// A page in the making: takes items, and keeps what it will show of them.
#[derive(Debug)]
pub struct Report {
    source: Source,
    payloads: Payloads,
    records: Span<u64>,
    time: Span<Timestamp>,
    endings: [u64; Ending::ALL.len()],
    timeline: Timeline,
    packages: Packages,
    calls: Newest<Called>,
    failures: Newest<Called>,
    denials: Newest<Denied>,
    refused: Newest<Other>,
    changes: Newest<Other>,
    erasures: Newest<Other>,
    log: Newest<Other>,
}

/// The least and the greatest of what was seen.
#[derive(Debug, Clone, Copy)]
struct Span<T>(Option<(T, T)>);

impl<T: Copy + Ord> Span<T> {
    fn add(&mut self, value: T) {
        self.0 =
            Some(self.0.map_or((value, value), |(least, greatest)| (least.min(value), greatest.max(value))));
    }
}

impl Report {
    /// An empty page about a log.
    pub fn new(source: Source, payloads: Payloads) -> Self {
        Self {
            source,
            payloads,
            records: Span(None),
            time: Span(None),
            endings: Default::default(),
            timeline: Timeline::new(),
            packages: Packages::default(),
            calls: Newest::new(MAX_CALLS),
            failures: Newest::new(MAX_LINES),
            denials: Newest::new(MAX_LINES),
            refused: Newest::new(MAX_LINES),
            changes: Newest::new(MAX_LINES),
            erasures: Newest::new(MAX_LINES),
            log: Newest::new(MAX_LINES),
        }
    }

    /// Adds one item. They come in the order of the log.
    pub fn add(&mut self, item: &Item) {
        match item {
            Item::Call(call) => self.add_call(call),
            Item::Other(record) => self.add_record(record),
        }
    }

    fn saw(&mut self, seq: u64, ts: Timestamp) {
        self.records.add(seq);
        self.time.add(ts);
    }

    fn add_call(&mut self, call: &Invocation) {
        self.saw(call.seq, call.ts);
        if let Some(end) = &call.end {
            self.saw(end.seq, end.ts);
        }
        let ending = Ending::of(call);
        self.endings[ending as usize] += 1;
        self.timeline.add(call.ts, ending);
        self.packages.add(call, self.payloads);
        for denial in &call.denials {
            self.denials.push(Denied::new(call, denial, self.payloads));
        }
        if matches!(ending, Ending::Failed | Ending::Unknown) {
            self.failures.push(Called::new(call, self.payloads));
        }
        self.calls.push(Called::new(call, self.payloads));
    }

    fn add_record(&mut self, record: &Record) {
        self.saw(record.seq, record.ts);
        let said = Said::by(record);
        let list = match said.topic {
            Topic::Refused => &mut self.refused,
            Topic::Change => &mut self.changes,
            Topic::Erasure => &mut self.erasures,
            Topic::Log => &mut self.log,
        };
        list.push(Other::new(record, said));
    }

    /// Writes the page. `made` is the time that it says it was made at.
    pub fn write(&self, verification: &Verification, made: Timestamp, out: &mut dyn Write) -> io::Result<()> {
        page::write(self, verification, made, out)
    }
}
