//! `mpp:tool/env`, and the environment that WASI shows: granted names only.

use std::collections::BTreeMap;

use mpp_policy::{EnvName, Permission};
use wasmtime::StoreContextMut;
use wasmtime::component::Linker;

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

/// Links the environment of WASI, which is handed over as a whole: so every
/// value in it goes on record as read.
pub(crate) fn link_wasi(linker: &mut Linker<Sandbox>) -> wasmtime::Result<()> {
    linker.allow_shadowing(true);
    // The linker finds it for every 0.2 version that a guest may ask for.
    linker.instance("wasi:cli/environment@0.2.12")?.func_wrap(
        "get-environment",
        |store: StoreContextMut<'_, Sandbox>, ()| {
            let sandbox = store.data();
            let values = &sandbox.capabilities.environment;
            for (name, _) in values {
                let _ = sandbox.journal.check(Permission::Env, name.as_str(), Ok(()));
            }
            Ok((values.clone(),))
        },
    )?;
    linker.allow_shadowing(false);
    Ok(())
}
