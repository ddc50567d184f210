//! `mpp run`

mod asked;
mod package;
pub(super) mod print;

use std::time::Duration;

use clap::Args;
use mpp_host::{Host, Report, Request, Tool};

pub(super) use self::asked::{Asked, Ready};
use crate::blame;
use crate::context::Context;
use crate::exit::{Blame, Failure, Outcome};
use crate::log::{self, AuditDirectory};
use crate::progress::Progress;
use crate::runtime::Runtime;

/// How long the end of a cancelled call may take to be on record.
pub(super) const LAST_RECORD: Duration = Duration::from_secs(10);

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
    #[command(flatten)]
    asked: Asked,
    /// Print one JSON document: outcome, answer, checks, usage, record
    #[arg(long)]
    json: bool,
}

impl Run {
    pub(crate) fn run(self, context: &mut Context<'_, '_>) -> Outcome {
        let Self { asked, json } = self;
        let ready = asked.ready(context)?;
        let log = log::open_for_calls(&ready.site, context.streams)?;
        let ready = ready.agreed(&log, context)?;
        let host = ready.setup(log, 1).build(&ready.home)?;
        let Ready { chosen, policy, input, .. } = ready;
        let runtime = Runtime::start()?;
        let package = chosen.package.package().clone();
        let tool = runtime
            .wait_for(async { host.load(package, &policy) })
            .map_err(|error| blame::not_loaded(&chosen.name, &error))?;
        let request = asked.request(tool.manifest(), input)?;
        let progress = Progress::show(format!("running {}", request.tool), context.streams);
        let report = runtime.wait_for(call(&host, &tool, request, &asked.audit))?;
        drop(progress);
        let failure = blame::ended(&report).map(|failure| failure.next(asked.audit.to_show(report.receipt)));
        print::report(&report, &tool, json, context.streams)?;
        failure.map_or(Ok(()), Err)
    }
}

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
