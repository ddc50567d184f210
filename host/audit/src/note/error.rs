//! Why a note or a key was refused.

use super::key::KeyId;
use super::name::{KeyName, KeyNameError};
use super::{MAX_NOTE_BYTES, MAX_SIGNATURES};

/// Why bytes are not a note, or why nothing in it is to be believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Longer than any note.
    #[error("a note has at most {MAX_NOTE_BYTES} bytes, and this has {found}")]
    TooLong {
        /// Bytes found.
        found: usize,
    },
    /// Not UTF-8.
    #[error("a note is UTF-8, and this is not")]
    NotUtf8,
    /// A control character other than the newline.
    #[error("a note has no control character but the newline, and this has U+{code:04X}")]
    Control {
        /// Its code point.
        code: u32,
    },
    /// No empty line, no signature after it, or no newline at the end.
    #[error("a note is a text, an empty line, and signatures, every line ended by a newline; this is not")]
    Form,
    /// More signatures than any note.
    #[error("a note has at most {MAX_SIGNATURES} signatures")]
    TooManySignatures,
    /// Not `— <name> <base64>`.
    #[error("line {line} of the signatures is not `— <name> <base64>`")]
    Line {
        /// Which one, from 1.
        line: usize,
    },
    /// The name of a key in a signature line cannot be one.
    #[error("line {line} of the signatures: {source}")]
    LineName {
        /// Which one, from 1.
        line: usize,
        /// What is wrong with it.
        source: KeyNameError,
    },
    /// A known key did not make the signature that names it.
    #[error("the signature that names the key {name}+{id} is not by that key over this text")]
    Invalid {
        /// Name of the key.
        name: KeyName,
        /// Its identifier.
        id: KeyId,
    },
    /// A known key is named by two lines.
    #[error("the key {name}+{id} has signed twice; nobody can tell which line counts")]
    Twice {
        /// Name of the key.
        name: KeyName,
        /// Its identifier.
        id: KeyId,
    },
    /// No known key signed.
    #[error("the note is not signed by any key that is known here")]
    Unsigned,
}

/// Why a text or bytes are not a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not the keys of a log's epochs.
    #[error("the key of a log with epochs is `mpp-audit/epochs/v1`, their number and a root hash")]
    Epochs,
    /// Not `name+id+base64`.
    #[error("not a verifier key: write <name>+<8 hexadecimal digits>+<base64>")]
    Form,
    /// The name cannot be one.
    #[error(transparent)]
    Name(#[from] KeyNameError),
    /// An algorithm that is not known here.
    #[error("the key is for the algorithm 0x{found:02x}, which this program does not know")]
    Algorithm {
        /// The byte that names it.
        found: u8,
    },
    /// Known, but not what such a key is for.
    #[error("the key is for the algorithm 0x{found:02x}, and 0x{expected:02x} is needed here")]
    Purpose {
        /// The byte that names it.
        found: u8,
        /// The byte that should.
        expected: u8,
    },
    /// Not as long as a key of its algorithm.
    #[error("an Ed25519 key has 32 bytes, and this has {found}")]
    Length {
        /// Bytes found.
        found: usize,
    },
    /// The identifier is not that of the key.
    #[error("the key's identifier should be {expected}, not {found}")]
    Id {
        /// The one written.
        found: KeyId,
        /// The one computed.
        expected: KeyId,
    },
    /// No point of the curve, or one written in a second way.
    #[error("the 32 bytes are not the encoding of a point of the curve")]
    NotAPoint,
    /// Of small or mixed order.
    #[error("a weak key: it is outside the prime-order subgroup and could accept forged signatures")]
    Weak,
    /// The operating system gave no random bytes.
    #[error("the operating system gave no random bytes, so no key was made")]
    NoRandomness,
}
