//! What is done to a whole log directory, by whom, and how it shows. The names
//! begin with the row of the table of attacks on the log.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use ed25519_dalek::SigningKey;
use mpp_audit::checkpoint::{Checkpoint, Fork, SignedCheckpoint};
use mpp_audit::epoch::{EpochSigner, PublicKeys, Seed};
use mpp_audit::policy::Policy;
use mpp_audit::proof::RecordProof;
use mpp_audit::tree::{CompactTree, InclusionProof};
use mpp_audit::{
    Expected, FaultKind, Hash, Log, LogError, NotGrown, ProofRefused, ReadError, Settings, SystemClock,
    Verified, check_proof, prove, verify_growth, verify_log,
};
use proptest::prelude::*;
use proptest::sample::Index;
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;
use zeroize::Zeroizing;

use crate::support::{call, copy, crashed, everything, file, home, lines, open_quiet, pinned, quiet};

/// A log of eight records in two epochs, all of them signed.
fn signed() -> TempDir {
    let home = home();
    let settings = Settings { epoch_lasts: Duration::ZERO, epochs: 2, ..quiet() };
    let log = Log::open_with(home.path(), SystemClock, settings).expect("the log opens");
    for n in 1..8 {
        log.append(&call("count", &format!("input number {n}"))).expect("the event is recorded");
        if n == 3 || n == 5 {
            log.checkpoint().map(drop).expect("it is signed");
        }
    }
    drop(log);
    home
}

fn verified(dir: &Path) -> Result<Verified, (u64, FaultKind)> {
    match verify_log(dir, &Expected::default()) {
        Ok(verified) => Ok(verified),
        Err(ReadError::Fault(fault)) => Err((fault.seq, fault.kind)),
        Err(ReadError::Io(error)) => panic!("{error}"),
    }
}

fn bad(dir: &Path) -> (u64, FaultKind) {
    verified(dir).expect_err("it does not hold")
}

#[test]
fn a_signed_log_holds_and_says_how_far() {
    let home = signed();
    let verified = verified(home.path()).expect("it holds");
    assert_eq!((verified.signed.size, verified.checkpoints, verified.epochs), (8, 4, 2));
    assert!(!verified.key_expected);
    let expected = Expected { key: Some(&verified.key), ..Expected::default() };
    assert!(verify_log(home.path(), &expected).expect("it holds").key_expected);
}

#[test]
fn l01_a_flipped_bit_of_any_file_is_found_and_the_record_named() {
    let home = signed();
    let secret = home.path().join("epochs/secret");
    for (path, good) in everything(home.path()).into_iter().filter(|(path, _)| *path != secret) {
        for place in (0..good.len()).step_by(if path == file(home.path()) { 13 } else { 5 }) {
            let mut flipped = good.clone();
            flipped[place] ^= 1 << (place % 8);
            fs::write(&path, &flipped).expect("it can be written");
            let (seq, kind) = bad(home.path());
            if path == file(home.path()) {
                let hit = good[..place].iter().filter(|byte| **byte == b'\n').count() as u64;
                assert!(seq == hit || seq == hit + 1, "byte {place} in record {hit}: {seq}, {kind}");
            }
            if path.starts_with(home.path().join("tile")) {
                assert_eq!(seq, place as u64 / 32, "{kind}");
            }
        }
        fs::write(&path, &good).expect("it can be written");
    }
    verified(home.path()).map(drop).expect("it holds again");
}

#[test]
fn l01_a_file_that_is_gone_is_found() {
    let home = signed();
    let secret = home.path().join("epochs/secret");
    for (path, good) in everything(home.path()) {
        fs::remove_file(&path).expect("it is there");
        let result = verify_log(home.path(), &Expected::default());
        // A reader does not need the secret.
        assert_eq!(result.is_ok(), path == secret, "{path:?}");
        fs::write(&path, &good).expect("it can be written");
    }
}

#[test]
fn l02_records_deleted_inserted_duplicated_or_swapped_are_found() {
    let home = signed();
    let good = lines(&fs::read(file(home.path())).expect("it is there"));
    let found = |lines: Vec<Vec<u8>>| {
        fs::write(file(home.path()), lines.concat()).expect("it can be written");
        bad(home.path())
    };
    for place in 1..good.len() - 1 {
        let mut deleted = good.clone();
        deleted.remove(place);
        let next = place as u64 + 1;
        assert_eq!(found(deleted), (place as u64, FaultKind::Missing { found: next }));
        let mut swapped = good.clone();
        swapped.swap(place, place + 1);
        assert_eq!(found(swapped), (place as u64, FaultKind::Swapped { found: next }));
        let mut again = good.clone();
        again.insert(place + 1, good[place].clone());
        assert_eq!(found(again), (next, FaultKind::Repeated { found: place as u64 }));
    }
}

