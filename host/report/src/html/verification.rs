//! What was verified before the page was made, in words.

use mpp_audit::Verified;
use mpp_audit::tree::TreeHead;

use super::number::{counted, grouped};
use crate::text::Visible;

/// Whether the log that a page is about was verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verification {
    /// Every record, and the evidence.
    Holds(Evidence),
    /// It does not verify. What comes before the record is as it was written.
    Broken {
        /// The first record that does not hold.
        seq: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// Nobody looked.
    Unverified,
}

/// What the verification found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// How many records there are.
    pub records: u64,
    /// The key that checkpoints were verified with, in text.
    pub key: String,
    /// Whether that key was known from elsewhere, or is only what the log names.
    pub key_expected: bool,
    /// What the newest checkpoint says.
    pub signed: TreeHead,
    /// How many checkpoints were verified.
    pub checkpoints: u64,
    /// How many epochs have begun.
    pub epochs: u32,
    /// Whether a record was being written, and was left out.
    pub unfinished: bool,
    /// Who else saw the checkpoint.
    pub witnesses: Witnesses,
}

/// Who else saw a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Witnesses {
    /// Nobody that was asked for.
    Nobody,
    /// As many as the operator's policy asks for.
    Seen {
        /// How many records the checkpoint covers that they saw.
        size: u64,
        /// Who, in words.
        by: Vec<String>,
    },
}

impl Evidence {
    /// What a verification found, and who else saw the checkpoint.
    pub fn new(verified: &Verified, witnesses: Witnesses) -> Self {
        let Verified { summary, key, key_expected, signed, checkpoints, epochs, .. } = verified;
        Self {
            records: summary.records,
            key: key.to_string(),
            key_expected: *key_expected,
            signed: *signed,
            checkpoints: *checkpoints,
            epochs: *epochs,
            unfinished: summary.unfinished,
            witnesses,
        }
    }
}

/// The badge: a headline, a sentence, and facts.
#[derive(Debug)]
pub(crate) struct Badge {
    /// Names the look of it: `good`, `fair`, `bad`, `none`.
    pub(crate) look: &'static str,
    pub(crate) headline: &'static str,
    pub(crate) sentence: String,
    pub(crate) facts: Vec<Fact>,
}

/// One thing that was found out.
#[derive(Debug)]
pub(crate) struct Fact {
    pub(crate) name: &'static str,
    pub(crate) value: Visible,
    /// Whether it is a key or a hash.
    pub(crate) code: bool,
    /// What the reader should make of it, where that is not plain.
    pub(crate) caution: Option<&'static str>,
}

impl Badge {
    pub(crate) fn of(verification: &Verification) -> Self {
        match verification {
            Verification::Holds(evidence) => Self::holds(evidence),
            Verification::Broken { seq, reason } => Self {
                look: "bad",
                headline: "Does not verify",
                sentence: format!(
                    "Record {seq} does not hold. What comes before it is as it was written; nothing from there on is evidence, and nothing of it is shown here."
                ),
                facts: vec![Fact::new("What is wrong", reason.as_str())],
            },
            Verification::Unverified => Self {
                look: "none",
                headline: "Not verified",
                sentence: "Nobody checked whether the log holds before this page was made from it."
                    .to_owned(),
                facts: Vec::new(),
            },
        }
    }

    fn holds(evidence: &Evidence) -> Self {
        let witnessed = matches!(evidence.witnesses, Witnesses::Seen { .. });
        let (look, headline) = match (evidence.key_expected, witnessed) {
            (true, true) => ("good", "Verified and witnessed"),
            (true, false) => ("fair", "Verified, not witnessed"),
            (false, _) => ("fair", "Verified with the key that the log names"),
        };
        let sentence = format!(
            "All of {} hold: none was changed, removed or inserted since it was written.",
            counted(evidence.records, "record")
        );
        Self { look, headline, sentence, facts: facts(evidence) }
    }
}

fn facts(evidence: &Evidence) -> Vec<Fact> {
    let Evidence { records, key, key_expected, signed, checkpoints, epochs, unfinished, witnesses } =
        evidence;
    let covered = format!(
        "{}, the newest of {}; {}",
        counted(signed.size, "record"),
        counted(*checkpoints, "signed checkpoint"),
        counted(u64::from(*epochs), "key epoch")
    );
    let mut facts = vec![
        Fact::code("Key", key).caution((!key_expected).then_some(
            "This is the key that the log itself names. A log that was replaced as a whole shows only beside a key that was kept elsewhere.",
        )),
        Fact::new("Checkpoint", covered.as_str()),
        Fact::code("Root", &signed.root.to_string()),
        witness(witnesses, *key_expected),
    ];
    let unsigned = records.saturating_sub(signed.size);
    if unsigned > 0 {
        let text = format!("{} at the end of the log", grouped(unsigned));
        facts.push(
            Fact::new("Not signed yet", text.as_str()).caution(Some(
                "These records are chained to those before, and no checkpoint covers them yet.",
            )),
        );
    }
    if *unfinished {
        facts.push(Fact::new("Left out", "a record that was being written"));
    }
    facts
}

fn witness(witnesses: &Witnesses, key_expected: bool) -> Fact {
    match witnesses {
        Witnesses::Seen { size, by } => {
            let text = format!("the first {}, seen by {}", counted(*size, "record"), by.join(", "));
            Fact::new("Witnesses", text.as_str())
        }
        Witnesses::Nobody => Fact::new("Witnesses", "none").caution(Some(if key_expected {
            "Nobody outside this host has vouched for this checkpoint: whoever controls the host could have taken back what was recorded in this epoch."
        } else {
            "Nobody outside this host has vouched for this checkpoint: whoever controls the host could have replaced the whole log."
        })),
    }
}

impl Fact {
    fn new(name: &'static str, value: &str) -> Self {
        Self { name, value: Visible::from(value), code: false, caution: None }
    }

    fn code(name: &'static str, value: &str) -> Self {
        Self { code: true, ..Self::new(name, value) }
    }

    fn caution(self, caution: Option<&'static str>) -> Self {
        Self { caution, ..self }
    }
}
