//! Compiling is not bounded by the sandbox, so it happens in a process of its own:
//! what comes back from it, and what does not.

mod caps;
mod costly;
mod orphans;
mod workers;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use mpp_host::{CompiledCache, Compiler, Execution, LoadError};
use serde_json::json;
use tempfile::TempDir;

use crate::support::{Draft, Loaded, Scene};
use crate::wat_tool::{WatTool, answer_text};

/// The command that compiles, as `mpp` starts it.
fn mpp() -> Compiler {
    Compiler::program(env!("CARGO_BIN_EXE_mpp-under-test"), ["compile-worker"])
}

/// A tool that answers `a`.
fn tool() -> Draft {
    let invoke = answer_text(1024, 1);
    Draft::of_component(
        WatTool { items: r#"(data (i32.const 1024) "a")"#, invoke: &invoke, ..WatTool::IDLE }.component(),
    )
}

/// A package on a host with a compiler, and with a cache in `directory`.
fn scene(draft: Draft, compiler: Compiler, directory: &Path) -> Scene {
    let cache = CompiledCache::new(directory.to_owned(), [1; 32]);
    Scene::of_draft(draft).host(|builder| builder.compiler(compiler).compiled_cache(cache))
}

/// A package that is compiled on a host with a compiler, and refused.
#[track_caller]
fn refused(draft: Draft, compiler: Compiler) -> (LoadError, String) {
    let directory = tempfile::tempdir().expect("a directory");
    let (error, record) = scene(draft, compiler, directory.path()).refused();
    assert_eq!(entries(&directory), Vec::<Vec<u8>>::new(), "nothing is kept of it");
    (error, record.code)
}

/// The entries of a cache.
fn entries(directory: &TempDir) -> Vec<Vec<u8>> {
    let entries = std::fs::read_dir(directory.path()).expect("it can be listed").flatten();
    entries.map(|entry| std::fs::read(entry.path()).expect("it can be read")).collect()
}

async fn answers(loaded: &Loaded) {
    assert_eq!(loaded.call("tool", json!({})).await.text(), "a");
}

/// To the byte: settings, version and compiler are the same.
#[tokio::test]
async fn a_child_makes_the_same_code_as_the_host_itself() {
    for execution in [Execution::Timed, Execution::Deterministic] {
        let [ours, its] = [Compiler::in_process(), mpp()].map(|compiler| {
            let directory = tempfile::tempdir().expect("a directory");
            let loaded = scene(tool(), compiler, directory.path()).execution(execution).load();
            (directory, loaded)
        });
        answers(&its.1).await;
        assert_eq!(entries(&its.0).len(), 1);
        assert!(entries(&ours.0) == entries(&its.0), "{execution:?}");
    }
}

#[tokio::test]
async fn what_is_compiled_in_a_child_answers_without_a_cache_too() {
    let directory = tempfile::tempdir().expect("a directory");
    answers(&scene(tool(), mpp(), &directory.path().join("nowhere")).load()).await;
}

/// The program is not even there.
#[tokio::test]
async fn a_package_that_is_in_the_cache_starts_no_process() {
    let directory = tempfile::tempdir().expect("a directory");
    answers(&scene(tool(), mpp(), directory.path()).load()).await;
    let nothing = Compiler::program("/nonexistent", [""; 0]);
    answers(&scene(tool(), nothing, directory.path()).load()).await;
}

#[test]
fn whoever_watches_is_told_when_a_package_is_compiled_and_only_then() {
    let directory = tempfile::tempdir().expect("a directory");
    let (begun, over) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let watched = |draft: Draft| {
        let (begun, over) = (Arc::clone(&begun), Arc::clone(&over));
        scene(draft, mpp(), directory.path()).host(move |builder| {
            builder.while_compiling(move |package| {
                assert_eq!(package.manifest().name().as_str(), "guest");
                begun.fetch_add(1, Ordering::Relaxed);
                OnDrop(Arc::clone(&over))
            })
        })
    };
    let counts = || (begun.load(Ordering::Relaxed), over.load(Ordering::Relaxed));
    watched(tool()).load();
    assert_eq!(counts(), (1, 1));
    watched(tool()).load();
    assert_eq!(counts(), (1, 1), "it is in the cache");
    watched(not_a_component()).refused();
    assert_eq!(counts(), (2, 2), "also where nothing comes of it");
}

/// Counts when it is dropped.
struct OnDrop(Arc<AtomicUsize>);

impl Drop for OnDrop {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// A component by its outline, which imports another component.
fn not_a_component() -> Draft {
    Draft::of_component(wat::parse_str(r#"(component (import "c" (component)))"#).expect("text"))
}

/// In the same words, too.
#[test]
fn what_does_not_compile_is_refused_as_by_the_host_itself() {
    let (ours, code) = refused(not_a_component(), Compiler::in_process());
    let (its, its_code) = refused(not_a_component(), mpp());
    assert!(matches!(its, LoadError::Compile(_)), "{its}");
    assert_eq!((its.to_string(), its_code.as_str()), (ours.to_string(), code.as_str()));
    assert_eq!(code, "does-not-compile");
}

/// It compiles, but the pool has no place for it.
#[test]
fn what_is_too_large_for_the_pool_is_refused_as_by_the_host_itself() {
    let huge = || {
        let tool = WatTool { items: "(table 30000000 funcref)", ..WatTool::IDLE };
        Draft::of_component(tool.component())
    };
    let (ours, code) = refused(huge(), Compiler::in_process());
    let (its, its_code) = refused(huge(), mpp());
    assert!(matches!(its, LoadError::Compile(_)), "{its}");
    assert_eq!((its.to_string(), its_code), (ours.to_string(), code));
}
