//! Which witnesses are enough.

use super::error::PolicyFault;

/// The groups of a policy, each with members above it only, and the member that
/// counts in the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Quorum {
    groups: Vec<Group>,
    /// Nothing where no witness is asked for.
    root: Option<Member>,
}

/// What a name in a policy stands for: a place among the witnesses, or one among
/// the groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Member {
    Witness(usize),
    Group(usize),
}

/// So many of these members: at least one, and no more than there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group {
    threshold: usize,
    members: Vec<Member>,
}

impl Group {
    pub(super) fn new(threshold: usize, members: Vec<Member>) -> Result<Self, PolicyFault> {
        if (1..=members.len()).contains(&threshold) {
            Ok(Self { threshold, members })
        } else {
            Err(PolicyFault::Threshold { threshold, members: members.len() })
        }
    }
}

impl Quorum {
    /// No witness at all.
    pub(super) const fn none() -> Self {
        Self::new(Vec::new(), None)
    }

    /// So many of all witnesses.
    pub(super) fn of(threshold: usize, witnesses: usize) -> Result<Self, PolicyFault> {
        let group = Group::new(threshold, (0..witnesses).map(Member::Witness).collect())?;
        Ok(Self::new(vec![group], Some(Member::Group(0))))
    }

    pub(super) const fn new(groups: Vec<Group>, root: Option<Member>) -> Self {
        Self { groups, root }
    }

    /// Whether any witness is asked for.
    pub(super) const fn asks(&self) -> bool {
        self.root.is_some()
    }

    /// Whether these witnesses, in the order of the policy, are enough.
    pub(super) fn reached(&self, cosigned: &[bool]) -> bool {
        let mut groups: Vec<bool> = Vec::with_capacity(self.groups.len());
        for group in &self.groups {
            let members = group.members.iter().filter(|member| is_set(cosigned, &groups, **member)).count();
            groups.push(members >= group.threshold);
        }
        self.root.is_none_or(|root| is_set(cosigned, &groups, root))
    }
}

fn is_set(witnesses: &[bool], groups: &[bool], member: Member) -> bool {
    let set = match member {
        Member::Witness(place) => witnesses.get(place),
        Member::Group(place) => groups.get(place),
    };
    set == Some(&true)
}
