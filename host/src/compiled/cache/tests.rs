//! What the tag cannot catch, because it is right.

use mpp_policy::Limits;

use super::*;
use crate::engine::{Execution, PoolSize, engine};

/// The smallest component there is.
const EMPTY: &[u8] = b"\0asm\x0d\0\x01\0";

fn an_engine(execution: Execution) -> Engine {
    engine(execution, &PoolSize { calls: 1, limits: Limits::DEFAULT }).expect("an engine")
}

fn code(engine: &Engine) -> Vec<u8> {
    engine.precompile_component(EMPTY).expect("it compiles")
}

fn reason(found: Found) -> Option<CacheFault> {
    match found {
        Found::Rejected { reason, .. } => Some(reason),
        Found::Nothing | Found::Loaded(_) => None,
    }
}

#[test]
fn what_the_engine_refuses_is_not_loaded_though_its_tag_is_right() {
    let directory = tempfile::tempdir().expect("a directory");
    let cache = CompiledCache::new(directory.path().to_owned(), [1; 32]);
    let (timed, counting) = (an_engine(Execution::Timed), an_engine(Execution::Deterministic));
    let entry = Entry::of(&cache, &timed, &Digest::of(EMPTY));
    assert!(matches!(entry.load(&timed), Found::Nothing));

    for refused in [&b""[..], b"not code", &code(&counting)] {
        entry.store(refused).expect("it can be written");
        assert_eq!(reason(entry.load(&timed)), Some(CacheFault::NotLoadable));
    }
    entry.store(&code(&timed)).expect("it can be written over");
    assert!(matches!(entry.load(&timed), Found::Loaded(_)));
}

#[test]
fn an_entry_that_is_written_leaves_nothing_else_behind() {
    let directory = tempfile::tempdir().expect("a directory");
    let cache = CompiledCache::new(directory.path().to_owned(), [1; 32]);
    let entry = Entry::of(&cache, &an_engine(Execution::Timed), &Digest::of(EMPTY));
    entry.store(b"code").expect("it can be written");
    fs::remove_file(entry.path()).expect("it is there");
    fs::create_dir(entry.path()).expect("a directory in its place");
    fs::write(entry.path().join("file"), "").expect("something in it");
    entry.store(b"code").expect_err("a directory that holds something is not replaced");
    let left: Vec<_> = fs::read_dir(directory.path()).expect("it is there").flatten().collect();
    assert_eq!(left.len(), 1, "{left:?}");
}
