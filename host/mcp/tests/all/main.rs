//! The server from outside: over HTTP on this machine, and on streams.

#[path = "../../examples/serve_fixture/fixture.rs"]
mod fixture;

mod calls;
mod changes;
mod ending;
mod lists;
mod many;
mod spans;
mod strangers;
mod streams;
mod support;
