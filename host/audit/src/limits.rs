//! Every size the format promises, in one place.
//!
//! A record is one leaf of a transparency log, whose entries carry a 16-bit
//! length. So a record has a hard ceiling, and each part of a record has a share
//! of it: whatever a caller or a tool does, the records of its call fit. What
//! they say at length is kept beside the record, and bounded as well, except for
//! input and output, which the host bounds.
//!
//! "Encoded" means bytes as they stand in JSON: quotes, escapes and all.

use crate::record::Keeping;

/// Longest record, in bytes without its newline: what a 16-bit length can say.
pub const MAX_RECORD_BYTES: usize = 65_535;

/// Longest JSON document (permissions, limits) kept inside the record, encoded.
/// Three of them share a record; permissions seldom pass 1 KiB.
pub const MAX_DOCUMENT_BYTES: usize = 4 * 1024;

/// Deepest nesting of a document kept inside the record. A reader need not
/// recurse further than this into what it does not know.
pub const MAX_DOCUMENT_DEPTH: usize = 32;

/// Longest reason, basis or message in words, encoded.
pub const MAX_TEXT_BYTES: usize = 4 * 1024;

/// Longest name, version, digest, identifier, code or JSON pointer, encoded. A DNS
/// name has at most 253 bytes.
pub const MAX_NAME_BYTES: usize = 256;

/// Longest resource (path, URL, name of a variable) of one host call, encoded.
pub const MAX_RESOURCE_BYTES: usize = 1024;

/// Most denials of one call that have a record of their own: a tool that tries
/// every path there is must not fill the log. The outcome counts them all.
pub const MAX_DENIALS: usize = 64;

/// Most kinds of allowed host calls that the list of one call names; others are
/// counted. With their resources they stay below 400 KiB.
pub const MAX_LISTED_CALLS: usize = 256;

/// All log lines of one call together, encoded. The first and the last are
/// kept; the rest is counted.
pub const MAX_LOG_BYTES: usize = 1024 * 1024;

/// Longest log line, encoded.
pub const MAX_LOG_LINE_BYTES: usize = 64 * 1024;

/// Most JSON pointers with which the payloads of one field are redacted. They
/// stand in the record of the settings.
pub const MAX_POINTERS: usize = 16;

/// Most key ids a package identity holds; an envelope has at most as many
/// signatures.
pub const MAX_KEY_IDS: usize = 16;

/// Longest key id, encoded: `sha256:` and 64 hexadecimal digits fit.
pub const MAX_KEY_ID_BYTES: usize = 96;

/// Most calls open at once: begun, and not ended. All of them are listed before a
/// checkpoint, and closed one by one when a log is opened whose writer was
/// interrupted. No host runs so many at a time; one that forgets to end its calls
/// gets here.
pub const MAX_OPEN_CALLS: u64 = 65_536;

/// Numbers, timestamps, hashes, what is bound, field names and punctuation of one
/// record.
const FRAME: usize = 3 * 1024;

/// A package: publisher, name, version, two digests, lapse; and its key ids, each
/// with a comma.
const PACKAGE: usize = 6 * MAX_NAME_BYTES + MAX_KEY_IDS * (MAX_KEY_ID_BYTES + 1);

/// What the parts of a record take at most, kind by kind. Headers, heartbeats and
/// what a log says of an interruption are all frame, but for one name.
const LARGEST: [usize; 10] = [
    // intent: id, tool and five names of the caller; declared, granted, limits
    FRAME + PACKAGE + 7 * MAX_NAME_BYTES + 3 * MAX_DOCUMENT_BYTES,
    // denial: id, permission, code
    FRAME + 3 * MAX_NAME_BYTES,
    // outcome: id, code
    FRAME + 2 * MAX_NAME_BYTES,
    // refusal: presented, agent, code; reason
    FRAME + PACKAGE + 3 * MAX_NAME_BYTES + MAX_TEXT_BYTES,
    // cache: entry
    FRAME + PACKAGE + MAX_NAME_BYTES,
    // trust-change: publisher, actor, one of the subject
    FRAME + 3 * MAX_NAME_BYTES,
    // policy-change: actor; declared, approved
    FRAME + PACKAGE + MAX_NAME_BYTES + 2 * MAX_DOCUMENT_BYTES,
    // settings: actor; pointers for each field that can be redacted
    FRAME + MAX_NAME_BYTES + Keeping::FIELDS.len() * MAX_POINTERS * (MAX_NAME_BYTES + 1),
    // erasure, hold, retention: id, actor; basis
    FRAME + 2 * MAX_NAME_BYTES + MAX_TEXT_BYTES,
    // recovered: id
    FRAME + MAX_NAME_BYTES,
];

// If this does not hold, a tool could make the record of its own call impossible
// to write.
const _: () = {
    let mut kind = 0;
    while kind < LARGEST.len() {
        assert!(LARGEST[kind] <= MAX_RECORD_BYTES);
        kind += 1;
    }
};
