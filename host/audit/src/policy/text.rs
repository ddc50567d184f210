//! Reading the file of a policy.

use std::collections::HashMap;

use super::error::{PolicyError, PolicyFault};
use super::quorum::{Group, Member, Quorum};
use super::{MAX_POLICY_BYTES, Policy, Witness};
use crate::note::{KeyError, LogKey};
use crate::spelling::decimal;

/// The name for no witness at all.
const NONE: &[u8] = b"none";

impl Policy {
    /// Reads the file of a policy.
    pub fn parse(bytes: &[u8]) -> Result<Self, PolicyError> {
        if bytes.len() > MAX_POLICY_BYTES {
            return Err(PolicyError::TooLong { found: bytes.len() });
        }
        let mut reader = Reader::default();
        if let Some(text) = bytes.strip_suffix(b"\n") {
            for (number, line) in (1..).zip(text.split(|byte| *byte == b'\n')) {
                reader.line(line).map_err(|fault| PolicyError::Line { line: number, fault })?;
            }
        } else if !bytes.is_empty() {
            return Err(PolicyError::Cut);
        }
        reader.finish()
    }
}

/// What has been read so far.
#[derive(Default)]
struct Reader<'t> {
    logs: Vec<LogKey>,
    witnesses: Vec<Witness>,
    groups: Vec<Group>,
    names: HashMap<&'t [u8], Member>,
    /// Members of a group already.
    taken: Vec<Member>,
    /// The outer is there once a line said what the quorum is.
    quorum: Option<Option<Member>>,
}

impl<'t> Reader<'t> {
    fn line(&mut self, line: &'t [u8]) -> Result<(), PolicyFault> {
        if let Some(code) = line.iter().find(|byte| (**byte < b' ' && **byte != b'\t') || **byte == 0x7f) {
            return Err(PolicyFault::Control { code: *code });
        }
        let items: Vec<&[u8]> =
            line.split(|byte| matches!(byte, b' ' | b'\t')).filter(|item| !item.is_empty()).collect();
        match items.as_slice() {
            [] => Ok(()),
            [first, ..] if first.starts_with(b"#") => Ok(()),
            [b"log", key] | [b"log", key, _] => self.log(key),
            [b"witness", name, key] => self.witness(name, key, None),
            [b"witness", name, key, url] => self.witness(name, key, Some(text(url)?.to_owned())),
            [b"group", name, threshold, members @ ..] if !members.is_empty() => {
                self.group(name, threshold, members)
            }
            [b"quorum", name] => self.set_quorum(name),
            _ => Err(PolicyFault::Form),
        }
    }

    fn log(&mut self, key: &[u8]) -> Result<(), PolicyFault> {
        let key: LogKey = parse(key)?;
        if self.logs.iter().any(|known| known.as_key().as_bytes() == key.as_key().as_bytes()) {
            return Err(PolicyFault::KeyTwice);
        }
        self.logs.push(key);
        Ok(())
    }

    fn witness(&mut self, name: &'t [u8], key: &[u8], url: Option<String>) -> Result<(), PolicyFault> {
        let witness = Witness { key: parse(key)?, url };
        let bytes = witness.key.as_key().as_bytes();
        if self.witnesses.iter().any(|known| known.key.as_key().as_bytes() == bytes) {
            return Err(PolicyFault::KeyTwice);
        }
        self.define(name, Member::Witness(self.witnesses.len()))?;
        self.witnesses.push(witness);
        Ok(())
    }

    fn group(&mut self, name: &'t [u8], threshold: &[u8], names: &[&[u8]]) -> Result<(), PolicyFault> {
        let mut members = Vec::new();
        for name in names {
            let member = self.defined(name)?;
            if self.taken.contains(&member) {
                return Err(PolicyFault::MemberTwice);
            }
            self.taken.push(member);
            members.push(member);
        }
        let threshold = match threshold {
            b"all" => members.len(),
            b"any" => 1,
            number => count(number).ok_or(PolicyFault::Form)?,
        };
        let group = Group::new(threshold, members)?;
        self.define(name, Member::Group(self.groups.len()))?;
        self.groups.push(group);
        Ok(())
    }

    fn set_quorum(&mut self, name: &[u8]) -> Result<(), PolicyFault> {
        let member = if name == NONE { None } else { Some(self.defined(name)?) };
        if self.quorum.replace(member).is_some() { Err(PolicyFault::QuorumTwice) } else { Ok(()) }
    }

    fn define(&mut self, name: &'t [u8], member: Member) -> Result<(), PolicyFault> {
        let taken = name == NONE || self.names.insert(name, member).is_some();
        if taken { Err(PolicyFault::NameTaken) } else { Ok(()) }
    }

    fn defined(&self, name: &[u8]) -> Result<Member, PolicyFault> {
        self.names.get(name).copied().ok_or(PolicyFault::UnknownName)
    }

    fn finish(self) -> Result<Policy, PolicyError> {
        let root = self.quorum.ok_or(PolicyError::NoQuorum)?;
        let quorum = Quorum::new(self.groups, root);
        Ok(Policy { logs: self.logs, witnesses: self.witnesses, quorum })
    }
}

fn text(item: &[u8]) -> Result<&str, PolicyFault> {
    std::str::from_utf8(item).map_err(|_| PolicyFault::NotUtf8)
}

fn parse<K: std::str::FromStr<Err = KeyError>>(item: &[u8]) -> Result<K, PolicyFault> {
    Ok(text(item)?.parse()?)
}

fn count(item: &[u8]) -> Option<usize> {
    decimal(std::str::from_utf8(item).ok()?)?.try_into().ok()
}
