//! Logs that somebody wrote with bad intent, at random.

use std::sync::OnceLock;

use mpp_audit::Receipt;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::support::{lines, verified, written};

/// One log for all cases: its bytes and its last receipt.
fn log() -> &'static (Vec<u8>, Receipt) {
    static LOG: OnceLock<(Vec<u8>, Receipt)> = OnceLock::new();
    LOG.get_or_init(|| {
        let (log, receipts) = written(8);
        (log, receipts[7])
    })
}

/// One thing done to a log.
#[derive(Debug, Clone)]
enum Deed {
    /// Bytes replaced by others.
    Bytes(Index, usize, Vec<u8>),
    Delete(Index),
    Repeat(Index, Index),
    Swap(Index, Index),
    Truncate(Index),
}

impl Deed {
    fn done_to(&self, log: &[u8]) -> Vec<u8> {
        let mut lines = lines(log);
        match self {
            _ if log.is_empty() => {}
            Self::Bytes(at, gone, new) => {
                let at = at.index(log.len());
                let rest = &log[(at + gone).min(log.len())..];
                return [&log[..at], new, rest].concat();
            }
            Self::Truncate(at) => return log[..at.index(log.len())].to_vec(),
            Self::Delete(at) => drop(lines.remove(at.index(lines.len()))),
            Self::Repeat(which, at) => {
                let line = lines[which.index(lines.len())].clone();
                lines.insert(at.index(lines.len() + 1), line);
            }
            Self::Swap(one, two) => {
                let (one, two) = (one.index(lines.len()), two.index(lines.len()));
                lines.swap(one, two);
            }
        }
        lines.concat()
    }
}

fn deed() -> impl Strategy<Value = Deed> {
    let at = any::<Index>;
    prop_oneof![
        (at(), 0..4_usize, proptest::collection::vec(any::<u8>(), 0..4))
            .prop_map(|(at, gone, new)| Deed::Bytes(at, gone, new)),
        at().prop_map(Deed::Delete),
        (at(), at()).prop_map(|(which, at)| Deed::Repeat(which, at)),
        (at(), at()).prop_map(|(one, two)| Deed::Swap(one, two)),
        at().prop_map(Deed::Truncate),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn whatever_is_done_to_a_log_shows_against_its_last_receipt(
        deeds in proptest::collection::vec(deed(), 1..4),
    ) {
        let (good, head) = log();
        let bad = deeds.iter().fold(good.clone(), |log, deed| deed.done_to(&log));
        prop_assume!(bad != *good);
        match verified(&bad, &[*head]) {
            Err(_) => {}
            // More after the receipt is growth, if it holds as a log.
            Ok(summary) => prop_assert!(summary.records > 8 && bad.starts_with(good)),
        }
    }

    #[test]
    fn whatever_is_done_before_the_last_record_shows_in_the_log_itself(deed in deed()) {
        let (good, _) = log();
        let before = lines(good)[..7].concat();
        let bad = deed.done_to(&before);
        prop_assume!(bad != before);
        let bad = [bad, lines(good)[7].clone()].concat();
        prop_assert!(verified(&bad, &[]).is_err());
    }

    #[test]
    fn arbitrary_bytes_never_panic_the_verifier(bytes in proptest::collection::vec(any::<u8>(), 0..4000)) {
        prop_assert!(verified(&bytes, &[]).is_err());
    }

    #[test]
    fn arbitrary_bytes_after_a_log_never_panic_the_verifier(
        bytes in proptest::collection::vec(any::<u8>(), 1..400),
    ) {
        let (good, head) = log();
        let (seq, line, _) = verified(&[good, &bytes[..]].concat(), &[*head]).expect_err("that is no record");
        prop_assert_eq!((seq, line), (8, 9));
    }
}
