//! All parts together: a log that grows under a witness, and one that was rewritten.

use std::collections::BTreeMap;

use mpp_audit::Hash;
use mpp_audit::checkpoint::{Checkpoint, SignedCheckpoint};
use mpp_audit::policy::{Policy, RefusedCheckpoint};
use mpp_audit::proof::{RecordProof, Unproven};
use mpp_audit::tiles::{Edge, Tile, TileReader};
use mpp_audit::tree::{CompactTree, ConsistencyProof, TreeHead, prove_consistency, prove_inclusion};
use mpp_audit::witness::{AddCheckpoint, Refusal, WitnessedLog, parse_cosignatures};

use crate::support::{cosigner, name, signer};

const ORIGIN: &str = "example.com/log";

/// A log on one machine: its lines, its tiles, and what it signed last.
struct Writer {
    lines: Vec<String>,
    tree: CompactTree,
    edge: Edge,
    files: BTreeMap<String, Vec<u8>>,
}

impl Writer {
    fn new() -> Self {
        Self { lines: vec![], tree: CompactTree::new(), edge: Edge::new(), files: BTreeMap::new() }
    }

    fn append(&mut self, line: String) {
        let leaf = Hash::of_record(line.as_bytes());
        self.tree.append(leaf);
        for tile in self.edge.append(leaf) {
            self.files.insert(tile.tile().to_string(), tile.to_bytes());
        }
        self.lines.push(line);
    }

    /// Writes the partial tiles, compares the two roots, and signs.
    fn checkpoint(&mut self) -> SignedCheckpoint {
        for tile in self.edge.partial() {
            self.files.insert(tile.tile().to_string(), tile.to_bytes());
        }
        assert_eq!(self.edge.head(), self.tree.head());
        let checkpoint = Checkpoint::new(name(ORIGIN), self.tree.head()).expect("a size");
        checkpoint.sign(&signer(ORIGIN, 1)).expect("its own key signs")
    }

    fn fetch(&self) -> impl Fn(Tile) -> Result<Vec<u8>, String> {
        |tile| self.files.get(&tile.to_string()).cloned().ok_or_else(|| tile.to_string())
    }

    fn growth(&self, old: u64) -> ConsistencyProof {
        if old == 0 {
            return ConsistencyProof::from_hashes(vec![]);
        }
        let size = self.edge.size();
        prove_consistency(old, size, &TileReader::new(size, self.fetch())).expect("the tiles are there")
    }

    fn prove(&self, index: u64, checkpoint: &SignedCheckpoint) -> RecordProof {
        let size = checkpoint.claimed().head().size;
        let path = prove_inclusion(index, size, &TileReader::new(size, self.fetch()));
        let line = self.lines[index as usize].clone().into_bytes();
        RecordProof::new(index, line, path.expect("the tiles are there"), checkpoint.clone())
            .expect("it is proven")
    }
}

/// A witness on another machine, which remembers one head.
struct Remote(TreeHead);

impl Remote {
    fn ask(&mut self, body: &str) -> Result<String, Refusal> {
        let request = AddCheckpoint::parse(body.as_bytes())?;
        let log = WitnessedLog::new(vec![signer(ORIGIN, 1).key().clone()], self.0).expect("one log");
        let stored = WitnessedLog::decide(Some(&log), &request)?.store(|advance| {
            self.0 = advance.to;
            Ok::<_, Refusal>(())
        })?;
        let line = stored.cosign(&cosigner("witness.example/w", 9), 1_700_000_000).expect("a time");
        Ok(format!("{line}\n"))
    }
}

fn policy() -> Policy {
    let witness = cosigner("witness.example/w", 9).key().clone();
    Policy::witnessed(vec![signer(ORIGIN, 1).key().clone()], vec![witness], 1).expect("a policy")
}

/// Grows the log to 700 records in three steps, each seen by the witness.
fn witnessed(record: impl Fn(u64) -> String) -> (Writer, Remote, SignedCheckpoint) {
    let (mut log, mut remote) = (Writer::new(), Remote(TreeHead::EMPTY));
    let mut last = log.checkpoint();
    for size in [1, 300, 700] {
        let old = log.edge.size();
        (old..size).for_each(|index| log.append(record(index)));
        last = log.checkpoint();
        let request = AddCheckpoint::new(old, log.growth(old), last.clone()).expect("a request");
        let answer = remote.ask(&request.to_string()).expect("it grew");
        let lines = parse_cosignatures(answer.as_bytes()).expect("a signature line");
        last.add_cosignatures(lines, &[cosigner("witness.example/w", 9).key().clone()]).expect("it is true");
    }
    (log, remote, last)
}

