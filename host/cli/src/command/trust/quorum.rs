//! Whose signatures a document of a publisher needs, and how many it has.

use mpp_package::{Envelope, PublicKey, Role, RootParts, pre_authentication_encoding};

use crate::exit::{Failure, Outcome};
use crate::output::Streams;

/// Keys of which a number must sign a document.
#[derive(Debug)]
pub(super) struct Quorum {
    /// Words for them, in the plural.
    whose: String,
    role: Role,
}

impl Quorum {
    pub(super) fn new(whose: impl Into<String>, role: &Role) -> Self {
        Self { whose: whose.into(), role: role.clone() }
    }

    /// Who signs `next`: the root keys of the version before it, and its own
    /// (The Update Framework, specification 1.0, section 6.1).
    pub(super) fn of_root(before: Option<&RootParts>, next: &RootParts) -> Vec<Self> {
        let keys_of = |parts: &RootParts| {
            Self::new(format!("the root keys of version {}", parts.version), &parts.root)
        };
        match before {
            Some(before) if before.root != next.root => vec![keys_of(before), keys_of(next)],
            _ => vec![Self::new("the root keys", &next.root)],
        }
    }

    /// How many of the keys have signed. A signature that names one of them and
    /// does not hold means that the document is damaged, or forged.
    fn signatures(&self, envelope: &Envelope) -> Outcome<usize> {
        let message = pre_authentication_encoding(envelope.kind().payload_type(), envelope.payload());
        let mut signed = 0;
        for entry in envelope.signatures() {
            let Some(key) = self.role.keys().iter().find(|key| key.id() == entry.keyid) else { continue };
            key.verify(&message, &entry.signature).map_err(|error| {
                Failure::package(format!("the signature by the key {} does not hold", entry.keyid))
                    .because_of(&error)
                    .next("do not use this file; start from the last good copy of it")
            })?;
            signed += 1;
        }
        Ok(signed)
    }
}

/// Refuses a key whose signature would count for nobody. Who has no quorum to
/// compare with cannot tell.
pub(super) fn admit(quorums: &[Quorum], key: &PublicKey) -> Outcome {
    if quorums.is_empty() || quorums.iter().any(|quorum| quorum.role.keys().contains(key)) {
        return Ok(());
    }
    let whose: Vec<_> = quorums.iter().map(|quorum| quorum.whose.as_str()).collect();
    Err(Failure::usage(format!("the key {} does not sign this", key.id()))
        .because(format!("it is not one of {}", whose.join(", nor of ")))
        .next("name a key that is: --key NAME|FILE"))
}

/// Says how many signatures there are, and whether these are all that must be.
pub(super) fn report(quorums: &[Quorum], envelope: &Envelope, streams: &mut Streams<'_>) -> Outcome<bool> {
    let mut complete = true;
    for quorum in quorums {
        let (found, needed) = (quorum.signatures(envelope)?, quorum.role.threshold());
        complete &= found >= needed;
        let signatures = if needed == 1 { "signature" } else { "signatures" };
        streams.note("signed", &format!("{found} of {needed} {signatures} by {}", quorum.whose));
    }
    Ok(complete)
}
