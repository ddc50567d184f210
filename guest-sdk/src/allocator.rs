//! The allocator of tools for `wasm32-unknown-unknown`.
//!
//! The standard library's takes its first piece by growing the memory, whatever room
//! there is. To the host that is a change of what is mapped, twice in every call: when
//! the memory grows, and when the next instance begins small again. This one is the
//! same algorithm, and takes the room first that `mpp build` has the linker leave
//! between the data and the end of the memory.

#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;
