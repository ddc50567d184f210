//! The log in a directory, and witnesses that are asked for it.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use mpp_audit::note::WitnessKey;
use mpp_audit::policy::Policy;
use mpp_audit::witness::{KeepError, keep};
use mpp_audit::{
    Event, Log, NotPublished, Published, Receipt, Settings, TrustAction, TrustChange, TrustSubject,
    check_proof, prove,
};
use mpp_witness::Directory;
use mpp_witness::client::{AskError, Asked, Client, Target, ask_all};
use tempfile::TempDir;

use crate::support::{Served, builder};

/// A log whose clock is set by hand, so that a day can end.
struct Host {
    home: TempDir,
    seconds: Arc<AtomicU64>,
}

const DAY: u64 = 24 * 60 * 60;

impl Host {
    fn new() -> Self {
        let home = tempfile::tempdir().expect("a directory");
        Self { home, seconds: Arc::new(AtomicU64::new(1_000_000)) }
    }

    fn dir(&self) -> &Path {
        self.home.path()
    }

    /// Puts so many events on record, and has them signed.
    fn grow(&self, events: u64) -> Vec<Receipt> {
        let seconds = Arc::clone(&self.seconds);
        let clock =
            move || SystemTime::UNIX_EPOCH + Duration::from_secs(seconds.fetch_add(1, Ordering::Relaxed));
        let settings = Settings { heartbeat_every: None, epochs: 8, ..Settings::default() };
        let log = Log::open_with(self.dir(), clock, settings).expect("the log opens");
        (0..events).map(|number| log.append(&event(number)).expect("it is durable")).collect()
    }

    fn end_of_day(&self) {
        self.seconds.fetch_add(DAY, Ordering::Relaxed);
    }

    fn published(&self) -> Published {
        Published::open(self.dir(), None).expect("it holds")
    }

    fn size(&self) -> u64 {
        self.published().newest().expect("it holds").checkpoint().head().size
    }

    /// A witness that follows this log.
    fn witness(&self, dir: &Path, name: &str) -> Served {
        let directory = Directory::take(dir).expect("nobody has it");
        directory.make_key(name.parse().expect("a name")).expect("there is none yet");
        directory.add_log(self.published().key()).expect("it is not followed yet");
        Served::start(directory)
    }

    /// Asks, and keeps what was signed.
    fn ask(&self, witnesses: &[&Served]) -> Vec<Asked> {
        let asked = ask(&self.published(), witnesses);
        for cosigned in asked.iter().flat_map(|asked| &asked.cosigned) {
            keep(&self.published(), cosigned).expect("it can be kept");
        }
        asked
    }

    fn policy(&self, witnesses: &[&Served], threshold: usize) -> Policy {
        let keys: Vec<WitnessKey> = witnesses.iter().map(|served| served.key.clone()).collect();
        Policy::witnessed(vec![self.published().key().clone()], keys, threshold).expect("a policy")
    }

    /// How many records the newest checkpoint covers that a policy accepts.
    fn accepted(&self, policy: &Policy) -> Option<u64> {
        let accepted = self.published().accepted(policy).expect("the log continues it");
        accepted.map(|accepted| accepted.checkpoint().checkpoint().head().size)
    }
}

fn event(number: u64) -> Event {
    Event::TrustChange(TrustChange {
        action: TrustAction::Pin,
        publisher: Some("com.example".to_owned()),
        subject: TrustSubject::Key { id: format!("sha256:{number:08x}") },
        replaced_version: None,
        actor: None,
    })
}

fn ask(log: &Published, witnesses: &[&Served]) -> Vec<Asked> {
    let target =
        |served: &&Served| Target { key: served.key.clone(), url: served.url().parse().expect("a URL") };
    let targets: Vec<Target> = witnesses.iter().map(target).collect();
    let client = Client::new(builder()).expect("a client");
    let runtime = tokio::runtime::Runtime::new().expect("threads");
    runtime.block_on(ask_all(&client, log, &targets))
}

fn sizes(asked: &Asked) -> Vec<u64> {
    assert!(asked.failed.is_none(), "{:?}", asked.failed);
    asked.cosigned.iter().map(|checkpoint| checkpoint.checkpoint().head().size).collect()
}

fn statuses(served: &Served) -> Vec<u16> {
    served.told().iter().map(|answer| answer.status).collect()
}

