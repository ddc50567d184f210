//! What the tests share: guests and their packages, a host with a log of its
//! own, what came of a call with its record, and servers.

pub mod guests;
mod package;
mod record;
mod scene;
pub mod server;

pub use guests::Guest;
pub use package::{Draft, permissions, publisher, signing_key, tool};
pub use scene::{Ended, Loaded, Scene, TestHost};
