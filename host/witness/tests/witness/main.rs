//! A witness and its clients, over HTTP on this machine.

mod asking;
mod directory;
mod racing;
mod requests;
mod strangers;
mod support;
