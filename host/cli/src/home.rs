//! Where configuration, data and cache live, and the only place that reads the
//! environment and the home directory.
//!
//! `MPP_HOME` moves all three under one directory; otherwise the XDG base
//! directories apply.
//!
//! ```text
//! <config>/trust.json           publishers and their pinned keys
//! <config>/audit.json           how the audit log is kept
//! <config>/serve.token          what clients of `mpp serve --http` show (0600)
//! <config>/keys/NAME.pem        signing keys (0600); `default.pem` unless another is named
//! <data>/packages/HEX.mpp       installed packages, by digest
//! <data>/installed.json         what is installed, and what was granted to it
//! <data>/audit/                 the audit log
//! <data>/dev-key/key.pem        the local development key
//! <data>/compiled.key           authenticates the cache below
//! <cache>/compiled/             compiled code of verified packages
//! ```

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;

use crate::exit::{Failure, Outcome};

/// The process environment as the command sees it: read once, then passed on.
#[derive(Debug, Clone)]
pub struct Environment {
    variables: BTreeMap<OsString, OsString>,
    working_directory: Option<PathBuf>,
    executable: Option<PathBuf>,
    compiler: Option<PathBuf>,
    user_home: Option<PathBuf>,
    standard: Option<Directories>,
}

/// The XDG base directories that a [`Home`] is in, and where they usually are,
/// from the user's home. A relative one does not count, as the specification says.
const XDG: [(&str, &str); 3] =
    [("XDG_CONFIG_HOME", ".config"), ("XDG_DATA_HOME", ".local/share"), ("XDG_CACHE_HOME", ".cache")];

#[derive(Debug, Clone)]
struct Directories {
    config: PathBuf,
    data: PathBuf,
    cache: PathBuf,
}

impl Environment {
    /// The environment of this process.
    pub fn process() -> Self {
        let standard = etcetera::base_strategy::Xdg::new().ok().map(|xdg| Directories {
            config: xdg.config_dir().join("mpp"),
            data: xdg.data_dir().join("mpp"),
            cache: xdg.cache_dir().join("mpp"),
        });
        Self {
            variables: std::env::vars_os().collect(),
            working_directory: std::env::current_dir().ok(),
            executable: std::env::current_exe().ok(),
            compiler: None,
            user_home: std::env::home_dir().filter(|home| home.is_absolute()),
            standard,
        }
    }

    /// An environment of exactly these variables, with no home directory
    /// but what `MPP_HOME` and `HOME` name.
    pub fn of<const N: usize>(variables: [(&str, &OsStr); N]) -> Self {
        let variables = variables.map(|(name, value)| (OsString::from(name), value.to_owned()));
        Self {
            variables: variables.into(),
            working_directory: std::env::current_dir().ok(),
            executable: std::env::current_exe().ok(),
            compiler: None,
            user_home: None,
            standard: None,
        }
    }

    /// This environment with one variable set to another value.
    #[must_use]
    pub fn with(mut self, name: &str, value: &(impl AsRef<OsStr> + ?Sized)) -> Self {
        self.variables.insert(name.into(), value.as_ref().to_owned());
        self
    }

    /// This environment, with this program started anew to compile a package, where
    /// nothing that a package holds can harm the command. For a program that is
    /// `mpp`: one whose [`main`](crate::main) is this crate's.
    #[must_use]
    pub fn of_mpp(self) -> Self {
        // On Linux a link to what runs here, also if the file was replaced since.
        let compiler = if cfg!(target_os = "linux") {
            Some(PathBuf::from("/proc/self/exe"))
        } else {
            self.executable.clone()
        };
        Self { compiler, ..self }
    }

    /// The `mpp` that compiles packages.
    pub(crate) fn compiler(&self) -> Option<&Path> {
        self.compiler.as_deref()
    }

    /// The value of a variable; an empty one counts as absent.
    pub fn variable(&self, name: &str) -> Option<&OsStr> {
        let value = self.variables.get(OsStr::new(name))?;
        (!value.is_empty()).then_some(value.as_os_str())
    }

    /// Who runs the command, as their system calls them. For the record only:
    /// anyone can set it.
    pub fn user(&self) -> Option<String> {
        let name = self.variable("USER").or_else(|| self.variable("LOGNAME"))?;
        Some(name.to_string_lossy().into_owned())
    }

    /// The directory the command was started in.
    pub fn working_directory(&self) -> Outcome<&Path> {
        self.working_directory.as_deref().ok_or_else(|| {
            Failure::host("the working directory is gone").next("change to a directory that exists")
        })
    }

