//! Words of the operator on the command line: where paths are, which variables
//! are given, and which networks and authorities count.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::Args;
use mpp_host::RootCertStore;
use mpp_policy::{EnvName, GuestPath, IpNet, OperatorPolicy, PathMapping, Permissions};

use crate::exit::{Failure, Outcome};
use crate::home::Environment;
use crate::host;

/// What a command that runs tools gives them, within what they were granted.
#[derive(Debug, Args)]
pub(crate) struct Means {
    /// Put the directory HOST of this machine at the tool's path GUEST; can be repeated
    #[arg(long, value_name = "GUEST=HOST")]
    pub(crate) map: Vec<Mapping>,
    /// Give the tool a variable, with the value it has here or another; can be repeated
    #[arg(long, value_name = "NAME[=VALUE]")]
    pub(crate) env: Vec<EnvironmentValue>,
    /// Let declared hosts be in this network, though it is not public; can be repeated
    #[arg(long, value_name = "CIDR")]
    allow_network: Vec<IpNet>,
    /// Accept HTTPS certificates of the authorities in this PEM file, too; can be repeated
    #[arg(long, value_name = "FILE")]
    ca_file: Vec<PathBuf>,
}

impl Means {
    /// The authorities that are accepted.
    pub(crate) fn tls_roots(&self) -> Outcome<RootCertStore> {
        host::tls_roots(&self.ca_file)
    }

    /// The directories and networks, for packages that were granted all of
    /// `granted` together. Refuses a mapping that would change nothing for any
    /// of them.
    pub(crate) fn bounds(&self, here: &Path, granted: &[&Permissions]) -> Outcome<Bounds> {
        let mappings = self.map.iter().map(|mapping| mapping.on(here, granted));
        Ok(Bounds {
            mappings: mappings.collect::<Outcome<_>>()?,
            allowed_networks: self.allow_network.clone(),
        })
    }

    /// The values of the variables that are given, to packages that declare
    /// `declared` together.
    pub(crate) fn values(
        &self,
        declared: &[EnvName],
        environment: &Environment,
    ) -> Outcome<Vec<(String, String)>> {
        self.env.iter().map(|value| value.among(declared, environment)).collect()
    }
}

/// Where granted paths are, and which networks declared hosts can be in.
#[derive(Debug, Clone)]
pub(crate) struct Bounds {
    mappings: Vec<PathMapping>,
    allowed_networks: Vec<IpNet>,
}

impl Bounds {
    /// What one package may touch at most: what it was granted, in these places.
    pub(crate) fn policy(&self, granted: Permissions) -> OperatorPolicy {
        let here = |mapping: &&PathMapping| touches(mapping.guest(), &granted);
        let mappings = self.mappings.iter().filter(here).cloned().collect();
        let allowed_networks = self.allowed_networks.clone();
        let OperatorPolicy { approved, limits, mappings: _, allowed_networks: _ } =
            OperatorPolicy::approving(granted);
        OperatorPolicy { approved, limits, mappings, allowed_networks }
    }
}

/// Whether a mapping of `guest` changes where anything is that was granted.
fn touches(guest: &GuestPath, granted: &Permissions) -> bool {
    let filesystem = &granted.filesystem;
    let near = |path: &GuestPath| guest.covers(path) || path.covers(guest);
    filesystem.read.iter().chain(&filesystem.write).any(near)
}

/// `GUEST=HOST`: a directory of this machine at a path of the tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mapping {
    guest: GuestPath,
    host: String,
}

impl FromStr for Mapping {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (guest, host) = text.split_once('=').ok_or("write it as GUEST=HOST, such as /data=./invoices")?;
        if host.is_empty() {
            return Err("HOST is empty: name a directory of this machine".to_owned());
        }
        let guest = GuestPath::parse(guest).map_err(|error| format!("GUEST: {error}"))?;
        Ok(Self { guest, host: host.to_owned() })
    }
}

