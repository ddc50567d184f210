//! Everything that is measured, made ready in a directory that is gone afterwards.

use std::path::PathBuf;

use tempfile::TempDir;

use crate::home::{Durability, Home, Published};
use crate::invocation::Invocation;
use crate::programs::Programs;
use crate::trouble::{Trouble, Trying as _};
use crate::work;

/// What all rows are made of.
pub struct Scene {
    programs: Programs,
    directory: TempDir,
    published: Published,
    /// Of each kind one whose log is relaxed, and one whose log is strict.
    runners: [Home; 2],
    servers: [Home; 2],
}

impl Scene {
    /// Builds, signs and installs the tool.
    pub fn new() -> Result<Self, Trouble> {
        let programs = Programs::of_this_build()?;
        let directory = tempfile::tempdir_in(programs.target()).trying("a directory for what is measured")?;
        let published = Published::in_directory(directory.path(), &programs)?;
        let home = |name: &str, durability| {
            let directory = directory.path().join(format!("{name}-{durability}"));
            Home::new(directory, durability, &published, &programs)
        };
        let homes = |name| Ok([home(name, Durability::Relaxed)?, home(name, Durability::Strict)?]);
        let (runners, servers) = (homes("run")?, homes("serve")?);
        Ok(Self { runners, servers, programs, directory, published })
    }

    /// The programs.
    pub fn programs(&self) -> &Programs {
        &self.programs
    }

    /// Who uses `mpp run`, with a log that is kept so. Not who uses `mpp serve`: a
    /// server would write the log for the command, which is then not measured alone.
    pub fn runner(&self, durability: Durability) -> &Home {
        of(&self.runners, durability)
    }

    /// Who uses `mpp serve`.
    pub fn server(&self, durability: Durability) -> &Home {
        of(&self.servers, durability)
    }

    /// MPP as a library; `how` is `relaxed`, `strict` or `floor`.
    pub fn library(&self, how: &str) -> Result<Invocation, Trouble> {
        let directory = self.directory.path().join("library").join(how);
        std::fs::create_dir_all(&directory).trying(directory.display().to_string())?;
        let Published { package, key } = &self.published;
        let program = self.programs.mpp_library()?.arg(how).arg(package).arg(key).arg(directory);
        Ok(program.arg(work::arguments().to_string()))
    }

    /// Extism as a library; `how` is `compiled`, `pooled`, `cached`, `uncached` or `reused`.
    pub fn extism(&self, how: &str) -> Result<Invocation, Trouble> {
        let configuration = self.directory.path().join("extism.toml");
        let cache = self.directory.path().join("extism-cache");
        let text = format!("[cache]\ndirectory = {:?}\n", cache.display().to_string());
        std::fs::write(&configuration, text).trying("the configuration of Extism's cache")?;
        let program = self.programs.extism()?.arg(how).arg(self.programs.plugin()?).arg(configuration);
        Ok(program.arg(work::arguments().to_string()))
    }

    /// `wasmtime run` of a component that was compiled before.
    pub fn wasmtime_precompiled(&self) -> Result<Invocation, Trouble> {
        let compiled: PathBuf = self.directory.path().join("text-stats.cwasm");
        let compile = self.programs.wasmtime()?.arg("compile").arg(self.programs.component()?);
        compile.arg("-o").arg(&compiled).run()?;
        let run = self.programs.wasmtime()?.args(["run", "--allow-precompiled"]).arg(compiled);
        Ok(run.arg(work::arguments().to_string()))
    }

    /// `wasmtime run` of the component itself.
    pub fn wasmtime(&self) -> Result<Invocation, Trouble> {
        let run = self.programs.wasmtime()?.arg("run").arg(self.programs.component()?);
        Ok(run.arg(work::arguments().to_string()))
    }

    /// The native command.
    pub fn native(&self) -> Result<Invocation, Trouble> {
        Ok(self.programs.native()?.arg(work::arguments().to_string()))
    }

    /// All logs have to hold, once nobody writes to them any more.
    pub fn verify_logs(&self) -> Result<(), Trouble> {
        self.runners.iter().chain(&self.servers).try_for_each(Home::verify_log)
    }
}

fn of(homes: &[Home; 2], durability: Durability) -> &Home {
    let [relaxed, strict] = homes;
    if durability == Durability::Relaxed { relaxed } else { strict }
}
