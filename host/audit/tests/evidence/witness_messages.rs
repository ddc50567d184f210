//! What a log and a witness say to each other.

use mpp_audit::checkpoint::{Checkpoint, CheckpointError, SignedCheckpoint};
use mpp_audit::note::NoteError;
use mpp_audit::tree::{ConsistencyProof, MAX_PROOF_HASHES, TreeHead, prove_consistency};
use mpp_audit::witness::{
    AddCheckpoint, MAX_REQUEST_BYTES, MAX_RESPONSE_BYTES, Refusal, RequestError, ResponseError,
    parse_conflict, parse_cosignatures,
};

use crate::support::{head, leaf, name, sign_anything, signer, stored};

const ORIGIN: &str = "example.com/log";

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

#[test]
fn the_request_that_the_specification_shows_reads_back_as_it_was() {
    let shown = include_str!("../vectors/witness/add-checkpoint.txt");
    let request = AddCheckpoint::parse(shown.as_bytes()).expect("a request");
    assert_eq!((request.old_size(), request.proof().hashes().len()), (20_852_014, 4));
    assert_eq!(request.checkpoint().note().signatures().len(), 2);
    assert_eq!(request.to_string(), shown);
    let response = include_str!("../vectors/witness/response.txt");
    let lines = parse_cosignatures(response.as_bytes()).expect("signature lines");
    assert_eq!(lines.iter().map(|line| format!("{line}\n")).collect::<String>(), response);
}

#[test]
fn a_request_has_one_spelling() {
    let text = request(5, 13).to_string();
    let of = |text: &str| AddCheckpoint::parse(text.as_bytes()).expect_err("not a request");
    assert_eq!(AddCheckpoint::parse(text.as_bytes()), Ok(request(5, 13)));
    for (from, to) in [
        ("old 5\n", "old 05\n"),
        ("old 5\n", "old +5\n"),
        ("old 5\n", "old  5\n"),
        ("old 5\n", "old 5 \n"),
        ("old 5\n", "old\t5\n"),
        ("old 5\n", "Old 5\n"),
        ("old 5\n", "5\n"),
        ("old 5\n", "old 5\r\n"),
        ("old 5\n", "old 18446744073709551616\n"),
        ("old 5\n", ""),
        ("old 5\n", "\nold 5\n"),
    ] {
        assert_eq!(of(&text.replacen(from, to, 1)), RequestError::Old, "{to:?}");
    }
    assert_eq!(of(&text.replacen("old 5\n", "old 5\nAAAA\n", 1)), RequestError::Proof { line: 1 });
    assert_eq!(of(&text.replacen("=\n", "\n", 1)), RequestError::Proof { line: 1 });
    assert_eq!(of(&text.replacen("=\n", "= \n", 1)), RequestError::Proof { line: 1 });
    assert_eq!(of(""), RequestError::Form);
    assert_eq!(of("old 5\n"), RequestError::Form);
    let two = request(5, 13).to_string() + "\n";
    assert_eq!(of(&two), RequestError::Checkpoint(CheckpointError::Note(NoteError::Form)));
    assert_eq!(AddCheckpoint::parse(b"old \xff\n\n"), Err(RequestError::Form));
}

#[test]
fn a_request_has_its_limits() {
    let line = request(5, 13).to_string().lines().nth(1).expect("a hash").to_owned() + "\n";
    let of = |lines: usize| {
        request(0, 13).to_string().replacen("old 0\n", &format!("old 0\n{}", line.repeat(lines)), 1)
    };
    let most = AddCheckpoint::parse(of(MAX_PROOF_HASHES).as_bytes()).expect("a request");
    assert_eq!(most.proof().hashes().len(), 63);
    let beyond = RequestError::Proof { line: 64 };
    assert_eq!(AddCheckpoint::parse(of(64).as_bytes()), Err(beyond.clone()));
    let proof = ConsistencyProof::from_hashes(vec![leaf(0); 64]);
    assert_eq!(AddCheckpoint::new(0, proof, signed(head(13))), Err(beyond));
    let found = MAX_REQUEST_BYTES + 1;
    assert_eq!(AddCheckpoint::parse(&vec![b'x'; found]), Err(RequestError::TooLong { found }));
}

#[test]
fn l7_a_witness_signs_no_extension_lines() {
    let text = sign_anything(ORIGIN, 1, &format!("{}ends here\n", signed(head(13)).claimed()));
    let body = format!("old 0\n\n{text}");
    let refusal = Refusal::from(AddCheckpoint::parse(body.as_bytes()).expect_err("not a request"));
    assert_eq!(refusal, Refusal::Malformed(RequestError::Checkpoint(CheckpointError::Extension)));
    assert_eq!(refusal.status(), 400);
}

#[test]
fn an_answer_that_means_nothing_is_refused() {
    for wrong in ["", "5", "05\n", "5\n\n", "5\r\n", "-5\n", " 5\n"] {
        assert_eq!(parse_conflict(wrong.as_bytes()), Err(ResponseError::Size), "{wrong:?}");
    }
    for wrong in ["", "— w AAAAAAA="] {
        assert_eq!(
            parse_cosignatures(wrong.as_bytes()),
            Err(ResponseError::Lines(NoteError::Form)),
            "{wrong:?}"
        );
    }
    for wrong in ["\n", "hello\n", "— w AAAAAAA=\n\n"] {
        let found = parse_cosignatures(wrong.as_bytes());
        assert!(matches!(found, Err(ResponseError::Lines(NoteError::Line { .. }))), "{wrong:?}: {found:?}");
    }
    let long = vec![b'x'; MAX_RESPONSE_BYTES + 1];
    let error = ResponseError::TooLong { found: MAX_RESPONSE_BYTES + 1 };
    assert_eq!(parse_cosignatures(&long), Err(error.clone()));
    assert_eq!(parse_conflict(&long), Err(error));
}
