//! From whatever the compiler made to a component.

use wasmparser::{Parser, Payload};
use wit_component::ComponentEncoder;

use crate::exit::{Failure, Outcome};

/// The first eight bytes of a component.
const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";
/// The first eight bytes of a core module.
const MODULE: &[u8] = b"\0asm\x01\0\0\0";

/// Returns `wasm` where it is a component, and wraps it into one where it is a
/// core module that imports nothing but `mpp:*`.
pub(crate) fn component(wasm: Vec<u8>) -> Outcome<Vec<u8>> {
    if wasm.starts_with(COMPONENT) {
        return Ok(wasm);
    }
    if !wasm.starts_with(MODULE) {
        return Err(Failure::package("this is not WebAssembly")
            .because("it starts with neither the mark of a component nor that of a module"));
    }
    refuse_foreign_imports(&wasm)?;
    encode(&wasm)
}

fn encode(module: &[u8]) -> Outcome<Vec<u8>> {
    // The encoder's own error type is not named here, so that this crate needs
    // no dependency for it.
    let encoder = ComponentEncoder::default().validate(true).module(module);
    encoder.and_then(|mut encoder| encoder.encode()).map_err(|error| {
        Failure::package("the module cannot be made a component")
            .because(format!("{error:#}"))
            .next("export the tools with `mpp_guest::export!`, which describes them to the encoder")
    })
}

fn refuse_foreign_imports(module: &[u8]) -> Outcome {
    let foreign = foreign_imports(module)
        .map_err(|error| Failure::package("this is not a WebAssembly module").because(error))?;
    let Some(first) = foreign.first() else { return Ok(()) };
    let failure = Failure::package("the module imports what no host of tools offers")
        .because(format!("imports from outside mpp:tool: {}", foreign.join(", ")));
    Err(if first.starts_with("wasi_snapshot_preview1") {
        failure.next("it was built for wasm32-wasip1: build for wasm32-wasip2, or let `mpp build` build it")
    } else if first.starts_with("__wbindgen") {
        failure.next(
            "a dependency expects a browser: turn off its JavaScript feature, or set `build: { target: wasm32-wasip2 }` in mpp.yaml",
        )
    } else {
        failure.next(
            "remove the dependency that needs it, or set `build: { target: wasm32-wasip2 }` in mpp.yaml",
        )
    })
}

/// Every import whose module is not an `mpp:` interface, as `module.name`.
fn foreign_imports(module: &[u8]) -> Result<Vec<String>, wasmparser::BinaryReaderError> {
    let mut foreign = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        if let Payload::ImportSection(imports) = payload? {
            for import in imports.into_imports() {
                let import = import?;
                if !import.module.starts_with("mpp:") {
                    foreign.push(format!("{}.{}", import.module, import.name));
                }
            }
        }
    }
    Ok(foreign)
}

/// Whether the component holds the adapter of `wasm32-wasip1`, which imports
/// the file system and the wall clock whether the tool uses them or not.
pub(crate) fn holds_wasip1_adapter(component: &[u8]) -> bool {
    let mark = b"wasi_snapshot_preview1";
    component.windows(mark.len()).any(|window| window == mark)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn module(text: &str) -> Vec<u8> {
        wat::parse_str(text).unwrap()
    }

    fn refused(wasm: Vec<u8>) -> Failure {
        component(wasm).unwrap_err()
    }

    #[test]
    fn a_component_stays_as_it_is() {
        let bytes = module("(component)");
        assert_eq!(component(bytes.clone()).unwrap(), bytes);
    }

    #[test]
    fn what_is_not_wasm_is_refused() {
        assert_eq!(refused(b"#!/bin/sh".to_vec()).blame().status(), 3);
    }

    #[test]
    fn a_module_for_the_browser_is_refused_by_the_name_of_its_import() {
        let failure =
            refused(module(r#"(module (import "__wbindgen_placeholder__" "__wbindgen_describe" (func)))"#));
        assert!(failure.why()[0].contains("__wbindgen_placeholder__.__wbindgen_describe"));
        assert!(failure.what_next()[0].contains("browser"));
    }

    #[test]
    fn a_module_for_wasip1_is_told_which_target_to_use() {
        let failure = refused(module(r#"(module (import "wasi_snapshot_preview1" "fd_write" (func)))"#));
        assert!(failure.what_next()[0].contains("wasm32-wasip2"));
    }

    #[test]
    fn an_empty_module_wraps_and_fails_later_when_it_is_described() {
        let empty = component(module("(module)")).unwrap();
        assert!(empty.starts_with(COMPONENT));
    }
}
