//! A document that a publisher offers: read once, then taken, or refused on
//! record.

use mpp_audit::{Event, Log};
use mpp_package::{Digest, DocumentType, Envelope, EnvelopeError};

use crate::context::Context;
use crate::exit::{Failure, Outcome};
use crate::fetch::Source;
use crate::{log, record};

/// The bytes of a document, and where they are from.
pub(super) struct Offered {
    /// As the command line, or the publisher's root, named it.
    pub(super) name: String,
    bytes: Vec<u8>,
}

/// Why a document is not taken: the words for a person, and the word for the
/// record.
pub(super) struct Refused {
    pub(super) code: &'static str,
    pub(super) failure: Failure,
}

impl Offered {
    /// Reads a document that is there.
    pub(super) fn read(
        source: &Source,
        kind: DocumentType,
        ca_files: &[std::path::PathBuf],
        context: &mut Context<'_, '_>,
    ) -> Outcome<Self> {
        let bytes = source.read(kind.max_bytes() as u64, ca_files, context)?;
        Ok(Self { name: source.to_string(), bytes })
    }

    /// Reads a document that may not be there.
    pub(super) fn read_if_there(
        source: &Source,
        kind: DocumentType,
        ca_files: &[std::path::PathBuf],
        context: &mut Context<'_, '_>,
    ) -> Outcome<Option<Self>> {
        let bytes = source.read_if_there(kind.max_bytes() as u64, ca_files, context)?;
        Ok(bytes.map(|bytes| Self { name: source.to_string(), bytes }))
    }

    /// Whether this is a JSON document, and no key.
    pub(super) fn is_json(&self) -> bool {
        self.bytes.trim_ascii_start().starts_with(b"{")
    }

    /// The envelope, if there is one of this kind.
    pub(super) fn envelope(&self, kind: DocumentType) -> Result<Envelope, EnvelopeError> {
        Envelope::parse(kind, &self.bytes)
    }

    /// The bytes as they were read.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Puts on record that this document was refused, and hands on what to tell a
    /// person. If the log does not take it, that is the graver news.
    pub(super) fn refuse(&self, log: &Log, refused: Refused) -> Failure {
        let Refused { code, failure } = refused;
        match log::append(log, &self.refusal(code, &failure)) {
            Ok(_) => failure,
            Err(unavailable) => unavailable,
        }
    }

    fn refusal(&self, code: &str, failure: &Failure) -> Event {
        record::document_refused(Digest::of(&self.bytes), code, failure)
    }
}
