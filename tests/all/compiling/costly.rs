//! Components that are small, valid, and take much to compile.

use wasm_encoder::{
    BlockType, CodeSection, ComponentSection as _, ComponentSectionId, Function, FunctionSection, Module,
    RawSection, TypeSection, ValType,
};

use crate::support::Draft;
use crate::wat_tool::WatTool;

/// A tool with a further module, of which nothing ever runs.
#[derive(Clone, Copy)]
pub struct Costly {
    pub functions: u32,
    /// Variables of each function, all of them in use from its beginning to its end.
    pub variables: u32,
    /// Branches of each function; at each any variable may be one of two values.
    pub branches: u32,
}

impl Costly {
    /// Minutes of one core: half a second for each function, and 41 KB of the component.
    pub const OF_TIME: Self = Self { functions: 400, variables: 1_000, branches: 2_000 };

    /// Gigabytes, for some 200 KB of the component.
    pub const OF_MEMORY: Self = Self { functions: 1, variables: 4_000, branches: 10_000 };

    pub fn tool(self) -> Draft {
        let mut component = WatTool::IDLE.component();
        let module = self.module();
        let section = RawSection { id: ComponentSectionId::CoreModule.into(), data: &module };
        section.append_to_component(&mut component);
        Draft::of_component(component)
    }

    fn module(self) -> Vec<u8> {
        let mut types = TypeSection::new();
        types.ty().function([ValType::I32], [ValType::I32]);
        let (mut functions, mut code) = (FunctionSection::new(), CodeSection::new());
        for _ in 0..self.functions {
            functions.function(0);
            code.function(&self.function());
        }
        let mut module = Module::new();
        module.section(&types).section(&functions).section(&code);
        module.finish()
    }

    /// Each branch changes one variable by another, and what comes after it can see
    /// all of them.
    fn function(self) -> Function {
        let Self { functions: _, variables, branches } = self;
        let mut function = Function::new([(variables, ValType::I32)]);
        let mut code = function.instructions();
        for branch in 0..branches {
            let (changed, by) = (1 + branch % variables, 1 + (branch * 7 + 3) % variables);
            code.local_get(by).if_(BlockType::Empty);
            code.local_get(changed).local_get(by).i32_add().local_get(0).i32_mul().local_set(changed);
            code.end();
        }
        code.local_get(0);
        for variable in 1..=variables {
            code.local_get(variable).i32_xor();
        }
        code.end();
        function
    }
}
