//! `mpp run`

mod package;
mod print;

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use mpp_host::audit::Caller;
use mpp_host::{Execution, Host, Report, Request, Tool};
use mpp_package::Manifest;
use mpp_policy::OperatorPolicy;

use self::package::Chosen;
use crate::context::Context;
use crate::exit::{Blame, Failure, Outcome};
use crate::host::Setup;
use crate::log::{self, AuditDirectory};
use crate::operator::Means;
use crate::progress::Progress;
use crate::runtime::Runtime;
use crate::{blame, durable};

/// How long the end of a cancelled call may take to be on record.
const LAST_RECORD: Duration = Duration::from_secs(10);

/// Largest input that is read. The host's own limit for arguments is lower
/// unless an operator raises it.
const MAX_INPUT_BYTES: u64 = 64 * 1024 * 1024;

/// Run a tool
#[derive(Debug, Args)]
#[command(after_help = "\
PKG is a package file, the name of an installed package, or a source directory. A package file that
is not installed shows what it can touch and asks first; --grant answers. A source directory is
built, signed with a development key that nothing else trusts, and granted what its mpp.yaml
declares. There is no way to run a package whose signature does not hold.

Prints the structured result as JSON, or the text on a terminal; --json prints everything there is
to know about the call. Every call leaves a record: `mpp audit show`.

Examples:
  mpp run text-stats --input '{\"text\": \"to be or not to be\"}'
  mpp run ./csv-report --map /data=./invoices --input @arguments.json")]
pub(crate) struct Run {
    /// A package file, an installed name, or a source directory
    #[arg(value_name = "PKG")]
    package: String,
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
    signature: Option<PathBuf>,
    /// Name of the agent on whose behalf this is, for the record and the tool
    #[arg(long, value_name = "NAME")]
    agent: Option<String>,
    /// Print one JSON document: outcome, answer, checks, usage, record
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    audit: AuditDirectory,
}

impl Run {
    pub(crate) fn run(self, context: &mut Context<'_, '_>) -> Outcome {
        let home = context.home()?;
        let input = self.read_input(context)?;
        // Everything that can be wrong with the command line comes before a
        // question or a record.
        let tls_roots = self.means.tls_roots()?;
        let chosen = Chosen::by(&self, &home, context)?;
        let policy = self.policy(&chosen, context)?;
        let environment = self.environment(chosen.package.manifest(), context)?;
        let site = self.audit.of(&home);
        let consent = chosen.ask(self.grant, &site, context)?;
        let log = log::open_for_calls(&site, context.streams)?;
        let chosen = chosen.agreed(consent, &home, &log, context)?;
        let keyring = chosen.keyring;
        let execution = self.execution();
        let setup = Setup { keyring, log, environment, tls_roots, execution, concurrent_calls: 1 };
        let host = setup.build(&home)?;
        let progress = Progress::show(format!("loading {}", chosen.name), context.streams);
        let runtime = Runtime::start()?;
        let package = chosen.package.package().clone();
        let tool = runtime
            .wait_for(async { host.load(package, &policy) })
            .map_err(|error| blame::not_loaded(&chosen.name, &error))?;
        drop(progress);
        let request = self.request(tool.manifest(), input)?;
        let progress = Progress::show(format!("running {}", request.tool), context.streams);
        let report = runtime.wait_for(call(&host, &tool, request, &self.audit))?;
        drop(progress);
        let failure = blame::ended(&report).map(|failure| failure.next(self.audit.to_show(report.receipt)));
        print::report(&report, &tool, self.json, context.streams)?;
        failure.map_or(Ok(()), Err)
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

    /// What this operator allows the package, at most.
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

    fn request(&self, manifest: &Manifest, input: String) -> Outcome<Request> {
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
}

/// Instructions of a call in deterministic mode: a few seconds of work, so that
/// a tool meets this limit before that on time, which no two machines share.
const DETERMINISTIC_FUEL: u64 = 10_000_000_000;

/// Calls the tool. Ctrl-C cancels the call: the guest is stopped, and this
/// returns when that is on record.
async fn call(host: &Host, tool: &Tool, request: Request, audit: &AuditDirectory) -> Outcome<Report> {
    tokio::select! {
        report = tool.call(request) => return report.map_err(|error| blame::no_report(&error)),
        Ok(()) = tokio::signal::ctrl_c() => {}
    }
    // The call has been dropped, which cancels it.
    let recorded = tokio::time::timeout(LAST_RECORD, host.idle()).await;
    let failure = Failure::new(Blame::Stopped, "the call was cancelled").because("you interrupted it");
    Err(match (recorded, host.audit_log().head()) {
        (Ok(()), Ok(head)) => failure.next(audit.to_show(head)),
        _ => failure.because("its record is not on disk yet"),
    })
}
