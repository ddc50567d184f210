//! Packs that are whole, cut, changed, interrupted and erased.

mod erasing;
mod failing;
mod reading;
mod surveying;

use std::sync::{Arc, Mutex};

use tempfile::TempDir;

use super::entry::Unkeepable;
use super::erase::Erased;
use super::retain::Destroyed;
use super::*;
use crate::log::disk::{self, Deed, Disk};
use crate::log::tests::home;
use crate::record::payload::{Bound, Field, Keep, Prepared, prepare};

/// A payload and the number of its record.
type Payload = (u64, Prepared);

fn payload(seq: u64, field: Field, text: &str, keep: &Keep) -> Payload {
    (seq, prepare(field, text.to_owned(), keep).expect("there is randomness"))
}

fn whole(seq: u64, field: Field, text: &str) -> Payload {
    payload(seq, field, text, &Keep::Whole)
}

/// One of each sort, in two packs with one between.
fn some() -> Vec<Payload> {
    let redacted = Keep::Redacted(vec!["/key".parse().expect("a pointer")]);
    vec![
        whole(1, Field::Input, r#"{"name":"Ada"}"#),
        payload(1, Field::Output, "a secret", &Keep::Commitment),
        payload(2, Field::Input, r#"{"key":"hunter2"}"#, &redacted),
        whole(2, Field::Reason, ""),
        whole(65_535, Field::Input, "the last of its pack"),
        whole(131_072, Field::Input, "the first of its pack"),
    ]
}

/// As a writer takes them.
fn batch(payloads: &[Payload]) -> Outgoing {
    let mut batch = Outgoing::default();
    payloads.iter().for_each(|(seq, payload)| batch.push(*seq, payload.clone()));
    batch
}

fn open_disk() -> Disk {
    Disk::new(disk::Open)
}

/// Writes down what is asked of the disk.
#[derive(Clone, Default)]
struct Listing(Arc<Mutex<Vec<(Deed, PathBuf)>>>);

impl disk::Gate for Listing {
    fn pass(&self, deed: Deed, path: &Path) -> Result<(), (io::Error, usize)> {
        self.0.lock().expect("no test panics here").push((deed, path.to_owned()));
        Ok(())
    }
}

impl Listing {
    /// What was asked for a file.
    fn of(&self, path: &Path) -> Vec<Deed> {
        let deeds = self.0.lock().expect("no test panics here");
        deeds.iter().filter(|(_, at)| at == path).map(|(deed, _)| *deed).collect()
    }
}

/// Nothing is known of these packs.
const NONE: Unsigned<'_> = Unsigned { first: 0, owed: &[], destroyed_below: 0 };

/// A new home with these payloads.
fn packs(payloads: &[Payload]) -> TempDir {
    let dir = home();
    let mut writer =
        survey(&open_disk(), dir.path(), 1, NONE, &[]).and_then(Survey::mend).expect("there is nothing");
    writer.append(&batch(payloads)).and_then(|()| writer.sync()).expect("the disk is well");
    dir
}

fn of(payload: &Payload) -> PayloadRef {
    PayloadRef { seq: payload.0, field: payload.1.field }
}

fn owed(payloads: &[Payload]) -> Vec<Owed> {
    payloads.iter().map(|payload| Owed { of: of(payload), bound: payload.1.bound, erased: false }).collect()
}

/// What a whole payload is found as.
fn good(payload: &Payload) -> Found {
    if payload.1.stored.is_some() { Found::Kept } else { Found::SaltOnly }
}

/// What a verifier finds of these payloads, which are all that records bind.
fn verify(dir: &Path, payloads: &[Payload]) -> Result<Vec<Found>, PackError> {
    let mut reader = PackReader::open(dir, 0)?;
    let found: Result<Vec<_>, _> =
        payloads.iter().map(|payload| reader.check(of(payload), &payload.1.bound)).collect();
    let found = found?;
    match reader.end(u64::MAX, false)? {
        Some(unbound) => Err(unbound.into()),
        None => Ok(found),
    }
}

fn all_good(payloads: &[Payload]) -> Vec<Found> {
    payloads.iter().map(good).collect()
}

fn fault(error: PackError) -> EntryFault {
    match error {
        PackError::Fault(fault) => fault.kind,
        PackError::Io(error) => panic!("{error} instead of a fault"),
    }
}

/// Length of an entry.
fn length(payload: &Payload) -> u64 {
    entry::HEAD_BYTES as u64 + payload.1.stored.as_ref().map_or(0, Vec::len) as u64
}

/// Whether a file among the packs has these bytes.
fn anywhere(dir: &Path, bytes: &[u8]) -> bool {
    fs::read_dir(layout::payloads(dir)).expect("it is there").flatten().any(|file| {
        let content = fs::read(file.path()).expect("it can be read");
        content.windows(bytes.len()).any(|window| window == bytes)
    })
}