#[test]
fn l03_a_log_cut_off_at_any_line_is_found_without_a_receipt() {
    let home = signed();
    let good = lines(&fs::read(file(home.path())).expect("it is there"));
    for kept in 1..good.len() {
        fs::write(file(home.path()), good[..kept].concat()).expect("it can be written");
        assert_eq!(bad(home.path()), (kept as u64, FaultKind::CutOffBefore { size: 8 }));
    }
}

/// As CVE-2023-31438: what was sealed is cut off, and the log goes on.
#[test]
fn l04_a_log_that_was_set_back_and_continued_is_found_against_any_later_checkpoint() {
    let home = home();
    let log = open_quiet(home.path());
    log.append(&pinned("com.example")).expect("the event is recorded");
    log.checkpoint().map(drop).expect("it is signed");
    let old = crashed(home.path());
    log.append(&pinned("org.example")).expect("the event is recorded");
    let later = log.checkpoint().expect("it is signed");
    let key = log.key().clone();
    drop(log);

    // The whole directory is set back, so that nothing in it tells.
    let log = open_quiet(old.path());
    log.append(&pinned("net.example")).expect("the event is recorded");
    log.append(&pinned("net.example")).expect("the event is recorded");
    drop(log);
    verified(old.path()).map(drop).expect("nothing inside the log tells");
    let refused = verify_growth(old.path(), &later, Some(&key)).expect_err("it is another history");
    assert!(matches!(refused, NotGrown::Forked { size: 3, .. }), "{refused:?}");
    let grown = verify_growth(home.path(), &later, Some(&key)).expect("this is the one");
    assert_eq!((grown.old.size, grown.new.size), (3, 3));
}

#[test]
fn l04_a_log_set_back_behind_the_end_of_an_epoch_does_not_open_with_the_secret_there_is() {
    let home = home();
    let settings = Settings { epoch_lasts: Duration::ZERO, ..quiet() };
    let log = Log::open_with(home.path(), SystemClock, settings).expect("the log opens");
    let old = crashed(home.path());
    for _ in 0..3 {
        log.append(&pinned("com.example")).expect("the event is recorded");
        log.checkpoint().map(drop).expect("it is signed");
    }
    drop(log);
    fs::copy(home.path().join("epochs/secret"), old.path().join("epochs/secret")).expect("it can be copied");
    let refused = Log::open_with(old.path(), SystemClock, settings).expect_err("it is another epoch");
    assert!(matches!(refused, LogError::Evidence { .. }), "{refused:?}");
}

/// What somebody can sign who took over the host in epoch 1.
fn thief(dir: &Path) -> EpochSigner {
    let secret = fs::read(dir.join("epochs/secret")).expect("it is there");
    assert_eq!(secret[..4], [0, 0, 0, 1]);
    let mut seed = Zeroizing::new([0; 32]);
    seed.copy_from_slice(&secret[12..]);
    let keys = PublicKeys::parse(&fs::read(dir.join("epochs/keys")).expect("it is there")).expect("keys");
    let name = verified(dir).expect("it holds").key.name().clone();
    EpochSigner::new(name, &keys, 1, Seed::new(seed)).expect("the secret is that of epoch 1")
}

/// The records with another input in record 2, chained anew; and their tree.
fn rewritten(dir: &Path, epoch_of_2: u32) -> (Vec<Vec<u8>>, CompactTree) {
    let (mut tree, mut prev) = (CompactTree::new(), Hash::ZERO);
    let lines = lines(&fs::read(file(dir)).expect("it is there"));
    let rewritten = lines.iter().enumerate().map(|(seq, line)| {
        let line = String::from_utf8(line.clone()).expect("text").replace("number 2", "number 9");
        let (head, tail) = line.split_once("\"prev\":\"").expect("it has one");
        let mut line = format!("{head}\"prev\":\"{prev}{}", &tail[64..]).trim_end().to_owned();
        if seq >= 2 && epoch_of_2 == 1 {
            line = line.replacen("\"epoch\":0", "\"epoch\":1", 1);
        }
        prev = Hash::of_record(line.as_bytes());
        tree.append(prev);
        line.into_bytes()
    });
    (rewritten.collect(), tree)
}

