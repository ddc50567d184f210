//! # What happened, on record
//!
//! This crate writes the audit log of a host and verifies it. It promises:
//!
//! - **A record before a result.** [`Log::append`] and [`Call::end`] return when the
//!   record and all that it binds are durable. Callers release what a record is
//!   about only then, and no effect of a call comes before its intent ([`Call::durable`]).
//! - **No record, no deed.** The first write or sync that fails stops the log for
//!   good ([`LogError::Poisoned`]); nothing is tried twice. A log that does not
//!   hold does not open, and what an interrupted writer left is cut off on record.
//! - **What is changed shows.** Records are numbered without gaps, chained by their
//!   hashes, and at most a second later covered by a signed [checkpoint](checkpoint).
//!   [`verify_log`] names the first record that does not hold, and why.
//! - **One record can be shown to anybody.** [`prove`] makes a small file, and
//!   [`check_proof`] needs that and the log's key ([`Log::key`]).
//! - **A stolen key tells no old lies.** Each [epoch](epoch) has a key of its own,
//!   whose secret is destroyed when it ends.
//! - **A record whatever a tool does.** Every part of a record has its share of
//!   room ([`limits`]), and what exceeds it is cut or moved to a file, and counted.
//!
//! # What a log alone cannot show
//!
//! Whoever takes over the host can change what was recorded in the last second,
//! and can set the whole directory back to a state that it had in the current
//! epoch, secret and all, and go on from there. Who made a copy of the secret in
//! time can do so from any epoch it covers. Against that helps only something kept
//! elsewhere: a [`Receipt`], an old checkpoint ([`verify_growth`]), or a
//! [witness](witness). And a log that was replaced as a whole is told from the
//! first one by its key only.
//!
//! # Format
//!
//! Enough to write another verifier; `tests/second_verifier.py` is one. Integers
//! in text are decimal, integers in bytes big-endian; hexadecimal digits are lower
//! case; base64 is the standard one, padded, with one spelling for each value; `‖`
//! joins bytes.
//!
//! ## Directory
//!
//! ```text
//! log.jsonl             the records
//! payloads/<pack>       what callers and tools said, 65,536 records each
//! open                  the calls that are open, for whoever goes on writing
//! offsets               where the line of each record ends, 8 bytes each
//! tile/<level>/<index>  the hashes of the tree
//! checkpoint            the newest checkpoint
//! checkpoints           all checkpoints, one after the other
//! epochs/keys           the public keys of all epochs, 32 bytes each
//! epochs/<number>       the last checkpoint of an epoch that ended
//! epochs/secret         the secret of the current epoch; the writer's alone
//! witnessed/<number>    checkpoints of an epoch with the signatures of witnesses
//! ```
//!
//! A file of another name (`*.new`, `payloads/*.destroyed`, `beginning`, `torn`)
//! belongs to a writer that is at work or was interrupted, and means nothing to a
//! reader. The writer holds an exclusive lock (`flock` on Unix) on `log.jsonl`.
//! Directories have mode 0700, files 0600.
//!
//! ## Lines
//!
//! `log.jsonl` is a sequence of lines, one record each. Every line, the last one
//! too, ends with one newline (0x0A). A line without its newline is at most
//! 65,535 bytes and is one JSON object (RFC 8259) in UTF-8 without byte order
//! mark, from `{` to `}` with no space around it. Beyond JSON itself:
//!
//! - no object, at any depth, has a key twice; `"a"` and `"\u0061"` are one key;
//! - strings hold no unpaired surrogates;
//! - nothing nests deeper than 127 arrays and objects;
//! - every object that this page describes has exactly the keys it names, all of
//!   them, in any order; a value that can be absent is `null`;
//! - a *number* is an integer from 0 to 2⁶⁴−1 without sign, fraction or exponent.
//!
//! ## Record
//!
//! | key | value |
//! |---|---|
//! | `v` | number: the version of the format, 2. Another version may have other keys: it is refused before they are looked at. |
//! | `seq` | number: 0 for the first record, then one more each. |
//! | `epoch` | number below 2³²: 0 for the first record; then that of the record before, or one more. |
//! | `prev` | *hash* of the record before; 64 zeros in the first. |
//! | `ts` | *time* when the record got its place. Clocks jump: only `seq` tells the order. |
//! | `kind` | string, which says what `body` is. |
//! | `body` | object, see below. |
//!
//! A *hash* is a string of 64 hexadecimal digits. The hash of a record is
//! `SHA-256(0x00 ‖ line)`, the line without its newline, byte for byte as it
//! stands in the file: the leaf hash of RFC 6962. A *time* is a string
//! `YYYY-MM-DDTHH:MM:SS.nnnnnnnnnZ`, UTC, always nine decimals, 1970 to 9999.
//!
//! ## Kinds
//!
//! The first record has the kind `header`, and no other has. Any kind that is
//! not listed is refused. *Text* is a string; *text?* may be `null`.
//!
//! **`header`**: `format` (`"mpp-audit/2"`), `log` (text: the log's identity, 32
//! hexadecimal digits drawn at random), `key` (text: the log's *key*, see below;
//! its name is `mpp-audit/` and the identity), `writer` (text: the program).
//!
//! A call has several records: `intent` ([`Intent`]), `denial`s ([`DenialRecord`]),
//! and `outcome` ([`OutcomeRecord`]) or `recovered` ([`Recovered`]). What became of
//! the log itself is in `torn` ([`Torn`]), `lost` ([`Lost`]) and `heartbeat`
//! ([`Heartbeat`]); what its operator did with it in `settings` ([`SettingsChange`]),
//! `erasure` ([`Erasure`]), `retention` ([`Retention`]) and `hold` ([`Hold`]). Their
//! keys are those of these types, in snake case, and in `FORMAT.md`.
//!
//! **`refusal`**, a package or a document about trust turned away ([`Refusal`]):
//! `presented` (text), `package` (*package* or `null`), `verified` (boolean),
//! `agent` (text?), `stage` (one of `package`, `signature`, `trust`, `grant`,
//! `imports`, `compile`), `code` (text), `reason` (text), `cut_bytes` (number).
//!
//! **`cache`**, compiled code that was found and not loaded ([`CacheRejection`]):
//! `package` (*package*), `entry` (text: the name of its file), `reason` (one of
//! `unreadable`, `too-large`, `truncated`, `not-authentic`, `not-loadable`).
//!
//! **`trust-change`** ([`TrustChange`]): `action`, `publisher` (text?), `subject`,
//! `replaced_version` (number or `null`), `actor` (text?). Only `set-policy` may
//! have no publisher. The subject is an object with one key, which goes with the
//! action:
//!
//! | `action` | `subject` |
//! |---|---|
//! | `pin`, `unpin` | `{"key": {id: text}}` |
//! | `pin-root`, `unpin-root`, `update-root` | `{"root": {version: number, digest: text}}` |
//! | `refresh-index` | `{"index": {version: number, digest: text}}` |
//! | `forget-sequence` | `{"package": {name: text}}` |
//! | `set-policy` | `{"policy": {max_index_age_s: number or null, stale_index: text}}` |
//!
//! **`policy-change`** ([`PolicyChange`]): `action` (one of `install`, `update`,
//! `approve`, `remove`), `package` (*package*), `declared` and `approved`
//! (*document*), `answered` (one of `terminal`, `flag`, `unneeded`), `actor` (text?).
//!
//! A *package* is `{publisher: text, name: text, version: text, digest: text,
//! envelope_digest: text?, key_ids: array of text, trust: evidence}`. The
//! *evidence* is `null` where nothing verified the package, and otherwise
//! `{sequence: number, root_version: number or null, index_version: number or
//! null, lapse: text?}` ([`TrustEvidence`]).
//!
//! A *document* is `{"inline": any JSON value}` or `{"stored": bound}`, whose payload
//! is the value as JSON. What is *bound* is `{bytes: number, alg: "hmac-sha256",
//! commit: hash, kept: "whole", "redacted" or "commitment"}` ([`Bound`]).
//!
//! A text that had to be cut ends with `…[cut N bytes]`. A tool can write that
//! too: it is `cut_bytes` that tells whether anything was cut.
//!
//! ## Tree
//!
//! That of RFC 6962, section 2, with the hashes of the records as its leaves: a
//! tree of one leaf has it as its root, a tree of *n* > 1 leaves
//! `SHA-256(0x01 ‖ left ‖ right)`, the left part being the largest power of two
//! below *n*. Its hashes are in tiles ([C2SP tlog-tiles](https://c2sp.org/tlog-tiles)):
//! tile *n* of level *l* holds, 32 bytes each, the roots over the leaves
//! `i · 256^l` up to, but not including, `(i + 1) · 256^l`, for *i* from `256 · n`
//! on: 256 of them, or as many as the newest checkpoint covers. The file is
//! `tile/<l>/<n>`, *n* in groups of three digits, all but the last after an `x` and
//! before a slash (`tile/0/x001/234`); a tile of *w* < 256 hashes has `.p/<w>`
//! after that (`tile/0/x001/234.p/17`). Narrower tiles may be left beside wider ones.
//!
//! `offsets` holds, for each record that is covered, where its line ends with its
//! newline, counted from the beginning of `log.jsonl`. It may go on after that.
//!
//! ## Key
//!
//! The log's key stands for one Ed25519 key (RFC 8032) for each epoch. In text,
//! as [C2SP signed-note](https://c2sp.org/signed-note) writes keys:
//!
//! ```text
//! name ‖ "+" ‖ id ‖ "+" ‖ base64(material)
//! material = 0xFF ‖ "mpp-audit/epochs/v1" ‖ 0x0A ‖ number of epochs (4 bytes) ‖ root (32 bytes)
//! id       = 8 hexadecimal digits: the first 4 bytes of SHA-256(name ‖ 0x0A ‖ material)
//! ```
//!
//! The root is that of the tree whose leaves are `SHA-256(0x00 ‖ key)`, for the
//! keys in `epochs/keys` from epoch 0 on.
//!
//! ## Checkpoint
//!
//! Three lines, an empty line, and lines of signatures, each ended by a newline
//! ([C2SP tlog-checkpoint](https://c2sp.org/tlog-checkpoint)):
//!
//! ```text
//! mpp-audit/00112233445566778899aabbccddeeff     name of the key
//! 9                                              records covered, from the first on
//! anqXkAXAUGjyVkbvuMGyMH7ZpTw4lFYb9DN5MgdZcNU=   root over them, base64
//!
//! — mpp-audit/00112233445566778899aabbccddeeff <base64(id ‖ signature)>
//! ```
//!
//! Exactly one line has the name and the id of the log's key; others are those of
//! [witnesses](witness). Its signature is `epoch (4 bytes) ‖ key of that epoch (32) ‖
//! inclusion proof of the key (32 each) ‖ Ed25519 (64)`. The proof (RFC 9162, section
//! 2.1.3) leads from `SHA-256(0x00 ‖ key)` at the place of the epoch to the root in
//! the log's key. The Ed25519 signature is over the three lines with their newlines.
//!
//! ## Verifying
//!
//! For each line, in this order, and ending at the first fault: it ends with a
//! newline ([`FaultKind::Torn`], [`FaultKind::MissingNewline`]); it is not too
//! long; it is a record of a known version; `seq` counts on; `prev` is the hash
//! of the line before; `header` is the kind of the first and only the first;
//! `epoch` follows; the body is what its kind says; every receipt for this `seq`
//! names its hash; every payload file it binds is there and holds what it should.
//! At the end: there was a record at all, and no receipt is left over.
//!
//! Of the evidence, as far as `checkpoint` covers the records:
//!
//! - the key in the header is the expected one, and that of `epochs/keys`;
//! - `checkpoint` is one of this key, and not of more records than there are;
//! - `checkpoints` is a sequence of checkpoints of this key, of growing sizes, up
//!   to and including `checkpoint`; what follows was left by an interrupted writer;
//! - each of them has the root over as many records as it says, and was signed in
//!   the epoch of the last of these;
//! - where a record has another epoch than the one before, there is a checkpoint
//!   of just the records before, and `epochs/<number of the epoch before>` is it;
//! - every tile is there, and every offset.
//!
//! Records after that are chained, and not signed yet: those of the last second,
//! or of a writer that was interrupted.
//!
//! A proof ([`proof`]) holds if its checkpoint is one of the log's key that was
//! signed in the epoch that its record names, if the inclusion proof leads from
//! the hash of the record to the root, and if `seq` is the place.
//!
//! A record whose `prev` does not fit says only that one of two neighbours was
//! changed. If the record after it names its hash, it was the one before
//! ([`FaultKind::Changed`]); otherwise nobody can tell ([`FaultKind::Unchained`]).
//!
//! ## Example
//!
//! The first two records of `tests/vectors/example`, a log with four epochs whose
//! first seed was the bytes from 0 to 31, and the hash of the second:
//!
//! ```text
//! {"v":2,"seq":0,"epoch":0,"prev":"0000000000000000000000000000000000000000000000000000000000000000","ts":"2026-11-22T08:00:00.000000000Z","kind":"header","body":{"format":"mpp-audit/2","log":"00112233445566778899aabbccddeeff","key":"mpp-audit/00112233445566778899aabbccddeeff+1def1f77+/21wcC1hdWRpdC9lcG9jaHMvdjEKAAAABCn9+rdR7qPBxd8cP0Jbpf5R7uHPHNKtnM+x19/NcuSP","writer":"mpp-audit 0.1.0"}}
//! {"v":2,"seq":1,"epoch":0,"prev":"dd6ac46bc6e50c4d4a3ae6ae5669a2ce27a45ede9c3ea7224bfea6d824d379f6","ts":"2026-11-22T08:00:01.000000000Z","kind":"trust-change","body":{"action":"pin","publisher":"com.example","subject":{"key":{"id":"sha256:2c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b683"}},"replaced_version":null,"actor":null}}
//! d5b9e2f50f346bfd930a05d1bb532795cad775a326704421af2e3eafc658b396
//! ```
//!
//! With a shell: `(printf '\0'; sed -n 2p log.jsonl | tr -d '\n') | sha256sum`.
//!
//! # Use
//!
//! ```
//! use mpp_audit::policy::Policy;
//! use mpp_audit::{
//!     Event, Expected, Log, SystemClock, TrustAction, TrustChange, TrustSubject, check_proof, prove, verify_log,
//! };
//!
//! # let home = tempfile::tempdir()?;
//! # let dir = home.path().join("audit");
//! let log = Log::open(&dir, SystemClock)?;
//! let receipt = log.append(&Event::TrustChange(TrustChange {
//!     action: TrustAction::Pin,
//!     publisher: Some("com.example".to_owned()),
//!     subject: TrustSubject::Key { id: "sha256:9f86d081".to_owned() },
//!     replaced_version: None,
//!     actor: None,
//! }))?;
//! // To be kept elsewhere.
//! let key = log.key().clone();
//! drop(log);
//!
//! let expected = Expected { receipts: &[receipt], key: Some(&key), ..Expected::default() };
//! let verified = verify_log(&dir, &expected)?;
//! assert_eq!(verified.signed.size, 2);
//!
//! // One record, for somebody who has the key and not the log.
//! let file = prove(&dir, receipt.seq)?.to_string();
//! let proven = check_proof(file.as_bytes(), &Policy::unwitnessed(vec![key])?)?;
//! assert_eq!(proven.record.hash, receipt.hash);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod checkpoint;
pub mod epoch;
pub mod limits;
pub mod note;
pub mod policy;
pub mod proof;
pub mod tiles;
pub mod tree;
pub mod view;
pub mod witness;

