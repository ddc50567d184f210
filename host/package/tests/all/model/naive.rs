//! What an operator's trust has to come to, in numbers and sets: as short as the
//! rules can be written, and nothing like the code under test.

/// Hours since the beginning of the story.
pub type Hour = u64;

/// Some of up to eight keys, a bit each.
pub type Keys = u8;

/// Keys, and how many of them must sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Role {
    pub keys: Keys,
    pub threshold: u32,
}

impl Role {
    fn is_met_by(self, signers: Keys) -> bool {
        (self.keys & signers).count_ones() >= self.threshold
    }

    /// Enough of its keys signed, and none of them is named by a signature that
    /// does not hold.
    fn accepts(self, signers: Signers) -> bool {
        self.keys & signers.named == 0 && self.is_met_by(signers.good)
    }
}

/// The keys that signed a document, and those that are named by signatures which
/// do not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signers {
    pub good: Keys,
    pub named: Keys,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Root {
    pub version: u64,
    pub root: Role,
    pub release: Role,
    pub index: Option<Role>,
    pub issued: Hour,
    pub expires: Hour,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    Absent,
    Active,
    Yanked,
    Revoked,
}

/// How many releases there are.
pub const RELEASES: usize = 3;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Index {
    pub version: u64,
    pub releases: [Status; RELEASES],
    pub issued: Hour,
    pub expires: Hour,
}

/// One of the releases, with what its publisher signed about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Package {
    pub release: usize,
    pub sequence: u64,
    pub not_after: Option<Hour>,
}

/// A document and who signed it.
pub type Signed<T> = (T, Signers);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    pub index: Signed<Index>,
    pub superseded: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Memory {
    pub sequence: u64,
    pub release: Option<usize>,
    pub signers: Keys,
}

/// The code of a refusal.
pub type Refused = &'static str;

#[derive(Debug, Clone, Default)]
pub struct Naive {
    /// The package that was verified last, and whose signatures on it counted.
    verified: Option<(Package, Keys)>,
    /// Release keys that were pinned; none where there is a root.
    pub pinned: Keys,
    pub root: Option<Root>,
    pub held: Option<Held>,
    pub memory: Option<Memory>,
    pub refuse_stale: bool,
    pub max_age: Option<Hour>,
}

impl Naive {
    pub fn pin_key(&mut self, key: Keys) -> Result<(), Refused> {
        if self.root.is_some() {
            return Err("has-root");
        }
        self.pinned |= key;
        Ok(())
    }

    pub fn remove_key(&mut self, key: Keys) {
        if self.pinned & key == 0 {
            return;
        }
        self.pinned &= !key;
        self.memory = self.memory.filter(|memory| memory.signers & self.pinned != 0);
    }

    pub fn pin(&mut self, (root, signers): Signed<Root>, now: Hour) -> Result<(), Refused> {
        if !root.root.accepts(signers) {
            return Err("root-not-signed");
        }
        match self.root {
            Some(held) if held == root => return Ok(()),
            Some(_) => return Err("root-pinned"),
            None if root.expires < now => return Err("root-expired"),
            None => (self.pinned, self.root) = (0, Some(root)),
        }
        self.forget_all_but(root.release);
        Ok(())
    }

    pub fn follow(&mut self, chain: &[Signed<Root>], now: Hour) -> Result<(), Refused> {
        let held = self.root.ok_or("no-root")?;
        let mut last = held;
        for &(next, signers) in chain {
            if next == last {
                continue;
            }
            if !last.root.accepts(signers) || !next.root.accepts(signers) {
                return Err("root-not-signed");
            }
            if next.version != last.version + 1 {
                return Err("root-not-next");
            }
            last = next;
        }
        if last.expires < now {
            return Err("root-expired");
        }
        if last != held {
            self.root = Some(last);
            if let Some(held) = &mut self.held {
                held.superseded |= !last.index.is_some_and(|role| role.is_met_by(held.index.1.good));
            }
            self.forget_all_but(last.release);
        }
        Ok(())
    }

