//! A component that takes more to compile than it is given is refused, with what it
//! took too much of.

use std::time::Duration;

use mpp_host::{CompileCap, CompileCaps, LoadError};

use super::costly::Costly;
use super::{mpp, refused};

/// The cap that a component meets, which is told in these words.
#[track_caller]
fn met(costly: Costly, caps: CompileCaps, words: &str) -> CompileCap {
    let (error, code) = refused(costly.tool(), mpp().within(caps));
    assert_eq!(code, "compile-cap");
    assert_eq!(
        error.to_string(),
        format!("the component takes more than {words} to compile, and no package is given more")
    );
    let LoadError::CompileCap(cap) = error else { panic!("{error:?}") };
    cap
}

#[test]
fn memory_without_end_is_not_given() {
    let memory_bytes = 512 << 20;
    let caps = CompileCaps { memory_bytes, ..CompileCaps::DEFAULT };
    let cap = met(Costly::OF_MEMORY, caps, "512 MiB of memory");
    assert_eq!(cap, CompileCap::Memory(memory_bytes));
}

/// Of all cores together.
#[test]
fn processor_time_without_end_is_not_given() {
    let processor_time = Duration::from_secs(1);
    let caps = CompileCaps { processor_time, ..CompileCaps::DEFAULT };
    assert_eq!(
        met(Costly::OF_TIME, caps, "1 s of processor time"),
        CompileCap::ProcessorTime(processor_time)
    );
}

#[test]
fn time_without_end_is_not_given() {
    let time = Duration::from_millis(500);
    let caps = CompileCaps { time, ..CompileCaps::DEFAULT };
    assert_eq!(met(Costly::OF_TIME, caps, "0.5 s"), CompileCap::Time(time));
}