/// As CVE-2023-31439: everything is sealed anew with the key of the day.
#[test]
fn l05_a_log_written_anew_and_signed_with_the_current_key_is_found() {
    for epoch_of_2 in [0, 1] {
        let home = signed();
        let signer = thief(home.path());
        let (lines, tree) = rewritten(home.path(), epoch_of_2);
        let log: Vec<u8> = lines.iter().flat_map(|line| [line, &b"\n"[..]].concat()).collect();
        fs::write(file(home.path()), log).expect("it can be written");
        let checkpoint = Checkpoint::new(signer.key().name().clone(), tree.head()).expect("a size");
        let note = checkpoint.sign_in_epoch(&signer).expect("it signs").to_string();
        fs::write(home.path().join("checkpoint"), &note).expect("it can be written");
        fs::write(home.path().join("checkpoints"), &note).expect("it can be written");
        let (seq, kind) = bad(home.path());
        let last_of_0 = if epoch_of_2 == 0 { 3 } else { 1 };
        assert!(matches!(kind, FaultKind::NotClosed { epoch: 0, .. }), "{kind}");
        assert_eq!(seq, last_of_0);
    }
}

#[test]
fn l05_a_proof_of_an_old_record_signed_with_the_current_key_is_refused() {
    let home = signed();
    let key = verified(home.path()).expect("it holds").key;
    let policy = Policy::unwitnessed(vec![key]).expect("one key");
    let signer = thief(home.path());
    let (lines, tree) = rewritten(home.path(), 0);
    let leaves: Vec<Hash> = lines.iter().map(|line| Hash::of_record(line)).collect();
    let reader = |nodes: &[mpp_audit::tree::Node]| {
        let subtree = |node: &mpp_audit::tree::Node| {
            let mut tree = CompactTree::new();
            let first = (node.index << node.level) as usize;
            leaves[first..first + (1 << node.level)].iter().for_each(|leaf| tree.append(*leaf));
            tree.root()
        };
        Ok::<_, ()>(nodes.iter().map(subtree).collect())
    };
    let path: InclusionProof = mpp_audit::tree::prove_inclusion(2, tree.size(), &reader).expect("a proof");
    let checkpoint = Checkpoint::new(signer.key().name().clone(), tree.head()).expect("a size");
    let checkpoint = checkpoint.sign_in_epoch(&signer).expect("it signs");
    let forged = RecordProof::new(2, lines[2].clone(), path, checkpoint).expect("it is consistent");
    let refused = check_proof(forged.to_string().as_bytes(), &policy).expect_err("the key came later");
    assert_eq!(refused, ProofRefused::WrongEpoch { record: 0 });
}

#[test]
fn l05_nothing_leads_from_a_secret_to_the_one_before() {
    let first = Seed::new(Zeroizing::new([7; 32]));
    let keys = PublicKeys::derive(&first, 3).expect("three keys");
    let name = || "mpp-audit/x".parse().expect("a name");
    let second: [u8; 32] =
        Sha256::new().chain_update("mpp-audit/epoch/seed/v1\n").chain_update([7; 32]).finalize().into();
    let secret: [u8; 32] =
        Sha256::new().chain_update("mpp-audit/epoch/key/v1\n").chain_update(second).finalize().into();
    let public = SigningKey::from_bytes(&secret).verifying_key().to_bytes();
    assert_eq!(keys.to_bytes()[32..64], public);
    let stolen = || Seed::new(Zeroizing::new(second));
    assert!(EpochSigner::new(name(), &keys, 0, stolen()).is_none());
    assert!(EpochSigner::new(name(), &keys, 1, stolen()).is_some());
    assert!(EpochSigner::new(name(), &keys, 2, stolen().next()).is_some());
}

#[test]
fn l06_a_copied_log_that_is_continued_beside_the_first_accuses_its_owner() {
    let home = home();
    let log = open_quiet(home.path());
    assert!(matches!(Log::open(home.path(), SystemClock), Err(LogError::Locked { .. })));
    let copied = crashed(home.path());
    let other = open_quiet(copied.path());
    let [one, two] = [(&log, "com.example"), (&other, "org.example")].map(|(log, publisher)| {
        log.append(&pinned(publisher)).expect("the event is recorded");
        let signed: SignedCheckpoint = log.checkpoint().expect("it is signed");
        signed.verify(std::slice::from_ref(log.key())).expect("one key for both")
    });
    let fork = Fork::between(&one, &two).expect("the same size, another root");
    assert!(fork.to_string().contains(&one.signed().to_string()));
}

#[test]
fn l19_whatever_the_clock_does_the_order_stays() {
    let home = home();
    // 2106, 1969, a leap second, the end of summer time, the year 10000.
    for seconds in [1 << 32, -1, 1_483_228_800, 1_792_976_400, 260_000_000_000_i64, 5] {
        let offset = Duration::from_secs(seconds.unsigned_abs());
        let now = if seconds < 0 { SystemTime::UNIX_EPOCH - offset } else { SystemTime::UNIX_EPOCH + offset };
        let settings = Settings { epochs: 3, epoch_lasts: Duration::from_secs(86_400), ..quiet() };
        let log = Log::open_with(home.path(), move || now, settings).expect("the log opens");
        log.append(&pinned("com.example")).expect("the event is recorded");
        log.append(&pinned("com.example")).expect("the event is recorded");
    }
    let verified = verified(home.path()).expect("it holds");
    assert_eq!(verified.summary.records, 13);
    assert!(verified.epochs <= 3);
}

