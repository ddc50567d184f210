//! The pipeline: one call, from the caller's words to its records.
//!
//! ```text
//! intent queued ─ parse ─ schema ─ place in the pool ─ fresh sandbox ─ guest
//!       ─ size ─ schema ─ outcome durable ─ output released
//! ```
//!
//! Whatever happens on the way, the call ends with one [`Outcome`]. Nothing acts
//! outside the sandbox before the intent is durable ([`crate::effects`]), and no
//! output is released before the outcome is. A call that cannot act shares one
//! commit for both.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use futures_util::FutureExt;
use mpp_audit::{LogError, NewCall, OpenCall};
use mpp_policy::Permission;
use serde_json::Value;
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::capability::permission_from_wire;
use crate::effects::{self, Effects};
use crate::error::HostFault;
use crate::guest::{self, Answer, Ending};
use crate::host::Shared;
use crate::invoke::{Report, Request};
use crate::journal::Journal;
use crate::outcome::{BadOutput, Outcome, Refusal, ReportedDenial, ToolError};
use crate::record;
use crate::response::{self, Response, wire};
use crate::sandbox::Sandbox;
use crate::stages::Stopwatch;
use crate::tool::Loaded;

/// What a guest's run left behind, before it is judged.
struct Ran {
    outcome: Outcome,
    /// The answer as the record shows it, also where it is withheld.
    output: Option<String>,
    fuel: Option<u64>,
}

impl Ran {
    fn without_answer(outcome: Outcome) -> Self {
        Self { outcome, output: None, fuel: None }
    }
}

/// Runs one call. Nothing of it has happened where its intent is not taken.
pub(crate) async fn call(
    loaded: &Loaded,
    request: Request,
    caller_is_gone: oneshot::Receiver<()>,
) -> Result<Report, LogError> {
    let (started, clock) = (SystemTime::now(), Instant::now());
    let mut watch = Stopwatch::start(request.timed);
    let id = Uuid::now_v7().to_string();
    let intent = record::intent(&id, &loaded.subject, &request, started);
    let call = Arc::new(begin(&loaded.host, intent).await?);
    let journal = journal(loaded, &call);
    watch.lap(|stages| &mut stages.intent);
    let attempt = attempt(loaded, &call, &request, &journal, &mut watch, caller_is_gone);
    // What is open on record is ended there, whatever the host does.
    let Ran { outcome, output, fuel } = match AssertUnwindSafe(attempt).catch_unwind().await {
        Ok(ran) => ran,
        Err(panic) => Ran::without_answer(Outcome::HostFault(HostFault::panic(&*panic).0)),
    };
    let (entries, took) = (journal.take(), clock.elapsed());
    let usage =
        record::usage(&entries, fuel, took, request.input.len(), output.as_ref().map_or(0, String::len));
    let receipt = call.ending(record::outcome(&outcome, output, &entries, usage, started + took)).await?;
    watch.lap(|stages| &mut stages.outcome);
    let checks_dropped = entries.checks_dropped();
    Ok(Report {
        id,
        outcome,
        checks: entries.checks,
        checks_dropped,
        log: entries.said.lines,
        usage,
        receipt,
        stages: watch.stages(),
    })
}

/// Begins a call on record: where another process has the log, in a thread that may
/// wait for it. Not all threads may: those that wait to begin would keep those that
/// end from doing so.
async fn begin(host: &Shared, intent: NewCall) -> Result<OpenCall, LogError> {
    let Shared { log, beginning, .. } = host;
    if !log.waits() {
        return log.begin(intent);
    }
    let _place = beginning.acquire().await;
    let log = log.clone();
    match tokio::task::spawn_blocking(move || log.begin(intent)).await {
        Ok(begun) => begun,
        Err(stopped) => Err(LogError::Poisoned { cause: stopped.to_string().into() }),
    }
}

/// The journal of a call, which puts denials on record as they happen.
fn journal(loaded: &Loaded, call: &Arc<OpenCall>) -> Journal {
    let call = Arc::clone(call);
    Journal::new(loaded.limits().log_bytes, move |resource, denial| {
        // A log that does not take it has stopped, and takes no outcome either.
        let _ = call.denied(record::denied(resource, denial));
    })
}

async fn attempt(
    loaded: &Loaded,
    call: &Arc<OpenCall>,
    request: &Request,
    journal: &Journal,
    watch: &mut Stopwatch,
    caller_is_gone: oneshot::Receiver<()>,
) -> Ran {
    let checked = check_input(loaded, request);
    watch.lap(|stages| &mut stages.input);
    match checked {
        Ok(arguments) => run(loaded, call, request, arguments, journal, watch, caller_is_gone).await,
        Err(refusal) => Ran::without_answer(Outcome::Refused(refusal)),
    }
}

/// Checks the input against the signed manifest. What the guest gets is what
/// was checked, written anew: no repeated key or odd number means one thing to
/// the schema and another to the tool.
fn check_input(loaded: &Loaded, request: &Request) -> Result<String, Refusal> {
    let Some(schemas) = loaded.schemas.get(&request.tool) else {
        let known = loaded.schemas.keys().cloned().collect();
        return Err(Refusal::UnknownTool { name: request.tool.clone(), known });
    };
    let (bytes, limit) = (request.input.len() as u64, loaded.limits().input_bytes);
    if bytes > limit {
        return Err(Refusal::InputTooLarge { bytes, limit });
    }
    let value: Value =
        serde_json::from_str(&request.input).map_err(|error| Refusal::NotJson(error.to_string()))?;
    schemas.input.check(&value).map_err(Refusal::InvalidInput)?;
    serde_json::to_string(&value).map_err(|error| Refusal::NotJson(error.to_string()))
}

