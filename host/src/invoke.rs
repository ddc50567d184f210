//! Calling a tool: what goes in, what comes out, and the two records of it.

use std::sync::Arc;

use mpp_audit::{Caller, LogError, Receipt, Usage};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::sync::oneshot;

use crate::attended::Attended;
use crate::error::HostFault;
use crate::journal::{Check, LogLine};
use crate::outcome::Outcome;
use crate::pipeline;
use crate::progress::Progress;
use crate::response::Response;
use crate::stages::Stages;
use crate::tool::Tool;

/// What to call, with what, for whom.
#[derive(Clone, Debug)]
pub struct Request {
    /// Which tool of the package.
    pub tool: String,
    /// The arguments: one JSON text.
    pub input: String,
    /// Who calls, and from where, as far as it is known. On record as it stands;
    /// the tool is told the agent.
    pub caller: Caller,
    /// Who is told how far the call is while it runs. What they are told is on
    /// record with what the tool logs.
    pub progress: Option<Progress>,
    /// Whether the report is to say where the time went ([`Report::stages`]).
    pub timed: bool,
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
    /// Where the record of its outcome stands in the audit log.
    pub receipt: Receipt,
    /// Where the time went, if the request asked ([`Request::timed`]).
    pub stages: Option<Stages>,
}

/// A call that gave no output.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// It ended with another outcome than an answer.
    #[error("{}", .0.outcome.reason().unwrap_or_default())]
    Ended(Box<Report>),
    /// A record of it could not be made durable. If that was its intent, nothing
    /// of it has happened, or nothing that acts outside its sandbox; if it was
    /// its outcome, what it gave is withheld.
    #[error("the audit log is unavailable, so the output is withheld: {0}")]
    Audit(#[from] LogError),
    /// The host failed on the way, and the call stays open in the log.
    #[error(transparent)]
    Fault(HostFault),
    /// The typed form of the input or the output does not fit.
    #[error("{0}")]
    Form(String),
}

impl Request {
    /// A call of which nobody knows who made it, and nobody follows it.
    pub fn new(tool: impl Into<String>, input: impl Into<Input>) -> Self {
        let Input(input) = input.into();
        Self { tool: tool.into(), input, caller: Caller::NOBODY, progress: None, timed: false }
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
    /// [`CallError::Audit`] where a record could not be written.
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
    /// The call has two records: an intent, which is durable before anything acts
    /// outside the sandbox, and an outcome, which is durable before this returns.
    /// Where the log is [relaxed](mpp_audit::Durability::Relaxed), neither is
    /// waited for.
    ///
    /// The call runs in the task that awaits it; spawn tasks to have calls run
    /// beside each other. Await it to its end or drop it: one that is kept and not
    /// polled holds its place in the pool, and its time passes. Dropping the future
    /// cancels the call: the guest is stopped, and a task of its own puts on record
    /// that it was.
    ///
    /// # Errors
    ///
    /// [`CallError::Audit`] where a record could not be written, and
    /// [`CallError::Fault`], also where there is no Tokio runtime.
    pub async fn call(&self, request: Request) -> Result<Report, CallError> {
        let loaded = Arc::clone(&self.0);
        let open = loaded.host.open.subscribe();
        let (caller_is_there, caller_is_gone) = oneshot::channel();
        let call = async move {
            let report = pipeline::call(&loaded, request, caller_is_gone).await;
            drop(open);
            Ok(report?)
        };
        Attended::begin(call, caller_is_there)?.await
    }
}
