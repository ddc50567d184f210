//! # Signed notes
//!
//! [C2SP signed-note](https://c2sp.org/signed-note): a text, an empty line, and
//! one line for each signature over the text.
//!
//! ```text
//! This is an example message.
//!
//! — example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
//! ```
//!
//! A line names its key by a [`KeyName`] and a four-byte [`KeyId`], and the reader
//! knows keys by their *vkey* texts ([`VerifierKey`]):
//! `name+id+base64(algorithm ‖ key)`. The algorithm belongs to the key. It is
//! never chosen by a note.
//!
//! What is promised:
//!
//! - A [`Note`] that was read is written back byte for byte: there is one spelling.
//! - Signatures of keys that are not known are ignored, as the specification
//!   demands, so that witnesses can be added and keys can change.
//! - A line that names a known key and does not verify refuses the whole note,
//!   and so do two lines of one known key.
//! - Ed25519 is verified strictly, with keys that have one encoding only.
//!
//! Three algorithms are known, with types of their own for those who sign and for
//! those who verify, so that none is taken for another: `0x01`, Ed25519 over the
//! text, with which a log of one key signs ([`LogKey`], [`LogSigner`]); `0xff`, the
//! same with one key for each [epoch](crate::epoch) of a log ([`LogKey`],
//! [`EpochSigner`](crate::epoch::EpochSigner)); and `0x04`, a cosignature with a time
//! ([C2SP tlog-cosignature](https://c2sp.org/tlog-cosignature)), with which a
//! witness says what it saw ([`WitnessKey`], [`Cosigner`]).

mod error;
mod key;
mod line;
mod name;
mod purpose;
mod sign;
mod text;
mod verify;

pub use error::{KeyError, NoteError};
pub(crate) use key::made;
pub use key::{Algorithm, KeyId, VerifierKey};
pub use line::SignatureLine;
pub use name::{KeyName, KeyNameError};
pub use purpose::{LogKey, WitnessKey};
pub use sign::{Cosigner, LogSigner};
pub use text::Note;
pub use verify::Verified;

/// Most signatures in a note. The specification demands 16; a log that is watched
/// by 32 witnesses, the most that a policy should be expected to name, needs one
/// more, and as many again if each signs with a second algorithm.
pub const MAX_SIGNATURES: usize = 66;

/// Longest note, in bytes: room for so many signatures of the longest algorithm
/// there is (ML-DSA-44: 3.3 KiB in base64) under the longest names, and a text.
pub const MAX_NOTE_BYTES: usize = MAX_SIGNATURES * 4096;

/// Longest name of a key, in bytes. A later format of cosignatures gives a name
/// one byte for its length; a longer one could never use it.
pub const MAX_KEY_NAME_BYTES: usize = 255;
