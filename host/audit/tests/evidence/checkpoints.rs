//! Checkpoints: what they say, and whom they are believed from.

use mpp_audit::checkpoint::{
    Checkpoint, CheckpointError, Fork, GrowthError, MAX_TREE_SIZE, SignedCheckpoint, VerifiedCheckpoint,
};
use mpp_audit::note::{KeyNameError, LogKey, LogSigner, NoteError, WitnessKey};
use mpp_audit::tree::{ConsistencyProof, ProofError, TreeHead, prove_consistency};

use crate::support::{base64, head, leaf, name, sign_anything, signer, stored};

const ORIGIN: &str = "example.com/log";

fn log() -> LogSigner {
    signer(ORIGIN, 1)
}

fn signed(size: u64) -> SignedCheckpoint {
    Checkpoint::new(name(ORIGIN), head(size)).expect("a size").sign(&log()).expect("its own key signs")
}

fn verified(head: TreeHead) -> VerifiedCheckpoint {
    let signed =
        Checkpoint::new(name(ORIGIN), head).expect("a size").sign(&log()).expect("its own key signs");
    signed.verify(&[log().key().clone()]).expect("its key signed it")
}

/// The text, signed by the log's key as it stands: what a log could do that
/// keeps to no rule.
fn misused(text: &str) -> Result<SignedCheckpoint, CheckpointError> {
    SignedCheckpoint::parse(sign_anything(ORIGIN, 1, text).as_bytes())
}

#[test]
fn a_checkpoint_is_what_the_log_signed_and_nothing_else() {
    let signed = signed(5);
    let text = format!("{ORIGIN}\n5\n{}\n", base64(head(5).root.as_bytes()));
    assert_eq!(signed.claimed().to_string(), text);
    assert_eq!(signed.note().text(), text);
    let verified = signed.verify(&[log().key().clone()]).expect("its key signed it");
    assert_eq!(verified.checkpoint().head(), &head(5));
    assert_eq!(verified.keys(), [log().key().clone()]);
    assert_eq!(SignedCheckpoint::parse(signed.to_string().as_bytes()), Ok(signed));
}

#[test]
fn the_checkpoint_that_the_specifications_show_verifies_where_it_was_signed() {
    // Its signature is that of the Go checksum database over the same tree.
    let shown = include_str!("../vectors/checkpoint/behind-the-sofa.txt");
    let checkpoint = SignedCheckpoint::parse(shown.as_bytes()).expect("a checkpoint");
    assert_eq!(checkpoint.claimed().head().size, 20_852_163);
    assert_eq!(checkpoint.to_string(), shown);
    let key: LogKey =
        "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8".parse().expect("a key");
    let unknown = CheckpointError::UnknownLog { found: name("example.com/behind-the-sofa") };
    assert_eq!(checkpoint.verify(std::slice::from_ref(&key)), Err(unknown));
    let original = shown
        .replace("example.com/behind-the-sofa\n2", "go.sum database tree\n2")
        .replace("— example.com/behind-the-sofa ", "— sum.golang.org ");
    let note = mpp_audit::note::Note::parse(original.as_bytes()).expect("a note");
    assert!(note.verify([key.as_key()]).is_ok());
    // A name with spaces is no origin here.
    let origin = CheckpointError::Origin(KeyNameError::Character { code: 0x20 });
    assert_eq!(SignedCheckpoint::parse(original.as_bytes()), Err(origin));
}

#[test]
fn a_cosignature_that_a_public_witness_made_verifies() {
    let shown = include_str!("../vectors/checkpoint/cosigned.txt");
    let witness: WitnessKey =
        "witness.navigli.sunlight.geomys.org+a3e00fe2+BNy/co4C1Hn1p+INwJrfUlgz7W55dSZReusH/GhUhJ/G"
            .parse()
            .expect("a key");
    let checkpoint = SignedCheckpoint::parse(shown.as_bytes()).expect("a checkpoint");
    let verified = checkpoint.note().verify([witness.as_key()]).expect("the witness made it");
    assert_eq!(verified[0].time, Some(1_785_704_691));
    let later =
        SignedCheckpoint::parse(shown.replace("185550722", "185550723").as_bytes()).expect("a checkpoint");
    let invalid = NoteError::Invalid { name: witness.name().clone(), id: witness.as_key().id() };
    assert_eq!(later.note().verify([witness.as_key()]), Err(invalid));
}

