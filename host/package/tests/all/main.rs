//! What the package format promises, against whoever wants to break it. Rows
//! of the [table of attacks](../../../../tests/vectors/package/README.md) are named
//! `P1` to `P25` above their tests.

mod attacks;
#[cfg(feature = "author")]
mod author;
mod cctv;
mod cosign;
mod dsse;
mod envelopes;
mod explain;
mod flips;
mod freshness;
mod icons;
mod index_forms;
mod indexes;
mod keys;
mod manifests;
mod memory;
mod model;
mod namespaces;
mod openssl;
mod outline;
mod publisher;
mod roots;
mod round_trip;
mod statements;
mod structure;
mod support;
mod swapped;
mod tidy;
mod trust;
mod unchanged;
mod vectors;
mod wycheproof;