    pub fn refresh(&mut self, index: Signed<Index>, now: Hour) -> Result<(), Refused> {
        let root = self.root.ok_or("no-root")?;
        let role = root.index.ok_or("no-index-role")?;
        if !role.accepts(index.1) {
            return Err("index-not-signed");
        }
        let before = self.held.filter(|held| !held.superseded).map(|held| held.index.0);
        if let Some(before) = before.filter(|before| *before != index.0) {
            if index.0.version <= before.version {
                return Err("index-not-newer");
            }
            let pairs = before.releases.iter().zip(index.0.releases);
            if pairs.into_iter().any(|(was, is)| *was == Status::Revoked && is != Status::Revoked) {
                return Err("index-unrevokes");
            }
        }
        if index.0.expires < now {
            return Err("index-expired");
        }
        if before != Some(index.0) {
            self.held = Some(Held { index, superseded: false });
        }
        Ok(())
    }

    pub fn verify(&mut self, signed: Signed<Package>, now: Hour) -> Result<(), Refused> {
        let role = match self.root {
            Some(root) => root.release,
            None => Role { keys: self.pinned, threshold: 1 },
        };
        self.judge(role, signed, now)?;
        self.verified = Some((signed.0, role.keys & signed.1.good));
        Ok(())
    }

    fn judge(&self, role: Role, (package, signers): Signed<Package>, now: Hour) -> Result<(), Refused> {
        if role.keys == 0 {
            return Err("untrusted-publisher");
        }
        if role.keys & signers.named != 0 {
            return Err("invalid-signature");
        }
        if role.keys & signers.good == 0 {
            return Err("untrusted-key");
        }
        if !role.accepts(signers) {
            return Err("too-few-signatures");
        }
        let counting = self.held.filter(|held| !held.superseded).map(|held| held.index.0);
        let newest = [self.root.map(|root| root.issued), counting.map(|index| index.issued)];
        let now = newest.into_iter().flatten().fold(now, Hour::max);
        if package.not_after.is_some_and(|end| end < now) {
            return Err("expired");
        }
        let before = self.memory.filter(|memory| memory.release == Some(package.release));
        if let Some(root) = self.root {
            if self.held.is_some_and(|held| held.index.0.releases[package.release] == Status::Revoked) {
                return Err("revoked");
            }
            if before.is_none() || self.refuse_stale {
                self.vouched_for(root, counting, package.release, now)?;
            }
        }
        match self.memory {
            Some(memory) if package.sequence < memory.sequence && before.is_none() => Err("rolled-back"),
            _ => Ok(()),
        }
    }

    fn vouched_for(
        &self,
        root: Root,
        counting: Option<Index>,
        release: usize,
        now: Hour,
    ) -> Result<(), Refused> {
        if root.expires < now {
            return Err("root-expired");
        }
        if root.index.is_none() {
            return Ok(());
        }
        let index = counting.ok_or("no-index")?;
        if index.expires < now || self.max_age.is_some_and(|age| index.issued + age < now) {
            return Err("stale-index");
        }
        match index.releases[release] {
            Status::Active => Ok(()),
            Status::Absent => Err("unlisted"),
            Status::Yanked | Status::Revoked => Err("yanked"),
        }
    }

    /// Accepts what was verified last, whatever happened since.
    pub fn accept(&mut self) {
        let Some((package, signers)) = self.verified else { return };
        if self.memory.is_none_or(|memory| memory.sequence <= package.sequence) {
            let (sequence, release) = (package.sequence, Some(package.release));
            self.memory = Some(Memory { sequence, release, signers });
        }
    }

    fn forget_all_but(&mut self, release: Role) {
        self.memory = self.memory.filter(|memory| release.is_met_by(memory.signers));
    }

    pub fn withdraw(&mut self) {
        if let Some(memory) = &mut self.memory {
            memory.release = None;
        }
    }

    pub fn forget(&mut self) {
        self.memory = None;
    }

    /// Whoever is trusted, and everything about them.
    pub fn remove(&mut self) {
        if self.pinned == 0 && self.root.is_none() {
            return;
        }
        let Self { verified, refuse_stale, max_age, .. } = *self;
        *self = Self { verified, refuse_stale, max_age, ..Self::default() };
    }
}
