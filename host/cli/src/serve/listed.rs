//! What an installed package is served as, for a person who lists them.

use std::collections::BTreeMap;
use std::sync::Arc;

use mpp_mcp::Descriptions;
use serde::Serialize;

use super::catalog::{Catalog, Chosen, Look};
use crate::exit::{Failure, Outcome};
use crate::home::Home;
use crate::installed::{Installed, Store};
use crate::trust;

/// One installed package, and its tools; or why it is not served.
#[derive(Debug)]
pub(crate) struct Listed {
    pub(crate) package: Arc<Installed>,
    pub(crate) tools: Result<Vec<ServedAs>, Failure>,
}

/// One tool, by both its names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct ServedAs {
    /// In its manifest.
    pub(crate) name: String,
    /// To clients, if all packages are served: longer where two tools have one name.
    pub(crate) served_as: String,
}

/// Every installed package, sorted by publisher and name.
pub(crate) fn listed(home: &Home) -> Outcome<Vec<Listed>> {
    let store = Store::of(home);
    let keyring = trust::keyring(home)?;
    let descriptions = &Descriptions::in_memory();
    let look = Look { descriptions, chosen: &Chosen::All, store: &store, keyring: &keyring };
    let catalog = Catalog::of(store.list()?, &look, None)?;
    let mut served: BTreeMap<String, Vec<ServedAs>> = BTreeMap::new();
    for (served_as, place) in catalog.places() {
        let tool = ServedAs { name: place.tool.name().to_owned(), served_as: served_as.to_owned() };
        served.entry(place.package.full_name()).or_default().push(tool);
    }
    let mut listed: Vec<_> = catalog
        .all()
        .map(|(package, problem)| {
            let mut tools = served.remove(&package.full_name()).unwrap_or_default();
            tools.sort_by(|a, b| a.name.cmp(&b.name));
            Listed { package: Arc::clone(package), tools: problem.map_or(Ok(tools), |why| Err(why.clone())) }
        })
        .collect();
    listed.sort_by(|a, b| {
        (&a.package.publisher, &a.package.name).cmp(&(&b.package.publisher, &b.package.name))
    });
    Ok(listed)
}
