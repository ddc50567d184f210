//! What a witness decides.

use std::cell::RefCell;

use mpp_audit::checkpoint::{Checkpoint, CheckpointError, SignedCheckpoint};
use mpp_audit::note::{NoteError, SignatureLine};
use mpp_audit::policy::Policy;
use mpp_audit::tree::{ConsistencyProof, ProofError, TreeHead, prove_consistency};
use mpp_audit::witness::{
    AddCheckpoint, Advance, NotOneLog, Refusal, Step, WitnessedLog, parse_conflict, parse_cosignatures,
};

use crate::support::{cosigner, head, leaf, name, signer, stored};

const ORIGIN: &str = "example.com/log";
const NOW: u64 = 1_679_315_147;

fn followed(size: u64) -> WitnessedLog {
    WitnessedLog::new(vec![signer(ORIGIN, 1).key().clone()], head(size)).expect("one log")
}

fn signed(head: TreeHead) -> SignedCheckpoint {
    Checkpoint::new(name(ORIGIN), head).expect("a size").sign(&signer(ORIGIN, 1)).expect("its own key signs")
}

fn proof(old: u64, new: u64) -> ConsistencyProof {
    if old == 0 || old > new {
        return ConsistencyProof::from_hashes(vec![]);
    }
    prove_consistency(old, new, &stored(new)).expect("both trees are there")
}

fn request(old: u64, new: u64) -> AddCheckpoint {
    AddCheckpoint::new(old, proof(old, new), signed(head(new))).expect("a request")
}

fn with(old: u64, proof: ConsistencyProof, head: TreeHead) -> AddCheckpoint {
    AddCheckpoint::new(old, proof, signed(head)).expect("a request")
}

fn refused(log: &WitnessedLog, request: &AddCheckpoint) -> (u16, Refusal) {
    let refusal = WitnessedLog::decide(Some(log), request).expect_err("it is refused");
    (refusal.status(), refusal)
}

/// The memory of a witness: one log.
struct Memory(RefCell<TreeHead>);

impl Memory {
    fn store(&self, advance: &Advance) -> Result<(), Refusal> {
        let mut head = self.0.borrow_mut();
        if *head != advance.from {
            return Err(Refusal::Conflict { size: head.size });
        }
        *head = advance.to;
        Ok(())
    }
}

fn answer(step: Step, memory: &Memory) -> Result<SignatureLine, Refusal> {
    let stored = step.store(|advance| memory.store(advance))?;
    Ok(stored.cosign(&cosigner("witness.example/w", 9), NOW).expect("a time"))
}

#[test]
fn a_log_that_grew_is_remembered_and_cosigned() {
    let memory = Memory(RefCell::new(head(5)));
    let request = request(5, 13);
    let step = WitnessedLog::decide(Some(&followed(5)), &request).expect("it grew");
    assert_eq!(step.advance(), &Advance { origin: name(ORIGIN), from: head(5), to: head(13) });
    let line = answer(step, &memory).expect("nothing else was stored");
    assert_eq!(*memory.0.borrow(), head(13));
    // The log takes the answer over, and its readers believe it.
    let key = cosigner("witness.example/w", 9).key().clone();
    let lines = parse_cosignatures(format!("{line}\n").as_bytes()).expect("a signature line");
    let mut checkpoint = request.checkpoint().clone();
    checkpoint.add_cosignatures(lines, std::slice::from_ref(&key)).expect("the witness made it");
    let policy = Policy::witnessed(vec![signer(ORIGIN, 1).key().clone()], vec![key], 1).expect("a policy");
    let accepted = policy.accept(&checkpoint).expect("the witness has seen it");
    assert_eq!(accepted.cosignatures()[0].time, NOW);
}

#[test]
fn a_log_is_cosigned_from_its_first_checkpoint_on_and_again_without_growth() {
    for (old, new) in [(0, 0), (0, 1), (0, 13), (1, 1), (1, 2), (8, 8), (8, 13), (13, 13)] {
        let decided = WitnessedLog::decide(Some(&followed(old)), &request(old, new));
        assert!(decided.is_ok(), "{old} to {new}: {decided:?}");
    }
}