impl Mapping {
    /// The mapping, with the host path taken from the directory `here`. Refuses
    /// one that would change nothing, because nothing below it was granted to
    /// anybody.
    fn on(&self, here: &Path, granted: &[&Permissions]) -> Outcome<PathMapping> {
        if !granted.iter().any(|granted| touches(&self.guest, granted)) {
            return Err(Failure::usage(format!("--map {} would change nothing", self.guest))
                .because("the package declares no path there")
                .next("`mpp inspect` shows the paths it declares"));
        }
        let host = here.join(&self.host);
        if !host.is_dir() {
            return Err(Failure::usage(format!("there is no directory {}", host.display())));
        }
        PathMapping::new(self.guest.clone(), host)
            .map_err(|error| Failure::usage("this mapping cannot be used").because_of(&error))
    }
}

/// `NAME` or `NAME=VALUE`: a variable for the tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EnvironmentValue {
    name: EnvName,
    value: Option<String>,
}

impl FromStr for EnvironmentValue {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (text, None),
        };
        let name = EnvName::parse(name).map_err(|error| error.to_string())?;
        Ok(Self { name, value })
    }
}

impl EnvironmentValue {
    /// The name and its value, if the package declares it and it has one.
    fn among(&self, declared: &[EnvName], environment: &Environment) -> Outcome<(String, String)> {
        let name = self.name.as_str();
        if !declared.contains(&self.name) {
            return Err(Failure::usage(format!(
                "--env {name} would give away a value that is not asked for"
            ))
            .because("the package does not declare this variable")
            .next("leave it out"));
        }
        if let Some(value) = &self.value {
            return Ok((name.to_owned(), value.clone()));
        }
        let value = environment.variable(name).ok_or_else(|| {
            Failure::usage(format!("--env {name}: there is no such variable here"))
                .next(format!("set it, or give a value: --env {name}=VALUE"))
        })?;
        match value.to_str() {
            Some(value) => Ok((name.to_owned(), value.to_owned())),
            None => Err(Failure::usage(format!("--env {name}: its value is not UTF-8"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use super::*;

    fn reading(path: &str) -> Permissions {
        let mut permissions = Permissions::none();
        permissions.filesystem.read.push(GuestPath::parse(path).unwrap());
        permissions
    }

    #[test]
    fn a_mapping_takes_relative_host_paths_from_the_working_directory() {
        let here = tempfile::tempdir().unwrap();
        std::fs::create_dir(here.path().join("in")).unwrap();
        let mapping: Mapping = "/data=in".parse().unwrap();
        let mapped = mapping.on(here.path(), &[&reading("/data")]).unwrap();
        assert_eq!(mapped.host(), here.path().join("in"));
    }

    #[test]
    fn a_mapping_that_changes_nothing_is_refused() {
        let mapping: Mapping = "/other=/".parse().unwrap();
        assert_eq!(mapping.on(Path::new("/"), &[&reading("/data")]).unwrap_err().blame().status(), 2);
        let above: Mapping = "/data/in=/".parse().unwrap();
        assert!(above.on(Path::new("/"), &[&reading("/data")]).is_ok());
    }

    #[test]
    fn a_mapping_without_its_parts_is_refused() {
        for text in ["/data", "/data=", "data=/x", "/a/../b=/x", "=/x"] {
            assert!(text.parse::<Mapping>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_variable_that_is_not_declared_is_not_given() {
        let declared = [EnvName::parse("TOKEN").unwrap()];
        let here = Environment::of([("TOKEN", OsStr::new("t")), ("SECRET", OsStr::new("s"))]);
        let given = |text: &str| text.parse::<EnvironmentValue>().unwrap().among(&declared, &here);
        assert_eq!(given("TOKEN").unwrap(), ("TOKEN".to_owned(), "t".to_owned()));
        assert_eq!(given("TOKEN=a=b").unwrap(), ("TOKEN".to_owned(), "a=b".to_owned()));
        assert_eq!(given("SECRET").unwrap_err().blame().status(), 2);
        assert!("A-B".parse::<EnvironmentValue>().is_err());
    }
}
