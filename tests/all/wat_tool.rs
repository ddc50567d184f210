//! Tools of a few lines of WebAssembly text, for what a compiler would not
//! make: memories of exact sizes, handles that are never dropped, recursion
//! without end.

use std::borrow::Cow;

use wasm_encoder::{ComponentSection, ComponentSectionId, InstanceSection, ModuleArg, RawSection};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// The contract; the file that names the package comes first.
const CONTRACT: &[&str] = &[
    include_str!("../../wit/world.wit"),
    include_str!("../../wit/types.wit"),
    include_str!("../../wit/handler.wit"),
    include_str!("../../wit/fs.wit"),
    include_str!("../../wit/http.wit"),
    include_str!("../../wit/env.wit"),
    include_str!("../../wit/clock.wit"),
    include_str!("../../wit/random.wit"),
    include_str!("../../wit/log.wit"),
    include_str!("../../wit/progress.wit"),
];

/// Where the answer of `invoke` lies. As it begins, it is an answer without
/// content and without a structured part.
pub const ANSWER: u32 = 16;

/// Room for what an imported function returns.
pub const RETURNED: u32 = 64;

/// Room for data of a tool's own; what the host hands over comes after it.
pub const DATA: u32 = 1024;

/// The first byte of what the host hands over.
const HEAP: u32 = 4096;

/// A tool of one core module.
#[derive(Clone, Copy)]
pub struct WatTool<'a> {
    /// The world it is encoded for, in WIT: that of the contract, or one that
    /// includes it.
    pub world: &'a str,
    /// Imports of the core module.
    pub imports: &'a str,
    /// Least and, if there is to be one, largest size of its memory in pages.
    pub memory: &'a str,
    /// Anything else at the top level of the core module.
    pub items: &'a str,
    /// The body of `invoke`: leaves nothing on the stack. `$i` and `$n` are its
    /// to use.
    pub invoke: &'a str,
}

impl WatTool<'_> {
    /// A tool that answers at once, with nothing.
    pub const IDLE: Self = Self { world: "mpp:tool/tool", imports: "", memory: "1", items: "", invoke: "" };

    /// The component.
    pub fn component(&self) -> Vec<u8> {
        let module = self.module();
        ComponentEncoder::default()
            .validate(true)
            .module(&module)
            .and_then(|mut encoder| encoder.encode())
            .unwrap_or_else(|error| panic!("the tool is no component: {error:#}"))
    }

    fn module(&self) -> Vec<u8> {
        let mut resolve = Resolve::new();
        let mut package =
            resolve.push_source("contract.wit", &CONTRACT.concat()).expect("the contract is valid WIT");
        let mut world = self.world;
        if self.world != Self::IDLE.world {
            package = resolve.push_source("test.wit", self.world).expect("the world is valid WIT");
            world = "test:tool/test";
        }
        let world = resolve.select_world(&[package], Some(world)).expect("the world is there");
        let mut module = wat::parse_str(self.text()).unwrap_or_else(|error| panic!("{error}"));
        embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)
            .expect("metadata can be added to any module");
        module
    }

    fn text(&self) -> String {
        let Self { world: _, imports, memory, items, invoke } = self;
        format!(
            r#"(module
            {imports}
            (memory (export "memory") {memory})
            (global $free (mut i32) (i32.const {HEAP}))
            {items}
            (func (export "cabi_realloc") (param i32 i32 i32) (param $size i32) (result i32)
                (local $at i32)
                (local $short i32)
                (local.set $at (i32.and (i32.add (global.get $free) (i32.const 15)) (i32.const -16)))
                (global.set $free (i32.add (local.get $at) (local.get $size)))
                (local.set $short (i32.sub (global.get $free) (i32.mul (memory.size) (i32.const 65536))))
                (if (i32.gt_s (local.get $short) (i32.const 0)) (then
                    (drop (memory.grow (i32.div_u
                        (i32.add (local.get $short) (i32.const 65535))
                        (i32.const 65536))))))
                (local.get $at))
            (func (export "mpp:tool/handler@0.1.0#describe") (result i32)
                unreachable)
            (func (export "mpp:tool/handler@0.1.0#invoke")
                (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i64)
                (result i32)
                (local $i i32)
                (local $n i32)
                {invoke}
                (i32.const {ANSWER})))"#
        )
    }
}

/// Code that makes the bytes at `at` the structured part of the answer.
pub fn answer_structured(at: u32, length: u32) -> String {
    format!(
        "(i32.store8 offset={some} (i32.const 0) (i32.const 1))
         (i32.store offset={pointer} (i32.const 0) (i32.const {at}))
         (i32.store offset={bytes} (i32.const 0) (i32.const {length}))",
        some = ANSWER + 12,
        pointer = ANSWER + 16,
        bytes = ANSWER + 20,
    )
}

/// Code that makes the bytes at `at` the one text of the answer.
pub fn answer_text(at: u32, length: u32) -> String {
    format!(
        "(i32.store offset={list} (i32.const 0) (i32.const {RETURNED}))
         (i32.store offset={count} (i32.const 0) (i32.const 1))
         (i32.store offset={pointer} (i32.const 0) (i32.const {at}))
         (i32.store offset={bytes} (i32.const 0) (i32.const {length}))",
        list = ANSWER + 4,
        count = ANSWER + 8,
        pointer = RETURNED + 4,
        bytes = RETURNED + 8,
    )
}

/// A component with a further core module in it, and `count` instances of that.
pub fn with_instances(component: &[u8], module: &str, count: u32) -> Vec<u8> {
    let module = wat::parse_str(module).unwrap_or_else(|error| panic!("{error}"));
    let mut component = component.to_vec();
    let section = RawSection { id: ComponentSectionId::CoreModule.into(), data: &module };
    section.append_to_component(&mut component);
    let mut instances = InstanceSection::new();
    for _ in 0..count {
        // A tool without imports is one module, the first.
        instances.instantiate(1, std::iter::empty::<(Cow<'_, str>, ModuleArg)>());
    }
    instances.append_to_component(&mut component);
    component
}
