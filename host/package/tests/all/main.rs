//! What the package format promises, against whoever wants to break it. Rows
//! of the table of attacks are named `P1` to `P23` above their tests.

mod attacks;
mod author;
mod envelopes;
mod flips;
mod indexes;
mod keys;
mod manifests;
mod memory;
mod openssl;
mod publisher;
mod roots;
mod round_trip;
mod structure;
mod support;
mod tidy;
mod trust;
mod wycheproof;
