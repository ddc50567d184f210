//! L7: checkpoints that are not those of the log. What a checkpoint may look like is
//! tested where it is read; here, what becomes of a log that has such a one.

use std::fs;

use mpp_audit::FaultKind;
use mpp_audit::checkpoint::Checkpoint;
use mpp_audit::tree::{CompactTree, TreeHead};
use tempfile::TempDir;

use super::l05_signed_anew::thief;
use super::{bad, signed};

/// The log, with its newest checkpoint replaced.
fn with(change: impl FnOnce(&TempDir, String) -> String) -> (u64, FaultKind) {
    let home = signed();
    let newest = home.path().join("checkpoint");
    let good = fs::read_to_string(&newest).expect("it is there");
    fs::write(&newest, change(&home, good)).expect("it can be written");
    bad(home.path())
}

/// A checkpoint that the log's own key signed, over something else.
fn misused(home: &TempDir, head: TreeHead) -> String {
    let signer = thief(home.path());
    let checkpoint = Checkpoint::new(signer.key().name().clone(), head).expect("a size");
    checkpoint.sign_in_epoch(&signer).expect("it signs").to_string()
}

#[test]
fn l07_a_checkpoint_of_the_same_size_and_another_root_is_found() {
    let head = TreeHead { size: 8, root: CompactTree::new().root() };
    let (seq, kind) = with(|home, _| misused(home, head));
    assert!(matches!(kind, FaultKind::Checkpoint { size: 8, .. }), "{kind}");
    assert_eq!(seq, 7);
}

#[test]
fn l07_a_checkpoint_of_more_records_than_there_are_is_found() {
    let head = TreeHead { size: 9, root: CompactTree::new().root() };
    let (_, kind) = with(|home, _| misused(home, head));
    assert!(matches!(kind, FaultKind::Checkpoint { .. } | FaultKind::CutOffBefore { size: 9 }), "{kind}");
}

#[test]
fn l07_a_checkpoint_by_the_key_of_another_log_is_found() {
    let other = signed();
    let other = fs::read_to_string(other.path().join("checkpoint")).expect("it is there");
    let (seq, kind) = with(|_, _| other);
    assert!(matches!(kind, FaultKind::Checkpoint { file: "checkpoint", .. }), "{kind}");
    assert_eq!(seq, 0);
}

#[test]
fn l07_a_checkpoint_that_says_more_than_was_signed_is_found() {
    type Change = fn(String) -> String;
    let changes: [(&str, Change); 5] = [
        ("a line more", |good| good.replacen("\n\n", "\nmore\n\n", 1)),
        ("carriage returns", |good| good.replace('\n', "\r\n")),
        ("another origin", |good| good.replacen("mpp-audit/", "mpp-audit/0", 1)),
        ("another size", |good| good.replacen("\n8\n", "\n08\n", 1)),
        ("two signatures", |good| format!("{good}{}", &good[good.find('\u{2014}').expect("one")..])),
    ];
    for (what, change) in changes {
        let (seq, kind) = with(|_, good| change(good));
        assert!(matches!(kind, FaultKind::Checkpoint { file: "checkpoint", .. }), "{what}: {kind}");
        assert_eq!(seq, 0, "{what}");
    }
}