    /// The directory that a variable names, from the working directory if it is
    /// relative.
    pub fn directory(&self, name: &str) -> Outcome<Option<PathBuf>> {
        self.variable(name).map(|value| Ok(self.working_directory()?.join(value))).transpose()
    }

    /// The home directory of whoever runs the command, where other programs keep
    /// their files: what `HOME` names, or what the system has on record.
    pub fn user_home(&self) -> Outcome<PathBuf> {
        let named = self.variable("HOME").map(PathBuf::from).filter(|home| home.is_absolute());
        named.or_else(|| self.user_home.clone()).ok_or_else(|| {
            Failure::host("there is no home directory to look for other programs' files in")
                .next("set HOME to your home directory")
        })
    }

    /// The file of this program, as long as it is there.
    pub fn executable(&self) -> Outcome<&Path> {
        let there = self.executable.as_deref().filter(|path| path.is_file());
        there.ok_or_else(|| {
            Failure::host("cannot tell which file this program is")
                .because("it was moved or replaced since it was started")
                .next("run the same command again")
        })
    }

    /// The variables that lead another process to the [`Home`] of this one, where
    /// they say anything else than the default. Their values are absolute.
    pub fn bearings(&self) -> Outcome<Vec<(&'static str, PathBuf)>> {
        if let Some(root) = self.directory("MPP_HOME")? {
            return Ok(vec![("MPP_HOME", root)]);
        }
        let home = self.user_home()?;
        let moved = XDG.into_iter().filter_map(|(name, usual)| {
            let directory = PathBuf::from(self.variable(name)?);
            (directory.is_absolute() && directory != home.join(usual)).then_some((name, directory))
        });
        Ok(moved.collect())
    }

    /// Whether colour is wanted: `NO_COLOR` is absent or empty and the terminal
    /// is not `dumb`.
    pub fn wants_colour(&self) -> bool {
        self.variable("NO_COLOR").is_none() && self.variable("TERM") != Some(OsStr::new("dumb"))
    }

    /// The directories of this user.
    pub fn home(&self) -> Outcome<Home> {
        if let Some(root) = self.directory("MPP_HOME")? {
            return Ok(Home {
                config: root.join("config"),
                data: root.join("data"),
                cache: root.join("cache"),
            });
        }
        let Some(Directories { config, data, cache }) = self.standard.clone() else {
            return Err(Failure::host("there is no home directory to keep keys, packages and the log in")
                .because("neither MPP_HOME nor HOME is set")
                .next("set MPP_HOME to a directory that is yours"));
        };
        Ok(Home { config, data, cache })
    }
}

/// The directories of one user. Nothing is created until something is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    config: PathBuf,
    data: PathBuf,
    cache: PathBuf,
}

impl Home {
    /// Configuration: trust and keys.
    pub fn config(&self) -> &Path {
        &self.config
    }

    /// Data: installed packages and the log.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// What may be deleted at any time.
    pub fn cache(&self) -> &Path {
        &self.cache
    }

    /// Publishers and their pinned keys.
    pub fn trust_file(&self) -> PathBuf {
        self.config.join("trust.json")
    }

    /// How the operator wants the audit log to be kept.
    pub fn audit_file(&self) -> PathBuf {
        self.config.join("audit.json")
    }

    /// What clients of `mpp serve --http` show where they have to.
    pub fn token_file(&self) -> PathBuf {
        self.config.join("serve.token")
    }

    /// The directory of signing keys.
    pub fn keys(&self) -> PathBuf {
        self.config.join("keys")
    }

    /// The signing key used where none is named.
    pub fn default_key(&self) -> PathBuf {
        self.keys().join("default.pem")
    }

    /// The directory of installed packages.
    pub fn packages(&self) -> PathBuf {
        self.data.join("packages")
    }

    /// What is installed, and what was granted to it.
    pub fn installed_file(&self) -> PathBuf {
        self.data.join("installed.json")
    }

    /// The audit log.
    pub fn audit(&self) -> PathBuf {
        self.data.join("audit")
    }

    /// Compiled code of verified packages.
    pub fn compiled(&self) -> PathBuf {
        self.cache.join("compiled")
    }

    /// The secret by which this user's own compiled code is known again. Not in
    /// the cache: who may clean that up need not know it.
    pub fn compiled_key(&self) -> PathBuf {
        self.data.join("compiled.key")
    }

    /// The development key, which signs what `mpp run DIR` builds and is
    /// trusted for nothing else.
    pub fn development_key(&self) -> PathBuf {
        self.data.join("dev-key").join("key.pem")
    }
}

#[cfg(test)]
mod tests;
