//! The one judge of a package: every check, in its order, whether the whole of it
//! was read or only its outline.

use std::time::SystemTime;

use super::{Check, Passed, Standing, VerifyError, steps};
use crate::{
    digest::Digest,
    envelope::Envelope,
    key::{KeyId, PublicKey},
    keyring::{Authority, Keyring, PINNED_THRESHOLD},
    name::PublisherName,
    outline::Outline,
    package::Package,
    role::{self, SignatureError},
    statement::{Statement, StatementField},
};

/// What is judged.
#[derive(Clone, Copy)]
pub(super) enum Subject<'a> {
    /// A package, with the bytes that the statement is about.
    Package(&'a Package),
    /// What is known of one without its bytes.
    Outline(&'a Outline),
}

impl<'a> Subject<'a> {
    fn outline(self) -> &'a Outline {
        match self {
            Self::Package(package) => package.outline(),
            Self::Outline(outline) => outline,
        }
    }

    /// The first field of `statement` that is seen not to be true.
    fn contradiction(self, statement: &Statement) -> Option<StatementField> {
        match self {
            Self::Package(package) => statement.contradiction(package),
            Self::Outline(outline) => statement.outline_contradiction(outline),
        }
    }
}

/// What was found of a subject that is not refused. It proves nothing by itself:
/// it does not hold what it was found of.
pub(super) struct Judgement {
    pub(super) statement: Statement,
    pub(super) envelope_digest: Digest,
    pub(super) key_ids: Vec<KeyId>,
    pub(super) standing: Standing,
}

impl Keyring {
    /// Makes every check, and says of each that was passed what it found.
    pub(super) fn judge(
        &self,
        subject: Subject<'_>,
        now: SystemTime,
        passed: &mut dyn FnMut(Passed),
    ) -> Result<Judgement, VerifyError> {
        let outline = subject.outline();
        let publisher = outline.manifest().publisher();
        let Some(sealed) = outline.sealed() else {
            return Err(VerifyError::Unsigned { publisher: publisher.clone() });
        };
        passed(Passed::because(Check::Signed, steps::signatures(sealed.envelope.signatures().len())));

        let Some((by, authority)) = self.authority(publisher) else {
            let claimed_keys = sealed.envelope.claimed_keys();
            return Err(VerifyError::UntrustedPublisher { publisher: publisher.clone(), claimed_keys });
        };
        passed(Passed::because(Check::Publisher, steps::authority(publisher, by, authority)));

        let key_ids = signers(publisher, authority, &sealed.envelope)?;
        passed(Passed::because(Check::Signatures, steps::signers(&key_ids, authority)));

        let statement = Statement::parse(sealed.envelope.payload())?;
        passed(Passed::because(Check::Statement, steps::statement(&statement)));

        // From here on, what the statement says is what the package is.
        if let Some(field) = subject.contradiction(&statement) {
            return Err(VerifyError::StatementMismatch { field });
        }
        passed(Passed::because(Check::Contents, statement.digest().to_string()));

        let time = authority.time(now);
        if let Some(not_after) = statement.not_after()
            && not_after.has_passed(time)
        {
            return Err(VerifyError::Expired { not_after });
        }
        passed(Passed::because(Check::Time, steps::ends(&statement)));

        let standing = self.standing(by, authority, &statement, time, passed)?;
        self.check_sequence(&statement)?;
        passed(Passed::because(Check::Sequence, steps::sequence(&statement)));
        Ok(Judgement { statement, envelope_digest: sealed.digest, key_ids, standing })
    }

    /// No release older than the newest one that was accepted here. The very
    /// package that was accepted is never too old.
    fn check_sequence(&self, statement: &Statement) -> Result<(), VerifyError> {
        let found = statement.sequence();
        let (publisher, name) = (statement.publisher(), statement.name());
        match self.accepted(publisher, name) {
            Some(accepted) if found < accepted.sequence && accepted.digest != Some(statement.digest()) => {
                let (publisher, name) = (publisher.clone(), name.clone());
                Err(VerifyError::RolledBack { publisher, name, found, accepted: accepted.sequence })
            }
            _ => Ok(()),
        }
    }
}

impl Authority {
    /// The time by which what this publisher signed is judged.
    fn time(&self, now: SystemTime) -> SystemTime {
        match self {
            Self::Keys(_) => now,
            Self::Root(trust) => trust.time(now),
        }
    }

    /// The keys that sign packages, and how many of them must.
    pub(super) fn release_keys(&self) -> (&[PublicKey], usize) {
        match self {
            Self::Keys(keys) => (keys, PINNED_THRESHOLD),
            Self::Root(trust) => {
                let release = &trust.root().parts().release;
                (release.keys(), release.threshold())
            }
        }
    }
}

/// The trusted keys that signed, each once, enough of them.
fn signers(
    publisher: &PublisherName,
    authority: &Authority,
    envelope: &Envelope,
) -> Result<Vec<KeyId>, VerifyError> {
    let (keys, threshold) = authority.release_keys();
    role::signers(keys, threshold, envelope).map_err(|error| match error {
        SignatureError::Invalid { keyid } => VerifyError::InvalidSignature { keyid },
        SignatureError::TooFew { found: 0, .. } => {
            VerifyError::UntrustedKey { publisher: publisher.clone(), claimed_keys: envelope.claimed_keys() }
        }
        SignatureError::TooFew { found, needed } => {
            VerifyError::TooFewSignatures { publisher: publisher.clone(), found, needed }
        }
    })
}
