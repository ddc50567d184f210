//! Keys that follow one another.

use mpp_audit::checkpoint::{Checkpoint, CheckpointError, MAX_TREE_SIZE, SignedCheckpoint};
use mpp_audit::epoch::{EpochError, EpochStatement, Epochs, SignedStatement, StatementError};
use mpp_audit::note::{KeyError, LogSigner, Note, NoteError};
use proptest::prelude::*;

use crate::support::{head, name, sign_anything, signer};

const ORIGIN: &str = "example.com/log";

/// The secret of an epoch.
fn secret(epoch: u64) -> LogSigner {
    signer(ORIGIN, 1 + epoch as u8)
}

/// That `epoch` begins after so many records, signed by the key before it.
fn statement(epoch: u64, after: u64) -> SignedStatement {
    stated(epoch, after, &secret(epoch), &secret(epoch - 1))
}

fn stated(epoch: u64, after: u64, next: &LogSigner, by: &LogSigner) -> SignedStatement {
    let statement = EpochStatement::new(epoch, after, next.key().clone()).expect("a statement");
    statement.sign(by).expect("a key of the same log signs")
}

/// Epoch 0 ends after 10 records, epoch 1 after 20, epoch 2 goes on.
fn epochs() -> Epochs {
    let mut epochs = Epochs::begin(secret(0).key().clone());
    epochs.extend(&statement(1, 10), 9).expect("epoch 1 follows");
    epochs.extend(&statement(2, 20), 19).expect("epoch 2 follows");
    epochs
}

fn signed(size: u64, epoch: u64) -> SignedCheckpoint {
    let checkpoint = Checkpoint::new(name(ORIGIN), head(size)).expect("a size");
    checkpoint.sign(&secret(epoch)).expect("its own key signs")
}

#[test]
fn a_size_tells_the_epoch_and_an_epoch_its_key() {
    let epochs = epochs();
    assert_eq!(epochs.current(), 2);
    for (size, epoch) in [(0, 0), (1, 0), (10, 0), (11, 1), (20, 1), (21, 2), (u64::MAX, 2)] {
        assert_eq!(epochs.epoch_of_size(size), epoch, "{size}");
    }
    for epoch in 0..3 {
        assert_eq!(epochs.key(epoch), Some(secret(epoch).key()));
    }
    assert_eq!((epochs.key(3), epochs.key(u64::MAX)), (None, None));
}

#[test]
fn a_checkpoint_is_believed_from_the_key_of_its_epoch() {
    for (size, epoch) in [(0, 0), (10, 0), (11, 1), (20, 1), (21, 2), (30, 2)] {
        let verified = epochs().verify(&signed(size, epoch)).expect("its epoch's key signed it");
        assert_eq!(verified.keys(), [secret(epoch).key().clone()]);
    }
}

#[test]
fn l5_a_past_that_is_signed_anew_with_the_current_key_is_refused() {
    for (size, epoch) in [(0, 0), (5, 0), (10, 0), (11, 1), (20, 1)] {
        let error = epochs().verify(&signed(size, 2)).expect_err("it is of another epoch");
        assert_eq!(error, EpochError::WrongEpoch { size, epoch, signed: 2 });
    }
}

#[test]
fn l5_an_old_key_signs_nothing_after_its_end() {
    for (size, epoch, signed_in) in [(11, 1, 0), (21, 2, 0), (21, 2, 1), (30, 2, 1)] {
        let error = epochs().verify(&signed(size, signed_in)).expect_err("its key is of the past");
        assert_eq!(error, EpochError::WrongEpoch { size, epoch, signed: signed_in });
    }
}

#[test]
fn l5_a_false_signature_of_the_right_key_is_not_outweighed_by_another() {
    let mut text = signed(15, 0).to_string();
    let true_line = signed(14, 1).to_string();
    text.push_str(&format!("{}\n", true_line.lines().last().expect("a signature")));
    let both = SignedCheckpoint::parse(text.as_bytes()).expect("a checkpoint");
    let key = secret(1).key().as_key().clone();
    let invalid = NoteError::Invalid { name: key.name().clone(), id: key.id() };
    let error = epochs().verify(&both).expect_err("its own key did not sign");
    assert_eq!(error, EpochError::Checkpoint(CheckpointError::Note(invalid)));
}

