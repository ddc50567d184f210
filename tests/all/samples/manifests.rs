//! Each sample declares what it imports, and imports what it declares.

use mpp_host::package::AuthorManifest;
use mpp_host::policy::{Permission, Permissions};
use mpp_host::{Inspection, LoadError, Need};

use super::{ALL, author, sample};
use crate::support::{Draft, Scene, guests};

#[tokio::test]
async fn each_sample_is_described_and_loaded_with_what_it_declares() {
    for guest in ALL {
        let inspection = Inspection::of(&guest.component()).expect("a component");
        inspection.check(&author(guest).permissions).expect("it declares what it imports");
        let tools = inspection.describe().await.expect("it describes its tools");
        assert!(tools.iter().all(|tool| tool.description.len() > 40), "{}", guest.name);
        assert!(tools.iter().all(|tool| tool.output_schema.is_some()), "{}", guest.name);
    }
}

#[tokio::test]
async fn a_sample_without_one_of_its_permissions_is_refused() {
    for guest in ALL {
        let declared = author(guest).permissions;
        let inspection = Inspection::of(&guest.component()).expect("a component");
        for permission in Permission::ALL.into_iter().filter(|permission| declared.has(*permission)) {
            let stripped = without(declared.clone(), permission);
            let error = inspection.check(&stripped).expect_err("one permission is missing");
            assert_eq!(
                error.permissions().collect::<Vec<_>>(),
                vec![permission; error.missing.len()],
                "{}",
                guest.name
            );

            let draft = Draft { permissions: stripped, ..Draft::of_guest(guest).await };
            let (error, record) = Scene::of_draft(draft).refused();
            assert!(matches!(error, LoadError::Undeclared(_)), "{}: {error}", guest.name);
            assert!(record.verified);
        }
    }
}

fn without(mut permissions: Permissions, kind: Permission) -> Permissions {
    match kind {
        Permission::FilesystemRead => permissions.filesystem.read.clear(),
        Permission::FilesystemWrite => permissions.filesystem.write.clear(),
        Permission::NetworkOutbound => permissions.network.outbound.clear(),
        Permission::Env => permissions.env.clear(),
        Permission::Clock => permissions.clock = false,
        Permission::Random => permissions.random = false,
    }
    permissions
}

#[tokio::test]
async fn a_sample_without_permissions_imports_no_authority() {
    for guest in [guests::TEXT_STATS, guests::JSON_QUERY] {
        assert!(author(guest).permissions.is_empty());
        let tool = sample(guest).await.load();
        for import in tool.tool.imports() {
            assert_eq!(import.need, Need::Nothing);
            assert!(import.name.starts_with("mpp:tool/"), "{} imports {}", guest.name, import.name);
        }
    }
}

/// The tests build the samples themselves; this holds them to what `mpp build`
/// would do.
#[test]
fn the_samples_are_built_as_their_authors_say() {
    assert_eq!(guests::SAMPLES.len(), ALL.len());
    for (guest, (name, target, stack)) in ALL.into_iter().zip(guests::SAMPLES) {
        let AuthorManifest { name: declared, build, .. } = author(guest);
        assert_eq!((guest.name, declared.as_str()), (*name, *name));
        assert_eq!((build.target.as_str(), build.stack.as_bytes()), (*target, *stack), "{name}");
        if *target == "wasm32-unknown-unknown" {
            // The stack is the beginning of the memory.
            let memory = memory_of_module(&guest.wasm());
            assert!((*stack..*stack + (1 << 20)).contains(&memory), "{name} begins with {memory} bytes");
        }
    }
}

/// Bytes of memory that a core module begins with.
fn memory_of_module(wasm: &[u8]) -> u64 {
    let module = wasmtime::Module::new(&wasmtime::Engine::default(), wasm).expect("a core module");
    let memory = module.get_export("memory").and_then(|export| export.memory().cloned());
    let memory = memory.expect("it exports its memory");
    memory.minimum() * memory.page_size()
}
