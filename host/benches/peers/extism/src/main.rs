//! Extism as a library: a fresh plugin for each call, or one that is kept.
//!
//! ```text
//! peer-extism compiled|pooled|cached|uncached|reused PLUGIN CACHE INPUT
//! ```
//!
//! - `compiled`: a plugin per call, of one `CompiledPlugin`;
//! - `pooled`: the same, on an engine that pools its instances;
//! - `cached`: a plugin per call, from its bytes, compiled code from the cache that the
//!   file `CACHE` configures;
//! - `uncached`: the same, compiled each time;
//! - `reused`: one plugin for all calls, and its memory from one to the next.

use std::error::Error;

use extism::{CompiledPlugin, Plugin, PluginBuilder};
use wasmtime::{Config, InstanceAllocationStrategy, PoolingAllocationConfig};

/// What the plugin exports.
const FUNCTION: &str = "text_stats";

type Answer = Result<String, Box<dyn Error>>;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [how, plugin, cache, input] = arguments.as_slice() else {
        return Err("usage: peer-extism compiled|pooled|cached|uncached|reused PLUGIN CACHE INPUT".into());
    };
    let bytes = std::fs::read(plugin)?;
    let cached = || PluginBuilder::new(bytes.as_slice()).with_cache_config(cache);
    match how.as_str() {
        "compiled" => fresh(&cached().compile()?, input),
        "pooled" => fresh(&cached().with_wasmtime_config(pooling()).compile()?, input),
        "cached" => peer_turns::take(|| call(&mut cached().build()?, input)),
        "uncached" => {
            let uncached = || PluginBuilder::new(bytes.as_slice()).with_cache_disabled();
            peer_turns::take(|| call(&mut uncached().build()?, input))
        }
        "reused" => {
            let mut plugin = cached().build()?;
            peer_turns::take(|| call(&mut plugin, input))
        }
        other => Err(format!("nobody is called {other}").into()),
    }
}

fn fresh(compiled: &CompiledPlugin, input: &str) -> Result<(), Box<dyn Error>> {
    peer_turns::take(|| call(&mut Plugin::new_from_compiled(compiled)?, input))
}

fn pooling() -> Config {
    let mut config = Config::new();
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(PoolingAllocationConfig::new()));
    config
}

fn call(plugin: &mut Plugin, input: &str) -> Answer {
    Ok(plugin.call(FUNCTION, input)?)
}
