//! Lists of entries: bounded, without repetition, and in the complete form
//! sorted.

use std::collections::BTreeSet;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Most entries one list of a permission may have. A boundary that a person
/// approves has a handful; 256 leaves room for generated manifests and keeps
/// every comparison of two lists cheap.
pub const MAX_ENTRIES: usize = 256;

/// A list of the author's form: any order, no entry twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unique<T>(pub(crate) Vec<T>);

/// A list of the complete form: strictly ascending, so that there is one
/// spelling of one set.
pub(crate) struct Sorted<T>(pub(crate) Vec<T>);

impl<'de, T: Deserialize<'de> + PartialEq> Deserialize<'de> for Unique<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let fits = |before: &[T], next: &T| !before.contains(next);
        let visitor =
            ListVisitor { fits, complaint: "an entry is there twice: keep one", entry: PhantomData };
        deserializer.deserialize_seq(visitor).map(Self)
    }
}

impl<'de, T: Deserialize<'de> + Ord> Deserialize<'de> for Sorted<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let fits = |before: &[T], next: &T| before.last().is_none_or(|last| last < next);
        let visitor = ListVisitor {
            fits,
            complaint: "the entries are not in ascending order, each once",
            entry: PhantomData,
        };
        deserializer.deserialize_seq(visitor).map(Self)
    }
}

struct ListVisitor<T, F> {
    /// Whether an entry may follow those before it.
    fits: F,
    complaint: &'static str,
    entry: PhantomData<T>,
}

impl<'de, T, F> Visitor<'de> for ListVisitor<T, F>
where
    T: Deserialize<'de>,
    F: Fn(&[T], &T) -> bool,
{
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of at most {MAX_ENTRIES} entries")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<T>, A::Error> {
        let mut list = Vec::new();
        while let Some(entry) = seq.next_element()? {
            if list.len() == MAX_ENTRIES {
                return Err(A::Error::custom(format_args!(
                    "more than {MAX_ENTRIES} entries: cover some of them by a wider one",
                )));
            }
            if !(self.fits)(&list, &entry) {
                return Err(A::Error::custom(self.complaint));
            }
            list.push(entry);
        }
        Ok(list)
    }
}

/// Writes a list sorted and without repetition, whatever its order in memory.
pub(crate) fn serialize_sorted<T, S>(list: &[T], serializer: S) -> Result<S::Ok, S::Error>
where
    T: Ord + Serialize,
    S: Serializer,
{
    serializer.collect_seq(list.iter().collect::<BTreeSet<_>>())
}

/// Sorts a list and drops what is there twice.
pub(crate) fn normalise<T: Ord>(list: &mut Vec<T>) {
    list.sort_unstable();
    list.dedup();
}
