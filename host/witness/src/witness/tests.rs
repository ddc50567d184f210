//! Two requests at once, in both orders, at the one place where it matters, and
//! a disk that fails.

use std::fs;
use std::path::Path;

use mpp_audit::Hash;
use mpp_audit::checkpoint::Checkpoint;
use mpp_audit::note::LogSigner;
use mpp_audit::tree::{CompactTree, ConsistencyProof, Node, TreeHead, prove_consistency};

use super::*;

const ORIGIN: &str = "example.com/log";

fn signer() -> LogSigner {
    LogSigner::from_seed(ORIGIN.parse().unwrap(), &[1; 32])
}

fn leaves(size: u64) -> CompactTree {
    let mut tree = CompactTree::new();
    (0..size).for_each(|leaf| tree.append(Hash::of_record(leaf.to_string().as_bytes())));
    tree
}

fn proof(old: u64, new: u64) -> ConsistencyProof {
    let mut stored = HashMap::new();
    let mut tree = CompactTree::new();
    for leaf in 0..new {
        tree.append_with(Hash::of_record(leaf.to_string().as_bytes()), |node, hash| {
            stored.insert(node, hash);
        });
    }
    let reader = |nodes: &[Node]| nodes.iter().map(|node| stored.get(node).copied().ok_or(())).collect();
    prove_consistency(old, new, &reader).unwrap()
}

fn of(old: u64, proof: ConsistencyProof, head: TreeHead) -> AddCheckpoint {
    let checkpoint = Checkpoint::new(ORIGIN.parse().unwrap(), head).unwrap();
    AddCheckpoint::new(old, proof, checkpoint.sign(&signer()).unwrap()).unwrap()
}

fn request(old: u64, new: u64) -> AddCheckpoint {
    let proof = if old == 0 { ConsistencyProof::from_hashes(vec![]) } else { proof(old, new) };
    of(old, proof, leaves(new).head())
}

/// A witness that follows the log and has cosigned 5 records.
fn witness(dir: &Path) -> Witness {
    let directory = Directory::take(dir).unwrap();
    directory.make_key("witness.example/w".parse().unwrap()).unwrap();
    directory.add_log(signer().key()).unwrap();
    let witness = directory.open().unwrap();
    assert_eq!(answered(&witness, &request(0, 5)), 200);
    witness
}

fn answered(witness: &Witness, request: &AddCheckpoint) -> u16 {
    witness.add_checkpoint(request.to_string().as_bytes(), SystemTime::now()).status
}

fn known(witness: &Witness) -> TreeHead {
    *witness.memories.values().next().unwrap().log().unwrap().head()
}

fn conflict(size: u64) -> Option<Refusal> {
    Some(Refusal::Conflict { size })
}

fn refusal(result: Result<Stored, Unsigned>) -> Option<Refusal> {
    match result {
        Err(Unsigned::Refused(refusal)) => Some(refusal),
        _ => None,
    }
}

#[test]
fn l8_of_two_that_are_checked_at_once_the_later_is_refused_in_both_orders() {
    for (first, second) in [(6, 13), (13, 6)] {
        let home = tempfile::tempdir().unwrap();
        let witness = witness(home.path());
        let memory = witness.memories.values().next().unwrap();
        let (first, second) = (request(5, first), request(5, second));
        let (Ok(one), Ok(two)) = (check(memory, &first), check(memory, &second)) else { panic!("both grew") };
        assert!(store(memory, one, &first).is_ok());
        let stored = *first.checkpoint().claimed().head();
        assert_eq!(refusal(store(memory, two, &second)), conflict(stored.size));
        assert_eq!(known(&witness), stored);
        drop(witness);
        let again = Directory::take(home.path()).unwrap().open().unwrap();
        assert_eq!(known(&again), stored);
    }
}

#[test]
fn what_is_stored_and_never_answered_is_remembered() {
    let home = tempfile::tempdir().unwrap();
    let first = witness(home.path());
    let memory = first.memories.values().next().unwrap();
    let longer = request(5, 13);
    let Ok(step) = check(memory, &longer) else { panic!("it grew") };
    assert!(store(memory, step, &longer).is_ok());
    // Here the process ends: the lock is gone, and nobody got a signature.
    drop(first);
    let again = Directory::take(home.path()).unwrap().open().unwrap();
    assert_eq!(known(&again), leaves(13).head());
    assert_eq!(answered(&again, &request(5, 6)), 409);
    assert_eq!(answered(&again, &request(13, 13)), 200);
}

