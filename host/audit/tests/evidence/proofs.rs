//! The file that proves one record.

use mpp_audit::Hash;
use mpp_audit::checkpoint::{Checkpoint, CheckpointError, SignedCheckpoint};
use mpp_audit::limits::MAX_RECORD_BYTES;
use mpp_audit::note::{LogKey, NoteError};
use mpp_audit::policy::{Policy, RefusedCheckpoint};
use mpp_audit::proof::{MAX_PROOF_BYTES, ProofFileError, RecordProof, Unproven};
use mpp_audit::tree::{CompactTree, InclusionProof, Node, ProofError, TreeHead, inner, prove_inclusion};

use crate::support::{Uniform, cosign, cosigner, head, leaf, name, signer, stored};

const ORIGIN: &str = "example.com/log";

fn log() -> LogKey {
    signer(ORIGIN, 1).key().clone()
}

fn alone() -> Policy {
    Policy::unwitnessed(vec![log()]).expect("a policy")
}

fn signed(head: TreeHead) -> SignedCheckpoint {
    Checkpoint::new(name(ORIGIN), head).expect("a size").sign(&signer(ORIGIN, 1)).expect("its own key signs")
}

/// Record 9 of 13.
fn proof() -> RecordProof {
    let path = prove_inclusion(9, 13, &stored(13)).expect("the leaf is there");
    RecordProof::new(9, b"9".to_vec(), path, signed(head(13))).expect("it is proven")
}

fn read(text: &str) -> Result<RecordProof, ProofFileError> {
    RecordProof::parse(text.as_bytes())
}

#[test]
fn a_record_is_proven_by_one_file_and_the_key_of_its_log() {
    let file = proof().to_string();
    assert!(file.starts_with("c2sp.org/tlog-proof@v1\nextra OQ==\nindex 9\n"), "{file}");
    let proven = read(&file).expect("a proof").verify(&alone()).expect("the record is in the log");
    assert_eq!((proven.index(), proven.line()), (9, b"9".as_slice()));
    assert_eq!(proven.accepted().checkpoint().checkpoint().head(), &head(13));
    assert!(!proven.accepted().is_witnessed());
    assert_eq!(read(&file), Ok(proof()));
}

#[test]
fn a_proof_that_witnesses_must_have_seen_holds_only_if_they_have() {
    let witnesses = [("witness.example/a", 11), ("witness.example/b", 12), ("witness.example/c", 13)];
    let keys = witnesses.iter().map(|(name, seed)| cosigner(name, *seed).key().clone()).collect();
    let policy = Policy::witnessed(vec![log()], keys, 2).expect("a policy");
    let refused = proof().verify(&policy).expect_err("nobody has seen it");
    assert_eq!(refused, Unproven::Checkpoint(RefusedCheckpoint::NoQuorum { cosigned: 0 }));
    let mut seen = signed(head(13));
    for (name, seed) in &witnesses[1..] {
        cosign(&mut seen, &cosigner(name, *seed), *seed, 1_700_000_000);
    }
    let path = prove_inclusion(9, 13, &stored(13)).expect("the leaf is there");
    let proof = RecordProof::new(9, b"9".to_vec(), path, seen).expect("it is proven");
    let proven = read(&proof.to_string()).expect("a proof").verify(&policy).expect("two have seen it");
    assert!(proven.accepted().is_witnessed());
    assert_eq!(proven.accepted().cosignatures().len(), 2);
}

#[test]
fn without_the_record_a_proof_in_a_log_of_ten_million_takes_less_than_2_kib() {
    let trees = Uniform::new();
    let size = 10_000_000;
    let mut checkpoint = signed(trees.head(size));
    for (witness, seed) in [("witness.example/a", 11), ("witness.example/b", 12), ("witness.example/c", 13)] {
        cosign(&mut checkpoint, &cosigner(witness, seed), seed, 1_700_000_000);
    }
    let path = prove_inclusion(1_234_567, size, &trees).expect("the leaf is there");
    assert_eq!(path.hashes().len(), 24);
    let proof = RecordProof::new(1_234_567, b"0".to_vec(), path, checkpoint).expect("it is proven");
    assert!(proof.to_string().len() < 2048, "{} bytes", proof.to_string().len());
    assert!(proof.verify(&alone()).is_ok());
}

#[test]
fn no_proof_is_made_that_does_not_hold() {
    let path = || prove_inclusion(9, 13, &stored(13)).expect("the leaf is there");
    let make =
        |index, record: &[u8], size| RecordProof::new(index, record.to_vec(), path(), signed(head(size)));
    assert_eq!(make(9, b"8", 13), Err(Unproven::Inclusion(ProofError::Root)));
    assert_eq!(make(8, b"9", 13), Err(Unproven::Inclusion(ProofError::Root)));
    assert_eq!(make(9, b"9", 12), Err(Unproven::Inclusion(ProofError::TooLong)));
    assert_eq!(make(13, b"9", 13), Err(Unproven::Inclusion(ProofError::NoSuchLeaf { index: 13, size: 13 })));
    let long = vec![b'x'; MAX_RECORD_BYTES + 1];
    assert_eq!(make(9, &long, 13), Err(Unproven::RecordTooLong { found: MAX_RECORD_BYTES + 1 }));
    let endless = InclusionProof::from_hashes(vec![leaf(0); 64]);
    let error = RecordProof::new(9, b"9".to_vec(), endless, signed(head(13)));
    assert_eq!(error, Err(Unproven::TooManyHashes { found: 64 }));
}

