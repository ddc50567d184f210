//! Reads the environment, through the contract and through the standard library.

use std::collections::BTreeMap;

use mpp_guest::Result;
use mpp_guest::schemars::{self, JsonSchema};
use serde::Deserialize;

#[derive(Deserialize, JsonSchema)]
struct Read {
    name: String,
}

/// One value, by the contract.
#[mpp_guest::tool]
fn var(input: Read) -> Result<Option<String>> {
    Ok(mpp_guest::env::var(&input.name)?)
}

/// One value, by the standard library.
#[mpp_guest::tool]
fn std_var(input: Read) -> Option<String> {
    std::env::var(&input.name).ok()
}

/// Everything there is, by the standard library.
#[mpp_guest::tool]
fn std_vars() -> BTreeMap<String, String> {
    std::env::vars().collect()
}

mpp_guest::export!(var, std_var, std_vars);