async fn run(
    loaded: &Loaded,
    call: &Arc<OpenCall>,
    request: &Request,
    arguments: String,
    journal: &Journal,
    watch: &mut Stopwatch,
    caller_is_gone: oneshot::Receiver<()>,
) -> Ran {
    let effects = effects(loaded, call);
    let guest = async {
        // Waiting for a place is fair, and is not counted against the tool.
        let Some(_place) = loaded.host.places.take().await else {
            return Ran::without_answer(Outcome::HostFault("the host is closed".to_owned()));
        };
        watch.lap(|stages| &mut stages.queue);
        let (capabilities, progress) = (Arc::clone(&loaded.capabilities), request.progress.clone());
        let sandbox = Sandbox::new(capabilities, *loaded.limits(), journal.clone(), effects, progress);
        let asked = wire::Request {
            tool: request.tool.clone(),
            arguments,
            context: context(loaded, call.id(), request.caller.agent.clone()),
        };
        let (ending, fuel) = guest::invoke(&loaded.pre, loaded.host.execution, sandbox, asked, watch).await;
        let ran = judge(loaded, &request.tool, ending, fuel);
        watch.lap(|stages| &mut stages.output);
        ran
    };
    tokio::select! {
        biased;
        _ = caller_is_gone => Ran::without_answer(Outcome::Cancelled),
        ran = guest => ran,
    }
}

/// The gate of a call. Where the grant lets the tool act, the intent is on its
/// way to the disk while the tool still computes; where it does not, a commit
/// of its own would be for nothing.
fn effects(loaded: &Loaded, call: &Arc<OpenCall>) -> Effects {
    let call = Arc::clone(call);
    let mut effects = Effects::after(move || call.durably().boxed());
    if effects::possible_under(&loaded.capabilities.grant) {
        effects.begin();
    }
    effects
}

/// What the tool may know of the call: nothing that differs between equal
/// calls, unless it was granted something that differs anyway.
fn context(loaded: &Loaded, id: &str, agent: Option<String>) -> wire::Context {
    let grant = &loaded.capabilities.grant;
    let may_differ = grant.allows(Permission::Clock) || grant.allows(Permission::Random);
    wire::Context {
        invocation_id: may_differ.then(|| id.to_owned()),
        agent,
        time_limit_ms: u64::try_from(loaded.limits().time.as_millis()).unwrap_or(u64::MAX),
    }
}

/// Turns the way a guest ended into an outcome; an answer is checked first.
fn judge(loaded: &Loaded, tool: &str, ending: Ending<Answer>, fuel: Option<u64>) -> Ran {
    let (outcome, output) = match ending {
        Ending::Returned(Ok(response)) => check_output(loaded, tool, response),
        Ending::Returned(Err(error)) => (Outcome::ToolError(error.into()), None),
        Ending::Stopped(stop) => (Outcome::Stopped(stop), None),
        Ending::Fault(fault) => (Outcome::HostFault(fault.0), None),
    };
    Ran { outcome, output, fuel }
}

fn check_output(loaded: &Loaded, tool: &str, wire: wire::Response) -> (Outcome, Option<String>) {
    let (bytes, limit) = (response::size(&wire), loaded.limits().output_bytes);
    if bytes > limit {
        return (Outcome::BadOutput(BadOutput::TooLarge { bytes, limit }), None);
    }
    let wire::Response { content, structured } = wire;
    let structured = match structured.as_deref().map(serde_json::from_str::<Value>).transpose() {
        Ok(structured) => structured,
        Err(error) => return (Outcome::BadOutput(BadOutput::NotJson(error.to_string())), structured),
    };
    let schema = loaded.schemas.get(tool).and_then(|schemas| schemas.output.as_ref());
    let verdict = match (schema, &structured) {
        (Some(schema), Some(value)) => schema.check(value).map_err(BadOutput::InvalidOutput),
        (Some(_), None) => Err(BadOutput::Missing),
        (None, _) => Ok(()),
    };
    let response = Response { content: content.into_iter().map(Into::into).collect(), structured };
    let output = Some(response.to_json_text());
    match verdict {
        Ok(()) => (Outcome::Completed(response), output),
        Err(bad) => (Outcome::BadOutput(bad), output),
    }
}

impl From<wire::ToolError> for ToolError {
    fn from(error: wire::ToolError) -> Self {
        match error {
            wire::ToolError::UnknownTool(name) => Self::UnknownTool(name),
            wire::ToolError::InvalidInput(why) => Self::InvalidInput(why),
            wire::ToolError::Denied(wire::Denial { permission, resource, reason }) => {
                Self::Denied(ReportedDenial {
                    permission: permission_from_wire(permission),
                    resource,
                    reason,
                })
            }
            wire::ToolError::Failed(why) => Self::Failed(why),
        }
    }
}