#[test]
fn l7_a_checkpoint_of_another_origin_is_not_believed() {
    let other = signer("example.com/other", 1);
    let unknown = CheckpointError::UnknownLog { found: name(ORIGIN) };
    assert_eq!(signed(5).verify(&[other.key().clone()]), Err(unknown.clone()));
    assert_eq!(signed(5).verify(&[]), Err(unknown));
    // The same key under another name signs for that name only.
    let signer = CheckpointError::Signer { signer: name("example.com/other"), origin: name(ORIGIN) };
    assert_eq!(signed(5).claimed().sign(&other), Err(signer));
    let foreign = sign_anything("example.com/other", 1, &signed(5).claimed().to_string());
    let foreign = SignedCheckpoint::parse(foreign.as_bytes()).expect("a checkpoint");
    let keys = [other.key().clone(), log().key().clone()];
    assert_eq!(foreign.verify(&keys), Err(CheckpointError::Note(NoteError::Unsigned)));
}

#[test]
fn l7_a_checkpoint_by_an_unknown_signer_is_not_believed() {
    let thief = signer(ORIGIN, 2);
    let unsigned = CheckpointError::Note(NoteError::Unsigned);
    assert_eq!(signed(5).verify(&[thief.key().clone()]), Err(unsigned));
}

#[test]
fn l7_lines_beyond_the_third_are_refused_even_if_they_are_signed() {
    let three = signed(5).claimed().to_string();
    for more in ["extension\n", " \n", "6\n", "a\nb\n"] {
        assert_eq!(misused(&format!("{three}{more}")), Err(CheckpointError::Extension), "{more:?}");
    }
    // An empty line in the text is a line.
    assert_eq!(misused(&format!("{three}\nextension\n")), Err(CheckpointError::Extension));
    assert_eq!(misused(&format!("{three}\n")), Err(CheckpointError::Extension));
}

#[test]
fn l7_a_checkpoint_has_one_spelling() {
    let root = base64(head(5).root.as_bytes());
    let of = |text: String| misused(&text).expect_err("not a checkpoint");
    for size in
        ["05", "+5", "-5", " 5", "5 ", "0x5", "5.0", "", "５", "9223372036854775808", "99999999999999999999"]
    {
        assert_eq!(of(format!("{ORIGIN}\n{size}\n{root}\n")), CheckpointError::Size, "{size:?}");
    }
    for root in ["", "AAAA", &root[..43], &format!("{root}="), &format!("{root} "), &root.replace('=', "")] {
        assert_eq!(of(format!("{ORIGIN}\n5\n{root}\n")), CheckpointError::Root, "{root:?}");
    }
    assert_eq!(of(format!("\n5\n{root}\n")), CheckpointError::Origin(KeyNameError::Empty));
    let plus = CheckpointError::Origin(KeyNameError::Character { code: 0x2b });
    assert_eq!(of(format!("a+b\n5\n{root}\n")), plus);
    assert_eq!(of(format!("{ORIGIN}\n5\n")), CheckpointError::TooFewLines);
    assert_eq!(of("\n".to_owned()), CheckpointError::TooFewLines);
    let cut: Result<Checkpoint, _> = format!("{ORIGIN}\n5\n{root}").parse();
    assert_eq!(cut, Err(CheckpointError::TooFewLines));
}

#[test]
fn l7_carriage_returns_control_characters_and_broken_utf8_are_refused() {
    let text = signed(5).to_string();
    let of = |text: String| SignedCheckpoint::parse(text.as_bytes()).expect_err("not a checkpoint");
    let control = |code| CheckpointError::Note(NoteError::Control { code });
    assert_eq!(of(text.replace('\n', "\r\n")), control(0x0d));
    assert_eq!(of(text.replace("\n5\n", "\n5\t\n")), control(0x09));
    assert_eq!(of(text.replace(ORIGIN, "example.com/l\u{0}g")), control(0));
    let mut bytes = text.into_bytes();
    bytes[0] = 0xc3;
    assert_eq!(SignedCheckpoint::parse(&bytes), Err(CheckpointError::Note(NoteError::NotUtf8)));
}

