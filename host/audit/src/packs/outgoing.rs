//! Payloads on their way to their packs, byte for byte as they stand there.
//!
//! They are copied where their records get their places, by the thread that made them.
//! The thread that writes them so has few pieces of memory to give back, and they are
//! large: to free what another thread allocated, many allocators have one of the two
//! wait for the other, and for each payload that would cost more than to copy it.

use super::entry::{Head, PayloadRef, State, Unkeepable, keepable};
use crate::record::payload::Prepared;

/// A payload that is longer is not copied, but handed over as it is: the lock of the log
/// is held meanwhile, and all callers wait.
const MAX_COPIED_BYTES: usize = 64 << 10;

/// Small payloads are gathered in pieces of about this size, and each is written at once.
const PIECE_BYTES: usize = 256 << 10;

/// Entries in their order.
#[derive(Debug, Default)]
pub(crate) struct Outgoing {
    /// Those to which nothing is added any more.
    pieces: Vec<Piece>,
    /// What comes after them.
    open: Option<Piece>,
    /// Length of all of them.
    bytes: usize,
    last: Option<PayloadRef>,
    /// The first that cannot be kept: then nothing of this is to be written.
    unkeepable: Option<(PayloadRef, Unkeepable)>,
    /// A buffer from before, empty.
    spare: Vec<u8>,
}

/// Some of them, all of one pack.
#[derive(Debug)]
pub(super) struct Piece {
    /// The first payload of which something is in here.
    pub(super) first: PayloadRef,
    /// The last one.
    pub(super) last: PayloadRef,
    pub(super) bytes: Vec<u8>,
}

impl Outgoing {
    /// Adds a payload of a record. They come in the order of their records, and those of a
    /// record in the order of their fields, and all of them are [`keepable`]; whoever writes
    /// them is told of one that is not.
    pub(crate) fn push(&mut self, seq: u64, payload: Prepared) {
        let Prepared { field, bound: _, salt, stored } = payload;
        let of = PayloadRef { seq, field };
        let state = if stored.is_some() { State::Kept } else { State::SaltOnly };
        let stored = stored.unwrap_or_default();
        let head = Head { of, state, length: stored.len() as u64, salt }.encode();
        self.check(of, stored.len() as u64);
        self.copy(of, &head);
        if stored.len() <= MAX_COPIED_BYTES {
            self.copy(of, &stored);
        } else {
            self.hand_over(of, stored);
        }
    }

    fn check(&mut self, of: PayloadRef, bytes: u64) {
        let ordered = match self.last {
            Some(last) if last >= of => Err(Unkeepable::OutOfOrder(of)),
            _ => Ok(()),
        };
        if let (None, Err(why)) = (self.unkeepable, keepable(bytes).and(ordered)) {
            self.unkeepable = Some((of, why));
        }
        self.last = Some(of);
    }

    fn copy(&mut self, of: PayloadRef, bytes: &[u8]) {
        let piece = match self.open.take() {
            Some(open) if open.takes(of, bytes.len()) => Piece { last: of, ..open },
            full => {
                self.pieces.extend(full);
                Piece { first: of, last: of, bytes: std::mem::take(&mut self.spare) }
            }
        };
        self.open.insert(piece).bytes.extend_from_slice(bytes);
        self.bytes += bytes.len();
    }

    fn hand_over(&mut self, of: PayloadRef, bytes: Vec<u8>) {
        self.bytes += bytes.len();
        self.pieces.extend(self.open.take());
        self.pieces.push(Piece { first: of, last: of, bytes });
    }

    /// Whether there is nothing to write.
    pub(crate) fn is_empty(&self) -> bool {
        self.bytes == 0
    }

    /// How much there is to write, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// The pieces in order, or why there are none.
    pub(super) fn pieces(&self) -> Result<impl Iterator<Item = &Piece>, (PayloadRef, Unkeepable)> {
        match self.unkeepable {
            Some(unkeepable) => Err(unkeepable),
            None => Ok(self.pieces.iter().chain(&self.open)),
        }
    }

