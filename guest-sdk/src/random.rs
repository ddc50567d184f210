//! Unpredictable bytes. Needs `permissions.random`.

use crate::bindings::mpp::tool::random as wit;
use crate::host_only::host_only;

/// What one host call returns at most; more would trap.
const CHUNK: usize = 65_536;

/// Fills `buffer` with cryptographically secure bytes.
pub fn fill(buffer: &mut [u8]) {
    host_only("random");
    for chunk in buffer.chunks_mut(CHUNK) {
        chunk.copy_from_slice(&wit::bytes(chunk.len() as u32));
    }
}

/// `length` cryptographically secure bytes.
pub fn bytes(length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    fill(&mut bytes);
    bytes
}

/// A cryptographically secure number.
pub fn u64() -> u64 {
    let mut bytes = [0; 8];
    fill(&mut bytes);
    u64::from_le_bytes(bytes)
}
