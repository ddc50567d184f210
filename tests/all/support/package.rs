//! Packages in the making.

use std::time::SystemTime;

use mpp_host::package::{
    Manifest, ManifestParts, PublisherName, Schema, SignOptions, SigningKey, Timestamp, ToolEntry, Version,
    pack, sign,
};
use mpp_host::policy::{DeclaredPermissions, LimitsRequest, Permissions};
use serde_json::{Value, json};

use super::Guest;

/// Who publishes what the tests run.
pub fn publisher() -> PublisherName {
    "com.example".parse().expect("a publisher's name")
}

/// The key of [`publisher`].
pub fn signing_key() -> SigningKey {
    SigningKey::from_seed(&[7; 32])
}

/// Permissions in the form in which an author writes them.
#[track_caller]
pub fn permissions(declared: Value) -> Permissions {
    match serde_json::from_value::<DeclaredPermissions>(declared) {
        Ok(declared) => declared.into(),
        Err(error) => panic!("these are no permissions: {error}"),
    }
}

/// A package before it is signed: change what you want to be different.
#[derive(Clone)]
pub struct Draft {
    pub component: Vec<u8>,
    pub permissions: Permissions,
    pub limits: LimitsRequest,
    pub tools: Vec<ToolEntry>,
}

impl Draft {
    /// What `mpp build` would make of a guest that declares nothing.
    pub async fn of_guest(guest: Guest) -> Self {
        Self { tools: guest.tools().await, ..Self::of_component(guest.component()) }
    }

    /// A component with one tool named `tool`, which takes any object and
    /// promises nothing.
    pub fn of_component(component: Vec<u8>) -> Self {
        Self {
            component,
            permissions: Permissions::none(),
            limits: LimitsRequest::NONE,
            tools: vec![tool("tool", &json!({"type": "object"}), None)],
        }
    }

    /// The manifest.
    pub fn manifest(&self) -> Manifest {
        let Self { component: _, permissions, limits, tools } = self;
        Manifest::new(ManifestParts {
            publisher: publisher(),
            name: "guest".parse().expect("a package's name"),
            version: Version::new(1, 0, 0),
            description: "A guest of the tests.".to_owned(),
            permissions: permissions.clone(),
            limits: *limits,
            tools: tools.clone(),
            icons: Vec::new(),
        })
        .expect("the manifest is well formed")
    }

    /// The package without a signature.
    pub fn unsigned(&self) -> Vec<u8> {
        pack(&self.component, &self.manifest()).expect("the component can be packed")
    }

    /// The package, signed by its publisher.
    pub fn signed(&self) -> Vec<u8> {
        self.signed_by(&signing_key())
    }

    /// The package, signed by any key.
    pub fn signed_by(&self, key: &SigningKey) -> Vec<u8> {
        let issued_at = Timestamp::at(SystemTime::now()).expect("the clock is set");
        let options = SignOptions { sequence: 1, issued_at, not_after: None };
        sign(&self.unsigned(), key, &options).expect("the package can be signed")
    }
}

/// A tool's entry in a manifest.
pub fn tool(name: &str, input: &Value, output: Option<&Value>) -> ToolEntry {
    let schema = |value: &Value| Schema::parse(&value.to_string()).expect("a schema");
    ToolEntry {
        name: name.parse().expect("a tool's name"),
        title: None,
        description: "Does something.".to_owned(),
        input_schema: schema(input),
        output_schema: output.map(schema),
    }
}