#[test]
fn l8_a_witness_that_knows_another_size_answers_409_and_that_size() {
    for (known, old, new) in [(5, 4, 13), (5, 0, 13), (5, 6, 13), (0, 5, 13), (5, 0, 0)] {
        let (status, refusal) = refused(&followed(known), &request(old, new));
        assert_eq!((status, &refusal), (409, &Refusal::Conflict { size: known }), "{known}: {old} to {new}");
        assert_eq!(parse_conflict(refusal.body().as_bytes()), Ok(known));
    }
}

#[test]
fn l8_a_bad_proof_is_answered_422() {
    let of = |error| (422, Refusal::Inconsistent(error));
    let log = followed(6);
    let none = || ConsistencyProof::from_hashes(vec![]);
    assert_eq!(refused(&log, &with(6, none(), head(13))), of(ProofError::TooShort));
    assert_eq!(refused(&log, &with(6, proof(5, 13), head(13))), of(ProofError::TooLong));
    let mut other = proof(6, 13).hashes().to_vec();
    other[0] = leaf(0);
    let other = ConsistencyProof::from_hashes(other);
    assert_eq!(refused(&log, &with(6, other, head(13))), of(ProofError::OldRoot));
    let more = [proof(6, 13).hashes(), &[leaf(0)]].concat();
    let more = ConsistencyProof::from_hashes(more);
    assert_eq!(refused(&log, &with(6, more, head(13))), of(ProofError::TooLong));
    let elsewhere = TreeHead { size: 13, root: leaf(0) };
    assert_eq!(refused(&log, &with(6, proof(6, 13), elsewhere)), of(ProofError::Root));
    // The same size: the same root, and nothing to prove.
    let other = TreeHead { size: 6, root: leaf(0) };
    assert_eq!(refused(&log, &with(6, none(), other)), of(ProofError::Root));
    let some = || ConsistencyProof::from_hashes(vec![leaf(0)]);
    assert_eq!(refused(&log, &with(6, some(), head(6))), of(ProofError::TooLong));
    // From nothing: nothing to prove.
    assert_eq!(refused(&followed(0), &with(0, some(), head(6))), of(ProofError::TooLong));
    assert_eq!(refused(&followed(0), &with(0, some(), head(0))), of(ProofError::TooLong));
}

#[test]
fn l8_an_empty_tree_with_another_root_is_answered_422() {
    let none = ConsistencyProof::from_hashes(vec![]);
    let wrong = TreeHead { size: 0, root: leaf(0) };
    assert_eq!(refused(&followed(0), &with(0, none, wrong)), (422, Refusal::EmptyRoot));
}

#[test]
fn l8_an_unknown_origin_is_answered_404() {
    let unknown = Refusal::UnknownLog { origin: name(ORIGIN) };
    let refusal = WitnessedLog::decide(None, &request(0, 5)).expect_err("it is refused");
    assert_eq!((refusal.status(), &refusal), (404, &unknown));
    let other = vec![signer("example.com/other", 1).key().clone()];
    let other = WitnessedLog::new(other, TreeHead::EMPTY).expect("one log");
    assert_eq!(refused(&other, &request(0, 5)), (404, unknown));
}

#[test]
fn l8_a_checkpoint_that_no_trusted_key_signed_is_answered_403() {
    let stranger = WitnessedLog::new(vec![signer(ORIGIN, 2).key().clone()], head(5)).expect("one log");
    let untrusted = |error| (403, Refusal::Untrusted(CheckpointError::Note(error)));
    assert_eq!(refused(&stranger, &request(5, 13)), untrusted(NoteError::Unsigned));
    // A line that names the key and is not by it, even before the size is looked at.
    let key = signer(ORIGIN, 1).key().as_key().clone();
    let lying = request(4, 13).to_string().replace("\n13\n", "\n14\n");
    let lying = AddCheckpoint::parse(lying.as_bytes()).expect("a request");
    let invalid = NoteError::Invalid { name: key.name().clone(), id: key.id() };
    assert_eq!(refused(&followed(5), &lying), untrusted(invalid));
}

