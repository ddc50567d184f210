//! The JSON of a manifest, key by key.

use std::borrow::Cow;

use mpp_policy::{LimitsRequest, Permissions};
use semver::Version;
use serde::{Deserialize, Serialize};

use super::{MANIFEST_VERSION, ManifestError, ManifestParts};
use crate::{
    icon::{Icon, IconForm},
    name::{PackageName, PublisherName},
    tool::ToolEntry,
};

/// The wire form, written with its keys in ascending order. Borrowed while it is
/// written, for a manifest can be large.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ManifestForm<'a> {
    mpp: Cow<'a, str>,
    publisher: Cow<'a, PublisherName>,
    name: Cow<'a, PackageName>,
    version: Cow<'a, Version>,
    description: Cow<'a, str>,
    permissions: Cow<'a, Permissions>,
    limits: Cow<'a, LimitsRequest>,
    tools: Cow<'a, [ToolEntry]>,
    /// There exactly if there are any: manifests are older than icons.
    #[serde(skip_serializing_if = "Option::is_none")]
    icons: Option<Vec<IconForm<'a>>>,
}

impl<'a> From<&'a ManifestParts> for ManifestForm<'a> {
    fn from(parts: &'a ManifestParts) -> Self {
        let ManifestParts { publisher, name, version, description, permissions, limits, tools, icons } =
            parts;
        Self {
            mpp: Cow::Borrowed(MANIFEST_VERSION),
            publisher: Cow::Borrowed(publisher),
            name: Cow::Borrowed(name),
            version: Cow::Borrowed(version),
            description: Cow::Borrowed(description),
            permissions: Cow::Borrowed(permissions),
            limits: Cow::Borrowed(limits),
            tools: Cow::Borrowed(tools),
            icons: (!icons.is_empty()).then(|| icons.iter().map(IconForm::from).collect()),
        }
    }
}

impl TryFrom<ManifestForm<'_>> for ManifestParts {
    type Error = ManifestError;

    fn try_from(form: ManifestForm<'_>) -> Result<Self, ManifestError> {
        // `mpp` has been checked before anything else was read.
        let ManifestForm { mpp: _, publisher, name, version, description, permissions, limits, tools, icons } =
            form;
        Ok(Self {
            publisher: publisher.into_owned(),
            name: name.into_owned(),
            version: version.into_owned(),
            description: description.into_owned(),
            permissions: permissions.into_owned(),
            limits: limits.into_owned(),
            tools: tools.into_owned(),
            icons: read_icons(icons.unwrap_or_default())?,
        })
    }
}

fn read_icons(forms: Vec<IconForm<'_>>) -> Result<Vec<Icon>, ManifestError> {
    let numbered = (1..).zip(forms);
    let read = numbered.map(|(number, form)| {
        Icon::try_from(form).map_err(|problem| ManifestError::Icon { number, problem })
    });
    read.collect()
}
