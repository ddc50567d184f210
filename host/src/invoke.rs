//! The pipeline: one call, from the caller's words to the record.
//!
//! ```text
//! input ─ parse ─ schema ─ place in the pool ─ fresh sandbox ─ guest
//!       ─ size ─ schema ─ record made durable ─ output released
//! ```
//!
//! Whatever happens on the way, the call ends with one [`Outcome`] and one
//! record, and no output is released before its record is durable.

use std::sync::Arc;
use std::time::{Instant, SystemTime};

use mpp_audit::{LogError, Receipt, Usage};
use mpp_policy::Permission;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::capability::permission_from_wire;
use crate::effects::{self, Effects};
use crate::guest::{self, Answer, Ending};
use crate::journal::{Check, Entries, Journal, LogLine};
use crate::outcome::{BadOutput, Outcome, Refusal, ReportedDenial, ToolError};
use crate::record;
use crate::response::{self, Response, wire};
use crate::sandbox::Sandbox;
use crate::tool::{Loaded, Tool};

/// What to call, with what, for whom.
#[derive(Clone, Debug)]
pub struct Request {
    /// Which tool of the package.
    pub tool: String,
    /// The arguments: one JSON text.
    pub input: String,
    /// Who calls, as far as the caller of the host knows. Recorded, and told to
    /// the tool.
    pub agent: Option<String>,
}

/// How a call went.
#[derive(Clone, Debug)]
pub struct Report {
    /// Identifies the call in the audit log.
    pub id: String,
    /// How it ended.
    pub outcome: Outcome,
    /// The permission checks, each once, in the order of first use.
    pub checks: Vec<Check>,
    /// Checks that are not among these: see [`MAX_ALLOWED`](crate::journal::MAX_ALLOWED)
    /// and [`MAX_DENIALS`](crate::journal::MAX_DENIALS).
    pub checks_dropped: u64,
    /// What the tool logged and printed.
    pub log: Vec<LogLine>,
    /// What it used.
    pub usage: Usage,
    /// Where its record stands in the audit log.
    pub receipt: Receipt,
}

/// A call that gave no output.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// It ended with another outcome than an answer.
    #[error("{}", .0.outcome.reason().unwrap_or_default())]
    Ended(Box<Report>),
    /// Its record could not be made durable, so what it gave is withheld.
    #[error("the audit log is unavailable, so the output is withheld: {0}")]
    Audit(#[from] LogError),
    /// The typed form of the input or the output does not fit.
    #[error("{0}")]
    Form(String),
    /// The host is shutting down.
    #[error("the host is shutting down")]
    ShuttingDown,
}

impl Request {
    /// A call without an agent's name.
    pub fn new(tool: impl Into<String>, input: impl Into<Input>) -> Self {
        let Input(input) = input.into();
        Self { tool: tool.into(), input, agent: None }
    }
}

/// The arguments of a call: a JSON text, or a value that becomes one.
#[derive(Clone, Debug)]
pub struct Input(String);

impl From<Value> for Input {
    fn from(value: Value) -> Self {
        Self(value.to_string())
    }
}

impl From<String> for Input {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Input {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl Tool {
    /// Calls a tool and returns its answer.
    ///
    /// # Errors
    ///
    /// [`CallError::Ended`] with the report for every other outcome;
    /// [`CallError::Audit`] where the record could not be written.
    pub async fn invoke(&self, tool: &str, input: impl Into<Input>) -> Result<Response, CallError> {
        let report = self.call(Request::new(tool, input)).await?;
        match report.outcome {
            Outcome::Completed(response) => Ok(response),
            _ => Err(CallError::Ended(Box::new(report))),
        }
    }

    /// As [`Tool::invoke`], with the arguments and the structured answer as
    /// Rust types.
    ///
    /// # Errors
    ///
    /// As [`Tool::invoke`], and [`CallError::Form`] where a type does not fit.
    pub async fn invoke_as<In: Serialize, Out: DeserializeOwned>(
        &self,
        tool: &str,
        input: &In,
    ) -> Result<Out, CallError> {
        let input = serde_json::to_string(input)
            .map_err(|error| CallError::Form(format!("the input does not serialise: {error}")))?;
        let structured = self.invoke(tool, input).await?.structured;
        let structured =
            structured.ok_or_else(|| CallError::Form("the tool gave no structured answer".to_owned()))?;
        serde_json::from_value(structured)
            .map_err(|error| CallError::Form(format!("the answer does not have the type asked for: {error}")))
    }

