//! What two processes say to each other. The front page of [`share`](super) tells in which order.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::error::LogError;
use crate::record::{Denied, Durability, Ended, Event, Keeping, NewCall};
use crate::verify::FaultKind;
use crate::{Hash, Receipt, Settings};

/// The first thing that whoever comes says.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) enum Hello {
    /// It wants to put things on record, in a log that is kept like this.
    Record(Kept),
    /// It needs the log for itself.
    LetGo,
}

/// What has to be the same for both: the operator chose it for the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Kept {
    pub(super) durability: Durability,
    pub(super) keeping: Keeping,
}

impl Kept {
    pub(super) fn of(settings: &Settings) -> Self {
        Self { durability: settings.durability, keeping: settings.keeping.clone() }
    }
}

/// What the owner answers to that.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) enum Greeting {
    /// It may ask.
    Welcome,
    /// The log is kept otherwise.
    KeptOtherwise(Kept),
    /// Others are served, as many as can be.
    Full,
    /// Not now: the log is being let go of, or cannot be yet.
    Busy,
    /// The log is free.
    Free,
}

/// What the owner is asked.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) enum Ask<'a> {
    /// To put an event on record. Answered when it is durable.
    Append(Cow<'a, Event>),
    /// To put on record that a call begins. Answered when it has its place.
    Begin(Cow<'a, Box<NewCall>>),
    /// Whether the intent of this number is durable. Answered when it is.
    Durable { intent: u64 },
    /// To put on record that a call was denied something. Not answered unless it fails.
    Denied { intent: u64, denied: Cow<'a, Denied> },
    /// To put on record how a call ended. Answered when that is durable.
    End { intent: u64, ended: Cow<'a, Ended> },
    /// Not to wait for the end of a call. Not answered.
    Forget { intent: u64 },
    /// Where the last durable record stands, if the log goes on.
    Head,
}

/// What the owner answers.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) enum Answer {
    /// It is done, and stands there.
    Done { seq: u64, hash: Hash },
    /// Nothing was done: the log is being let go of. To be asked again.
    NotNow,
    /// It cannot be done.
    Failed(Failed),
    /// Nothing else will be answered: what has no answer by now was not done.
    Bye,
}

impl From<Receipt> for Answer {
    fn from(Receipt { seq, hash }: Receipt) -> Self {
        Self::Done { seq, hash }
    }
}

impl From<Result<Receipt, LogError>> for Answer {
    fn from(result: Result<Receipt, LogError>) -> Self {
        match result {
            Ok(receipt) => receipt.into(),
            Err(error) => Self::Failed(error.into()),
        }
    }
}

/// Why it cannot be done: a [`LogError`] of the owner's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) enum Failed {
    Stopped { cause: String },
    TooManyOpen,
    Ended { id: String },
    Unrecordable { why: String },
    Other { why: String },
}

impl From<LogError> for Failed {
    fn from(error: LogError) -> Self {
        match error {
            LogError::Poisoned { cause } => Self::Stopped { cause: cause.to_string() },
            LogError::TooManyOpen => Self::TooManyOpen,
            LogError::Ended { id } => Self::Ended { id },
            LogError::Unrecordable(kind) => Self::Unrecordable { why: kind.to_string() },
            other => Self::Other { why: other.to_string() },
        }
    }
}

impl From<Failed> for LogError {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Stopped { cause } => Self::Poisoned { cause: cause.into() },
            Failed::TooManyOpen => Self::TooManyOpen,
            Failed::Ended { id } => Self::Ended { id },
            Failed::Unrecordable { why } => Self::Unrecordable(FaultKind::malformed(why)),
            Failed::Other { why } => Self::Refused { why },
        }
    }
}

/// Reads one message: one JSON value, with the keys that belong there and no other. A key that
/// stands twice is refused but in documents, and those are written anew for the record.
pub(super) fn read<T: for<'de> Deserialize<'de>>(body: &[u8]) -> Result<T, Garbled> {
    serde_json::from_slice(body).map_err(|_| Garbled)
}

/// What came is no message.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Garbled;

impl From<Garbled> for std::io::Error {
    fn from(_: Garbled) -> Self {
        std::io::Error::new(std::io::ErrorKind::InvalidData, "what came is no message of this protocol")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_of_the_owner_is_the_same_one_for_who_asked() {
        let errors = [
            LogError::Poisoned { cause: "the disk is gone".into() },
            LogError::TooManyOpen,
            LogError::Ended { id: "one".to_owned() },
            LogError::Unrecordable(FaultKind::TooLong),
        ];
        for error in errors {
            let (said, variant) = (error.to_string(), std::mem::discriminant(&error));
            let sent = serde_json::to_vec(&Answer::from(Err(error))).expect("it has a JSON form");
            let Ok(Answer::Failed(failed)) = read(&sent) else { panic!("{said} is not read again") };
            let heard = LogError::from(failed);
            assert_eq!(std::mem::discriminant(&heard), variant, "{said}");
            // Of what cannot be recorded the words come in another frame.
            assert!(heard.to_string().starts_with(&said[..20]), "{heard}");
        }
        let other = LogError::from(Failed::from(LogError::Missing { path: "/log".into() }));
        assert!(matches!(&other, LogError::Refused { why } if why.contains("/log is missing")), "{other}");
    }

    #[test]
    fn what_has_a_key_too_many_or_twice_or_not_at_all_is_no_message() {
        let good = r#"{"durable":{"intent":1}}"#;
        assert!(matches!(read(good.as_bytes()), Ok(Ask::Durable { intent: 1 })));
        for wrong in [
            "",
            "{}",
            r#"{"durable":{}}"#,
            r#"{"durable":{"intent":1,"now":true}}"#,
            r#"{"durable":{"intent":1,"intent":2}}"#,
            r#"{"durable":{"intent":1},"head":null}"#,
            r#"{"durable":{"intent":-1}}"#,
            r#"{"durable":{"intent":1}} "head""#,
        ] {
            assert_eq!(read::<Ask<'_>>(wrong.as_bytes()).err(), Some(Garbled), "{wrong}");
        }
    }
}