#[test]
fn a_checkpoint_of_no_epoch_is_not_believed() {
    let unsigned = CheckpointError::Note(NoteError::Unsigned);
    assert_eq!(epochs().verify(&signed(15, 7)), Err(EpochError::Checkpoint(unsigned)));
    let other = Checkpoint::new(name("example.com/other"), head(15)).expect("a size");
    let other = other.sign(&signer("example.com/other", 2)).expect("its own key signs");
    let unknown = CheckpointError::UnknownLog { found: name("example.com/other") };
    assert_eq!(epochs().verify(&other), Err(EpochError::Checkpoint(unknown)));
}

#[test]
fn l4_an_epoch_that_ended_without_its_last_checkpoint_is_found() {
    let verified = |size, epoch| epochs().verify(&signed(size, epoch)).expect("its epoch's key signed it");
    let all = [verified(10, 0), verified(20, 1), verified(25, 2)];
    assert_eq!(epochs().check_closed(&all), Ok(()));
    assert_eq!(epochs().check_closed(&all[..2]), Ok(()));
    assert_eq!(epochs().check_closed(&all[..1]), Err(EpochError::Open { epoch: 1, size: 20 }));
    assert_eq!(epochs().check_closed(&all[1..]), Err(EpochError::Open { epoch: 0, size: 10 }));
    let early = [verified(9, 0), verified(20, 1)];
    assert_eq!(epochs().check_closed(&early), Err(EpochError::Open { epoch: 0, size: 10 }));
    assert_eq!(Epochs::begin(secret(0).key().clone()).check_closed([]), Ok(()));
}

#[test]
fn l4_a_checkpoint_by_a_key_of_another_epoch_closes_none() {
    // Believed by somebody who looked at the signature only.
    let by_epoch_2 = signed(10, 2).verify(&[secret(2).key().clone()]).expect("its key signed it");
    let closed = epochs().verify(&signed(20, 1)).expect("its epoch's key signed it");
    assert_eq!(epochs().check_closed([&by_epoch_2, &closed]), Err(EpochError::Open { epoch: 0, size: 10 }));
}

#[test]
fn l5_a_key_follows_only_by_the_word_of_the_one_before() {
    let mut log = epochs();
    let unsigned = |source| Err(EpochError::Unsigned { epoch: 2, source });
    // By itself, by an older key, by a stranger.
    for by in [secret(3), secret(0), secret(1), secret(50)] {
        assert_eq!(log.extend(&stated(3, 30, &secret(3), &by), 29), unsigned(NoteError::Unsigned));
    }
    let changed = statement(3, 30).to_string().replace("after 30", "after 31");
    let changed = SignedStatement::parse(changed.as_bytes()).expect("a statement");
    let key = secret(2).key().as_key().clone();
    let invalid = NoteError::Invalid { name: key.name().clone(), id: key.id() };
    assert_eq!(log.extend(&changed, 30), unsigned(invalid));
    assert_eq!(log, epochs());
    assert_eq!(log.extend(&statement(3, 30), 29), Ok(()));
    assert_eq!(log.current(), 3);
}

#[test]
fn l5_epochs_follow_without_gaps_forwards_and_at_their_place() {
    let of =
        |statement: &SignedStatement, record| epochs().extend(statement, record).expect_err("it is refused");
    let (now, next) = (secret(2), secret(3));
    assert_eq!(of(&stated(4, 30, &next, &now), 29), EpochError::Gap { expected: 3, found: 4 });
    assert_eq!(of(&stated(2, 30, &next, &now), 29), EpochError::Gap { expected: 3, found: 2 });
    assert_eq!(of(&stated(3, 20, &next, &now), 19), EpochError::Backwards { began: 20, ended: 20 });
    assert_eq!(of(&stated(3, 5, &next, &now), 4), EpochError::Backwards { began: 20, ended: 5 });
    for record in [0, 28, 30, u64::MAX] {
        assert_eq!(of(&stated(3, 30, &next, &now), record), EpochError::Misplaced { after: 30, record });
    }
    assert_eq!(of(&stated(3, 30, &secret(0), &now), 29), EpochError::KeyAgain { epoch: 0 });
    assert_eq!(of(&stated(3, 30, &now, &now), 29), EpochError::KeyAgain { epoch: 2 });
    let elsewhere = stated(3, 30, &signer("example.com/other", 9), &signer("example.com/other", 3));
    assert_eq!(of(&elsewhere, 29), EpochError::Origin { found: name("example.com/other") });
}