#[test]
fn l9_a_proof_for_another_record_index_or_tree_is_refused() {
    let file = proof().to_string();
    let of = |text: String| read(&text).expect("a proof").verify(&alone()).expect_err("it proves nothing");
    assert_eq!(of(file.replace("extra OQ==", "extra OA==")), Unproven::Inclusion(ProofError::Root));
    assert_eq!(of(file.replace("index 9", "index 8")), Unproven::Inclusion(ProofError::Root));
    let beyond = ProofError::NoSuchLeaf { index: u64::MAX, size: 13 };
    assert_eq!(of(file.replace("index 9", "index 18446744073709551615")), Unproven::Inclusion(beyond));
    let (first, second) = (file.lines().nth(3).expect("a hash"), file.lines().nth(4).expect("a hash"));
    let none = file.replacen(&format!("{first}\n"), "", 1);
    assert_eq!(of(none), Unproven::Inclusion(ProofError::TooShort));
    let more = file.replacen(first, &format!("{first}\n{first}"), 1);
    assert_eq!(of(more), Unproven::Inclusion(ProofError::TooLong));
    let swapped = file.replacen(&format!("{first}\n{second}"), &format!("{second}\n{first}"), 1);
    assert_eq!(of(swapped), Unproven::Inclusion(ProofError::Root));
    // Another tree needs another signature.
    let key = log();
    let invalid = NoteError::Invalid { name: key.name().clone(), id: key.as_key().id() };
    let unsigned = Unproven::Checkpoint(RefusedCheckpoint::Checkpoint(CheckpointError::Note(invalid)));
    assert_eq!(of(file.replace("\n13\n", "\n14\n")), unsigned);
}

#[test]
fn an_inner_node_is_no_record() {
    // The two hashes below a node, given out as one record: 64 bytes, one level up.
    let pair = [leaf(8), leaf(9)].map(|hash| *hash.as_bytes()).concat();
    let above = prove_inclusion(9, 13, &stored(13)).expect("the leaf is there").hashes()[1..].to_vec();
    let tree = CompactTree::read(13, &stored(13)).expect("every hash is stored");
    assert_eq!(stored(13).hashes[&Node { level: 1, index: 4 }], inner(&leaf(8), &leaf(9)));
    let smaller = TreeHead { size: 7, root: tree.root() };
    let proof = InclusionProof::from_hashes(above);
    assert_eq!(proof.verify(4, inner(&leaf(8), &leaf(9)), &smaller), Ok(()), "the path is right");
    assert_eq!(proof.verify(4, Hash::of_record(&pair), &smaller), Err(ProofError::Root));
}

#[test]
fn l1_every_byte_of_a_proof_matters() {
    let file = proof().to_string().into_bytes();
    for place in 0..file.len() {
        for flip in [0x01, 0x04, 0x80] {
            let mut changed = file.clone();
            changed[place] ^= flip;
            let believed = RecordProof::parse(&changed).ok().and_then(|proof| proof.verify(&alone()).ok());
            assert_eq!(believed, None, "byte {place}");
        }
        assert!(RecordProof::parse(&file[..place]).is_err(), "cut at byte {place}");
    }
}

#[test]
fn a_proof_has_one_spelling() {
    let file = proof().to_string();
    let of = |from: &str, to: &str| read(&file.replacen(from, to, 1)).expect_err("not a proof");
    assert_eq!(of("@v1", "@v2"), ProofFileError::Form);
    assert_eq!(of("c2sp", " c2sp"), ProofFileError::Form);
    assert_eq!(of("@v1\n", "@v1\r\n"), ProofFileError::Form);
    for to in ["", "extra\n", "extra  OQ==\n", "extra OQ=\n", "extra OR==\n", "Extra OQ==\n", "extra OQ== \n"]
    {
        assert_eq!(of("extra OQ==\n", to), ProofFileError::Record, "{to:?}");
    }
    for to in [
        "",
        "index\n",
        "index 09\n",
        "index +9\n",
        "index  9\n",
        "index 9 \n",
        "index 18446744073709551616\n",
    ] {
        assert_eq!(of("index 9\n", to), ProofFileError::Index, "{to:?}");
    }
    assert_eq!(of("index 9\n", "index 9\nAAAA\n"), ProofFileError::Hash { line: 1 });
    let note = |error| ProofFileError::Checkpoint(CheckpointError::Note(error));
    // After an empty line a checkpoint follows, and this is a hash.
    let early = of("index 9\n", "index 9\n\n");
    assert!(matches!(early, ProofFileError::Checkpoint(_)), "{early:?}");
    assert_eq!(read(&format!("{file}\n")), Err(note(NoteError::Form)));
    assert_eq!(read(""), Err(ProofFileError::Form));
    assert_eq!(RecordProof::parse(b"\xff\n\n"), Err(ProofFileError::Form));
}

#[test]
fn a_proof_has_its_limits() {
    let file = proof().to_string();
    let hash = file.lines().nth(3).expect("a hash").to_owned() + "\n";
    let with = |n: usize| file.replacen("index 9\n", &format!("index 9\n{}", hash.repeat(n)), 1);
    assert!(read(&with(59)).is_ok());
    assert_eq!(read(&with(60)), Err(ProofFileError::Hash { line: 64 }));
    let found = MAX_PROOF_BYTES + 1;
    assert_eq!(RecordProof::parse(&vec![b'x'; found]), Err(ProofFileError::TooLong { found }));
    let record = |bytes: usize| {
        use base64::Engine as _;
        let encoded = base64::engine::general_purpose::STANDARD.encode(vec![b'x'; bytes]);
        read(&file.replacen("extra OQ==", &format!("extra {encoded}"), 1)).map(|_| ())
    };
    assert_eq!(record(MAX_RECORD_BYTES), Ok(()));
    assert_eq!(record(MAX_RECORD_BYTES + 1), Err(ProofFileError::Record));
}
