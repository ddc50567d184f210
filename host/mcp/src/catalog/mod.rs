//! From what is installed to what is listed: names and annotations.
//!
//! Both are pure functions, so that whoever lists tools (a server, a command)
//! says the same of them.

mod annotations;
mod names;

pub use annotations::Annotations;
pub use names::{Installed, names};
