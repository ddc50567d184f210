//! Records of calls, read without building what they say.
//!
//! Nearly all records of a log are of three kinds, and all of them were written by
//! one program, in one spelling. A line in that spelling is read here in one pass
//! that compares, and allocates next to nothing. Any other line, good or bad, is
//! not for this module to judge: [`Record::decode`](crate::record::Record::decode)
//! is. So whatever is read here is what would be read there, and that is tested.

mod cursor;
mod documents;

use super::said::{Deed, Said};
use crate::record::{Algorithm, Bound, Field, Kept, OutcomeKind};
use crate::{Hash, Timestamp};

use cursor::Cursor;
pub(super) use documents::Documents;

/// What stands between the kind and the body.
pub(super) const BODY: &str = r#"","body":"#;

/// A line whose frame is spelled as this program spells it, its body unread.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame<'a> {
    pub(super) seq: u64,
    pub(super) epoch: u32,
    pub(super) prev: Hash,
    pub(super) ts: Timestamp,
    pub(super) kind: &'a str,
    pub(super) body: &'a str,
}

impl<'a> Frame<'a> {
    /// Reads all but the body, of which nothing is known then, not even that it
    /// is JSON.
    pub(super) fn read(line: &'a str) -> Option<Self> {
        let mut cursor = Cursor::new(line.strip_suffix('}')?);
        cursor.literal(r#"{"v":2,"seq":"#)?;
        let seq = cursor.number()?;
        cursor.literal(r#","epoch":"#)?;
        let epoch = cursor.number()?.try_into().ok()?;
        cursor.literal(r#","prev":"#)?;
        let prev = cursor.hash()?;
        cursor.literal(r#","ts":"#)?;
        let ts = cursor.time()?;
        cursor.literal(r#","kind":"#)?;
        let kind = cursor.string()?;
        cursor.literal(&BODY[1..])?;
        Some(Self { seq, epoch, prev, ts, kind, body: cursor.rest() })
    }
}

/// Reads the body of a record of a call.
pub(super) fn body<'a>(kind: &str, body: &'a str, documents: &mut Documents) -> Option<Said<'a>> {
    let mut cursor = Cursor::new(body);
    let said = match kind {
        "intent" => intent(&mut cursor, documents)?,
        "denial" => denial(&mut cursor)?,
        "outcome" => outcome(&mut cursor)?,
        _ => return None,
    };
    cursor.rest().is_empty().then_some(said)
}

fn intent<'a>(cursor: &mut Cursor<'a>, documents: &mut Documents) -> Option<Said<'a>> {
    cursor.literal(r#"{"id":"#)?;
    let id = cursor.string()?;
    cursor.literal(r#","package":"#)?;
    package(cursor)?;
    cursor.literal(r#","tool":"#)?;
    cursor.string()?;
    for key in [r#","caller":{"agent":"#, r#","client":"#, r#","session":"#, r#","request":"#, r#","trace":"#]
    {
        cursor.literal(key)?;
        cursor.string_or_null()?;
    }
    cursor.literal(r#"},"declared":"#)?;
    let declared = documents.read(cursor)?;
    cursor.literal(r#","granted":"#)?;
    let granted = documents.read(cursor)?;
    cursor.literal(r#","limits":"#)?;
    let limits = documents.read(cursor)?;
    cursor.literal(r#","durability":"#)?;
    cursor.one_of(&["strict", "relaxed"])?;
    cursor.literal(r#","input":"#)?;
    let input = bound(cursor)?;
    cursor.literal(r#","started":"#)?;
    cursor.time()?;
    cut(cursor)?;
    let documents = [(Field::Declared, declared), (Field::Granted, granted), (Field::Limits, limits)];
    let documents = documents.into_iter().filter_map(|(field, bound)| Some((field, bound?)));
    let bound = std::iter::once((Field::Input, input)).chain(documents).collect();
    Some(Said { deed: Deed::Begins { id }, bound })
}

fn package(cursor: &mut Cursor<'_>) -> Option<()> {
    for key in [r#"{"publisher":"#, r#","name":"#, r#","version":"#, r#","digest":"#] {
        cursor.literal(key)?;
        cursor.string()?;
    }
    cursor.literal(r#","envelope_digest":"#)?;
    cursor.string_or_null()?;
    cursor.literal(r#","key_ids":["#)?;
    if cursor.literal("]").is_none() {
        cursor.string()?;
        while cursor.literal(",").is_some() {
            cursor.string()?;
        }
        cursor.literal("]")?;
    }
    cursor.literal(r#","trust":"#)?;
    if cursor.literal("null}").is_some() {
        return Some(());
    }
    cursor.literal(r#"{"sequence":"#)?;
    cursor.number()?;
    for key in [r#","root_version":"#, r#","index_version":"#] {
        cursor.literal(key)?;
        cursor.number_or_null()?;
    }
    cursor.literal(r#","lapse":"#)?;
    cursor.string_or_null()?;
    cursor.literal("}}")
}

fn denial<'a>(cursor: &mut Cursor<'a>) -> Option<Said<'a>> {
    let (intent, id) = of_call(cursor)?;
    for key in [r#","permission":"#, r#","code":"#] {
        cursor.literal(key)?;
        cursor.string()?;
    }
    cursor.literal(r#","denial":"#)?;
    let denial = bound(cursor)?;
    cut(cursor)?;
    Some(Said { deed: Deed::Denies { intent, id }, bound: vec![(Field::Denial, denial)] })
}

fn outcome<'a>(cursor: &mut Cursor<'a>) -> Option<Said<'a>> {
    let (intent, id) = of_call(cursor)?;
    cursor.literal(r#","output":"#)?;
    let output = bound_or_null(cursor)?;
    cursor.literal(r#","calls":{"root":"#)?;
    cursor.hash()?;
    for key in [r#","allowed":"#, r#","denied":"#, r#","unlisted":"#] {
        cursor.literal(key)?;
        cursor.number()?;
    }
    cursor.literal(r#","list":"#)?;
    let list = bound_or_null(cursor)?;
    cursor.literal(r#"},"log":"#)?;
    let log = bound_or_null(cursor)?;
    cursor.literal(r#","log_dropped":"#)?;
    cursor.number()?;
    usage(cursor)?;
    cursor.literal(r#","outcome":{"kind":"#)?;
    let kind = cursor.string()?;
    OutcomeKind::ALL.iter().find(|known| known.as_str() == kind)?;
    cursor.literal(r#","code":"#)?;
    cursor.string_or_null()?;
    cursor.literal(r#","reason":"#)?;
    let reason = bound_or_null(cursor)?;
    cursor.literal(r#"},"ended":"#)?;
    cursor.time()?;
    cut(cursor)?;
    let bound = [(Field::Output, output), (Field::Log, log), (Field::Calls, list), (Field::Reason, reason)];
    let bound = bound.into_iter().filter_map(|(field, bound)| Some((field, bound?))).collect();
    Some(Said { deed: Deed::Ends { intent, id }, bound })
}

fn usage(cursor: &mut Cursor<'_>) -> Option<()> {
    cursor.literal(r#","usage":{"wall_us":"#)?;
    cursor.number()?;
    cursor.literal(r#","fuel":"#)?;
    cursor.number_or_null()?;
    for key in [
        r#","peak_memory_bytes":"#,
        r#","hostcalls":"#,
        r#","input_bytes":"#,
        r#","output_bytes":"#,
        r#","log_bytes":"#,
        r#","read_bytes":"#,
        r#","written_bytes":"#,
        r#","peak_open_files":"#,
        r#","http_requests":"#,
        r#","http_request_bytes":"#,
        r#","http_response_bytes":"#,
    ] {
        cursor.literal(key)?;
        cursor.number()?;
    }
    cursor.literal("}")
}

/// The beginning of every record of a call after its intent.
fn of_call<'a>(cursor: &mut Cursor<'a>) -> Option<(u64, &'a str)> {
    cursor.literal(r#"{"intent":"#)?;
    let intent = cursor.number()?;
    cursor.literal(r#","id":"#)?;
    Some((intent, cursor.string()?))
}

/// The end of every record of a call.
fn cut(cursor: &mut Cursor<'_>) -> Option<()> {
    cursor.literal(r#","cut_bytes":"#)?;
    cursor.number()?;
    cursor.literal("}")
}

fn bound_or_null(cursor: &mut Cursor<'_>) -> Option<Option<Bound>> {
    if cursor.literal("null").is_some() { Some(None) } else { bound(cursor).map(Some) }
}

fn bound(cursor: &mut Cursor<'_>) -> Option<Bound> {
    cursor.literal(r#"{"bytes":"#)?;
    let bytes = cursor.number()?;
    cursor.literal(r#","alg":"hmac-sha256","commit":"#)?;
    let commit = cursor.hash()?;
    cursor.literal(r#","kept":"#)?;
    let kept = match cursor.one_of(&["whole", "redacted", "commitment"])? {
        0 => Kept::Whole,
        1 => Kept::Redacted,
        _ => Kept::Commitment,
    };
    cursor.literal("}")?;
    Some(Bound { bytes, alg: Algorithm::HmacSha256, commit, kept })
}

#[cfg(test)]
mod tests;
