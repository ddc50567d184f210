//! What a component imports decides whether it is loaded: nothing that was not
//! declared and granted links, under no version and no name.

use mpp_host::audit::Stage;
use mpp_host::outcome::Stop;
use mpp_host::policy::Permission;
use mpp_host::{Inspection, LoadError, Need, Outcome};
use serde_json::{Value, json};

use crate::support::{Draft, Guest, Scene, guests, permissions};
use crate::wat_tool::WatTool;

/// A guest for each permission, what it declares, and what it imports for it.
fn reaching() -> [(Guest, Value, Permission, &'static str); 8] {
    let files = || json!({"filesystem": {"read": ["/tmp"]}});
    let writing = || json!({"filesystem": {"read": ["/tmp"], "write": ["/tmp"]}});
    [
        (guests::READS_FILES, files(), Permission::FilesystemRead, "mpp:tool/fs"),
        (guests::READS_FILES_BY_STD, files(), Permission::FilesystemRead, "wasi:filesystem/types"),
        (guests::WRITES_FILES, writing(), Permission::FilesystemWrite, "mpp:tool/fs-write"),
        (
            guests::DIALS,
            json!({"network": {"outbound": ["api.example.com:443"]}}),
            Permission::NetworkOutbound,
            "mpp:tool/http",
        ),
        (guests::READS_ENVIRONMENT, json!({"env": ["TOKEN"]}), Permission::Env, "mpp:tool/env"),
        (guests::READS_CLOCKS, json!({"clock": true}), Permission::Clock, "mpp:tool/clock"),
        (guests::SLEEPS, json!({"clock": true}), Permission::Clock, "wasi:clocks/monotonic-clock"),
        (guests::DRAWS_RANDOM_BYTES, json!({"random": true}), Permission::Random, "mpp:tool/random"),
    ]
}

/// Permissions without one kind.
fn without(declared: &Value, kind: Permission) -> Value {
    let mut left = declared.clone();
    let (inside, key) = match kind {
        Permission::FilesystemRead => ("/filesystem", "read"),
        Permission::FilesystemWrite => ("/filesystem", "write"),
        Permission::NetworkOutbound => ("", "network"),
        Permission::Env => ("", "env"),
        Permission::Clock => ("", "clock"),
        Permission::Random => ("", "random"),
    };
    left.pointer_mut(inside).and_then(Value::as_object_mut).and_then(|fields| fields.remove(key));
    left
}

#[tokio::test]
async fn with_what_it_declares_each_guest_is_loaded() {
    for (guest, declared, permission, interface) in reaching() {
        let tool = Scene::of(guest).await.declares(declared).load();
        let import = tool.tool.imports().iter().find(|import| import.interface() == interface);
        let import = import.unwrap_or_else(|| panic!("{} does not import {interface}", guest.name));
        assert!(import.covered_by(|granted| granted == permission), "{import:?}");
    }
}

/// The manifest is stripped of one permission and signed again, by the right
/// key: the signature holds, and nothing is linked.
#[tokio::test]
async fn a_package_stripped_of_a_permission_and_signed_again_is_refused_before_any_of_its_code_runs() {
    for (guest, declared, permission, interface) in reaching() {
        let stripped = without(&declared, permission);
        // The record is the only one: no call was made.
        let (error, record) = Scene::of(guest).await.declares(stripped).refused();
        let LoadError::Undeclared(imports) = &error else { panic!("{}: {error}", guest.name) };
        assert!(imports.missing.iter().any(|import| import.interface() == interface), "{error}");
        assert!(imports.permissions().all(|needed| needed == permission), "{error}");
        assert!(!imports.adapted_from_wasip1);
        assert!(error.to_string().contains(&format!("permissions.{permission}")), "{error}");
        assert_eq!((record.stage, record.code.as_str()), (Stage::Imports, "undeclared-import"));
        assert!(record.verified, "its signature held");
        assert_eq!(record.package.expect("it is known").name, "guest");
    }
}

#[tokio::test]
async fn a_package_whose_permission_the_operator_did_not_approve_is_refused_as_the_operators_to_grant() {
    for (guest, declared, permission, interface) in reaching() {
        let approved = without(&declared, permission);
        let (error, record) = Scene::of(guest).await.declares(declared).approves(approved).refused();
        let LoadError::NotGranted(imports) = &error else { panic!("{}: {error}", guest.name) };
        assert!(imports.missing.iter().any(|import| import.interface() == interface), "{error}");
        assert_eq!((record.stage, record.code.as_str()), (Stage::Grant, "not-granted"));
    }
}

#[tokio::test]
async fn inspection_says_the_same_as_loading() {
    for (guest, declared, permission, _) in reaching() {
        let inspection = Inspection::of(&guest.component()).expect("a component");
        inspection.check(&permissions(declared.clone())).expect("everything is declared");
        let error =
            inspection.check(&permissions(without(&declared, permission))).expect_err("one is missing");
        assert!(error.permissions().all(|needed| needed == permission), "{error}");
    }
}

/// Everything that a manifest can declare.
fn everything() -> Value {
    json!({
        "filesystem": {"read": ["/tmp"], "write": ["/tmp"]},
        "network": {"outbound": ["api.example.com:443"]},
        "env": ["TOKEN"], "clock": true, "random": true,
    })
}

fn importing(name: &str) -> Draft {
    let text = format!(r#"(component (import "{name}" (instance (export "f" (func)))))"#);
    Draft::of_component(wat::parse_str(text).expect("a component"))
}

#[tokio::test]
async fn what_no_permission_covers_is_never_linked() {
    for name in [
        "wasi:http/types@0.2.99",
        "wasi:http/types@0.2.0",
        "wasi:http/outgoing-handler@0.2.12",
        "wasi:http/incoming-handler@0.2.12",
        "wasi:sockets/tcp@0.2.12",
        "wasi:sockets/tcp-create-socket@0.2.0",
        "wasi:sockets/udp@0.2.99",
        "wasi:sockets/ip-name-lookup@0.2.12",
        "wasi:sockets/instance-network@0.2.12",
        "wasi:keyvalue/store@0.2.0",
        "wasi:cli/run@0.2.12",
        "wasi:cli/environments@0.2.12",
        "wasi:io/network@0.2.12",
        "mpp:tool/admin@0.1.0",
        "mpp:tool/handler@0.1.0",
        "mpp:host/fs@0.1.0",
        "evil:thing/interface",
        "evil:thing/interface@1.0.0",
        "environment",
        "fs",
    ] {
        let (error, record) = Scene::of_draft(importing(name)).declares(everything()).refused();
        let LoadError::Undeclared(imports) = &error else { panic!("{name}: {error}") };
        let [import] = imports.missing.as_slice() else { panic!("{error}") };
        assert_eq!((import.name.as_str(), import.need), (name, Need::Never));
        assert!(error.to_string().contains("never links"), "{error}");
        assert_eq!((record.stage, record.code.as_str()), (Stage::Imports, "undeclared-import"));
    }
}

#[tokio::test]
async fn a_bare_function_module_or_component_is_never_linked() {
    for (text, code) in [
        (r#"(component (import "f" (func)))"#, "undeclared-import"),
        (r#"(component (import "m" (core module)))"#, "undeclared-import"),
        (r#"(component (import "r" (type (sub resource))))"#, "undeclared-import"),
        // The engine knows no such import, or the contract something else by
        // this name.
        (r#"(component (import "c" (component)))"#, "does-not-compile"),
        (r#"(component (import "mpp:tool/log@0.1.0" (func)))"#, "contract"),
    ] {
        let draft = Draft::of_component(wat::parse_str(text).expect("a component"));
        let (error, _) = Scene::of_draft(draft).declares(everything()).refused();
        assert_eq!(error.kind(), code, "{text}: {error}");
    }
}

/// The engine links any 0.2 version of an interface: no version is a way around
/// the table of permissions.
#[tokio::test]
async fn every_version_of_an_interface_needs_its_permission() {
    for (interface, permission) in [
        ("wasi:filesystem/types", Permission::FilesystemRead),
        ("wasi:filesystem/preopens", Permission::FilesystemRead),
        ("wasi:clocks/wall-clock", Permission::Clock),
        ("wasi:clocks/monotonic-clock", Permission::Clock),
        ("wasi:random/random", Permission::Random),
        ("wasi:random/insecure", Permission::Random),
        ("mpp:tool/fs", Permission::FilesystemRead),
        ("mpp:tool/fs-write", Permission::FilesystemWrite),
        ("mpp:tool/http", Permission::NetworkOutbound),
        ("mpp:tool/env", Permission::Env),
        ("mpp:tool/clock", Permission::Clock),
        ("mpp:tool/random", Permission::Random),
    ] {
        for version in
            ["", "@0.1.0", "@0.2.0", "@0.2.12", "@0.2.99", "@0.3.0", "@1.0.0", "@0.2.0-rc-2023-11-10"]
        {
            let name = format!("{interface}{version}");
            let (error, _) = Scene::of_draft(importing(&name)).refused();
            let LoadError::Undeclared(imports) = &error else { panic!("{name}: {error}") };
            assert_eq!(imports.permissions().collect::<Vec<_>>(), [permission], "{name}");
        }
    }
}

#[tokio::test]
async fn a_version_of_the_contract_that_does_not_exist_does_not_link() {
    for name in ["mpp:tool/fs@0.2.0", "mpp:tool/fs@1.0.0", "mpp:tool/log@0.9.0"] {
        let (error, record) = Scene::of_draft(importing(name)).declares(everything()).refused();
        assert!(matches!(error, LoadError::Contract(_)), "{name}: {error}");
        assert_eq!((record.stage, record.code.as_str()), (Stage::Compile, "contract"));
    }
}

/// An inert interface of a version that nobody wrote: it is inert all the same,
/// and works.
#[tokio::test]
async fn an_inert_interface_links_under_a_later_version() {
    let component = WatTool {
        world: r#"
            package test:tool;
            world test {
                include mpp:tool/tool@0.1.0;
                import wasi:cli/exit@0.2.99;
            }
            package wasi:cli@0.2.99 {
                interface exit { exit: func(status: result); }
            }"#,
        imports: r#"(import "wasi:cli/exit@0.2.99" "exit" (func $exit (param i32)))"#,
        invoke: "(call $exit (i32.const 0))",
        ..WatTool::IDLE
    }
    .component();
    let tool = Scene::of_draft(Draft::of_component(component)).load();
    let names: Vec<&str> = tool.tool.imports().iter().map(|import| import.name.as_str()).collect();
    assert!(names.contains(&"wasi:cli/exit@0.2.99"), "{names:?}");
    let ended = tool.call("tool", json!({})).await;
    assert_eq!(ended.report.outcome, Outcome::Stopped(Stop::Exited(0)));
}

/// Types alone can do nothing, whatever they are called.
#[tokio::test]
async fn an_interface_of_types_alone_needs_no_permission() {
    let text = r#"(component (import "wasi:clocks/wall-clock@0.2.6" (instance
        (type $datetime' (record (field "seconds" u64) (field "nanoseconds" u32)))
        (export "datetime" (type (eq $datetime'))))))"#;
    let inspection = Inspection::of(&wat::parse_str(text).expect("a component")).expect("it compiles");
    assert_eq!(inspection.imports()[0].need, Need::Nothing);
    inspection.check(&permissions(json!({}))).expect("it needs nothing");
}

/// What the adapter for `wasm32-wasip1` imports whatever the code does.
#[tokio::test]
async fn a_component_for_wasip1_is_told_which_target_to_use() {
    let text = r#"(component
        (import "wasi:clocks/wall-clock@0.2.6" (instance (export "resolution" (func))))
        (import "wasi:filesystem/types@0.2.6" (instance (export "filesystem-error-code" (func))))
        (import "wasi:filesystem/preopens@0.2.6" (instance (export "get-directories" (func)))))"#;
    let draft = Draft::of_component(wat::parse_str(text).expect("a component"));
    let (error, record) = Scene::of_draft(draft).refused();
    let LoadError::Undeclared(imports) = &error else { panic!("{error}") };
    assert!(imports.adapted_from_wasip1);
    assert_eq!(imports.missing.len(), 3);
    assert!(record.reason.contains("wasm32-wasip1") && record.reason.contains("build it for wasm32-wasip2"));
}

/// `std::fs` in a guest for `wasm32-wasip2` imports files too, and is no guest
/// for `wasm32-wasip1`.
#[tokio::test]
async fn a_component_for_wasip2_that_reads_files_is_not_taken_for_one_of_wasip1() {
    let (error, _) = Scene::of(guests::READS_FILES_BY_STD).await.refused();
    let LoadError::Undeclared(imports) = &error else { panic!("{error}") };
    assert!(!imports.adapted_from_wasip1, "{error}");
}
