//! What is called, and with which authority.

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::value::{RawValue, to_raw_value};

use super::cut::Knife;
use super::fit;
use super::intent::IntentBody;
use super::payload::{Document, Field, Keep, Prepared, prepare};
use super::{Body, Caller, Durability, Entry, PackageIdentity};
use crate::Timestamp;
use crate::error::LogError;
use crate::verify::FaultKind;

/// What is called, and with which authority: a package, what its manifest declares, what
/// the operator granted, and the limits in force.
///
/// It is the same for every call of a package that is loaded, and most of what an
/// [`Intent`](super::Intent) says. So it is made once: cut to its share of a record, written
/// as JSON, and read back as every reader will. Each intent takes over that text.
#[derive(Debug)]
pub struct Subject {
    said: Said,
    package: Box<RawValue>,
    declared: Text,
    granted: Text,
    limits: Text,
    /// Bytes cut from the package's texts.
    cut_bytes: u64,
}

/// As the host says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    package: PackageIdentity,
    declared: Document,
    granted: Document,
    limits: Document,
}

/// A document, as JSON.
#[derive(Debug)]
enum Text {
    /// As it stands in every intent.
    Inline(Box<RawValue>),
    /// Of a document that has no room there: a payload of every intent, with a salt of its own.
    Payload(String),
}

impl Subject {
    /// The subject of any number of calls. The package was verified before.
    ///
    /// Texts that are too long are cut, and documents that have no room in a record become a
    /// payload of each call (see [`limits`](crate::limits)).
    ///
    /// # Errors
    ///
    /// [`LogError::Unrecordable`] of a document that names a payload
    /// ([`Document::Stored`]), or that would not be read back as what it is.
    pub fn new(
        package: PackageIdentity,
        declared: Document,
        granted: Document,
        limits: Document,
    ) -> Result<Arc<Self>, LogError> {
        let mut knife = Knife { cut: 0 };
        let fitting = fit::identity(package.clone(), &mut knife);
        let subject = Self {
            package: raw(&fitting)?,
            declared: Text::of(&declared)?,
            granted: Text::of(&granted)?,
            limits: Text::of(&limits)?,
            cut_bytes: knife.cut,
            said: Said { package, declared, granted, limits },
        };
        subject.check(&fitting)?;
        Ok(Arc::new(subject))
    }

    /// The package, verified before the call.
    pub fn package(&self) -> &PackageIdentity {
        &self.said.package
    }

    /// The permissions that the signed manifest declares.
    pub fn declared(&self) -> &Document {
        &self.said.declared
    }

    /// The permissions in force: declared and allowed by the operator.
    pub fn granted(&self) -> &Document {
        &self.said.granted
    }

    /// The limits in force.
    pub fn limits(&self) -> &Document {
        &self.said.limits
    }

    /// Bytes cut from the package's texts.
    pub(super) fn cut_bytes(&self) -> u64 {
        self.cut_bytes
    }

    /// The package, as it stands in every intent.
    pub(super) fn package_json(&self) -> &RawValue {
        &self.package
    }

    /// The documents as they stand in one intent: declared, granted, limits. What has no room
    /// there becomes a payload.
    pub(super) fn documents(&self, payloads: &mut Vec<Prepared>) -> Result<[Cow<'_, RawValue>; 3], LogError> {
        Ok([
            self.declared.bind(Field::Declared, payloads)?,
            self.granted.bind(Field::Granted, payloads)?,
            self.limits.bind(Field::Limits, payloads)?,
        ])
    }

    /// Reads an intent back that says little else, and looks whether it says this.
    fn check(&self, fitting: &PackageIdentity) -> Result<(), LogError> {
        let mut payloads = Vec::new();
        let input = prepare(Field::Input, String::new(), &Keep::Whole).map_err(LogError::Salt)?.bound;
        let [declared, granted, limits] = self.documents(&mut payloads)?;
        let body = Body::unread(&IntentBody {
            id: "",
            package: &self.package,
            tool: "",
            caller: &Caller::NOBODY,
            declared,
            granted,
            limits,
            durability: Durability::Strict,
            input,
            started: Timestamp::from(std::time::SystemTime::UNIX_EPOCH),
            cut_bytes: self.cut_bytes,
        });
        match body.and_then(|body| body.read_back()).map_err(LogError::Unrecordable)? {
            Entry::Intent(read)
                if read.package == *fitting
                    && self.declared.is(&self.said.declared, &read.declared)
                    && self.granted.is(&self.said.granted, &read.granted)
                    && self.limits.is(&self.said.limits, &read.limits) =>
            {
                Ok(())
            }
            _ => Err(LogError::Unrecordable(FaultKind::malformed("reads back as something else"))),
        }
    }
}

/// Made of the same, and so the same in every record.
impl PartialEq for Subject {
    fn eq(&self, other: &Self) -> bool {
        self.said == other.said
    }
}

impl Eq for Subject {}

impl Text {
    fn of(document: &Document) -> Result<Self, LogError> {
        let value = fit::inline(document)?;
        match fit::fits(value) {
            (_, true) => raw(document).map(Self::Inline),
            (json, false) => Ok(Self::Payload(json)),
        }
    }

    fn bind(&self, field: Field, payloads: &mut Vec<Prepared>) -> Result<Cow<'_, RawValue>, LogError> {
        match self {
            Self::Inline(json) => Ok(Cow::Borrowed(json)),
            Self::Payload(json) => {
                let prepared = prepare(field, json.clone(), &Keep::Whole).map_err(LogError::Salt)?;
                let bound = prepared.bound;
                payloads.push(prepared);
                raw(&Document::Stored(bound)).map(Cow::Owned)
            }
        }
    }

    /// Whether what was read is what was said.
    fn is(&self, said: &Document, read: &Document) -> bool {
        match self {
            Self::Inline(_) => said == read,
            Self::Payload(_) => matches!(read, Document::Stored(_)),
        }
    }
}

fn raw(value: &impl Serialize) -> Result<Box<RawValue>, LogError> {
    to_raw_value(value).map_err(|error| LogError::Unrecordable(FaultKind::malformed(error)))
}

/// A subject on its way to another process: as it was said, to be made again there.
pub(super) mod said {
    use super::*;

    pub(in super::super) fn serialize<S: Serializer>(subject: &Subject, to: S) -> Result<S::Ok, S::Error> {
        subject.said.serialize(to)
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Arc<Subject>, D::Error> {
        let Said { package, declared, granted, limits } = Said::deserialize(from)?;
        Subject::new(package, declared, granted, limits).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests;