#[test]
fn l8_an_old_size_beyond_the_new_one_is_answered_400() {
    let (status, refusal) = refused(&followed(6), &request(6, 5));
    assert_eq!((status, refusal), (400, Refusal::OldBeyondNew { old: 6, new: 5 }));
}

#[test]
fn l8_of_two_requests_at_once_the_second_is_refused_and_nothing_rolls_back() {
    let memory = Memory(RefCell::new(head(5)));
    // Both are checked before either is stored.
    let short = WitnessedLog::decide(Some(&followed(5)), &request(5, 6)).expect("it grew");
    let long = WitnessedLog::decide(Some(&followed(5)), &request(5, 13)).expect("it grew");
    assert!(answer(long, &memory).is_ok());
    assert_eq!(answer(short, &memory), Err(Refusal::Conflict { size: 13 }));
    assert_eq!(*memory.0.borrow(), head(13));
}

#[test]
fn l8_a_witness_that_could_not_store_does_not_sign() {
    let step = WitnessedLog::decide(Some(&followed(5)), &request(5, 13)).expect("it grew");
    let failed = step.store(|_| Err("no space left on device")).expect_err("it was not stored");
    assert_eq!(failed, "no space left on device");
}

#[test]
fn a_cosignature_has_a_time_that_the_specification_allows() {
    let stored = |log: &WitnessedLog| {
        let step = WitnessedLog::decide(Some(log), &request(5, 13)).expect("it grew");
        step.store(|_| Ok::<_, ()>(())).expect("it is stored")
    };
    let (log, witness) = (followed(5), cosigner("witness.example/w", 9));
    for (seconds, allowed) in [(0, false), (1, true), (i64::MAX as u64, true), (1 << 63, false)] {
        assert_eq!(stored(&log).cosign(&witness, seconds).is_some(), allowed, "{seconds}");
    }
}

#[test]
fn keys_of_two_logs_are_not_followed_as_one() {
    let keys = vec![signer(ORIGIN, 1).key().clone(), signer("example.com/other", 2).key().clone()];
    assert_eq!(WitnessedLog::new(keys, TreeHead::EMPTY), Err(NotOneLog));
    assert_eq!(WitnessedLog::new(vec![], TreeHead::EMPTY), Err(NotOneLog));
    let both = vec![signer(ORIGIN, 1).key().clone(), signer(ORIGIN, 2).key().clone()];
    let log = WitnessedLog::new(both, head(5)).expect("one log");
    assert!(WitnessedLog::decide(Some(&log), &request(5, 13)).is_ok());
}

#[test]
fn only_true_answers_of_known_witnesses_are_taken_over() {
    let step = WitnessedLog::decide(Some(&followed(5)), &request(5, 13)).expect("it grew");
    let line = answer(step, &Memory(RefCell::new(head(5)))).expect("it is stored");
    let key = cosigner("witness.example/w", 9).key().clone();
    let mut checkpoint = signed(head(13));
    let before = checkpoint.clone();
    checkpoint.add_cosignatures(vec![line.clone()], &[]).expect("nobody is known");
    assert_eq!(checkpoint, before);
    // The same line over another checkpoint is false.
    let mut other = signed(head(12));
    let error = other.add_cosignatures(vec![line.clone()], std::slice::from_ref(&key));
    let invalid = NoteError::Invalid { name: key.name().clone(), id: key.as_key().id() };
    assert_eq!(error, Err(CheckpointError::Note(invalid)));
    assert_eq!(other, signed(head(12)));
    // A witness that answers twice is there once.
    checkpoint.add_cosignatures(vec![line.clone(), line], &[key]).expect("the witness made it");
    assert_eq!(checkpoint.note().signatures().len(), 2);
}
