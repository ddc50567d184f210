//! Policies: whom to believe, and which witnesses are enough.

use mpp_audit::checkpoint::{Checkpoint, CheckpointError, SignedCheckpoint};
use mpp_audit::note::{Cosigner, KeyError, LogKey, NoteError};
use mpp_audit::policy::{MAX_POLICY_BYTES, Policy, PolicyError, PolicyFault, RefusedCheckpoint};
use proptest::prelude::*;

use crate::support::{cosign, cosigner, head, name, signer};

const ORIGIN: &str = "example.com/log";

fn log() -> LogKey {
    signer(ORIGIN, 1).key().clone()
}

/// Six witnesses, as in the example of the specification.
fn witnesses() -> Vec<Cosigner> {
    (0..6).map(|n| cosigner(&format!("witness.example/{n}"), 100 + n)).collect()
}

/// A checkpoint that these of the six witnesses have cosigned.
fn seen_by(which: &[usize]) -> SignedCheckpoint {
    let checkpoint = Checkpoint::new(name(ORIGIN), head(5)).expect("a size");
    let mut signed = checkpoint.sign(&signer(ORIGIN, 1)).expect("its own key signs");
    for place in which {
        cosign(&mut signed, &witnesses()[*place], 100 + *place as u8, 1_679_315_147);
    }
    signed
}

/// The example of C2SP tlog-policy with the six witnesses.
fn example() -> String {
    let keys: Vec<String> = witnesses().iter().map(|witness| witness.key().to_string()).collect();
    format!(
        "log {}\n\nwitness X1 {}\nwitness X2 {}\nwitness X3 {}\ngroup X-witnesses 2 X1 X2 X3\n\n\
         witness Y1 {}\nwitness Y2 {}\nwitness Y3 {}\ngroup Y-witnesses any Y1 Y2 Y3\n\n\
         group X-and-Y all X-witnesses Y-witnesses\nquorum X-and-Y\n",
        log(),
        keys[0],
        keys[1],
        keys[2],
        keys[3],
        keys[4],
        keys[5],
    )
}

fn policy(text: &str) -> Policy {
    Policy::parse(text.as_bytes()).expect("a policy")
}

