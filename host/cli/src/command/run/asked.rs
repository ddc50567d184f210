//! A call as a command line asks for it: of which package, with what, and what it is
//! given. The same words for every command that makes calls.

use std::path::PathBuf;

use clap::Args;
use mpp_audit::{Caller, Writer};
use mpp_host::{Compiler, Execution, Request, RootCertStore};
use mpp_package::Manifest;
use mpp_policy::OperatorPolicy;

use super::package::Chosen;
use crate::consent::Consent;
use crate::context::Context;
use crate::exit::{Failure, Outcome};
use crate::home::Home;
use crate::host::Setup;
use crate::log::{AuditDirectory, Site};
use crate::operator::Means;
use crate::output::Terminal;
use crate::progress::Progress;
use crate::{durable, host};

/// Largest input that is read. The host's own limit for arguments is lower
/// unless an operator raises it.
const MAX_INPUT_BYTES: u64 = 64 * 1024 * 1024;

/// Instructions of a call in deterministic mode: a few seconds of work, so that
/// a tool meets this limit before that on time, which no two machines share.
const DETERMINISTIC_FUEL: u64 = 10_000_000_000;

/// What a command line says of the calls that it asks for.
#[derive(Debug, Args)]
pub(in crate::command) struct Asked {
    /// A package file, an installed name, or a source directory
    #[arg(value_name = "PKG")]
    pub(super) package: String,
    /// Which tool of the package [default: its only one]
    #[arg(long, value_name = "NAME")]
    tool: Option<String>,
    /// The arguments: JSON, @FILE, or - for standard input
    #[arg(long, value_name = "JSON|@FILE|-", default_value = "{}")]
    input: String,
    #[command(flatten)]
    means: Means,
    /// Grant what the package declares, without a question
    #[arg(long)]
    grant: bool,
    /// Stop the tool after a number of instructions, so that every run ends at the same point
    #[arg(long)]
    deterministic: bool,
    /// The detached signature of a package file [default: FILE.sig, if the package carries none]
    #[arg(long, value_name = "FILE")]
    pub(super) signature: Option<PathBuf>,
    /// Name of the agent on whose behalf this is, for the record and the tool
    #[arg(long, value_name = "NAME")]
    agent: Option<String>,
    #[command(flatten)]
    pub(in crate::command) audit: AuditDirectory,
}

/// What was asked for, held against a package that is verified and, once it is
/// [`agreed`](Self::agreed), granted.
pub(in crate::command) struct Ready {
    pub(in crate::command) home: Home,
    /// Where this user's calls are on record.
    pub(in crate::command) site: Site,
    pub(in crate::command) chosen: Chosen,
    /// What this operator allows the package, at most.
    pub(in crate::command) policy: OperatorPolicy,
    pub(in crate::command) input: String,
    consent: Option<Consent>,
    environment: Vec<(String, String)>,
    tls_roots: RootCertStore,
    execution: Execution,
    compiler: Compiler,
    terminal: Terminal,
}

impl Asked {
    /// Finds the package, and asks who has to be asked. Everything that can be wrong
    /// with the command line comes before a question or a record.
    pub(in crate::command) fn ready(&self, context: &mut Context<'_, '_>) -> Outcome<Ready> {
        let home = context.home()?;
        let input = self.read_input(context)?;
        let tls_roots = self.means.tls_roots()?;
        let chosen = Chosen::by(self, &home, context)?;
        let policy = self.policy(&chosen, context)?;
        let environment = self.environment(chosen.package.manifest(), context)?;
        let site = self.audit.of(&home);
        let consent = chosen.ask(self.grant, &site, context)?;
        let execution = self.execution();
        let compiler = host::compiler(context.environment);
        let terminal = context.streams.terminal;
        Ok(Ready {
            home,
            site,
            chosen,
            policy,
            input,
            consent,
            environment,
            tls_roots,
            execution,
            compiler,
            terminal,
        })
    }

    /// The call, of one of the tools that the package has.
    pub(in crate::command) fn request(&self, manifest: &Manifest, input: String) -> Outcome<Request> {
        let tool = match (&self.tool, manifest.tools()) {
            (Some(named), _) => named.clone(),
            (None, [only]) => only.name.to_string(),
            (None, several) => {
                let names: Vec<_> = several.iter().map(|tool| tool.name.to_string()).collect();
                return Err(Failure::usage(format!("{} has several tools", manifest.name()))
                    .because(names.join(", "))
                    .next("name one: --tool NAME"));
            }
        };
        let caller = Caller { agent: self.agent.clone(), ..Caller::NOBODY };
        Ok(Request { caller, ..Request::new(tool, input) })
    }

    fn read_input(&self, context: &mut Context<'_, '_>) -> Outcome<String> {
        let bytes = match (self.input.as_str(), self.input.strip_prefix('@')) {
            ("-", _) => context.streams.read_input(MAX_INPUT_BYTES)?,
            (_, Some(file)) => durable::read_named(&PathBuf::from(file), MAX_INPUT_BYTES)?,
            (text, None) => text.as_bytes().to_vec(),
        };
        String::from_utf8(bytes)
            .map_err(|_| Failure::usage("the input is not JSON").because("it is not UTF-8"))
    }

    fn policy(&self, chosen: &Chosen, context: &Context<'_, '_>) -> Outcome<OperatorPolicy> {
        let granted = chosen.granted();
        let here = context.environment.working_directory()?;
        let mut policy = self.means.bounds(here, &[granted])?.policy(granted.clone());
        if self.deterministic {
            policy.limits.fuel = Some(DETERMINISTIC_FUEL);
        }
        Ok(policy)
    }

    fn execution(&self) -> Execution {
        if self.deterministic { Execution::Deterministic } else { Execution::Timed }
    }

    /// The values for the names that were given. A name that the package does
    /// not declare is a mistake, not a secret to hand out.
    fn environment(
        &self,
        manifest: &Manifest,
        context: &mut Context<'_, '_>,
    ) -> Outcome<Vec<(String, String)>> {
        let declared = &manifest.permissions().env;
        let values = self.means.values(declared, context.environment)?;
        for name in declared {
            let given = values.iter().any(|(known, _)| known == name.as_str());
            if !given && context.environment.variable(name.as_str()).is_some() {
                context.streams.note(
                    "note",
                    &format!("the tool may read {name}, which is set here and was not given to it: --env {name} does"),
                );
            }
        }
        Ok(values)
    }
}

impl Ready {
    /// The same after the answer of whoever was asked, which is on record before this
    /// returns.
    pub(in crate::command) fn agreed(self, log: &Writer, context: &Context<'_, '_>) -> Outcome<Self> {
        let chosen = self.chosen.agreed(self.consent, &self.home, log, context)?;
        Ok(Self { chosen, consent: None, ..self })
    }

    /// The host for it.
    pub(in crate::command) fn setup(&self, log: Writer, concurrent_calls: u32) -> Setup {
        Setup {
            keyring: self.chosen.keyring.clone(),
            log,
            environment: self.environment.clone(),
            tls_roots: self.tls_roots.clone(),
            execution: self.execution,
            concurrent_calls,
            compiler: self.compiler.clone(),
            shown: Progress::of_compiling(self.terminal),
        }
    }
}
