//! The tool as a plugin of Extism.
#![allow(missing_docs, reason = "the macro exports a function without any")]

use extism_pdk::{FnResult, plugin_fn};

/// Counts the text in a JSON document.
#[plugin_fn]
pub fn text_stats(input: String) -> FnResult<String> {
    Ok(peer_tool::answer(&input)?)
}
