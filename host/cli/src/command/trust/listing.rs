//! The releases of an index while the next one is made.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use mpp_package::{
    Index, PackageName, PublisherName, Release, RootParts, Status, VerifiedPackage, Version, Withdrawal,
};

use crate::exit::{Failure, Outcome};

/// `[NAMESPACE/]NAME@VERSION`
#[derive(Debug, Clone)]
pub(super) struct ReleaseName {
    namespace: Option<PublisherName>,
    name: PackageName,
    version: Version,
}

impl FromStr for ReleaseName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, version) =
            text.split_once('@').ok_or("write it as NAME@VERSION, such as csv-report@1.0.0")?;
        let (namespace, name) = match name.split_once('/') {
            Some((namespace, name)) => (Some(namespace), name),
            None => (None, name),
        };
        let namespace = namespace.map(PublisherName::parse).transpose().map_err(|error| error.to_string())?;
        let name = PackageName::parse(name).map_err(|error| error.to_string())?;
        let version = Version::parse(version).map_err(|error| format!("the version: {error}"))?;
        Ok(Self { namespace, name, version })
    }
}

impl ReleaseName {
    /// The full name: the namespace goes without saying where the root has one.
    pub(super) fn under(&self, root: &RootParts) -> Outcome<FullName> {
        let namespace = match (&self.namespace, root.namespaces.as_slice()) {
            (Some(namespace), _) => namespace,
            (None, [only]) => only,
            (None, several) => {
                let Self { name, version, .. } = self;
                let ways = several.iter().map(|namespace| format!("{namespace}/{name}@{version}"));
                return Err(Failure::usage(format!(
                    "{name}@{version} could be the release of several names"
                ))
                .next(format!("write one of {}", ways.collect::<Vec<_>>().join(", "))));
            }
        };
        Ok(FullName(namespace.clone(), self.name.clone(), self.version.clone()))
    }
}

/// Namespace, name and version: in the order of an index.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct FullName(PublisherName, PackageName, Version);

impl fmt::Display for FullName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}@{}", self.0, self.1, self.2)
    }
}

/// How a release is withdrawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Withdrawn {
    Yanked,
    Revoked,
}

impl Withdrawn {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Yanked => "yanked",
            Self::Revoked => "revoked",
        }
    }

    fn status(self, withdrawal: Withdrawal) -> Status {
        match self {
            Self::Yanked => Status::Yanked(withdrawal),
            Self::Revoked => Status::Revoked(withdrawal),
        }
    }
}

/// The releases, each once.
#[derive(Debug)]
pub(super) struct Listing(BTreeMap<FullName, Release>);

impl Listing {
    /// Those of the index before, or none.
    pub(super) fn of(before: Option<&Index>) -> Self {
        let releases = before.map_or(&[][..], |before| &before.parts().releases);
        Self(releases.iter().map(|release| (full_name(release), release.clone())).collect())
    }

    /// Lists a package as one that the publisher stands by, and says in a word
    /// what that changes.
    pub(super) fn add(&mut self, package: &VerifiedPackage) -> Outcome<&'static str> {
        let manifest = package.manifest();
        let release = Release {
            publisher: manifest.publisher().clone(),
            name: manifest.name().clone(),
            version: manifest.version().clone(),
            digest: package.digest(),
            status: Status::Active,
        };
        let name = full_name(&release);
        let news = match self.0.get(&name) {
            None => "listed",
            Some(listed) if listed.digest != release.digest => {
                return Err(Failure::usage(format!("{name} cannot be listed"))
                    .because(format!("it is listed with the digest {}", listed.digest))
                    .because(format!("this package has the digest {}", release.digest))
                    .next("a version is one package for ever: give this one another version"));
            }
            Some(listed) => match listed.status {
                Status::Active => "listed before",
                Status::Yanked(_) => "listed again",
                Status::Revoked(_) => {
                    return Err(Failure::usage(format!("{name} cannot be listed"))
                        .because("it was revoked, and a revocation is for ever")
                        .next("make a new release of it"));
                }
            },
        };
        self.0.insert(name, release);
        Ok(news)
    }

    /// Withdraws a release that is listed.
    pub(super) fn withdraw(&mut self, name: &FullName, how: Withdrawn, withdrawal: Withdrawal) -> Outcome {
        let cannot = || Failure::usage(format!("{name} cannot be {}", how.word()));
        let Some(release) = self.0.get_mut(name) else {
            return Err(cannot()
                .because("the index does not list it")
                .next("if there is such a release, name its file as well"));
        };
        match (&release.status, how) {
            (Status::Revoked(_), _) => {
                return Err(cannot().because("it is revoked already, and a revocation is for ever"));
            }
            (Status::Yanked(_), Withdrawn::Yanked) => return Err(cannot().because("it is yanked already")),
            (Status::Active, _) | (Status::Yanked(_), Withdrawn::Revoked) => {}
        }
        release.status = how.status(withdrawal);
        Ok(())
    }

    /// The releases in the order of an index.
    pub(super) fn into_releases(self) -> Vec<Release> {
        self.0.into_values().collect()
    }
}

fn full_name(release: &Release) -> FullName {
    FullName(release.publisher.clone(), release.name.clone(), release.version.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_is_named_by_name_and_version() {
        let read =
            |text: &str| text.parse::<ReleaseName>().map(|name| (name.namespace.is_some(), name.version));
        let version = Version::new(1, 0, 0);
        assert_eq!(read("tool@1.0.0"), Ok((false, version.clone())));
        assert_eq!(read("com.example/tool@1.0.0"), Ok((true, version)));
        for text in ["tool", "tool@", "@1.0.0", "tool@1", "example/tool@1.0.0", "a/b/c@1.0.0"] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
