//! The calls that an interrupted writer left open.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use super::commit::Change;
use super::disk::Disk;
use super::open::OpenCalls;
use super::resume::ends;
use super::tail::Tail;
use crate::error::LogError;
use crate::layout;
use crate::limits::MAX_RECORD_BYTES;
use crate::record::{Entry, Record};

/// The calls that are open after so many records, whose lines end at `end`. The
/// file may be older, if no call began or ended since, or newer, if the writer was
/// interrupted before it signed.
pub(super) fn read(disk: &Disk, dir: &Path, size: u64, end: u64, tail: &Tail) -> Result<OpenCalls, LogError> {
    let path = layout::open(dir);
    let evidence = |what: &str| LogError::Evidence { path: path.clone(), what: what.to_owned() };
    let open = OpenCalls::parse(&disk.read(&path)?);
    let open = open.ok_or_else(|| evidence("it is no list of calls"))?;
    if open.size() > tail.last.receipt.seq + 1 {
        return Err(evidence("it is of more records than there are"));
    }
    let open = open.at(size);
    let ended = ended_call(disk, dir, &open, size, end)?;
    ended.map_or(Ok(open), |call| Err(evidence(&format!("the call of record {call} has ended"))))
}

/// A call of the list that one of the signed records after it ended. Nothing signs
/// the list, and what is put on record on its word is signed: a second end of a
/// call could never be taken back. Reads from the oldest call on.
fn ended_call(
    disk: &Disk,
    dir: &Path,
    open: &OpenCalls,
    size: u64,
    end: u64,
) -> Result<Option<u64>, LogError> {
    let Some(first) = open.calls().next().filter(|first| *first < size) else { return Ok(None) };
    let (start, _) = ends(disk, dir, first)?;
    let path = layout::log(dir);
    let lines = File::open(&path).and_then(|mut file| {
        file.seek(SeekFrom::Start(start))?;
        Ok(BufReader::new(file.take(end.saturating_sub(start))).split(b'\n'))
    });
    for line in lines.map_err(LogError::io("read", &path))? {
        let line = line.map_err(LogError::io("read", &path))?;
        if let Change::Ends(call) = Change::of_line(&line)
            && open.has(call)
        {
            return Ok(Some(call));
        }
    }
    Ok(None)
}

/// The identifiers of calls that are open, of which the first `size` records are signed.
pub(super) fn ids(
    disk: &Disk,
    dir: &Path,
    size: u64,
    tail: &Tail,
    open: &OpenCalls,
) -> Result<Vec<(u64, String)>, LogError> {
    let id = |seq| match tail.id(seq) {
        Some(id) => Ok(Some(id.to_owned())),
        None if seq < size => signed_id(disk, dir, seq),
        None => Ok(None),
    };
    let wrong =
        |seq| LogError::Evidence { path: layout::open(dir), what: format!("record {seq} began no call") };
    open.calls().map(|seq| id(seq)?.map(|id| (seq, id)).ok_or_else(|| wrong(seq))).collect()
}

fn signed_id(disk: &Disk, dir: &Path, seq: u64) -> Result<Option<String>, LogError> {
    let (start, end) = ends(disk, dir, seq)?;
    let length = end.checked_sub(start).filter(|length| *length <= MAX_RECORD_BYTES as u64 + 1);
    let mut line = vec![0; length.unwrap_or_default() as usize];
    disk.read_at(&layout::log(dir), start, &mut line)?;
    Ok(match Record::decode(line.strip_suffix(b"\n").unwrap_or(&line)) {
        Ok(Record { entry: Entry::Intent(intent), seq: found, .. }) if found == seq => Some(intent.id),
        _ => None,
    })
}
