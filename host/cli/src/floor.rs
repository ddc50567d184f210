//! The floor of a call: what the engine alone takes for the same component.
//!
//! A fresh store, a fresh instance and one typed call, on the engine that the host
//! itself uses, with nothing around it: no signature, no schema, no limit but the
//! engine's own, no record. It is what a call is measured beside, by `mpp bench` and
//! by `cargo bench`, and runs nothing for anybody.
//!
//! There is no host behind the instance. Writing to the log and reporting progress do
//! nothing, and every other import traps; so a tool that needs its host has no answer
//! here, and its floor is the instance alone ([`Floor::answers`]).

use std::time::Duration;

use wasmtime::component::{Component, HasSelf, Linker};
use wasmtime::{Engine, Result, Store};

mod bindings {
    wasmtime::component::bindgen!({
        path: "../../wit",
        world: "mpp:tool/tool",
        exports: { default: async },
        additional_derives: [PartialEq],
    });
}

use bindings::mpp::tool::{log, progress, types};

/// Fuel of a call, on an engine that counts it: enough for any.
const FUEL: u64 = u64::MAX;

/// A component ready to be called, with nothing around it.
pub struct Floor {
    engine: Engine,
    pre: bindings::ToolPre<Nothing>,
    request: types::Request,
}

/// What a call gave.
#[derive(Debug, PartialEq)]
pub struct Answer(types::Response);

/// What stands behind the instance.
struct Nothing;

impl types::Host for Nothing {}

impl log::Host for Nothing {
    fn write(&mut self, _: log::Level, _: String) {}
}

impl progress::Host for Nothing {
    fn report(&mut self, _: f64, _: Option<f64>, _: Option<String>) {}
}

impl Floor {
    /// Links `component` on its engine, for calls of `tool` with `input`.
    ///
    /// # Errors
    ///
    /// Where it is no tool.
    pub fn new(component: &Component, tool: &str, input: &str) -> Result<Self> {
        let engine = component.engine();
        let mut linker = Linker::new(engine);
        types::add_to_linker::<_, HasSelf<Nothing>>(&mut linker, |nothing| nothing)?;
        log::add_to_linker::<_, HasSelf<Nothing>>(&mut linker, |nothing| nothing)?;
        progress::add_to_linker::<_, HasSelf<Nothing>>(&mut linker, |nothing| nothing)?;
        linker.define_unknown_imports_as_traps(component)?;
        let pre = bindings::ToolPre::new(linker.instantiate_pre(component)?)?;
        let context = types::Context { invocation_id: None, agent: None, time_limit_ms: 30_000 };
        let request = types::Request { tool: tool.to_owned(), arguments: input.to_owned(), context };
        Ok(Self { engine: engine.clone(), pre, request })
    }

    /// One call, in a store of its own.
    ///
    /// # Errors
    ///
    /// Where it traps, and where the tool answers with an error.
    pub async fn call(&self) -> Result<Answer> {
        let mut store = self.store()?;
        let tool = self.pre.instantiate_async(&mut store).await?;
        let answer = tool.mpp_tool_handler().call_invoke(&mut store, &self.request).await?;
        answer.map(Answer).map_err(|error| wasmtime::format_err!("{error:?}"))
    }

    /// One instance, in a store of its own.
    ///
    /// # Errors
    ///
    /// Where it traps.
    pub async fn instantiate(&self) -> Result<()> {
        self.pre.instantiate_async(&mut self.store()?).await.map(drop)
    }

    /// The answer that the tool gives without its host within a time, if it gives one.
    pub async fn answers(&self, within: Duration) -> Option<Answer> {
        tokio::time::timeout(within, self.call()).await.ok()?.ok()
    }

    fn store(&self) -> Result<Store<Nothing>> {
        let mut store = Store::new(&self.engine, Nothing);
        store.epoch_deadline_async_yield_and_update(1);
        store.set_epoch_deadline(1);
        // An error says that nobody counts.
        if store.set_fuel(FUEL).is_ok() {
            store.fuel_async_yield_interval(Some(10_000_000))?;
        }
        Ok(store)
    }
}

impl Answer {
    /// The structured answer: one JSON text.
    pub fn structured(&self) -> Option<&str> {
        self.0.structured.as_deref()
    }

    /// The parts of the content that are text.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.0.content.iter().filter_map(|content| match content {
            types::Content::Text(text) => Some(text.as_str()),
            _ => None,
        })
    }
}
