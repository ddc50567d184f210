//! A document that a publisher offers: read once, then taken, or refused on
//! record.

use std::path::PathBuf;

use mpp_audit::{Event, Writer};
use mpp_package::{Digest, DocumentType, Envelope, EnvelopeError};

use crate::context::Context;
use crate::exit::{Failure, Outcome};
use crate::fetch::Source;
use crate::log::Site;
use crate::output::Streams;
use crate::{log, record};

/// The bytes of a document, and where they are from.
pub(super) struct Offered {
    /// As the command line, or the publisher's root, named it.
    pub(super) name: String,
    bytes: Vec<u8>,
}

/// Why a document is not taken: the word for the record, and the words for a
/// person.
pub(super) struct Refused {
    pub(super) code: &'static str,
    pub(super) failure: Failure,
}

/// Why nothing came of a document.
pub(super) enum NotTaken {
    /// It was judged, which goes on record.
    Refused(Refused),
    /// It never came to that.
    Failed(Failure),
}

impl From<Refused> for NotTaken {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl From<Failure> for NotTaken {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl Offered {
    /// Reads a document that is there.
    pub(super) fn read(
        source: &Source,
        kind: DocumentType,
        ca_files: &[PathBuf],
        context: &mut Context<'_, '_>,
    ) -> Outcome<Self> {
        let bytes = source.read(kind.max_bytes() as u64, ca_files, context)?;
        Ok(Self { name: source.to_string(), bytes })
    }

    /// Reads a document that may not be there.
    pub(super) fn read_if_there(
        source: &Source,
        kind: DocumentType,
        ca_files: &[PathBuf],
        context: &mut Context<'_, '_>,
    ) -> Outcome<Option<Self>> {
        let bytes = source.read_if_there(kind.max_bytes() as u64, ca_files, context)?;
        Ok(bytes.map(|bytes| Self { name: source.to_string(), bytes }))
    }

    /// What stands on the command line itself.
    pub(super) fn literal(text: &str) -> Self {
        Self { name: text.to_owned(), bytes: text.as_bytes().to_vec() }
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

    /// Hands on what to tell a person. A refusal is put on record before; if the
    /// log does not take it, that is the graver news.
    pub(super) fn refuse(&self, not_taken: impl Into<NotTaken>, log: &Writer) -> Failure {
        match not_taken.into() {
            NotTaken::Failed(failure) => failure,
            NotTaken::Refused(refused) => match log::append(log, &self.refusal(&refused)) {
                Ok(_) => refused.failure,
                Err(unavailable) => unavailable,
            },
        }
    }

    /// As [`refuse`](Self::refuse), where the log is not open.
    pub(super) fn refuse_in(
        &self,
        site: &Site,
        not_taken: impl Into<NotTaken>,
        streams: &mut Streams<'_>,
    ) -> Failure {
        match not_taken.into() {
            NotTaken::Failed(failure) => failure,
            NotTaken::Refused(refused) => {
                let event = self.refusal(&refused);
                log::refuse(&event, refused.failure, site, streams)
            }
        }
    }

    fn refusal(&self, Refused { code, failure }: &Refused) -> Event {
        record::document_refused(Digest::of(&self.bytes), code, failure)
    }
}
