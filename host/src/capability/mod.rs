//! Capabilities: what a grant turns into, and what is linked for it.
//!
//! [`Capabilities::open`] spends a grant. It takes it apart with every field
//! named, so that a permission without an enforcer does not compile. [`link`]
//! fills a linker with the inert base and with what was granted, interface by
//! interface; nothing here uses a function that adds several.

pub(crate) mod clock;
pub(crate) mod environment;
pub(crate) mod filesystem;
pub(crate) mod http;
pub(crate) mod log;
pub(crate) mod progress;
pub(crate) mod random;
pub(crate) mod wasi;
pub(crate) mod wasi_filesystem;

use std::collections::BTreeMap;

use mpp_policy::{Denial, Grant, GrantParts, LimitsRequest, OperatorPolicy, Permission, Permissions};
use wasmtime::component::{HasSelf, Linker};
use wasmtime_wasi::WasiCtx;

use crate::bindings::mpp::tool as interfaces;
use crate::error::{HostFault, LoadError};
use crate::journal::Journal;
use crate::sandbox::Sandbox;

/// What one package may use, opened once when it is loaded.
pub(crate) struct Capabilities {
    pub(crate) grant: Grant,
    pub(crate) filesystem: filesystem::Filesystem,
    pub(crate) http: Option<http::Client>,
    pub(crate) environment: Vec<(String, String)>,
    clock: bool,
    random: bool,
    wasi_filesystem: wasi_filesystem::Preopens,
}

/// What the operator supplies besides the grant, for every package alike.
pub(crate) struct Supplies<'a> {
    pub environment: &'a BTreeMap<String, String>,
    pub network: &'a http::Network,
}

impl Capabilities {
    /// Opens what `grant` allows.
    ///
    /// # Ambient authority
    ///
    /// Opens the granted directories by their names on this machine. From here
    /// on only the open handles are used.
    pub(crate) fn open(grant: &Grant, supplies: &Supplies<'_>) -> Result<Self, LoadError> {
        // The limits are the sandbox's to enforce; the networks are asked for
        // by the client, address by address.
        let GrantParts { read, write, outbound, allowed_networks: _, env, clock, random, limits: _ } =
            grant.parts();
        let directories = filesystem::Directories::open(grant, read, write)?;
        Ok(Self {
            wasi_filesystem: wasi_filesystem::Preopens::open(grant, &directories)?,
            filesystem: directories.into(),
            http: http::Client::for_grant(grant, outbound, supplies.network)?,
            environment: environment::granted(env, supplies.environment),
            clock,
            random,
            grant: grant.clone(),
        })
    }

    /// The capabilities of a component that is only asked to describe itself.
    pub(crate) fn nothing() -> Result<Self, LoadError> {
        let nothing = Grant::new(
            &Permissions::none(),
            &LimitsRequest::NONE,
            &OperatorPolicy::approving(Permissions::none()),
        );
        let directories = filesystem::Directories::open(&nothing, &[], &[])?;
        Ok(Self {
            wasi_filesystem: wasi_filesystem::Preopens::open(&nothing, &directories)?,
            filesystem: directories.into(),
            http: None,
            environment: Vec::new(),
            clock: false,
            random: false,
            grant: nothing,
        })
    }

    /// The WASI side of a fresh sandbox.
    pub(crate) fn wasi(&self, journal: &Journal) -> WasiCtx {
        wasi::context(&self.wasi_filesystem, journal)
    }
}

/// Links the inert base and what was granted, nothing else.
pub(crate) fn link(linker: &mut Linker<Sandbox>, capabilities: &Capabilities) -> Result<(), HostFault> {
    try_link(linker, capabilities).map_err(HostFault::engine)
}

fn try_link(linker: &mut Linker<Sandbox>, capabilities: &Capabilities) -> wasmtime::Result<()> {
    let Capabilities { grant, filesystem: _, http: _, environment: _, clock, random, wasi_filesystem: _ } =
        capabilities;
    interfaces::types::add_to_linker::<_, HasSelf<Sandbox>>(linker, |sandbox| sandbox)?;
    interfaces::log::add_to_linker::<_, HasSelf<Sandbox>>(linker, |sandbox| sandbox)?;
    interfaces::progress::add_to_linker::<_, HasSelf<Sandbox>>(linker, |sandbox| sandbox)?;
    wasi::link_inert(linker)?;
    if grant.allows(Permission::FilesystemRead) {
        interfaces::fs::add_to_linker::<_, HasSelf<Sandbox>>(linker, |sandbox| sandbox)?;
    }
    if grant.allows(Permission::FilesystemWrite) {
        interfaces::fs_write::add_to_linker::<_, HasSelf<Sandbox>>(linker, |sandbox| sandbox)?;
    }
    if grant.allows(Permission::FilesystemRead) || grant.allows(Permission::FilesystemWrite) {
        wasi_filesystem::link(linker)?;
    }
    if grant.allows(Permission::NetworkOutbound) {
        interfaces::http::add_to_linker::<_, HasSelf<Sandbox>>(linker, |sandbox| sandbox)?;
    }
    if grant.allows(Permission::Env) {
        interfaces::env::add_to_linker::<_, HasSelf<Sandbox>>(linker, |sandbox| sandbox)?;
    }
    if *clock {
        interfaces::clock::add_to_linker::<_, HasSelf<Sandbox>>(linker, |sandbox| sandbox)?;
        wasi::link_clocks(linker)?;
    }
    if *random {
        interfaces::random::add_to_linker::<_, HasSelf<Sandbox>>(linker, |sandbox| sandbox)?;
        wasi::link_random(linker)?;
    }
    Ok(())
}

/// A denial on its way to the guest.
pub(crate) fn to_wire(denial: Denial) -> interfaces::types::Denial {
    interfaces::types::Denial {
        permission: permission_to_wire(denial.permission),
        reason: denial.explanation(),
        resource: denial.resource,
    }
}

fn permission_to_wire(permission: Permission) -> interfaces::types::Permission {
    match permission {
        Permission::FilesystemRead => interfaces::types::Permission::FilesystemRead,
        Permission::FilesystemWrite => interfaces::types::Permission::FilesystemWrite,
        Permission::NetworkOutbound => interfaces::types::Permission::NetworkOutbound,
        Permission::Env => interfaces::types::Permission::Env,
        Permission::Clock => interfaces::types::Permission::Clock,
        Permission::Random => interfaces::types::Permission::Random,
    }
}

/// A permission as a guest names it.
pub(crate) fn permission_from_wire(permission: interfaces::types::Permission) -> Permission {
    match permission {
        interfaces::types::Permission::FilesystemRead => Permission::FilesystemRead,
        interfaces::types::Permission::FilesystemWrite => Permission::FilesystemWrite,
        interfaces::types::Permission::NetworkOutbound => Permission::NetworkOutbound,
        interfaces::types::Permission::Env => Permission::Env,
        interfaces::types::Permission::Clock => Permission::Clock,
        interfaces::types::Permission::Random => Permission::Random,
    }
}

impl interfaces::types::Host for Sandbox {}
