//! Holds the list of open calls against the records.

use std::io;
use std::path::Path;

use super::calls::Calls;
use super::files;
use super::{Fault, FaultKind, ReadError};
use crate::{layout, spelling};

/// Longest list that is read, in bytes: that of 65,536 calls, each a number of at
/// most twenty digits and a newline.
const MAX_BYTES: usize = 65_537 * 21;

/// The file `open`: which calls were open after so many records.
pub(super) struct Listed {
    /// After how many records, and which calls by their intents, ascending. An
    /// error says why it is no list.
    list: Result<(u64, Vec<u64>), &'static str>,
    /// Records of the newest checkpoint, which was read before.
    signed: u64,
}

impl Listed {
    /// Reads the list that goes with a checkpoint of so many records.
    pub(super) fn read(dir: &Path, signed: u64) -> io::Result<Self> {
        let list = match files::read(&layout::open(dir), MAX_BYTES + 1) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err("is missing"),
            bytes => parse(&bytes?).ok_or("is not a list of calls"),
        };
        Ok(Self { list, signed })
    }

    /// There are so many records so far, and these calls are open.
    pub(super) fn check(&self, records: u64, calls: &Calls) -> Result<(), FaultKind> {
        let Ok((size, listed)) = &self.list else { return Ok(()) };
        // It is made anew before each checkpoint at which other calls are open.
        let due = records == *size || records == self.signed && *size < self.signed;
        if due && !calls.open().eq(listed.iter().copied()) {
            return Err(other("lists other calls than those that are open here"));
        }
        Ok(())
    }

    /// There are no more records than these, of so many bytes.
    pub(super) fn end(self, records: u64, bytes: u64) -> Result<(), ReadError> {
        let why = match self.list {
            Ok((size, _)) if size <= records => return Ok(()),
            Ok(_) => "counts more records than there are",
            Err(why) => why,
        };
        Err(Fault { seq: records, line: records + 1, offset: bytes, kind: other(why) }.into())
    }
}

fn other(why: &str) -> FaultKind {
    FaultKind::OpenCalls { why: why.to_owned() }
}

/// How many records were looked at, and where its packs end for whoever writes on;
/// then the intents of the open calls, ascending. Every list has one text.
fn parse(bytes: &[u8]) -> Option<(u64, Vec<u64>)> {
    let text = std::str::from_utf8(bytes).ok()?.strip_suffix('\n')?;
    let mut lines = text.split('\n');
    let first: Option<Vec<u64>> = lines.next()?.split(' ').map(spelling::decimal).collect();
    let size = match first?[..] {
        [size] | [size, _, _] => size,
        _ => return None,
    };
    let calls = lines.map(spelling::decimal).collect::<Option<Vec<u64>>>()?;
    let ascending = calls.is_sorted_by(|one, next| one < next) && calls.iter().all(|call| *call < size);
    (bytes.len() <= MAX_BYTES && ascending).then_some((size, calls))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_one_text() {
        assert_eq!(parse(b"1\n"), Some((1, vec![])));
        assert_eq!(parse(b"9\n0\n3\n8\n"), Some((9, vec![0, 3, 8])));
        assert_eq!(parse(b"9 0 1234\n3\n"), Some((9, vec![3])));
        for wrong in [
            "",
            "\n",
            "9",
            "9\n3",
            "9\n3\n3\n",
            "9\n4\n3\n",
            "9\n9\n",
            "09\n",
            "+9\n",
            "9\n\n",
            "9\r\n",
            "x\n",
            "9 0\n",
            "9 0 \n",
            "9 0 1 2\n",
        ] {
            assert_eq!(parse(wrong.as_bytes()), None, "{wrong:?}");
        }
    }
}
