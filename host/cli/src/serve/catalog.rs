//! What is listed: the tools of the installed packages, from their signed
//! manifests.
//!
//! A package is listed if its publisher's signature over its manifest holds by
//! whom this user trusts now, and the manifest is that of the package that was
//! installed. One that is not is left out, and why is said once. Its component is
//! not read here, which takes a thousand times as long; it is before anything of
//! it runs.

use std::collections::HashMap;
use std::fs::File;
use std::num::NonZero;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::SystemTime;

use mpp_mcp::catalog::{self, Annotations};
use mpp_mcp::{Described, Descriptions, Listing, ListingError, Object, Origin, ToolEntry};
use mpp_package::{Digest, Keyring, Manifest, Outline, ReadError, Schema, VerifiedManifest};
use serde_json::Value;

use crate::exit::{Failure, Outcome, file_trouble};
use crate::installed::{Installed, Store};
use crate::{blame, installed};

/// The generation of the first list.
const FIRST: u64 = 1;

/// Which of the installed packages are served.
#[derive(Debug, Clone)]
pub(crate) enum Chosen {
    /// All of them, also those that are installed later.
    All,
    /// Those of these names: `PUBLISHER/NAME`.
    Named(Vec<String>),
}

/// What is listed at one moment, and where each tool is found.
#[derive(Debug)]
pub(super) struct Catalog {
    pub(super) listing: Arc<Listing>,
    places: HashMap<Arc<str>, Place>,
    examined: HashMap<Digest, Arc<Examined>>,
}

/// Where the tool is that is served by some name.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// The package.
    pub(super) package: Arc<Installed>,
    /// The tool, by its name in its manifest.
    pub(super) tool: Described,
}

/// What became of one installed package.
#[derive(Debug)]
struct Examined {
    installed: Arc<Installed>,
    /// Its tools, by their own names; or why it has none here.
    tools: Result<Box<[Described]>, Failure>,
}

impl Chosen {
    fn includes(&self, package: &Installed) -> bool {
        match self {
            Self::All => true,
            Self::Named(names) => names.contains(&package.full_name()),
        }
    }
}

impl Catalog {
    /// The catalog of `packages`. What `known` has of them is taken from there,
    /// which holds as long as the same publishers are trusted.
    pub(super) fn of(packages: Vec<Installed>, look: &Look<'_>, known: Option<&Self>) -> Outcome<Self> {
        let (mut examined, mut new) = (Vec::new(), Vec::new());
        for package in packages.into_iter().filter(|package| look.chosen.includes(package)) {
            match known.and_then(|known| known.examined(&package)) {
                Some(known) => examined.push(known),
                None => new.push(Arc::new(package)),
            }
        }
        examined.extend(look.at_all(&new));
        let tools = || examined.iter().flat_map(|package| package.tools());
        let own: Vec<_> = tools().map(|(package, tool)| package.tool(tool.name())).collect();
        let names: Vec<Arc<str>> = catalog::names(&own).into_iter().map(Arc::from).collect();
        let served = names.iter().cloned().zip(tools().map(|(_, tool)| tool.clone()));
        let listing = Arc::new(Listing::of(FIRST, served).map_err(|error| not_listed(&error))?);
        let places =
            tools().map(|(package, tool)| Place { package: Arc::clone(package), tool: tool.clone() });
        let places = names.iter().cloned().zip(places).collect();
        let examined = examined.iter().map(|package| (package.installed.digest, Arc::clone(package)));
        Ok(Self { listing, places, examined: examined.collect() })
    }

    /// This one, as what comes after `before`: clients are told of another list, and
    /// this may be the same.
    pub(super) fn after(self, before: &Self) -> Self {
        let listing = self.listing.following(&before.listing);
        Self { listing, ..self }
    }

    fn examined(&self, package: &Installed) -> Option<Arc<Examined>> {
        let examined = self.examined.get(&package.digest)?;
        // What was wrong with a package may be mended since.
        let same = *examined.installed == *package && examined.tools.is_ok();
        same.then(|| Arc::clone(examined))
    }

    /// Where the tool is that is served by this name.
    pub(super) fn place(&self, name: &str) -> Option<&Place> {
        self.places.get(name)
    }

    /// Every name that is served, and whose it is.
    pub(super) fn places(&self) -> impl Iterator<Item = (&str, &Place)> {
        self.places.iter().map(|(name, place)| (&**name, place))
    }

    /// Every package that was looked at, and why it is left out, if it is.
    pub(super) fn all(&self) -> impl Iterator<Item = (&Arc<Installed>, Option<&Failure>)> {
        self.examined.values().map(|package| (&package.installed, package.tools.as_ref().err()))
    }

    /// The installed packages that are served.
    pub(super) fn packages(&self) -> impl Iterator<Item = &Arc<Installed>> {
        self.examined.values().filter(|package| package.tools.is_ok()).map(|package| &package.installed)
    }

    /// Whether a package is installed here as it was in `before`.
    pub(super) fn has_unchanged(&self, digest: &Digest, before: &Self) -> bool {
        self.examined.get(digest).is_some_and(|package| before.examined(&package.installed).is_some())
    }

