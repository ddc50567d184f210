//! One line.

use mpp_audit::{Caller, Hash, PackageIdentity, Record, Timestamp};

use crate::payload::{Payloads, kept};
use crate::said::Said;
use crate::weight;
use mpp_audit::view::{DenialSeen, How, Invocation, Item, OutcomeSeen};

/// The cells of a line; what does not apply is empty.
#[derive(Debug, Default, Clone)]
pub(super) struct Row {
    seq: String,
    leaf: String,
    time: String,
    kind: String,
    id: String,
    publisher: String,
    package: String,
    version: String,
    digest: String,
    tool: String,
    agent: String,
    client: String,
    session: String,
    request: String,
    trace: String,
    actor: String,
    action: String,
    subject: String,
    outcome: String,
    code: String,
    detail: String,
    started: String,
    ended: String,
    wall_us: String,
    allowed: String,
    denied: String,
    input_bytes: String,
    input_kept: String,
    output_bytes: String,
    output_kept: String,
    end_seq: String,
    end_leaf: String,
    input: String,
    output: String,
    reason: String,
    resource: String,
}

/// How many of the columns are payloads: the last.
const PAYLOADS: usize = 4;

impl Row {
    /// The cells in order, each with the name of its column.
    pub(super) fn cells(self, payloads: Payloads) -> impl Iterator<Item = (&'static str, String)> {
        macro_rules! columns {
            ($($name:ident)*) => {{
                let Self { $($name),* } = self;
                [$((stringify!($name), $name)),*]
            }};
        }
        let cells = columns!(
            seq leaf time kind id publisher package version digest tool agent client session request trace
            actor action subject outcome code detail started ended wall_us allowed denied input_bytes
            input_kept output_bytes output_kept end_seq end_leaf input output reason resource
        );
        let shown = match payloads {
            Payloads::Included => cells.len(),
            Payloads::Withheld => cells.len() - PAYLOADS,
        };
        cells.into_iter().take(shown)
    }

    fn of_record(kind: &str, seq: u64, leaf: Hash, ts: Timestamp) -> Self {
        Self {
            seq: seq.to_string(),
            leaf: leaf.to_string(),
            time: ts.to_string(),
            kind: kind.to_owned(),
            ..Self::default()
        }
    }

    fn about(self, package: &PackageIdentity) -> Self {
        let PackageIdentity { publisher, name, version, digest, .. } = package.clone();
        Self { publisher, package: name, version, digest, ..self }
    }

    fn of_call(self, call: &Invocation) -> Self {
        let Caller { agent, client, session, request, trace } = call.caller.clone();
        Self {
            id: call.id.clone(),
            tool: call.tool.clone(),
            agent: agent.unwrap_or_default(),
            client: client.unwrap_or_default(),
            session: session.unwrap_or_default(),
            request: request.unwrap_or_default(),
            trace: trace.unwrap_or_default(),
            ..self.about(&call.package)
        }
    }
}

/// The lines of an item: a call is followed by what it was denied.
pub(super) fn rows(item: &Item, payloads: Payloads) -> Vec<Row> {
    match item {
        Item::Call(call) => {
            let denials = call.denials.iter().map(|denial| denied(call, denial, payloads));
            std::iter::once(called(call, payloads)).chain(denials).collect()
        }
        Item::Other(record) => vec![other(record)],
    }
}

fn called(call: &Invocation, payloads: Payloads) -> Row {
    let row = Row {
        action: "execute_tool".to_owned(),
        outcome: weight::word(call).to_owned(),
        started: call.started.to_string(),
        input_kept: kept(&call.input).to_owned(),
        input: payloads.of(&call.input).cloned().unwrap_or_default(),
        ..Row::of_record("call", call.seq, call.leaf, call.ts).of_call(call)
    };
    let Some(end) = &call.end else { return row };
    let row = Row { end_seq: end.seq.to_string(), end_leaf: end.leaf.to_string(), ..row };
    match &end.how {
        How::Outcome(outcome) => ended(row, outcome, payloads),
        How::Recovered => row,
    }
}

fn ended(row: Row, outcome: &OutcomeSeen, payloads: Payloads) -> Row {
    let OutcomeSeen { output, reason, usage, .. } = outcome;
    Row {
        code: outcome.code.clone().unwrap_or_default(),
        ended: outcome.ended.to_string(),
        wall_us: usage.wall_us.to_string(),
        allowed: outcome.allowed.to_string(),
        denied: outcome.denied.to_string(),
        input_bytes: usage.input_bytes.to_string(),
        output_bytes: usage.output_bytes.to_string(),
        output_kept: output.as_ref().map_or("", kept).to_owned(),
        output: output.as_ref().and_then(|output| payloads.of(output)).cloned().unwrap_or_default(),
        reason: reason.as_ref().and_then(|reason| payloads.of(reason)).cloned().unwrap_or_default(),
        ..row
    }
}

fn denied(call: &Invocation, denial: &DenialSeen, payloads: Payloads) -> Row {
    let DenialSeen { seq, leaf, ts, permission, code, resource, reason } = denial;
    Row {
        action: permission.clone(),
        outcome: "denied".to_owned(),
        code: code.clone(),
        reason: payloads.of(reason).cloned().unwrap_or_default(),
        resource: payloads.of(resource).cloned().unwrap_or_default(),
        ..Row::of_record("denial", *seq, *leaf, *ts).of_call(call)
    }
}

fn other(record: &Record) -> Row {
    let Said { weight: _, topic: _, deed: _, action, subject, package, actor, code, detail } =
        Said::by(record);
    let row = Row {
        actor: actor.unwrap_or_default().to_owned(),
        action: action.to_owned(),
        subject: subject.unwrap_or_default(),
        code: code.unwrap_or_default().to_owned(),
        detail: detail.unwrap_or_default(),
        ..Row::of_record(record.entry.kind(), record.seq, record.hash, record.ts)
    };
    match package {
        Some(package) => row.about(package),
        None => row,
    }
}
