//! `mpp:tool/random`: the operating system's randomness. Linked only where
//! granted, so that calling it needs no further check.

use crate::bindings::mpp::tool::random;
use crate::limiter::LimitReached;
use crate::outcome::LimitKind;
use crate::sandbox::Sandbox;

/// Bytes that one call returns at most: more than any key or nonce needs, and
/// little for the host to allocate on a guest's word.
pub(crate) const MAX_RANDOM_BYTES: u32 = 64 << 10;

impl random::Host for Sandbox {
    fn bytes(&mut self, length: u32) -> wasmtime::Result<Vec<u8>> {
        self.journal.count(|counters| counters.host_calls += 1);
        if length > MAX_RANDOM_BYTES {
            return Err(LimitReached(LimitKind::Random).into());
        }
        let mut bytes = vec![0; length as usize];
        getrandom::fill(&mut bytes).map_err(|error| wasmtime::Error::msg(error.to_string()))?;
        Ok(bytes)
    }
}
