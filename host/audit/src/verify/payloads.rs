//! Checks payload files against the records that bind them.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::FaultKind;
use crate::record::{Algorithm, Document, Entry, Event, Payload, Stored};
use crate::{Hash, layout};

/// Most payloads remembered as checked. Many records bind the same permissions;
/// their file is read once per so many others.
const MAX_REMEMBERED: usize = 4096;

pub(super) struct PayloadCheck<'a> {
    dir: &'a Path,
    checked: HashSet<(Hash, u64)>,
}

impl<'a> PayloadCheck<'a> {
    pub(super) fn new(dir: &'a Path) -> Self {
        Self { dir, checked: HashSet::new() }
    }

    /// The first payload of `entry` that does not hold, if there is one.
    pub(super) fn fault(&mut self, entry: &Entry) -> io::Result<Option<FaultKind>> {
        for stored in bound(entry) {
            if self.checked.contains(&(stored.commit, stored.bytes)) {
                continue;
            }
            if let Some(fault) = check(self.dir, stored)? {
                return Ok(Some(fault));
            }
            if self.checked.len() == MAX_REMEMBERED {
                self.checked.clear();
            }
            self.checked.insert((stored.commit, stored.bytes));
        }
        Ok(None)
    }
}

fn check(dir: &Path, stored: Stored) -> io::Result<Option<FaultKind>> {
    let Stored { bytes, alg: Algorithm::Sha256, commit } = stored;
    let file = match File::open(layout::payload(dir, &commit)) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(Some(FaultKind::PayloadMissing { commit }));
        }
        Err(error) => return Err(error),
    };
    // A file of another length is another content: no need to read it, and no
    // end of reading a device in its place.
    let metadata = file.metadata()?;
    let holds = metadata.is_file() && metadata.len() == bytes && hash(file.take(bytes))? == commit;
    Ok((!holds).then_some(FaultKind::PayloadChanged { commit }))
}

fn hash(mut content: impl Read) -> io::Result<Hash> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match content.read(&mut buffer)? {
            0 => return Ok(Hash::from_hasher(hasher)),
            read => hasher.update(&buffer[..read]),
        }
    }
}

/// Every payload file that an entry binds.
fn bound(entry: &Entry) -> Vec<Stored> {
    let (documents, payloads) = match entry {
        Entry::Header(_)
        | Entry::Recovered(_)
        | Entry::Heartbeat(_)
        | Entry::Event(Event::Refusal(_) | Event::Cache(_) | Event::TrustChange(_)) => (vec![], vec![]),
        Entry::Event(Event::Invocation(call)) => (
            vec![&call.declared, &call.granted, &call.limits],
            std::iter::once(&call.input).chain(&call.output).collect(),
        ),
        Entry::Event(Event::PolicyChange(change)) => (vec![&change.declared, &change.approved], vec![]),
    };
    let documents = documents.into_iter().filter_map(|document| match document {
        Document::Stored(stored) => Some(*stored),
        Document::Inline(_) => None,
    });
    let payloads = payloads.into_iter().filter_map(|payload: &Payload| match payload {
        Payload::Stored(stored) => Some(*stored),
        Payload::Inline(_) => None,
    });
    documents.chain(payloads).collect()
}