#[test]
fn l1_every_byte_of_a_checkpoint_is_bound_by_its_signature() {
    let bytes = signed(5).to_string().into_bytes();
    let keys = [log().key().clone()];
    for place in 0..bytes.len() {
        for flip in [0x01, 0x20, 0x80, 0xff] {
            let mut changed = bytes.clone();
            changed[place] ^= flip;
            let believed = SignedCheckpoint::parse(&changed).and_then(|signed| signed.verify(&keys));
            assert!(believed.is_err(), "byte {place}");
        }
        assert!(SignedCheckpoint::parse(&bytes[..place]).is_err(), "cut at byte {place}");
    }
}

#[test]
fn the_largest_log_has_a_size_that_others_can_read() {
    let root = leaf(0);
    assert!(Checkpoint::new(name(ORIGIN), TreeHead { size: MAX_TREE_SIZE, root }).is_ok());
    let beyond = Checkpoint::new(name(ORIGIN), TreeHead { size: MAX_TREE_SIZE + 1, root });
    assert_eq!(beyond, Err(CheckpointError::Size));
}

#[test]
fn l8_an_empty_log_has_the_root_of_the_empty_tree() {
    let keys = [log().key().clone()];
    assert!(signed(0).verify(&keys).is_ok());
    let wrong = Checkpoint::new(name(ORIGIN), TreeHead { size: 0, root: leaf(0) }).expect("a size");
    let signed = wrong.sign(&log()).expect("its own key signs");
    assert_eq!(signed.verify(&keys), Err(CheckpointError::EmptyRoot));
}

#[test]
fn l7_a_checkpoint_that_is_smaller_or_another_of_the_same_size_does_not_follow() {
    let all = stored(13);
    let proof = prove_consistency(6, 13, &all).expect("both trees are there");
    let none = ConsistencyProof::from_hashes(vec![]);
    let (old, new) = (verified(head(6)), verified(head(13)));
    assert_eq!(new.follows(&old, &proof), Ok(()));
    let refused = |error| Err(GrowthError::Proof(error));
    assert_eq!(old.follows(&new, &proof), refused(ProofError::Shrunk { old: 13, new: 6 }));
    let other = verified(TreeHead { size: 13, root: leaf(0) });
    assert_eq!(other.follows(&new, &none), refused(ProofError::Root));
    assert_eq!(new.follows(&new, &none), Ok(()));
    let foreign = Checkpoint::new(name("example.com/other"), head(13)).expect("a size");
    let foreign = foreign.sign(&signer("example.com/other", 1)).expect("its own key signs");
    let foreign = foreign.verify(&[signer("example.com/other", 1).key().clone()]).expect("its key signed it");
    assert_eq!(foreign.follows(&old, &proof), Err(GrowthError::Origin));
}

#[test]
fn every_log_follows_the_empty_one_without_proof() {
    let (none, some) = (ConsistencyProof::from_hashes(vec![]), ConsistencyProof::from_hashes(vec![leaf(0)]));
    let empty = verified(TreeHead::EMPTY);
    assert_eq!(verified(head(6)).follows(&empty, &none), Ok(()));
    assert_eq!(empty.follows(&empty, &none), Ok(()));
    assert_eq!(verified(head(6)).follows(&empty, &some), Err(GrowthError::Proof(ProofError::TooLong)));
}

#[test]
fn l6_two_writers_of_one_log_are_proven_by_two_checkpoints() {
    let (one, other) = (verified(head(6)), verified(TreeHead { size: 6, root: leaf(0) }));
    let fork = Fork::between(&one, &other).expect("two histories");
    assert_eq!(fork.checkpoints(), [&one, &other]);
    // Whoever reads the evidence needs the log's public key only.
    let text = fork.to_string();
    let (first, second) = text.split_at(one.signed().to_string().len());
    for (text, checkpoint) in [(first, &one), (second.trim_start(), &other)] {
        let read = SignedCheckpoint::parse(text.as_bytes()).expect("a checkpoint");
        assert_eq!(read.verify(&[log().key().clone()]).as_ref(), Ok(checkpoint));
    }
    assert_eq!(Fork::between(&one, &one), None);
    assert_eq!(Fork::between(&one, &verified(head(7))), None);
}