fn honest(index: u64) -> String {
    format!("{{\"seq\":{index}}}")
}

#[test]
fn every_record_of_a_witnessed_log_is_proven_to_an_outsider() {
    let (log, _, checkpoint) = witnessed(honest);
    for index in [0, 1, 255, 256, 299, 300, 511, 512, 699] {
        let file = log.prove(index, &checkpoint).to_string();
        let proof = RecordProof::parse(file.as_bytes()).expect("a proof");
        let proven = proof.verify(&policy()).expect("the record is in the log");
        assert_eq!(proven.line(), honest(index).as_bytes());
    }
}

#[test]
fn a_proof_from_an_older_checkpoint_holds_on() {
    let (mut log, _, checkpoint) = witnessed(honest);
    (700..2000).for_each(|index| log.append(honest(index)));
    let proven = log.prove(5, &checkpoint).verify(&policy()).expect("the record is in the log");
    assert_eq!(proven.accepted().checkpoint().checkpoint().head().size, 700);
}

#[test]
fn l5_a_log_rewritten_with_all_its_keys_gets_no_word_from_its_witness() {
    let (_, mut remote, seen) = witnessed(honest);
    let mut forged = Writer::new();
    (0..701).for_each(|index| forged.append(if index == 5 { "nothing".to_owned() } else { honest(index) }));
    let checkpoint = forged.checkpoint();
    let request = AddCheckpoint::new(700, forged.growth(700), checkpoint.clone()).expect("a request");
    let refused = remote.ask(&request.to_string()).expect_err("it was rewritten");
    assert_eq!(refused.status(), 422);
    // From the beginning once more: the witness remembers.
    let again = AddCheckpoint::new(0, forged.growth(0), checkpoint.clone()).expect("a request");
    assert_eq!(remote.ask(&again.to_string()), Err(Refusal::Conflict { size: 700 }));
    assert_eq!(remote.0, *seen.claimed().head());
    let refused = forged.prove(5, &checkpoint).verify(&policy()).expect_err("no witness has seen it");
    assert_eq!(refused, Unproven::Checkpoint(RefusedCheckpoint::NoQuorum { cosigned: 0 }));
}

#[test]
fn l5_a_rewritten_log_does_not_follow_a_checkpoint_that_was_kept() {
    let (_, _, kept) = witnessed(honest);
    let keys = [signer(ORIGIN, 1).key().clone()];
    let kept = kept.verify(&keys).expect("its key signed it");
    let mut forged = Writer::new();
    (0..900).for_each(|index| forged.append(if index == 5 { "nothing".to_owned() } else { honest(index) }));
    let now = forged.checkpoint().verify(&keys).expect("its key signed it");
    assert!(now.follows(&kept, &forged.growth(700)).is_err());
    let (mut honest_log, _, _) = witnessed(honest);
    (700..900).for_each(|index| honest_log.append(honest(index)));
    let now = honest_log.checkpoint().verify(&keys).expect("its key signed it");
    assert_eq!(now.follows(&kept, &honest_log.growth(700)), Ok(()));
}

#[test]
fn l4_a_log_that_was_cut_and_continued_gets_no_word_from_its_witness() {
    let (mut log, mut remote, _) = witnessed(honest);
    // The last 100 records are gone, and others are written in their place.
    let kept: Vec<String> = log.lines.drain(..600).collect();
    let mut cut = Writer::new();
    kept.into_iter().for_each(|line| cut.append(line));
    (600..800).for_each(|index| cut.append(format!("other {index}")));
    let checkpoint = cut.checkpoint();
    let request = AddCheckpoint::new(700, cut.growth(700), checkpoint).expect("a request");
    assert_eq!(remote.ask(&request.to_string()).expect_err("it was cut").status(), 422);
    let (_, mut remote, _) = witnessed(honest);
    let smaller = AddCheckpoint::new(600, ConsistencyProof::from_hashes(vec![]), {
        let mut cut = Writer::new();
        (0..600).for_each(|index| cut.append(honest(index)));
        cut.checkpoint()
    });
    let refused = remote.ask(&smaller.expect("a request").to_string());
    assert_eq!(refused, Err(Refusal::Conflict { size: 700 }));
}