mod error;
mod hash;
mod layout;
mod log;
// Nobody calls it until the log keeps its payloads there.
#[allow(dead_code, unused_imports)]
mod packs;
mod record;
mod spelling;
mod time;
mod verify;

pub use error::LogError;
pub use hash::{Hash, HashError, Receipt, ReceiptError};
pub use log::{Call, Erase, EraseError, Log, Settings};
pub use record::{
    Algorithm, Allowed, Answer, Bound, CacheFault, CacheRejection, Caller, DenialRecord, Denied, Document,
    Durability, Ended, Entry, Erasure, Event, Field, Header, Heartbeat, Hold, HoldAction, HostCalls, Intent,
    JsonPointer, Keep, Keeping, Kept, LogLine, Lost, NewCall, NoPointer, Outcome, OutcomeKind, OutcomeRecord,
    PackageIdentity, PolicyAction, PolicyChange, Record, Recovered, Refusal, Retention, SettingsChange,
    Stage, Torn, TrustAction, TrustChange, TrustEvidence, TrustPolicy, TrustSubject, UnknownField,
    UnknownOutcome, Usage,
};
pub use time::{Clock, SystemClock, Timestamp, TimestampError};
pub use verify::{
    Bodies, Expected, Fault, FaultKind, Filter, Grown, Growth, NotGrown, NotPublished, Payloads,
    ProofRefused, ProveFailure, Proven, Published, ReadError, Records, Shown, Summary, Verified, check_proof,
    prove, show, verify, verify_dir, verify_growth, verify_log,
};
