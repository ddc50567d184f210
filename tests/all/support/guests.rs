//! What the build script built.

// A guest that no test uses does not compile.
#![deny(dead_code)]

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use mpp_host::Inspection;
use mpp_host::package::ToolEntry;
use wit_component::ComponentEncoder;

include!(concat!(env!("OUT_DIR"), "/artifacts.rs"));

/// The first bytes of a core module; a component has others in the second half.
const MODULE: &[u8] = b"\0asm\x01\0\0\0";

/// A tool as the compiler made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guest {
    /// Its name: what it does.
    pub name: &'static str,
    path: &'static str,
}

impl Guest {
    /// The component; a core module is wrapped into one, as `mpp build` does.
    pub fn component(self) -> Vec<u8> {
        let wasm = self.wasm();
        if !wasm.starts_with(MODULE) {
            return wasm;
        }
        ComponentEncoder::default()
            .validate(true)
            .module(&wasm)
            .and_then(|mut encoder| encoder.encode())
            .unwrap_or_else(|error| panic!("{} is no component: {error:#}", self.path))
    }

    /// What the compiler made: a component, or a core module.
    pub fn wasm(self) -> Vec<u8> {
        std::fs::read(self.path).unwrap_or_else(|error| panic!("{}: {error}", self.path))
    }

    /// What it says of its tools. Asked once in a run of the tests.
    pub async fn tools(self) -> Vec<ToolEntry> {
        static KNOWN: Mutex<Option<HashMap<&str, Vec<ToolEntry>>>> = Mutex::new(None);
        let known = || KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tools) = known().as_ref().and_then(|known| known.get(self.path)) {
            return tools.clone();
        }
        let inspection =
            Inspection::of(&self.component()).unwrap_or_else(|error| panic!("{}: {error}", self.name));
        let tools = inspection.describe().await.unwrap_or_else(|error| panic!("{}: {error}", self.name));
        known().get_or_insert_default().insert(self.path, tools.clone());
        tools
    }
}
