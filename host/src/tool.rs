//! A loaded package: verified, granted, compiled, linked.

use std::collections::BTreeMap;
use std::sync::Arc;

use mpp_audit::Subject;
use mpp_package::{Digest, Manifest, VerifiedPackage};
use mpp_policy::{Grant, Limits, Permission, Permissions};
use wasmtime::component::{Component, Linker};

use crate::bindings::ToolPre;
use crate::capability::{self, Capabilities};
use crate::effects;
use crate::error::LoadError;
use crate::host::Shared;
use crate::imports::{self, Import};
use crate::record;
use crate::sandbox::Sandbox;
use crate::schema::Validator;

/// A package ready to run. Cheap to clone. Each call of it runs in a sandbox of
/// its own; nothing passes from one to the next.
#[derive(Clone)]
pub struct Tool(pub(crate) Arc<Loaded>);

pub(crate) struct Loaded {
    pub(crate) host: Arc<Shared>,
    pub(crate) package: VerifiedPackage,
    /// What every call of it has in common on record.
    pub(crate) subject: Arc<Subject>,
    pub(crate) capabilities: Arc<Capabilities>,
    pub(crate) pre: ToolPre<Sandbox>,
    pub(crate) schemas: BTreeMap<String, Schemas>,
    imports: Vec<Import>,
    code_bytes: usize,
}

/// The schemas of one tool of the package.
pub(crate) struct Schemas {
    pub(crate) input: Validator,
    pub(crate) output: Option<Validator>,
}

impl Tool {
    /// Refuses a component whose imports its manifest does not declare, or the
    /// operator did not grant. Runs before anything is linked or opened.
    pub(crate) fn check_imports(
        component: &Component,
        manifest: &Manifest,
        grant: &Grant,
    ) -> Result<(), LoadError> {
        let imports = imports::imports(component);
        imports::check(&imports, declared_by(manifest.permissions())).map_err(LoadError::Undeclared)?;
        imports::check(&imports, imports::granted_by(grant)).map_err(LoadError::NotGranted)
    }

    pub(crate) fn link(
        host: Arc<Shared>,
        package: VerifiedPackage,
        component: &Component,
        capabilities: Arc<Capabilities>,
    ) -> Result<Self, LoadError> {
        let mut linker = Linker::new(&host.engine);
        capability::link(&mut linker, &capabilities)?;
        let contract = |error: wasmtime::Error| LoadError::Contract(format!("{error:#}"));
        let pre = linker.instantiate_pre(component).and_then(ToolPre::new).map_err(contract)?;
        Ok(Self(Arc::new(Loaded {
            schemas: schemas(package.manifest())?,
            imports: imports::imports(component),
            code_bytes: code_bytes(component),
            subject: record::subject(&package, &capabilities.grant).map_err(LoadError::Audit)?,
            host,
            package,
            capabilities,
            pre,
        })))
    }

    /// The signed manifest.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        self.0.package.manifest()
    }

    /// The digest of the package: its identity everywhere.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.0.package.digest()
    }

    /// What it may touch.
    #[must_use]
    pub fn grant(&self) -> &Grant {
        &self.0.capabilities.grant
    }

    /// The limits of each of its calls.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        self.grant().limits()
    }

    /// What its component imports.
    #[must_use]
    pub fn imports(&self) -> &[Import] {
        &self.0.imports
    }

    /// Whether a call of it may act outside its sandbox: its grant lets it write files
    /// or reach a network. If so, its intent is on its way to the disk as soon as it begins.
    #[must_use]
    pub fn may_act(&self) -> bool {
        effects::possible_under(self.grant())
    }

    /// The compiled component, for benches that measure what the engine takes alone.
    #[doc(hidden)]
    #[must_use]
    pub fn component(&self) -> &Component {
        self.0.pre.instance_pre().component()
    }

    /// How much compiled code it holds in memory, in bytes, while any clone of it
    /// is there. What a call needs comes on top, and goes with the call.
    #[must_use]
    pub fn code_bytes(&self) -> usize {
        self.0.code_bytes
    }
}

impl Loaded {
    pub(crate) fn limits(&self) -> &Limits {
        self.capabilities.grant.limits()
    }
}

/// A manifest's permissions as the question that [`imports::check`] asks.
pub(crate) fn declared_by(declared: &Permissions) -> impl Fn(Permission) -> bool + '_ {
    let Permissions { filesystem, network, env, clock, random } = declared;
    move |permission| match permission {
        Permission::FilesystemRead => !filesystem.read.is_empty(),
        Permission::FilesystemWrite => !filesystem.write.is_empty(),
        Permission::NetworkOutbound => !network.outbound.is_empty(),
        Permission::Env => !env.is_empty(),
        Permission::Clock => *clock,
        Permission::Random => *random,
    }
}

/// The whole image: machine code, and what the engine keeps beside it.
fn code_bytes(component: &Component) -> usize {
    let image = component.image_range();
    image.end.addr() - image.start.addr()
}

fn schemas(manifest: &Manifest) -> Result<BTreeMap<String, Schemas>, LoadError> {
    manifest
        .tools()
        .iter()
        .map(|tool| {
            let bad = |which| move |why| LoadError::Schema { tool: tool.name.to_string(), which, why };
            let input = Validator::compile(&tool.input_schema.to_value()).map_err(bad("input"))?;
            let output = tool
                .output_schema
                .as_ref()
                .map(|schema| Validator::compile(&schema.to_value()))
                .transpose()
                .map_err(bad("output"))?;
            Ok((tool.name.to_string(), Schemas { input, output }))
        })
        .collect()
}
