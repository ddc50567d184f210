//! Every size the format promises, in one place.
//!
//! A record is one leaf of a transparency log to come, whose entries carry a
//! 16-bit length. So a record has a hard ceiling, and each part of a record has
//! a share of it: whatever a tool does, the record of its call fits.
//!
//! "Encoded" means bytes as they stand in the line: quotes, escapes and all.

/// Longest record, in bytes without its newline: what a 16-bit length can say.
pub const MAX_RECORD_BYTES: usize = 65_535;

/// Longest payload kept inside the record, encoded. Beyond it the payload goes
/// to a file of its own. Two payloads (input, output) share a record.
pub const MAX_INLINE_BYTES: usize = 12 * 1024;

/// Longest JSON document (permissions, limits) kept inside the record, encoded.
/// Three of them share a record; permissions seldom pass 1 KiB.
pub const MAX_DOCUMENT_BYTES: usize = 4 * 1024;

/// Deepest nesting of a document kept inside the record. A reader need not
/// recurse further than this into what it does not know.
pub const MAX_DOCUMENT_DEPTH: usize = 32;

/// Longest reason or message in words, encoded.
pub const MAX_TEXT_BYTES: usize = 4 * 1024;

/// Longest name, version, digest, identifier or code, encoded. A DNS name has
/// at most 253 bytes.
pub const MAX_NAME_BYTES: usize = 256;

/// Longest resource (path, URL, name of a variable) of one check, encoded.
pub const MAX_RESOURCE_BYTES: usize = 1024;

/// All permission checks of one record together, encoded. Denials are kept
/// before what was allowed; the rest is counted.
pub const MAX_CHECKS_BYTES: usize = 8 * 1024;

/// All log lines of one record together, encoded. The first and the last are
/// kept; the rest is counted.
pub const MAX_LOG_BYTES: usize = 8 * 1024;

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

/// Numbers, timestamps, hashes, field names and punctuation of one record.
const MAX_FRAME_BYTES: usize = 3 * 1024;

/// Names of one invocation: id, publisher, name, version, two digests, lapse,
/// tool, agent, outcome code.
const NAMES: usize = 10;

// An invocation is the largest record there is. If this does not hold, a tool
// could make its own record impossible to write.
const _: () = assert!(
    2 * MAX_INLINE_BYTES
        + 3 * MAX_DOCUMENT_BYTES
        + MAX_TEXT_BYTES
        + NAMES * MAX_NAME_BYTES
        + MAX_KEY_IDS * (MAX_KEY_ID_BYTES + 1)
        + MAX_CHECKS_BYTES
        + MAX_LOG_BYTES
        + MAX_FRAME_BYTES
        <= MAX_RECORD_BYTES
);