    /// Calls a tool and returns how it went, whatever the outcome.
    ///
    /// Dropping the future cancels the call: the guest is stopped, and its
    /// record says so.
    ///
    /// # Errors
    ///
    /// [`CallError::Audit`] where the record could not be written, and
    /// [`CallError::ShuttingDown`].
    pub async fn call(&self, request: Request) -> Result<Report, CallError> {
        let (caller_is_there, caller_is_gone) = oneshot::channel::<()>();
        let loaded = Arc::clone(&self.0);
        // A task of its own, so that the record is written even if the caller
        // goes away.
        let task = tokio::spawn(async move { pipeline(&loaded, request, caller_is_gone).await });
        let report = task.await;
        drop(caller_is_there);
        match report {
            Ok(report) => Ok(report?),
            Err(_stopped) => Err(CallError::ShuttingDown),
        }
    }
}

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

async fn pipeline(
    loaded: &Loaded,
    request: Request,
    caller_is_gone: oneshot::Receiver<()>,
) -> Result<Report, LogError> {
    // What cannot go on record does not happen.
    loaded.host.0.log.check()?;
    let id = Uuid::now_v7().to_string();
    let (started, clock) = (SystemTime::now(), Instant::now());
    let journal = Journal::new(loaded.limits().log_bytes, |_, _| ());
    let ran = match check_input(loaded, &request) {
        Ok(arguments) => run(loaded, &id, &request, arguments, &journal, caller_is_gone).await,
        Err(refusal) => Ran::without_answer(Outcome::Refused(refusal)),
    };
    let took = clock.elapsed();
    let entries = journal.take();
    let event = record::invocation(&record::Call {
        id: &id,
        package: &loaded.package,
        grant: &loaded.capabilities.grant,
        tool: &request.tool,
        agent: request.agent.as_deref(),
        input: &request.input,
        output: ran.output.as_deref(),
        entries: &entries,
        fuel: ran.fuel,
        outcome: &ran.outcome,
        started,
        took,
    });
    let log = Arc::clone(&loaded.host.0.log);
    let receipt = match tokio::task::spawn_blocking(move || log.append(&event)).await {
        Ok(receipt) => receipt?,
        Err(stopped) => return Err(LogError::Poisoned { cause: stopped.to_string().into() }),
    };
    let usage =
        record::usage(&entries, ran.fuel, took, request.input.len(), ran.output.map_or(0, |text| text.len()));
    let checks_dropped = entries.checks_dropped();
    let Entries { checks, log, .. } = entries;
    Ok(Report { id, outcome: ran.outcome, checks, checks_dropped, log, usage, receipt })
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
    Ok(value.to_string())
}

async fn run(
    loaded: &Loaded,
    id: &str,
    request: &Request,
    arguments: String,
    journal: &Journal,
    caller_is_gone: oneshot::Receiver<()>,
) -> Ran {
    let log = Arc::clone(&loaded.host.0.log);
    let mut effects = Effects::after(move || log.check());
    if effects::possible_under(&loaded.capabilities.grant) {
        effects.begin();
    }
    let guest = async {
        // Waiting for a place is fair, and is not counted against the tool.
        let _place = match loaded.host.0.places.acquire().await {
            Ok(place) => place,
            Err(_) => return Ran::without_answer(Outcome::HostFault("the host is closed".to_owned())),
        };
        let sandbox =
            Sandbox::new(Arc::clone(&loaded.capabilities), *loaded.limits(), journal.clone(), effects);
        let asked = wire::Request {
            tool: request.tool.clone(),
            arguments,
            context: context(loaded, id, request.agent.clone()),
        };
        let (ending, fuel) = guest::invoke(&loaded.pre, loaded.host.0.execution, sandbox, asked).await;
        judge(loaded, &request.tool, ending, fuel)
    };
    tokio::select! {
        ran = guest => ran,
        _ = caller_is_gone => Ran::without_answer(Outcome::Cancelled),
    }
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
    let output = Some(response.to_json().to_string());
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