/// Copies a directory as a backup would.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a directory");
    for entry in fs::read_dir(from).expect("it is there").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("it can be copied");
        }
    }
}

#[test]
fn a_cosigned_checkpoint_is_kept_and_goes_into_proofs() {
    let (host, home) = (Host::new(), tempfile::tempdir().expect("a directory"));
    let receipts = host.grow(3);
    let witness = host.witness(home.path(), "witness.example/w");
    let policy = host.policy(&[&witness], 1);
    let unwitnessed = prove(host.dir(), receipts[0].seq).expect("it is signed").to_string();
    assert!(check_proof(unwitnessed.as_bytes(), &policy).is_err());
    assert_eq!(host.accepted(&policy), None);

    let asked = host.ask(&[&witness]);
    assert_eq!(sizes(&asked[0]), [host.size()]);
    assert!(asked[0].time.is_some());
    assert_eq!(host.accepted(&policy), Some(host.size()));
    let proof = prove(host.dir(), receipts[0].seq).expect("it is signed").to_string();
    let proven = check_proof(proof.as_bytes(), &policy).expect("the witness has seen it");
    assert_eq!(proven.record.hash, receipts[0].hash);
    assert!(proven.accepted.is_witnessed());
}

#[test]
fn a_witness_is_asked_on_from_what_it_signed_last() {
    let (host, home) = (Host::new(), tempfile::tempdir().expect("a directory"));
    host.grow(3);
    let witness = host.witness(home.path(), "witness.example/w");
    let policy = host.policy(&[&witness], 1);
    host.ask(&[&witness]);
    let latest = host.grow(300).pop().expect("there are some");
    host.ask(&[&witness]);
    // Once more without anything new: a younger signature.
    host.ask(&[&witness]);
    assert_eq!(statuses(&witness), [200, 200, 200]);
    assert_eq!(host.accepted(&policy), Some(host.size()));
    let proof = prove(host.dir(), latest.seq).expect("it is signed").to_string();
    assert!(check_proof(proof.as_bytes(), &policy).is_ok());
}

#[test]
fn a_witness_that_knows_another_size_is_asked_again_from_there_once() {
    let (host, home) = (Host::new(), tempfile::tempdir().expect("a directory"));
    host.grow(3);
    let witness = host.witness(home.path(), "witness.example/w");
    host.ask(&[&witness]);
    fs::remove_dir_all(host.dir().join("witnessed")).expect("it is there");
    host.grow(3);
    assert_eq!(sizes(&host.ask(&[&witness])[0]), [host.size()]);
    assert_eq!(statuses(&witness), [200, 409, 200]);
}

#[test]
fn the_end_of_each_epoch_is_cosigned_so_that_its_records_can_be_proven_for_good() {
    let (host, home) = (Host::new(), tempfile::tempdir().expect("a directory"));
    let mut receipts = host.grow(3);
    let mut ends = Vec::new();
    let witness = host.witness(home.path(), "witness.example/w");
    for _ in 0..2 {
        host.end_of_day();
        // Ends the epoch with what was there, and begins the next.
        host.grow(1);
        ends.push(host.size());
        receipts.extend(host.grow(2));
    }
    let asked = sizes(&host.ask(&[&witness])[0]);
    assert_eq!(asked.last(), Some(&host.size()));
    assert!(asked.len() >= 3, "two ends of epochs and the newest: {asked:?}");
    let policy = host.policy(&[&witness], 1);
    for receipt in receipts {
        let proof = prove(host.dir(), receipt.seq).expect("it is signed").to_string();
        assert!(check_proof(proof.as_bytes(), &policy).is_ok(), "record {}", receipt.seq);
    }
    // Not again: that is done.
    assert_eq!(sizes(&host.ask(&[&witness])[0]), [host.size()]);
}

