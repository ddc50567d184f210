//! Lists that stay short however long the log is.

use std::collections::VecDeque;

/// The newest entries of a list, and how many there were.
#[derive(Debug)]
pub(crate) struct Newest<T> {
    limit: usize,
    seen: u64,
    kept: VecDeque<T>,
}

impl<T> Newest<T> {
    /// An empty list that keeps at most `limit` entries.
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, seen: 0, kept: VecDeque::new() }
    }

    /// Adds an entry; the oldest goes if there is no room for it.
    pub(crate) fn push(&mut self, entry: T) {
        self.seen += 1;
        self.kept.push_back(entry);
        if self.kept.len() > self.limit {
            self.kept.pop_front();
        }
    }

    /// How many were added.
    pub(crate) fn seen(&self) -> u64 {
        self.seen
    }

    /// How many are kept.
    pub(crate) fn shown(&self) -> u64 {
        self.kept.len() as u64
    }

    /// How many are not kept.
    pub(crate) fn left_out(&self) -> u64 {
        self.seen - self.shown()
    }

    /// Whether none was added.
    pub(crate) fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// What is kept, newest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.kept.iter().rev()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_goes_first_and_is_counted() {
        let mut list = Newest::new(2);
        for entry in 1..=3 {
            list.push(entry);
        }
        assert_eq!(list.iter().copied().collect::<Vec<_>>(), [3, 2]);
        assert_eq!((list.seen(), list.shown(), list.left_out()), (3, 2, 1));
    }
}
