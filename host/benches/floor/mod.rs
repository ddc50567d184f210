//! The engine alone: a fresh store, a fresh instance, one typed call.
//!
//! The same floor as that of `mpp bench`, so that both tell of the same thing.

use wasmtime::component::Component;
use wasmtime::{Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};

/// A component ready to be called, with nothing around it.
pub struct Floor(mpp_cli::floor::Floor);

/// An engine that pools its instances, with what it has by default in all else.
pub fn plain_engine() -> Engine {
    let mut config = Config::new();
    let pooling = InstanceAllocationStrategy::Pooling(PoolingAllocationConfig::new());
    config.allocation_strategy(pooling).epoch_interruption(true);
    Engine::new(&config).expect("an engine")
}

impl Floor {
    /// Compiles and links `component` on `engine`.
    pub fn new(engine: &Engine, component: &[u8], tool: &str, input: &str) -> Self {
        Self::of(&Component::from_binary(engine, component).expect("it compiles"), tool, input)
    }

    /// Links a component on its engine.
    pub fn of(component: &Component, tool: &str, input: &str) -> Self {
        Self(mpp_cli::floor::Floor::new(component, tool, input).expect("it links"))
    }

    /// One call in a store of its own.
    pub async fn call(&self) {
        let answer = self.0.call().await.expect("an answer");
        assert!(answer.structured().expect("structured").contains("\"words\":10"));
    }

    /// One instance in a store of its own.
    #[allow(dead_code, reason = "one bench of several measures it")]
    pub async fn instantiate(&self) {
        self.0.instantiate().await.expect("an instance");
    }
}
