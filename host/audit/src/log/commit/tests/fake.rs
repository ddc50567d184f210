//! Files in memory, which call back before they do what they are asked.

use std::io;
use std::mem::discriminant;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};

use super::super::{Commits, LogFile, PackFile};
use crate::error::LogError;
use crate::packs::{Outgoing, PackEnd};
use crate::{Hash, Receipt};

/// What the files are asked for, and for which time, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    Append(usize),
    Sync(usize),
    Pack(usize),
    SyncPack(usize),
}

/// What was asked of the files.
#[derive(Default)]
pub(super) struct State {
    /// In order, before it was done.
    pub(super) asked: Vec<Asked>,
    written: Vec<u8>,
    /// How much of it a sync has made durable.
    durable: usize,
    /// The numbers of the records whose payloads were written.
    pub(super) packed: Vec<u64>,
    pub(super) durable_packed: usize,
}

impl State {
    fn count(&self, kind: fn(usize) -> Asked) -> usize {
        let same = |asked: &&Asked| discriminant(*asked) == discriminant(&kind(0));
        self.asked.iter().filter(same).count()
    }

    /// How many times lines were written, and synced.
    pub(super) fn lines(&self) -> (usize, usize) {
        (self.count(Asked::Append), self.count(Asked::Sync))
    }

    /// The same, and how many times payloads were written, and synced.
    pub(super) fn files(&self) -> ((usize, usize), (usize, usize)) {
        (self.lines(), (self.count(Asked::Pack), self.count(Asked::SyncPack)))
    }

    /// The lines that a sync has made durable.
    pub(super) fn durable_lines(&self) -> Vec<String> {
        String::from_utf8_lossy(&self.written[..self.durable]).lines().map(str::to_owned).collect()
    }
}

#[derive(Clone, Default)]
pub(super) struct Seen(Arc<Mutex<State>>);

impl Seen {
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("no test panics here")
    }

    fn ask(&self, kind: fn(usize) -> Asked) -> Asked {
        let mut state = self.state();
        let asked = kind(state.count(kind) + 1);
        state.asked.push(asked);
        asked
    }
}

struct Fake<F> {
    seen: Seen,
    before: Arc<F>,
}

impl<F: Fn(Asked) -> io::Result<()> + Send + Sync> LogFile for Fake<F> {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let result = (self.before)(self.seen.ask(Asked::Append));
        // A write that fails may have written some of it.
        let written = if result.is_ok() { bytes } else { &bytes[..bytes.len() / 2] };
        self.seen.state().written.extend(written);
        result
    }

    fn sync(&mut self) -> io::Result<()> {
        (self.before)(self.seen.ask(Asked::Sync))?;
        let mut state = self.seen.state();
        state.durable = state.written.len();
        Ok(())
    }

    fn check_in_place(&self) -> io::Result<()> {
        Ok(())
    }
}

impl<F: Fn(Asked) -> io::Result<()> + Send + Sync> PackFile for Fake<F> {
    fn append(&mut self, payloads: &Outgoing) -> Result<(), LogError> {
        (self.before)(self.seen.ask(Asked::Pack)).map_err(LogError::io("write", Path::new("pack")))?;
        self.seen.state().packed.extend(payloads.named().into_iter().map(|of| of.seq));
        Ok(())
    }

    fn sync(&mut self) -> Result<(), LogError> {
        (self.before)(self.seen.ask(Asked::SyncPack)).map_err(LogError::io("sync", Path::new("pack")))?;
        let mut state = self.seen.state();
        state.durable_packed = state.packed.len();
        Ok(())
    }

    fn end(&self, records: u64) -> Option<PackEnd> {
        Some(PackEnd { records, pack: 0, offset: self.seen.state().packed.len() as u64 })
    }
}

pub(super) fn commits<F>(before: F) -> (Arc<Commits>, Seen)
where
    F: Fn(Asked) -> io::Result<()> + Send + Sync + 'static,
{
    let (seen, before) = (Seen::default(), Arc::new(before));
    let log = Fake { seen: seen.clone(), before: Arc::clone(&before) };
    let packs = Fake { seen: seen.clone(), before };
    let start = Receipt { seq: 0, hash: Hash::ZERO };
    let commits = Commits::new(Box::new(log), Box::new(packs), start, 0, Vec::new(), 0);
    (Arc::new(commits), seen)
}

pub(super) fn fails(asked: Asked) -> impl Fn(Asked) -> io::Result<()> + Send + Sync {
    move |now| if now == asked { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
}
