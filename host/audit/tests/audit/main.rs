//! The audit log as its users see it.

mod appending;
mod example;
mod hostile;
mod opening;
mod payloads;
mod showing;
mod support;
mod verifying;
