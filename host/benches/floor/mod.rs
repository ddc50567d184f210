//! The engine alone: a fresh store, a fresh instance, one typed call.

use wasmtime::component::{Component, HasSelf, Linker};
use wasmtime::{Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig, Store};

mod bindings {
    wasmtime::component::bindgen!({
        path: "../wit",
        world: "mpp:tool/tool",
        exports: { default: async },
    });
}

use bindings::mpp::tool::{log, types};

/// A component ready to be called, with nothing around it.
pub struct Floor {
    engine: Engine,
    pre: bindings::ToolPre<Nothing>,
    request: types::Request,
}

/// An engine that pools its instances, with what it has by default in all else.
pub fn plain_engine() -> Engine {
    let mut config = Config::new();
    let pooling = InstanceAllocationStrategy::Pooling(PoolingAllocationConfig::new());
    config.allocation_strategy(pooling).epoch_interruption(true);
    Engine::new(&config).expect("an engine")
}

/// What stands behind the instance: the one import of the tool does nothing.
struct Nothing;

impl types::Host for Nothing {}

impl log::Host for Nothing {
    fn write(&mut self, _: log::Level, _: String) {}
}

impl Floor {
    /// Compiles and links `component` on `engine`.
    pub fn new(engine: &Engine, component: &[u8], tool: &str, input: &str) -> Self {
        let component = Component::from_binary(engine, component).expect("it compiles");
        let mut linker = Linker::new(engine);
        types::add_to_linker::<_, HasSelf<Nothing>>(&mut linker, |nothing| nothing).expect("it links");
        log::add_to_linker::<_, HasSelf<Nothing>>(&mut linker, |nothing| nothing).expect("it links");
        let pre = linker.instantiate_pre(&component).and_then(bindings::ToolPre::new).expect("it links");
        let context = types::Context { invocation_id: None, agent: None, time_limit_ms: 30_000 };
        let request = types::Request { tool: tool.to_owned(), arguments: input.to_owned(), context };
        Self { engine: engine.clone(), pre, request }
    }

    /// One call in a store of its own.
    pub async fn call(&self) {
        let mut store = Store::new(&self.engine, Nothing);
        store.epoch_deadline_async_yield_and_update(1);
        store.set_epoch_deadline(1);
        let tool = self.pre.instantiate_async(&mut store).await.expect("an instance");
        let answer = tool.mpp_tool_handler().call_invoke(&mut store, &self.request).await;
        let answer = answer.expect("no trap").expect("an answer");
        assert!(answer.structured.expect("structured").contains("\"words\":10"));
    }
}