#[test]
fn the_quorum_of_an_older_checkpoint_is_not_lost_to_a_newer_one_with_fewer_signatures() {
    let host = Host::new();
    let homes = [(); 2].map(|()| tempfile::tempdir().expect("a directory"));
    host.grow(3);
    let one = host.witness(homes[0].path(), "witness.example/one");
    let two = host.witness(homes[1].path(), "witness.example/two");
    let (any, all) = (host.policy(&[&one, &two], 1), host.policy(&[&one, &two], 2));
    host.ask(&[&one]);
    host.ask(&[&two]);
    let both = host.size();
    assert_eq!((host.accepted(&any), host.accepted(&all)), (Some(both), Some(both)));
    host.grow(3);
    host.ask(&[&one]);
    assert_eq!((host.accepted(&any), host.accepted(&all)), (Some(host.size()), Some(both)));
    host.ask(&[&two]);
    assert_eq!(host.accepted(&all), Some(host.size()));
    // The older one says nothing more now.
    assert_eq!(host.published().witnessed(0).expect("it holds").len(), 1);
}

#[test]
fn one_witness_that_fails_does_not_keep_the_others_from_signing() {
    let (host, home) = (Host::new(), tempfile::tempdir().expect("a directory"));
    host.grow(3);
    let stranger = Served::new(home.path());
    let other = tempfile::tempdir().expect("a directory");
    let witness = host.witness(other.path(), "witness.example/w");
    let asked = host.ask(&[&stranger, &witness]);
    assert!(matches!(asked[0].failed, Some(AskError::UnknownLog)), "{:?}", asked[0].failed);
    assert_eq!(sizes(&asked[1]), [host.size()]);
    assert_eq!(host.accepted(&host.policy(&[&stranger, &witness], 1)), Some(host.size()));
}

#[test]
fn a_log_that_was_set_back_is_convicted_by_what_the_witness_holds() {
    let (host, home) = (Host::new(), tempfile::tempdir().expect("a directory"));
    host.grow(3);
    let backup = tempfile::tempdir().expect("a directory");
    copy(host.dir(), backup.path());
    host.grow(5);
    let witness = host.witness(home.path(), "witness.example/w");
    host.ask(&[&witness]);
    let log = Published::open(backup.path(), None).expect("it holds");
    let asked = ask(&log, &[&witness]).pop().expect("one was asked");
    let Some(AskError::Forked(evidence)) = asked.failed else { panic!("{asked:?}") };
    assert_eq!(evidence.theirs().checkpoint().head().size, host.size());
    assert_eq!(evidence.ours(), &log.newest().expect("it holds"));
    assert_eq!(evidence.fork(), None, "of two sizes");
}

/// The same key, and two histories of the same length.
#[test]
fn a_log_that_forked_is_convicted_with_both_checkpoints() {
    let (host, home) = (Host::new(), tempfile::tempdir().expect("a directory"));
    host.grow(3);
    let other = Host { home: tempfile::tempdir().expect("a directory"), seconds: Arc::clone(&host.seconds) };
    copy(host.dir(), other.dir());
    host.grow(5);
    other.grow(5);
    assert_eq!(host.size(), other.size());
    let witness = host.witness(home.path(), "witness.example/w");
    host.ask(&[&witness]);
    for more in [0, 4] {
        other.grow(more);
        let asked = ask(&other.published(), &[&witness]).pop().expect("one was asked");
        let Some(AskError::Forked(evidence)) = asked.failed else { panic!("{asked:?}") };
        let fork = evidence.fork().expect("the log signed one of that size, too");
        let heads = fork.checkpoints().map(|checkpoint| checkpoint.checkpoint().head().size);
        assert_eq!(heads, [host.size(); 2]);
        assert_eq!(fork.to_string(), evidence.to_file());
    }
    // What was witnessed of the first cannot be kept beside the second.
    let [signed] = &host.published().witnessed(0).expect("it holds")[..] else { panic!("one is kept") };
    keep(&other.published(), signed).expect("nothing else is kept yet");
    let accepted = other.published().accepted(&host.policy(&[&witness], 1));
    assert!(matches!(accepted, Err(NotPublished::Broken { .. })), "{accepted:?}");
    let ours = other.published().of_size(host.size()).expect("it holds").expect("it was signed");
    assert!(matches!(keep(&other.published(), &ours), Err(KeepError::Forked(_))));
}

#[test]
fn the_log_of_another_key_is_not_asked_for() {
    let (one, other) = (Host::new(), Host::new());
    one.grow(1);
    other.grow(1);
    let refused = Published::open(one.dir(), Some(other.published().key()));
    let found = one.published().key().to_string();
    assert!(matches!(refused, Err(NotPublished::AnotherLog { found: key }) if key == found));
}
