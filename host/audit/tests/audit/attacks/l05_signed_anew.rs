//! L5: everything is written anew, and signed with the key of the day.

use std::fs;
use std::path::Path;

use ed25519_dalek::SigningKey;
use mpp_audit::checkpoint::Checkpoint;
use mpp_audit::epoch::{EpochSigner, PublicKeys, Seed};
use mpp_audit::policy::Policy;
use mpp_audit::proof::RecordProof;
use mpp_audit::tree::{CompactTree, InclusionProof};
use mpp_audit::{FaultKind, Hash, ProofRefused, check_proof};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::{bad, signed, verified};
use crate::support::{file, lines};

/// What somebody can sign who took over the host in epoch 1.
pub(super) fn thief(dir: &Path) -> EpochSigner {
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
