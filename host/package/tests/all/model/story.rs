//! Random stories: what a publisher, its thieves and an operator may do, in any
//! order.

use proptest::{
    collection::vec,
    option,
    prelude::*,
    sample::{select, subsequence},
};

use super::naive::{Hour, Index, Keys, Package, RELEASES, Role, Root, Signed, Signers, Status};

/// How many roots follow each other.
const ROOTS: u64 = 4;

/// How many indexes there are in a story, some of the same version.
const INDEXES: usize = 6;

/// The last hour at which anything happens.
const END: Hour = 40;

#[derive(Debug, Clone)]
pub enum Step {
    PinKey(Keys),
    RemoveKey(Keys),
    Pin(Signed<Root>),
    Follow(Vec<Signed<Root>>),
    Refresh(Signed<Index>),
    Verify(Signed<Package>),
    /// What was verified last is accepted.
    Accept,
    Withdraw,
    Forget,
    Remove,
    Clock(Hour),
    Policy {
        refuse_stale: bool,
        max_age: Option<Hour>,
    },
}

/// Mostly all of them, now and then some or none; and now and then the name of
/// one that did not sign.
fn signers(count: u32) -> impl Strategy<Value = Signers> {
    let all = (1_u8 << count) - 1;
    let good = prop_oneof![2 => Just(all), 3 => 0..=all];
    let named = prop_oneof![5 => Just(0), 1 => 0..=all];
    (good, named).prop_map(|(good, named)| Signers { good, named: named & !good })
}

fn role(count: u32) -> impl Strategy<Value = Role> {
    let all = (1_u8 << count) - 1;
    (prop_oneof![1 => Just(all), 2 => 1..=all], 1..=2_u32)
        .prop_map(|(keys, threshold)| Role { keys, threshold: threshold.min(keys.count_ones()) })
}

/// When something begins and ends; mostly it lasts.
fn span() -> impl Strategy<Value = (Hour, Hour)> {
    (0..END, prop_oneof![2 => Just(2 * END), 1 => 1..10_u64]).prop_map(|(from, life)| (from, from + life))
}

fn root(version: u64) -> impl Strategy<Value = Root> {
    (role(3), role(3), option::weighted(0.85, role(2)), span()).prop_map(
        move |(root, release, index, (issued, expires))| Root {
            version,
            root,
            release,
            index,
            issued,
            expires,
        },
    )
}

/// The roots of a publisher, one version after the other, and as many that
/// somebody else has made up.
fn roots() -> impl Strategy<Value = Vec<Root>> {
    let history = || (1..=ROOTS).map(root).collect::<Vec<_>>();
    (history(), history()).prop_map(|(genuine, made_up)| [genuine, made_up].concat())
}

fn index() -> impl Strategy<Value = Index> {
    let status = prop_oneof![
        4 => Just(Status::Active),
        1 => Just(Status::Absent),
        1 => Just(Status::Yanked),
        1 => Just(Status::Revoked),
    ];
    (1..5_u64, [status.clone(), status.clone(), status], span())
        .prop_map(|(version, releases, (issued, expires))| Index { version, releases, issued, expires })
}

fn package() -> impl Strategy<Value = Signed<Package>> {
    let package = (0..RELEASES, 1..5_u64, option::weighted(0.2, 1..END))
        .prop_map(|(release, sequence, not_after)| Package { release, sequence, not_after });
    (package, signers(3))
}

/// Mostly a run of one history; now and then any of both, with gaps.
fn chain(roots: Vec<Root>) -> impl Strategy<Value = Vec<Signed<Root>>> {
    let all = roots.clone();
    let run = (0..roots.len(), 1..4_usize).prop_map(move |(from, length)| {
        let history = if from < ROOTS as usize { &all[..ROOTS as usize] } else { &all };
        history[from..history.len().min(from + length)].to_vec()
    });
    prop_oneof![3 => run, 1 => subsequence(roots, 0..4)].prop_flat_map(|chain| {
        let count = chain.len();
        vec(signers(3), count).prop_map(move |signers| chain.iter().copied().zip(signers).collect())
    })
}

fn step(roots: Vec<Root>, indexes: Vec<Index>) -> impl Strategy<Value = Step> {
    let first = (select(roots.clone()), signers(3));
    prop_oneof![
        4 => (0..3_u8).prop_map(|bit| Step::PinKey(1 << bit)),
        2 => (0..3_u8).prop_map(|bit| Step::RemoveKey(1 << bit)),
        5 => first.prop_map(Step::Pin),
        20 => chain(roots).prop_map(Step::Follow),
        20 => (select(indexes), signers(2)).prop_map(Step::Refresh),
        35 => package().prop_map(Step::Verify),
        25 => Just(Step::Accept),
        2 => Just(Step::Withdraw),
        2 => Just(Step::Forget),
        1 => Just(Step::Remove),
        8 => (0..END).prop_map(Step::Clock),
        3 => (any::<bool>(), option::of(0..END))
            .prop_map(|(refuse_stale, max_age)| Step::Policy { refuse_stale, max_age }),
    ]
}

/// A story begins with the first root, which is pinned then. Now and then there
/// was a key before it.
pub fn story() -> impl Strategy<Value = Vec<Step>> {
    let whole = |good| Signers { good, named: 0 };
    let documents = (roots(), vec(index(), INDEXES), package(), any::<bool>());
    documents.prop_flat_map(move |(roots, indexes, (package, _), key)| {
        let first = Root { expires: 2 * END, ..roots[0] };
        let roots = [&[first], &roots[1..]].concat();
        let before = vec![Step::PinKey(1), Step::Verify((package, whole(1))), Step::Accept];
        let before = if key { before } else { vec![] };
        vec(step(roots, indexes), 1..40).prop_map(move |steps| {
            before.iter().cloned().chain([Step::Pin((first, whole(7)))]).chain(steps).collect()
        })
    })
}