#[test]
fn a_statement_reads_back_as_it_was_written() {
    let signed = statement(3, 40_211);
    let text = signed.to_string();
    let key = secret(3).key().to_string();
    let expected = format!("mpp-audit/epoch/v1\n{ORIGIN}\nepoch 3\nafter 40211\n{key}\n\n— {ORIGIN} ");
    assert!(text.starts_with(&expected), "{text}");
    assert_eq!(SignedStatement::parse(text.as_bytes()).as_ref(), Ok(&signed));
    let claimed = signed.claimed();
    assert_eq!((claimed.epoch(), claimed.after(), claimed.key()), (3, 40_211, secret(3).key()));
}

#[test]
fn a_statement_has_one_spelling() {
    let text = statement(3, 30).claimed().to_string();
    let of = |from: &str, to: &str| {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text);
        changed.parse::<EpochStatement>().expect_err("not a statement")
    };
    for (from, to) in [("/v1", "/v2"), ("mpp-audit", " mpp-audit"), ("after", "\nafter"), ("epoch 3\n", "")] {
        assert_eq!(of(from, to), StatementError::Form, "{to:?}");
    }
    assert_eq!(format!("{text}more\n").parse::<EpochStatement>(), Err(StatementError::Form));
    assert_eq!(text.trim_end().parse::<EpochStatement>(), Err(StatementError::Form));
    for to in ["epoch 0", "epoch 03", "epoch +3", "epoch  3", "Epoch 3", "3"] {
        assert_eq!(of("epoch 3", to), StatementError::Epoch, "{to:?}");
    }
    for to in ["after 0", "after 030", "after -1", "before 30", "after 9223372036854775808"] {
        assert_eq!(of("after 30", to), StatementError::After, "{to:?}");
    }
    let foreign = StatementError::Foreign { found: name(ORIGIN), origin: name("example.com/other") };
    assert_eq!(of("\nexample.com/log\n", "\nexample.com/other\n"), foreign);
    assert!(matches!(of("\nexample.com/log\n", "\n\u{a0}\n"), StatementError::Origin(_)));
    assert_eq!(
        of("example.com/log+", "+"),
        StatementError::Key(KeyError::Name(mpp_audit::note::KeyNameError::Empty))
    );
    let made = |epoch, after| EpochStatement::new(epoch, after, secret(3).key().clone());
    assert_eq!(made(0, 30), Err(StatementError::Epoch));
    assert_eq!(made(3, 0), Err(StatementError::After));
    assert_eq!(made(3, MAX_TREE_SIZE + 1), Err(StatementError::After));
}

#[test]
fn a_statement_is_no_checkpoint_and_a_checkpoint_no_statement() {
    let text = statement(3, 30).to_string();
    assert!(SignedCheckpoint::parse(text.as_bytes()).is_err());
    let text = signed(30, 2).to_string();
    assert_eq!(SignedStatement::parse(text.as_bytes()), Err(StatementError::Form));
    // Not even for a log that takes the name of the statement.
    let disguise = sign_anything("mpp-audit/epoch/v1", 1, &statement(3, 30).claimed().to_string());
    assert!(Note::parse(disguise.as_bytes()).is_ok());
    assert!(SignedCheckpoint::parse(disguise.as_bytes()).is_err());
}

#[test]
fn a_statement_is_signed_by_a_key_of_its_own_log() {
    let statement = EpochStatement::new(3, 30, secret(3).key().clone()).expect("a statement");
    let foreign = StatementError::Foreign { found: name("example.com/other"), origin: name(ORIGIN) };
    assert_eq!(statement.sign(&signer("example.com/other", 1)), Err(foreign));
}

proptest! {
    #[test]
    fn every_size_has_one_epoch_and_only_its_key_is_believed(
        lengths in prop::collection::vec(1_u64..40, 1..6), size in 0_u64..200, by in 0_u64..6,
    ) {
        let mut epochs = Epochs::begin(secret(0).key().clone());
        let mut ends = vec![];
        for (epoch, length) in (1..).zip(&lengths) {
            let after = ends.last().copied().unwrap_or(0) + length;
            epochs.extend(&statement(epoch, after), after - 1).expect("it follows");
            ends.push(after);
        }
        let epoch = ends.iter().filter(|end| **end < size).count() as u64;
        prop_assert_eq!(epochs.epoch_of_size(size), epoch);
        prop_assert_eq!(epochs.verify(&signed(size, by)).is_ok(), by == epoch);
    }
}
