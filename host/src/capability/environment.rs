//! `mpp:tool/env`, and the environment that WASI shows: granted names only.

use std::collections::BTreeMap;

use mpp_policy::{EnvName, Permission};

use super::to_wire;
use crate::bindings::mpp::tool::{env, types};
use crate::sandbox::Sandbox;

/// The granted names that the operator gives a value to.
pub(crate) fn granted(names: &[EnvName], values: &BTreeMap<String, String>) -> Vec<(String, String)> {
    names
        .iter()
        .filter_map(|name| {
            let value = values.get(name.as_str())?;
            Some((name.as_str().to_owned(), value.clone()))
        })
        .collect()
}

impl env::Host for Sandbox {
    fn get(&mut self, name: String) -> wasmtime::Result<Result<Option<String>, types::Denial>> {
        self.journal.count(|counters| counters.host_calls += 1);
        let verdict = self.capabilities.grant.env(&name);
        if let Err(denial) = self.journal.check(Permission::Env, name.as_str(), verdict) {
            return Ok(Err(to_wire(denial)));
        }
        let value = self.capabilities.environment.iter().find(|(granted, _)| *granted == name);
        Ok(Ok(value.map(|(_, value)| value.clone())))
    }
}
