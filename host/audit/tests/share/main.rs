//! One log, and several processes that put things on record in it: real ones, which are stopped
//! and killed.

#![cfg(target_os = "linux")]

mod child;
mod process;
mod records;

mod coming_in;
mod dying;
mod garbage;
mod letting_go;
mod sharing;
mod taking_over;