fn fault(text: &str) -> (usize, PolicyFault) {
    match Policy::parse(text.as_bytes()) {
        Err(PolicyError::Line { line, fault }) => (line, fault),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_example_of_the_specification_asks_for_two_of_one_group_and_one_of_the_other() {
    let policy = policy(&example());
    assert_eq!(policy.logs(), [log()]);
    for (which, enough) in [
        (vec![], false),
        (vec![0, 1], false),
        (vec![3, 4, 5], false),
        (vec![0, 3], false),
        (vec![0, 1, 3], true),
        (vec![1, 2, 5], true),
        (vec![0, 1, 2, 3, 4, 5], true),
    ] {
        let found = policy.accept(&seen_by(&which)).map(|accepted| accepted.cosignatures().len());
        let expected = if enough { Ok(which.len()) } else { Err(no_quorum(which.len())) };
        assert_eq!(found, expected, "{which:?}");
    }
}

fn no_quorum(cosigned: usize) -> RefusedCheckpoint {
    RefusedCheckpoint::NoQuorum { cosigned }
}

#[test]
fn so_many_of_so_many_witnesses_are_enough() {
    let keys: Vec<_> = witnesses().iter().take(3).map(|witness| witness.key().clone()).collect();
    let two = Policy::witnessed(vec![log()], keys.clone(), 2).expect("two of three");
    let accepted = two.accept(&seen_by(&[0, 2])).expect("two have seen it");
    assert!(accepted.is_witnessed());
    let seen: Vec<_> =
        accepted.cosignatures().iter().map(|seen| (seen.witness.as_str(), seen.time)).collect();
    assert_eq!(seen, [("witness.example/0", 1_679_315_147), ("witness.example/2", 1_679_315_147)]);
    assert_eq!(two.accept(&seen_by(&[1])), Err(no_quorum(1)));
    // Witnesses that the policy does not name count for nothing.
    assert_eq!(two.accept(&seen_by(&[1, 3, 4, 5])), Err(no_quorum(1)));
    for threshold in [0, 4] {
        let wrong = Policy::witnessed(vec![log()], keys.clone(), threshold);
        assert_eq!(wrong, Err(PolicyFault::Threshold { threshold, members: 3 }));
    }
    let twice = vec![keys[0].clone(), keys[0].clone()];
    assert_eq!(Policy::witnessed(vec![log()], twice, 2), Err(PolicyFault::KeyTwice));
}

#[test]
fn a_checkpoint_that_no_witness_was_asked_for_says_so() {
    for policy in [
        Policy::unwitnessed(vec![log()]).expect("a policy"),
        policy(&format!("log {}\nquorum none\n", log())),
    ] {
        let accepted = policy.accept(&seen_by(&[0])).expect("its key signed it");
        assert!(!accepted.is_witnessed());
        assert_eq!(accepted.cosignatures(), []);
    }
}

#[test]
fn a_checkpoint_that_is_believed_already_is_held_against_the_witnesses_alone() {
    let nobodys = policy(&example().replacen(&format!("log {}\n", log()), "", 1));
    let accept = |which: &[usize]| {
        let checkpoint = seen_by(which).verify(&[log()]).expect("its key signed it");
        nobodys.accept_verified(checkpoint).map(|accepted| accepted.cosignatures().len())
    };
    assert_eq!(accept(&[0, 1, 3]), Ok(3));
    assert_eq!(accept(&[0, 3]), Err(no_quorum(2)));
}

#[test]
fn l7_a_false_cosignature_of_a_known_witness_refuses_the_checkpoint() {
    let bytes = seen_by(&[0, 1, 3]).to_string();
    let line = bytes.lines().find(|line| line.contains("witness.example/3")).expect("it cosigned");
    // Another time in the same line: the ninth character is in the timestamp.
    let at = bytes.find(line).expect("the line is there") + "— witness.example/3 ".len() + 8;
    let mut changed = bytes.clone();
    changed.replace_range(at..=at, if &bytes[at..=at] == "A" { "B" } else { "A" });
    let changed = SignedCheckpoint::parse(changed.as_bytes()).expect("a checkpoint");
    let found = policy(&example()).accept(&changed);
    let key = witnesses()[3].key().as_key().clone();
    let invalid = NoteError::Invalid { name: key.name().clone(), id: key.id() };
    assert_eq!(found, Err(RefusedCheckpoint::Checkpoint(CheckpointError::Note(invalid))));
}

#[test]
fn a_log_that_the_policy_does_not_name_is_not_believed() {
    let other = Policy::unwitnessed(vec![signer("example.com/other", 1).key().clone()]).expect("a policy");
    let unknown = CheckpointError::UnknownLog { found: name(ORIGIN) };
    assert_eq!(other.accept(&seen_by(&[])), Err(RefusedCheckpoint::Checkpoint(unknown)));
    let nobody = policy("quorum none\n");
    let unknown = CheckpointError::UnknownLog { found: name(ORIGIN) };
    assert_eq!(nobody.accept(&seen_by(&[])), Err(RefusedCheckpoint::Checkpoint(unknown)));
}

#[test]
fn space_comments_addresses_and_order_mean_nothing() {
    let witness = witnesses()[0].key().to_string();
    let text = format!(
        "  # a comment \u{e9}\n\t\nquorum\t none \n witness  \t W {witness} https://w.example/ \nlog {} https://log.example/\n# end\n",
        log()
    );
    let policy = policy(&text);
    assert_eq!(policy.witnesses()[0].url.as_deref(), Some("https://w.example/"));
    assert!(!policy.accept(&seen_by(&[0])).expect("its key signed it").is_witnessed());
    // Names are bytes, not characters.
    let opaque = [b"witness \xff ".as_slice(), witness.as_bytes(), b"\nquorum \xff\n"].concat();
    assert!(Policy::parse(&opaque).is_ok());
}

#[test]
fn what_a_policy_does_not_say_clearly_is_refused() {
    let keys: Vec<String> = witnesses().iter().map(|witness| witness.key().to_string()).collect();
    let (a, b) = (format!("witness A {}\n", keys[0]), format!("witness B {}\n", keys[1]));
    let log = log().to_string();
    for (text, line, expected) in [
        ("logs\n".to_owned(), 1, PolicyFault::Form),
        ("log\n".to_owned(), 1, PolicyFault::Form),
        ("Quorum none\n".to_owned(), 1, PolicyFault::Form),
        ("quorum\n".to_owned(), 1, PolicyFault::Form),
        ("quorum none none\n".to_owned(), 1, PolicyFault::Form),
        (format!("log {log} a b\n"), 1, PolicyFault::Form),
        (format!("log {log} # comment\n"), 1, PolicyFault::Form),
        (format!("{a}group g 1\n"), 2, PolicyFault::Form),
        (format!("{a}group g A\n"), 2, PolicyFault::Form),
        (format!("{a}group g one A\n"), 2, PolicyFault::Form),
        (format!("{a}group g 01 A\n"), 2, PolicyFault::Form),
        (format!("{a}group g +1 A\n"), 2, PolicyFault::Form),
        (format!("{a}group g 0 A\n"), 2, PolicyFault::Threshold { threshold: 0, members: 1 }),
        (format!("{a}{b}group g 3 A B\n"), 3, PolicyFault::Threshold { threshold: 3, members: 2 }),
        (format!("{a}group g any A A\n"), 2, PolicyFault::MemberTwice),
        (format!("{a}{b}group g any A\ngroup h any A B\n"), 4, PolicyFault::MemberTwice),
        (format!("{a}group g any B\n{b}"), 2, PolicyFault::UnknownName),
        (format!("{a}group g any g\n"), 2, PolicyFault::UnknownName),
        (format!("{a}group g any none\n"), 2, PolicyFault::UnknownName),
        (format!("quorum A\n{a}"), 1, PolicyFault::UnknownName),
        (format!("{a}witness A {}\n", keys[1]), 2, PolicyFault::NameTaken),
        (format!("witness none {}\n", keys[0]), 1, PolicyFault::NameTaken),
        (format!("{a}group A any A\n"), 2, PolicyFault::NameTaken),
        ("quorum none\nquorum none\n".to_owned(), 2, PolicyFault::QuorumTwice),
        (format!("{a}witness B {}\n", keys[0]), 2, PolicyFault::KeyTwice),
        (format!("log {log}\nlog {log}\n"), 2, PolicyFault::KeyTwice),
        (format!("log {}\n", keys[0]), 1, PolicyFault::Key(KeyError::Purpose { found: 4, expected: 1 })),
        (format!("witness A {log}\n"), 1, PolicyFault::Key(KeyError::Purpose { found: 1, expected: 4 })),
        ("log example.com\n".to_owned(), 1, PolicyFault::Key(KeyError::Form)),
        ("quorum none\r\n".to_owned(), 1, PolicyFault::Control { code: 0x0d }),
        ("# \u{0}\n".to_owned(), 1, PolicyFault::Control { code: 0 }),
        ("# \u{7f}\n".to_owned(), 1, PolicyFault::Control { code: 0x7f }),
    ] {
        assert_eq!(fault(&text), (line, expected), "{text:?}");
    }
    assert_eq!(Policy::parse(b"log \xff\n"), Err(PolicyError::Line { line: 1, fault: PolicyFault::NotUtf8 }));
}

#[test]
fn the_same_key_under_another_name_is_the_same_key() {
    let again = cosigner("witness.example/again", 100);
    let text = format!("witness A {}\nwitness B {}\n", witnesses()[0].key(), again.key());
    assert_eq!(fault(&text), (2, PolicyFault::KeyTwice));
}

#[test]
fn a_policy_is_whole_and_not_endless() {
    assert_eq!(Policy::parse(b""), Err(PolicyError::NoQuorum));
    assert_eq!(Policy::parse(b"# nothing\n"), Err(PolicyError::NoQuorum));
    assert_eq!(Policy::parse(b"quorum none"), Err(PolicyError::Cut));
    let longest = format!("#{}\nquorum none\n", "x".repeat(MAX_POLICY_BYTES - 14));
    assert!(Policy::parse(longest.as_bytes()).is_ok());
    let longer = format!("#{longest}");
    assert_eq!(Policy::parse(longer.as_bytes()), Err(PolicyError::TooLong { found: MAX_POLICY_BYTES + 1 }));
}

proptest! {
    #[test]
    fn a_threshold_counts_distinct_witnesses(which in prop::collection::btree_set(0_usize..6, 0..6), threshold in 1_usize..=6) {
        let keys = witnesses().iter().map(|witness| witness.key().clone()).collect();
        let policy = Policy::witnessed(vec![log()], keys, threshold).expect("so many of six");
        let which: Vec<usize> = which.into_iter().collect();
        prop_assert_eq!(policy.accept(&seen_by(&which)).is_ok(), which.len() >= threshold);
    }
}