    /// Why packages are left out, where that is another reason than in `before`.
    pub(super) fn left_out<'a>(&'a self, before: Option<&'a Self>) -> impl Iterator<Item = &'a Failure> {
        self.examined.values().filter_map(move |package| {
            let why = package.tools.as_ref().err()?;
            let told = before.and_then(|before| before.examined.get(&package.installed.digest));
            let same = told.is_some_and(|told| told.tools.as_ref().err() == Some(why));
            (!same).then_some(why)
        })
    }
}

impl Examined {
    /// Its tools, each with where it is from.
    fn tools(&self) -> impl Iterator<Item = (&Arc<Installed>, &Described)> {
        self.tools.iter().flatten().map(|tool| (&self.installed, tool))
    }
}

/// Where to look, and by whose trust.
pub(super) struct Look<'a> {
    /// Takes what is seen.
    pub(super) descriptions: &'a Descriptions,
    pub(super) chosen: &'a Chosen,
    pub(super) store: &'a Store,
    pub(super) keyring: &'a Keyring,
}

impl Look<'_> {
    /// Looks at packages, with every core there is: each is a file, a signature and
    /// a document.
    fn at_all(&self, packages: &[Arc<Installed>]) -> Vec<Arc<Examined>> {
        let now = SystemTime::now();
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        let share = packages.len().div_ceil(cores).max(1);
        let at = |package: &Arc<Installed>| Arc::new(self.at(package, now));
        thread::scope(|scope| {
            let look = |share: &[Arc<Installed>]| share.iter().map(at).collect::<Vec<_>>();
            let shares: Vec<_> =
                packages.chunks(share).map(|share| scope.spawn(move || look(share))).collect();
            shares.into_iter().flat_map(|share| share.join().unwrap_or_default()).collect()
        })
    }

    fn at(&self, package: &Arc<Installed>, now: SystemTime) -> Examined {
        let verified = self.manifest(package, now);
        let tools = verified.and_then(|verified| {
            let kept = tools(package, &verified).map(|tool| self.descriptions.keep(tool));
            kept.collect::<Result<_, _>>().map_err(|error| not_listed(&error))
        });
        Examined { installed: Arc::clone(package), tools }
    }

    /// The manifest of an installed package, if its publisher signed it and this
    /// user trusts them.
    fn manifest(&self, package: &Installed, now: SystemTime) -> Outcome<VerifiedManifest> {
        let path = self.store.bytes_of(&package.digest);
        let file = File::open(&path).map_err(|error| not_there(package, &path, &error))?;
        let outline = Outline::read(file).map_err(|error| match error {
            ReadError::Io(error) => file_trouble("read", &path, &error),
            ReadError::Package(error) => installed::damaged(package, error),
        })?;
        let verified = self.keyring.verify_manifest(outline, now);
        let verified = verified.map_err(|error| blame::unverified(&package.full_name(), &error))?;
        if verified.digest() != package.digest {
            return Err(installed::damaged(package, "its file holds another package"));
        }
        Ok(verified)
    }
}

fn not_there(package: &Installed, path: &Path, error: &std::io::Error) -> Failure {
    if error.kind() == std::io::ErrorKind::NotFound {
        return installed::damaged(package, "its file is gone");
    }
    file_trouble("read", path, error)
}

/// The tools of a package, each by the name in its manifest.
fn tools(package: &Installed, verified: &VerifiedManifest) -> impl Iterator<Item = ToolEntry> {
    let annotations = Annotations::of(&package.granted);
    let (origin, icons) = (origin(verified), icons(verified.manifest()));
    let entry = move |tool: &mpp_package::ToolEntry| ToolEntry {
        name: tool.name.to_string(),
        title: tool.title.clone(),
        description: tool.description.clone(),
        input_schema: object(&tool.input_schema),
        output_schema: tool.output_schema.as_ref().map(object),
        icons: icons.clone(),
        annotations,
        origin: Some(origin.clone()),
    };
    verified.manifest().tools().iter().map(entry)
}

fn origin(verified: &VerifiedManifest) -> Origin {
    let manifest: &Manifest = verified.manifest();
    let lapse = verified.standing().lapse.as_ref();
    Origin {
        publisher: manifest.publisher().to_string(),
        package: manifest.name().to_string(),
        version: manifest.version().to_string(),
        digest: verified.digest().to_string(),
        signature: lapse.map_or("verified", |lapse| lapse.code()).to_owned(),
    }
}

/// The pictures of a package, which each of its tools is shown with.
fn icons(manifest: &Manifest) -> Vec<mpp_mcp::Icon> {
    let icon = |icon: &mpp_package::Icon| mpp_mcp::Icon {
        src: icon.src().to_owned(),
        mime_type: Some(icon.format().media_type().to_owned()),
        sizes: vec![icon.size().to_string()],
        theme: icon.theme().map(|theme| match theme {
            mpp_package::IconTheme::Light => mpp_mcp::IconTheme::Light,
            mpp_package::IconTheme::Dark => mpp_mcp::IconTheme::Dark,
        }),
    };
    manifest.icons().iter().map(icon).collect()
}

fn object(schema: &Schema) -> Arc<Object> {
    Arc::new(match schema.to_value() {
        Value::Object(schema) => schema,
        // A schema is an object; its type says so.
        _ => Object::new(),
    })
}

fn not_listed(error: &ListingError) -> Failure {
    Failure::host("the installed tools cannot be listed").because_of(error)
}