#[test]
fn a_witness_that_cannot_store_signs_nothing_until_it_is_started_again() {
    let home = tempfile::tempdir().unwrap();
    let first = witness(home.path());
    let state = home.path().join("logs").join(origin_hash(&ORIGIN.parse().unwrap())).join("state");
    // A directory in the way of the file that is to become the new one.
    let unfinished = state.with_file_name("state.new");
    fs::create_dir(&unfinished).unwrap();
    let answer = first.add_checkpoint(request(5, 13).to_string().as_bytes(), SystemTime::now());
    assert_eq!((answer.status, answer.body.as_str()), (503, "what was signed is in doubt\n"));
    assert!(answer.trouble.is_some());
    fs::remove_dir(&unfinished).unwrap();
    assert_eq!(answered(&first, &request(5, 13)), 503, "nothing is tried twice");
    drop(first);
    let again = Directory::take(home.path()).unwrap().open().unwrap();
    assert_eq!(known(&again), leaves(5).head());
    assert_eq!(answered(&again, &request(5, 13)), 200);
}

#[test]
fn a_witness_without_the_time_stores_and_does_not_sign() {
    let home = tempfile::tempdir().unwrap();
    let witness = witness(home.path());
    let answer = witness.add_checkpoint(request(5, 13).to_string().as_bytes(), UNIX_EPOCH);
    assert_eq!((answer.status, answer.body.as_str()), (500, "no time to sign at\n"));
    assert_eq!(known(&witness), leaves(13).head());
}

#[test]
fn a_second_history_of_one_size_is_kept_as_a_fork_and_twice_is_once() {
    let home = tempfile::tempdir().unwrap();
    let witness = witness(home.path());
    let other = TreeHead { size: 5, root: Hash::of_record(b"another") };
    // Told from the size that is known, and from another.
    for (old, status) in [(5, 422), (5, 422), (0, 409)] {
        let forked = of(old, ConsistencyProof::from_hashes(vec![]), other);
        let answer = witness.add_checkpoint(forked.to_string().as_bytes(), SystemTime::now());
        assert_eq!(answer.status, status);
        let kept = fs::read_to_string(answer.fork.expect("it is kept")).unwrap();
        let both = [leaves(5).head(), other].map(|head| of(0, ConsistencyProof::from_hashes(vec![]), head));
        let [one, other] = both.map(|request| request.checkpoint().to_string());
        assert_eq!(kept, format!("{one}\n{other}"));
    }
    assert_eq!(known(&witness), leaves(5).head());
    let forks = home.path().join("logs").join(origin_hash(&ORIGIN.parse().unwrap())).join("forks");
    assert_eq!(fs::read_dir(forks).unwrap().count(), 1);
}

#[test]
fn a_proof_that_does_not_hold_is_no_fork() {
    let home = tempfile::tempdir().unwrap();
    let witness = witness(home.path());
    let wrong = of(5, ConsistencyProof::from_hashes(vec![]), leaves(13).head());
    let answer = witness.add_checkpoint(wrong.to_string().as_bytes(), SystemTime::now());
    assert_eq!((answer.status, answer.fork), (422, None));
}

#[test]
fn what_strangers_wrote_beneath_a_checkpoint_is_neither_kept_nor_served() {
    let home = tempfile::tempdir().unwrap();
    let witness = witness(home.path());
    let stranger = "\u{2014} stranger.example AAAAAAE=\n";
    let request = format!("{}{stranger}", request(5, 13));
    let answer = witness.add_checkpoint(request.as_bytes(), SystemTime::now());
    assert_eq!(answer.status, 200);
    let served = witness.checkpoint(&origin_hash(&ORIGIN.parse().unwrap())).body;
    let signed = of(5, proof(5, 13), leaves(13).head()).checkpoint().to_string();
    assert_eq!(served, format!("{signed}{}", answer.body));
}
