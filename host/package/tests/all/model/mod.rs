//! Everything that can happen to an operator's trust, in any order, against a
//! model that is short enough to be believed.

mod naive;
mod real;
mod story;

use std::collections::BTreeSet;

use mpp_package::{Digest, Keyring, SignedRoot, Status, TrustPolicy, VerifiedPackage, WhenStale};
use proptest::{prelude::*, test_runner::TestCaseResult};

use self::{
    naive::{Hour, Naive},
    real::{RELEASE_SEEDS, Seen, at, hours, seen},
    story::{Step, story},
};
use crate::{
    publisher::public,
    support::{parts, publisher},
};

/// Stories per run: some seconds.
const STORIES: u32 = 256;

/// Model and code, side by side.
struct Both {
    naive: Naive,
    keyring: Keyring,
    verified: Option<VerifiedPackage>,
    clock: Hour,
}

/// What became of a step: nothing, or the code of a refusal.
type Outcome = Result<(), &'static str>;

impl Both {
    /// Takes the step in the code under test.
    fn real(&mut self, step: &Step) -> Outcome {
        let (publisher, name, now) = (publisher(), parts().name, at(self.clock));
        let keyring = &mut self.keyring;
        match step {
            Step::PinKey(bit) => {
                let key = public(RELEASE_SEEDS[bit.trailing_zeros() as usize]);
                keyring.pin(&publisher, key).map(drop).map_err(|_| "has-root")
            }
            Step::RemoveKey(bit) => {
                let key = public(RELEASE_SEEDS[bit.trailing_zeros() as usize]);
                keyring.remove_key(&publisher, &key.id());
                Ok(())
            }
            Step::Pin(root) => {
                let root = SignedRoot::open(real::root(*root)).map_err(|_| "root-not-signed")?;
                keyring.pin_root(root, now).map(drop).map_err(|error| error.code())
            }
            Step::Follow(chain) => {
                let chain = chain.iter().copied().map(real::root).collect();
                keyring.update_root(&publisher, chain, now).map(drop).map_err(|error| error.code())
            }
            Step::Refresh(index) => {
                let index = real::index(*index);
                keyring.refresh(&publisher, index, now).map(drop).map_err(|error| error.code())
            }
            Step::Verify(package) => {
                let verified = keyring.verify(real::package(*package), now).map_err(|error| error.code())?;
                self.verified = Some(verified);
                Ok(())
            }
            Step::Accept => {
                let Some(verified) = &self.verified else { return Ok(()) };
                keyring.accept(verified).map(drop).map_err(|_| "memory-full")
            }
            Step::Withdraw => {
                keyring.withdraw(&publisher, &name);
                Ok(())
            }
            Step::Forget => {
                keyring.forget(&publisher, &name);
                Ok(())
            }
            Step::Remove => {
                keyring.remove(&publisher);
                Ok(())
            }
            Step::Clock(_) => Ok(()),
            Step::Policy { refuse_stale, max_age } => {
                let when_stale = if *refuse_stale { WhenStale::Refuse } else { WhenStale::RunAccepted };
                keyring.set_policy(TrustPolicy { max_index_age: max_age.map(hours), when_stale });
                Ok(())
            }
        }
    }

    /// Takes it in the model.
    fn model(&mut self, step: &Step) -> Outcome {
        let (naive, now) = (&mut self.naive, self.clock);
        match step {
            Step::PinKey(bit) => naive.pin_key(*bit),
            Step::RemoveKey(bit) => {
                naive.remove_key(*bit);
                Ok(())
            }
            Step::Pin(root) => naive.pin(*root, now),
            Step::Follow(chain) => naive.follow(chain, now),
            Step::Refresh(index) => naive.refresh(*index, now),
            Step::Verify(package) => naive.verify(*package, now),
            Step::Accept => {
                naive.accept();
                Ok(())
            }
            Step::Withdraw => {
                naive.withdraw();
                Ok(())
            }
            Step::Forget => {
                naive.forget();
                Ok(())
            }
            Step::Remove => {
                naive.remove();
                Ok(())
            }
            Step::Clock(hour) => {
                self.clock = *hour;
                Ok(())
            }
            Step::Policy { refuse_stale, max_age } => {
                (naive.refuse_stale, naive.max_age) = (*refuse_stale, *max_age);
                Ok(())
            }
        }
    }

    fn take(&mut self, step: &Step) -> TestCaseResult {
        let before = self.keyring.clone();
        let real = self.real(step);
        prop_assert_eq!(real, self.model(step), "{:?}", step);
        prop_assert_eq!(seen(&self.keyring), of(&self.naive), "{:?}", step);
        if real.is_err() || matches!(step, Step::Verify(_)) {
            prop_assert_eq!(&self.keyring, &before, "{:?}", step);
        }
        nothing_went_back(step, &before, &self.keyring)?;
        let written = self.keyring.to_json().unwrap();
        prop_assert_eq!(&Keyring::from_json(written.as_bytes()).unwrap(), &self.keyring);
        Ok(())
    }
}

/// What the model shows of itself.
fn of(naive: &Naive) -> Seen {
    Seen {
        pinned: naive.pinned,
        root: naive.root.map(|root| root.version),
        index: naive.held.map(|held| (held.index.0.version, held.superseded)),
        memory: naive.memory,
    }
}

/// Without the model: versions and numbers rise, and what is revoked stays so,
/// until the operator or a rotation of keys says otherwise.
fn nothing_went_back(step: &Step, before: &Keyring, after: &Keyring) -> TestCaseResult {
    if matches!(step, Step::Remove | Step::RemoveKey(_) | Step::Forget) {
        return Ok(());
    }
    let (was, is) = (seen(before), seen(after));
    prop_assert!(was.root <= is.root);
    let rotated = was.root != is.root;
    if let Some((version, superseded)) = was.index {
        prop_assert!(superseded || is.index.is_some_and(|(now, _)| version <= now));
        prop_assert!(superseded || revoked(before).is_subset(&revoked(after)));
        prop_assert!(!rotated || revoked(before) == revoked(after));
    }
    if let Some(memory) = was.memory {
        prop_assert!(rotated || is.memory.is_some_and(|now| memory.sequence <= now.sequence));
    }
    Ok(())
}

fn revoked(keyring: &Keyring) -> BTreeSet<Digest> {
    let index = keyring.root_trust(&publisher()).and_then(|trust| trust.index());
    let releases = index.map(|held| held.index().parts().releases.iter()).into_iter().flatten();
    let revoked = releases.filter(|release| matches!(release.status, Status::Revoked(_)));
    revoked.map(|release| release.digest).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(STORIES))]

    /// P12 and P15.
    #[test]
    fn no_history_brings_back_what_is_older_unsigned_or_skipped(story in story()) {
        let mut both = Both { naive: Naive::default(), keyring: Keyring::empty(), verified: None, clock: 0 };
        for step in &story {
            both.take(step)?;
        }
    }
}
