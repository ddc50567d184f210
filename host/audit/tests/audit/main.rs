//! The audit log as its users see it.

mod appending;
mod attacks;
mod beginning;
mod example;
mod forge;
mod hostile;
mod in_use;
mod listing;
mod opening;
mod payloads;
mod second_verifier;
mod showing;
mod support;
mod verifying;
mod viewing;