#[test]
fn l20_whatever_256_writers_were_told_is_on_record_after_a_crash() {
    let home = home();
    let log = open_quiet(home.path());
    let copied = crate::support::home();
    let receipts: Vec<_> = std::thread::scope(|scope| {
        let writer = |n| {
            let log = &log;
            scope.spawn(move || log.append(&call("count", &format!("writer {n}"))))
        };
        let writers: Vec<_> = (0..256).map(writer).collect();
        writers.into_iter().map(|writer| writer.join().expect("no panic").expect("it is recorded")).collect()
    });
    copy(home.path(), copied.path());
    drop(open_quiet(copied.path()));
    let expected = Expected { receipts: &receipts, ..Expected::default() };
    let verified = verify_log(copied.path(), &expected).expect("it holds");
    assert_eq!((verified.summary.records, verified.signed.size), (257, 257));
}

#[test]
fn every_record_is_proven_to_whoever_has_only_the_key() {
    let home = signed();
    let key = verified(home.path()).expect("it holds").key;
    let policy = Policy::unwitnessed(vec![key]).expect("one key");
    for (seq, line) in lines(&fs::read(file(home.path())).expect("it is there")).iter().enumerate() {
        let proof = prove(home.path(), seq as u64).expect("it is signed").to_string();
        let proven = check_proof(proof.as_bytes(), &policy).expect("it holds");
        assert_eq!(proven.record.line.as_bytes(), line.strip_suffix(b"\n").expect("a line"));
        assert_eq!(proven.accepted.checkpoint().epoch(), Some(u32::from(seq > 3)));
        let other = Policy::unwitnessed(vec![open_quiet(crate::support::home().path()).key().clone()]);
        assert!(check_proof(proof.as_bytes(), &other.expect("one key")).is_err());
    }
    let failed = prove(home.path(), 8).expect_err("there is none");
    assert_eq!(
        failed.to_string(),
        "no checkpoint covers record 8: the newest covers 8 records, the first of them is 0"
    );
}

#[test]
fn growth_is_shown_from_every_checkpoint_there_was_and_a_change_since_is_found() {
    let home = signed();
    let all = fs::read_to_string(home.path().join("checkpoints")).expect("it is there");
    let name = all.lines().next().expect("a line").to_owned();
    let starts: Vec<usize> = all.match_indices(&format!("{name}\n")).map(|(place, _)| place).collect();
    let ends = starts[1..].iter().copied().chain([all.len()]);
    for (start, end) in starts.iter().zip(ends) {
        let old = SignedCheckpoint::parse(&all.as_bytes()[*start..end]).expect("a checkpoint");
        let grown = verify_growth(home.path(), &old, None).expect("it has grown");
        assert_eq!((grown.old, grown.new.size, grown.head.seq), (*old.claimed().head(), 8, 7));
    }
    let first = SignedCheckpoint::parse(&all.as_bytes()[..starts[1]]).expect("a checkpoint");
    let good = String::from_utf8(fs::read(file(home.path())).expect("it is there")).expect("text");
    fs::write(file(home.path()), good.replace("number 6", "number 9")).expect("it can be written");
    let refused = verify_growth(home.path(), &first, None).expect_err("a record was changed");
    assert!(matches!(refused, NotGrown::Read(ReadError::Fault(_))), "{refused:?}");
}

#[test]
fn l23_hostile_files_never_panic_a_reader() {
    let home = signed();
    let good = everything(home.path());
    let names: Vec<_> = good.keys().cloned().collect();
    let strategy =
        (any::<Index>(), proptest::collection::vec(any::<u8>(), 0..600), any::<Index>(), any::<bool>());
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(300));
    let run = runner.run(&strategy, |(which, bytes, at, whole)| {
        let path = &names[which.index(names.len())];
        let mut content = if whole { Vec::new() } else { good[path].clone() };
        content.truncate(at.index(good[path].len() + 1));
        content.extend(bytes);
        fs::write(path, &content).expect("it can be written");
        let changed = content != good[path] && !path.ends_with("epochs/secret");
        let verified = verify_log(home.path(), &Expected::default());
        // What follows the evidence was left by an interrupted writer.
        let is_longer = content.starts_with(&good[path]) && path != &file(home.path());
        prop_assert!(!changed || is_longer || verified.is_err(), "{:?}", path);
        let _ = prove(home.path(), 2);
        let _ = Log::open_with(crashed(home.path()).path(), SystemClock, quiet());
        fs::write(path, &good[path]).expect("it can be written");
        Ok(())
    });
    run.expect("no input is believed");
}
