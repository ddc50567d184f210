//! The audit log as its users see it.

mod appending;
mod attacks;
mod example;
mod forge;
mod hostile;
mod in_use;
mod opening;
mod payloads;
mod second_verifier;
mod showing;
mod support;
mod verifying;
mod viewing;
