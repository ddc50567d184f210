//! Where a hash stands in the tree.

/// A complete subtree: that over the leaves `index · 2^level` up to, but not
/// including, `(index + 1) · 2^level`. Its hash is final once all of them are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Node {
    /// Its height, from 0 for a leaf to 63.
    pub level: u8,
    /// Its place among those of its height, from 0.
    pub index: u64,
}

impl Node {
    /// A leaf.
    pub const fn leaf(index: u64) -> Self {
        Self { level: 0, index }
    }
}

/// The largest power of two below `count`, where RFC 6962 splits a tree of so
/// many leaves. `count` is at least 2.
pub(super) fn split(count: u64) -> u64 {
    1 << (count - 1).ilog2()
}

/// The complete subtrees that a tree over the leaves `from..to` consists of,
/// from left to right and so from large to small. `from` is where RFC 6962
/// begins a subtree of that size: a multiple of a power of two not below it.
pub(super) fn cover(from: u64, to: u64) -> impl Iterator<Item = Node> {
    let mut from = from;
    std::iter::from_fn(move || {
        let level = (to - from).checked_ilog2()?;
        let node = Node { level: level as u8, index: from >> level };
        from += 1 << level;
        Some(node)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covered(from: u64, to: u64) -> Vec<(u8, u64)> {
        cover(from, to).map(|node| (node.level, node.index)).collect()
    }

    #[test]
    fn a_tree_is_covered_by_one_subtree_for_each_bit_of_its_size() {
        assert_eq!(covered(0, 0), []);
        assert_eq!(covered(0, 7), [(2, 0), (1, 2), (0, 6)]);
        assert_eq!(covered(8, 13), [(2, 2), (0, 12)]);
        assert_eq!(covered(0, 1 << 63), [(63, 0)]);
        assert_eq!(covered(0, u64::MAX).len(), 64);
    }

    #[test]
    fn a_tree_splits_after_the_largest_power_of_two_below_its_size() {
        let splits = [2, 3, 4, 5, 8, 9, (1 << 63) + 1].map(split);
        assert_eq!(splits, [1, 2, 2, 4, 4, 8, 1 << 63]);
    }
}