    /// Nothing, with a buffer for what comes next.
    pub(crate) fn emptied(self) -> Self {
        let mut spare = self.open.map_or(self.spare, |piece| piece.bytes);
        spare.clear();
        Self { spare, ..Self::default() }
    }

    /// Which payloads there are.
    #[cfg(test)]
    pub(crate) fn named(&self) -> Vec<PayloadRef> {
        let bytes: Vec<u8> =
            self.pieces.iter().chain(&self.open).flat_map(|piece| piece.bytes.clone()).collect();
        let (mut rest, mut named) = (bytes.as_slice(), Vec::new());
        while let Some((head, behind)) = rest.split_first_chunk() {
            let head = Head::decode(head).expect("it is whole");
            named.push(head.of);
            rest = &behind[head.length as usize..];
        }
        named
    }
}

impl Piece {
    /// Whether so much of a payload may stand in here as well.
    fn takes(&self, of: PayloadRef, bytes: usize) -> bool {
        self.last.pack() == of.pack() && self.bytes.len() + bytes <= PIECE_BYTES
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::payload::{Field, Keep, prepare};

    fn payload(length: usize) -> Prepared {
        prepare(Field::Input, "x".repeat(length), &Keep::Whole).expect("there is randomness")
    }

    fn lengths(outgoing: &Outgoing) -> Vec<usize> {
        outgoing.pieces().expect("all can be kept").map(|piece| piece.bytes.len()).collect()
    }

    const HEAD: usize = super::super::entry::HEAD_BYTES;

    #[test]
    fn small_payloads_share_a_piece_until_it_is_full() {
        let mut outgoing = Outgoing::default();
        assert!(outgoing.is_empty());
        let each = MAX_COPIED_BYTES / 2;
        for seq in 1..=10 {
            outgoing.push(seq, payload(each));
        }
        assert_eq!(outgoing.bytes(), 10 * (HEAD + each));
        // The eighth does not fit any more, but its head does.
        assert_eq!(lengths(&outgoing), [7 * (HEAD + each) + HEAD, 3 * (HEAD + each) - HEAD]);
        assert_eq!(outgoing.named().len(), 10);
    }

    #[test]
    fn a_long_payload_is_not_copied() {
        let mut outgoing = Outgoing::default();
        outgoing.push(1, payload(1));
        let long = payload(MAX_COPIED_BYTES + 1);
        let at = long.stored.as_ref().map(|stored| stored.as_ptr());
        outgoing.push(2, long);
        outgoing.push(3, payload(2));
        assert_eq!(lengths(&outgoing), [2 * HEAD + 1, MAX_COPIED_BYTES + 1, HEAD + 2]);
        let second = outgoing.pieces().expect("all can be kept").nth(1);
        assert_eq!(second.map(|piece| piece.bytes.as_ptr()), at);
    }

    #[test]
    fn a_piece_is_of_one_pack() {
        let mut outgoing = Outgoing::default();
        outgoing.push(65_535, payload(1));
        outgoing.push(65_536, payload(1));
        let packs = |outgoing: &Outgoing| -> Vec<u64> {
            outgoing.pieces().expect("all can be kept").map(|piece| piece.first.pack()).collect()
        };
        assert_eq!(packs(&outgoing), [0, 1]);
    }

    #[test]
    fn what_was_written_leaves_its_buffer_and_nothing_else() {
        let mut outgoing = Outgoing::default();
        outgoing.push(7, payload(1000));
        let emptied = outgoing.emptied();
        assert!(emptied.is_empty() && emptied.spare.is_empty() && emptied.spare.capacity() >= 1000);
        let mut again = emptied;
        again.push(1, payload(1));
        assert_eq!(lengths(&again), [HEAD + 1]);
    }
}
