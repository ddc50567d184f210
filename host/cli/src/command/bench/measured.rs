//! One call and one turn of the floor, and what is asserted of both.

use std::time::{Duration, Instant};

use mpp_host::journal::LogLine;
use mpp_host::{Outcome as CallOutcome, Report, Request, Response, Stages, Tool};
use serde_json::Value;
use tokio::task::yield_now;

use super::expected::Expected;
use crate::blame;
use crate::exit::{Failure, Outcome};
use crate::floor::{self, Floor};
use crate::log::AuditDirectory;

/// Why nothing more is measured.
pub(super) struct Broken {
    pub(super) failure: Failure,
    /// What the tool logged in the call that failed, if it was one.
    pub(super) log: Vec<LogLine>,
}

/// What is measured, or why it is not.
pub(super) type Measuring<T = ()> = Result<T, Box<Broken>>;

impl From<Failure> for Box<Broken> {
    fn from(failure: Failure) -> Self {
        Self::new(Broken { failure, log: Vec::new() })
    }
}

/// Turns between two in which others are let in: who waits for Ctrl-C, above all.
const TURNS_ON_END: usize = 64;

/// What is measured: a tool, what it is asked, and its floor.
pub(super) struct Measured {
    tool: Tool,
    request: Request,
    pub(super) expected: Expected,
    floor: Alone,
    /// What one call adds to the payloads of the log, in bytes.
    pub(super) payload_bytes: u64,
    shown: Option<AuditDirectory>,
}

/// What the engine alone can do with the component.
enum Alone {
    /// Answer as the host does.
    Answer(Box<Floor>, floor::Answer),
    /// Make an instance.
    Instance(Box<Floor>),
    Nothing,
}

/// How far the floor reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// An instance and a call.
    Call,
    /// An instance: the tool needs its host to answer.
    Instance,
    /// There is none: the component needs its host to be instantiated.
    Nothing,
}

/// Of which the time is taken.
#[derive(Debug, Clone, Copy)]
pub(super) enum Once {
    Call,
    Floor,
}

impl Measured {
    /// Makes the first call, whose answer says what to expect unless that is known.
    pub(super) async fn prepare(
        tool: &Tool,
        request: &Request,
        expected: Option<Expected>,
        shown: Option<&AuditDirectory>,
    ) -> Measuring<Self> {
        let (tool, request, shown) = (tool.clone(), request.clone(), shown.cloned());
        let (first, payload_bytes) = first(&tool, &request, shown.as_ref()).await?;
        let floor = Alone::of(&tool, &request, &first).await;
        let expected = expected.unwrap_or_else(|| Expected::after(first, &tool));
        Ok(Self { tool, request, expected, floor, payload_bytes, shown })
    }

    pub(super) fn reach(&self) -> Reach {
        match self.floor {
            Alone::Answer(..) => Reach::Call,
            Alone::Instance(_) => Reach::Instance,
            Alone::Nothing => Reach::Nothing,
        }
    }

    /// How long it takes once.
    pub(super) async fn once(&self, what: Once) -> Measuring<Duration> {
        match what {
            Once::Call => Ok(self.call(false).await?.0),
            Once::Floor => Ok(self.floor().await?),
        }
    }

    /// How long a call takes, and where the time goes if it is `timed`, which takes time, too.
    pub(super) async fn call(&self, timed: bool) -> Measuring<(Duration, Option<Stages>)> {
        let request = Request { timed, ..self.request.clone() };
        let begun = Instant::now();
        let report = self.tool.call(request).await;
        let took = begun.elapsed();
        let report = report.map_err(|error| blame::no_report(&error))?;
        let report = answered(report, self.shown.as_ref())?;
        self.expected.check(&report.outcome)?;
        Ok((took, report.stages))
    }

    async fn floor(&self) -> Outcome<Duration> {
        let failed = |error: wasmtime::Error| {
            Failure::host("the bare engine does not do again what it did").because(format!("{error:#}"))
        };
        let begun = Instant::now();
        match &self.floor {
            Alone::Answer(floor, expected) => {
                let answer = floor.call().await;
                let took = begun.elapsed();
                if answer.map_err(failed)? != *expected {
                    return Err(Failure::host("the bare engine does not answer what it answered at first"));
                }
                Ok(took)
            }
            Alone::Instance(floor) => floor.instantiate().await.map(|()| begun.elapsed()).map_err(failed),
            Alone::Nothing => Ok(Duration::ZERO),
        }
    }
}

impl Alone {
    /// Finds out how far the engine comes alone: its answer counts if it is the host's.
    async fn of(tool: &Tool, request: &Request, answer: &Response) -> Self {
        let Some(floor) = written_anew(&request.input)
            .and_then(|input| Floor::new(tool.component(), &request.tool, &input).ok())
            .map(Box::new)
        else {
            return Self::Nothing;
        };
        match floor.answers(tool.limits().time).await {
            Some(alone) if is(&alone, answer) => Self::Answer(floor, alone),
            _ if floor.instantiate().await.is_ok() => Self::Instance(floor),
            _ => Self::Nothing,
        }
    }
}

/// The first call, and what it adds to the payloads of the log.
async fn first(tool: &Tool, request: &Request, shown: Option<&AuditDirectory>) -> Measuring<(Response, u64)> {
    let report = tool.call(request.clone()).await.map_err(|error| blame::no_report(&error))?;
    let report = answered(report, shown)?;
    let payload_bytes = report.usage.input_bytes + report.usage.output_bytes + report.usage.log_bytes;
    match report.outcome {
        CallOutcome::Completed(response) => Ok((response, payload_bytes)),
        _ => Err(Failure::host("the call has no result").into()),
    }
}

/// A call that was answered. Of any other what `mpp run` says of it, and where its record
/// is, if it stays.
fn answered(report: Report, shown: Option<&AuditDirectory>) -> Measuring<Report> {
    let Some(failure) = blame::ended(&report) else { return Ok(report) };
    let failure = match shown {
        Some(audit) => failure.next(audit.to_show(report.receipt)),
        None => failure,
    };
    Err(Box::new(Broken { failure, log: report.log }))
}

/// The input as the host hands it to a guest.
fn written_anew(input: &str) -> Option<String> {
    Some(serde_json::from_str::<Value>(input).ok()?.to_string())
}

/// Whether an answer of the bare engine is that of the host.
fn is(alone: &floor::Answer, answer: &Response) -> bool {
    let structured = alone.structured().map(serde_json::from_str::<Value>).transpose();
    structured.is_ok_and(|structured| structured == answer.structured)
        && alone.texts().collect::<Vec<_>>().join("\n") == answer.text()
}

/// Lets others in, now and then.
pub(super) async fn breathe(turn: usize) {
    if turn.is_multiple_of(TURNS_ON_END) {
        yield_now().await;
    }
}
