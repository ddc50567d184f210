//! The parts that make a log evidence: tree, tiles, notes, checkpoints,
//! witnesses, proofs, epochs. The rows L1 to L9 of the table of attacks on the
//! log that these parts decide are named in their tests.

mod checkpoints;
mod false_proofs;
mod keys;
mod notes;
mod policies;
mod proofs;
mod support;
mod tile_names;
mod tiles;
mod tree;
mod vectors;
mod whole;
mod witness_messages;
mod witnessing;
