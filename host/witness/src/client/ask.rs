//! Bringing a witness up to the newest checkpoint.

use mpp_audit::Hash;
use mpp_audit::checkpoint::{SignedCheckpoint, VerifiedCheckpoint};
use mpp_audit::witness::{AddCheckpoint, parse_cosignatures};
use mpp_audit::{NotPublished, Published};
use tokio::task::JoinSet;

use super::error::AskError;
use super::evidence::Evidence;
use super::http::{Client, Reply};
use super::{Target, http};

/// What came of asking a witness.
#[derive(Debug)]
pub struct Asked {
    /// The checkpoints that it cosigned now, with its signature and the log's,
    /// from the smallest to the largest. They are good also if it failed later.
    pub cosigned: Vec<VerifiedCheckpoint>,
    /// When it says that it signed the last of them, in seconds since 1970.
    pub time: Option<u64>,
    /// Why it went no further.
    pub failed: Option<AskError>,
}

/// Asks witnesses for a log, all at the same time. The answers are in the order
/// of the witnesses.
pub async fn ask_all(client: &Client, log: &Published, witnesses: &[Target]) -> Vec<Asked> {
    let mut asking = JoinSet::new();
    for (place, witness) in witnesses.iter().enumerate() {
        let (client, log, witness) = (client.clone(), log.clone(), witness.clone());
        asking.spawn(async move { (place, client.ask(&log, &witness).await) });
    }
    let mut asked: Vec<(usize, Asked)> = asking.join_all().await;
    asked.sort_by_key(|(place, _)| *place);
    asked.into_iter().map(|(_, asked)| asked).collect()
}

impl Client {
    /// Asks one witness. Proofs are read from the log's directory as they are
    /// needed: some ten small reads each.
    pub async fn ask(&self, log: &Published, witness: &Target) -> Asked {
        let mut round = Round { client: self, log, witness, known: 0, cosigned: Vec::new(), time: None };
        let failed = round.run().await.err();
        Asked { cosigned: round.cosigned, time: round.time, failed }
    }
}

/// One witness on its way to the newest checkpoint.
struct Round<'a> {
    client: &'a http::Client,
    log: &'a Published,
    witness: &'a Target,
    /// Records that the witness knows, as far as this side knows.
    known: u64,
    cosigned: Vec<VerifiedCheckpoint>,
    time: Option<u64>,
}

impl Round<'_> {
    async fn run(&mut self) -> Result<(), AskError> {
        self.known = self.log.known_to(&self.witness.key)?;
        for checkpoint in self.log.since(self.known)? {
            self.bring(&checkpoint).await?;
        }
        if self.cosigned.last().is_some_and(|last| size(last) >= self.known) {
            return Ok(());
        }
        // The witness knows more than the log had a moment ago: the log has grown
        // meanwhile and somebody else has asked, or it has lost records.
        let newest = self.log.newest()?;
        if size(&newest) < self.known {
            return Err(self.accused().await);
        }
        self.bring(&newest).await
    }

    /// Has a checkpoint cosigned, unless the witness is beyond it already: then
    /// it can no longer sign it.
    async fn bring(&mut self, checkpoint: &VerifiedCheckpoint) -> Result<(), AskError> {
        let mut corrected = false;
        while self.known <= size(checkpoint) {
            let growth = self.log.growth(self.known, checkpoint)?;
            let request = AddCheckpoint::new(self.known, growth.proof, by_its_log(checkpoint)?)?;
            match self.client.add(&self.witness.url, &request).await? {
                Reply::Cosigned(lines) => return self.take(checkpoint, &lines),
                Reply::Knows(size) if !corrected && size != self.known => self.known = size,
                Reply::Knows(size) => return Err(AskError::Unsteady { size }),
                Reply::Inconsistent => return Err(self.accused().await),
            }
            corrected = true;
        }
        Ok(())
    }

    /// Takes over the signature of this witness over this checkpoint, and no other.
    fn take(&mut self, checkpoint: &VerifiedCheckpoint, lines: &[u8]) -> Result<(), AskError> {
        let key = &self.witness.key;
        let mut signed = by_its_log(checkpoint)?;
        let lines = parse_cosignatures(lines)?;
        signed.add_cosignatures(lines, std::slice::from_ref(key)).map_err(AskError::Forged)?;
        let by = signed.note().verify([key.as_key()]).map_err(|_| AskError::Unsigned)?;
        self.time = by.first().and_then(|by| by.time);
        let keys = std::slice::from_ref(self.log.key());
        self.cosigned.push(signed.verify(keys).map_err(AskError::Forged)?);
        self.known = size(checkpoint);
        Ok(())
    }

    /// What the witness has against the log, if it has anything in its hands.
    async fn accused(&self) -> AskError {
        match self.evidence().await {
            Ok(Some(evidence)) => AskError::Forked(Box::new(evidence)),
            Ok(None) => AskError::Accused,
            Err(error) => error,
        }
    }

    async fn evidence(&self) -> Result<Option<Evidence>, AskError> {
        let key = self.log.key();
        let origin = Hash::of_payload(key.name().as_str().as_bytes()).to_string();
        let shown = self.client.checkpoint(&self.witness.url, &origin).await?;
        // What the log has not signed proves nothing against it.
        let theirs = shown.and_then(|bytes| SignedCheckpoint::parse(&bytes).ok());
        let theirs = theirs.and_then(|signed| signed.verify(std::slice::from_ref(key)).ok());
        theirs.map_or(Ok(None), |theirs| Ok(Evidence::of(self.log, theirs)?))
    }
}

fn size(checkpoint: &VerifiedCheckpoint) -> u64 {
    checkpoint.checkpoint().head().size
}

/// The checkpoint as the log signed it, without what others added.
fn by_its_log(checkpoint: &VerifiedCheckpoint) -> Result<SignedCheckpoint, NotPublished> {
    crate::memory::by_its_log(checkpoint).map_err(|why| NotPublished::Broken { why })
}
