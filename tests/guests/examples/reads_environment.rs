//! Reads the environment, through the contract and through the standard library.

use std::collections::BTreeMap;

use mpp_guest::Result;
use mpp_guest::schemars::{self, JsonSchema};
use serde::Deserialize;

#[derive(Deserialize, JsonSchema)]
struct Read {
    name: String,
}

#[derive(Deserialize, JsonSchema)]
struct Flood {
    name: String,
    names: u32,
    times: u32,
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

/// Asks for numbered names again and again, and counts how often it got an
/// answer. Of one name, it asks for that name itself.
#[mpp_guest::tool]
fn flood(input: Flood) -> u32 {
    let Flood { name, names, times } = input;
    let asked = |i: u32| if names == 1 { name.clone() } else { format!("{name}{}", i % names) };
    (0..times).map(|i| u32::from(mpp_guest::env::var(&asked(i)).is_ok())).sum()
}

/// Everything there is, by the standard library.
#[mpp_guest::tool]
fn std_vars() -> BTreeMap<String, String> {
    std::env::vars().collect()
}

mpp_guest::export!(var, std_var, flood, std_vars);
