//! What a client asks for, in the words of the host.

use mpp_host::audit::Caller;
use mpp_host::{Progress, Request, Step};
use mpp_mcp::Call;
use serde_json::Value;

/// The call of `tool`, by the name in its manifest.
pub(super) fn of(call: Call, tool: &str) -> Request {
    let Call { tool: _, arguments, caller, progress } = call;
    let progress = progress.map(|client| {
        Progress::new(move |step: Step| {
            let Step { done, total, message } = step;
            client.report(done, total, message);
        })
    });
    Request { caller: on_record(caller), progress, ..Request::new(tool, Value::Object(arguments)) }
}

/// Who calls, as the record has it. All of it but the agent is a stranger's word.
fn on_record(caller: mpp_mcp::Caller) -> Caller {
    let mpp_mcp::Caller { agent, client, session, request, trace, protocol: _, transport: _ } = caller;
    let client =
        client.map(|mpp_mcp::Client { name, version }| format!("{name} {version}").trim_end().to_owned());
    Caller { agent, client, session, request: Some(request), trace: trace.map(|trace| trace.to_string()) }
}
