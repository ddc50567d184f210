//! Running a guest: from a linked component to the way it ended.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use wasmtime::{Store, Trap};
use wasmtime_wasi::{I32Exit, ResourceTableError};

use crate::bindings::ToolPre;
use crate::effects::NotOnRecord;
use crate::engine::Execution;
use crate::error::HostFault;
use crate::limiter::LimitReached;
use crate::outcome::{LimitKind, Stop};
use crate::response::wire;
use crate::sandbox::{Sandbox, fuel_used, store};
use crate::stages::Stopwatch;

/// How a guest's run ended.
#[derive(Debug)]
pub(crate) enum Ending<T> {
    /// It returned.
    Returned(T),
    /// It was stopped.
    Stopped(Stop),
    /// The host failed.
    Fault(HostFault),
}

/// What `invoke` returns.
pub(crate) type Answer = Result<wire::Response, wire::ToolError>;

/// Calls `invoke` in a fresh store and instance. Returns the fuel used, too,
/// where fuel is counted.
pub(crate) async fn invoke(
    pre: &ToolPre<Sandbox>,
    execution: Execution,
    sandbox: Sandbox,
    request: wire::Request,
    watch: &mut Stopwatch,
) -> (Ending<Answer>, Option<u64>) {
    in_fresh_instance(pre, execution, sandbox, watch, async |tool, store| {
        tool.mpp_tool_handler().call_invoke(store, &request).await
    })
    .await
}

/// Calls `describe` in a fresh store and instance.
pub(crate) async fn describe(
    pre: &ToolPre<Sandbox>,
    execution: Execution,
    sandbox: Sandbox,
) -> Ending<Vec<wire::ToolDescription>> {
    let mut watch = Stopwatch::start(false);
    in_fresh_instance(pre, execution, sandbox, &mut watch, async |tool, store| {
        tool.mpp_tool_handler().call_describe(store).await
    })
    .await
    .0
}

async fn in_fresh_instance<T>(
    pre: &ToolPre<Sandbox>,
    execution: Execution,
    sandbox: Sandbox,
    watch: &mut Stopwatch,
    call: impl AsyncFnOnce(&crate::bindings::Tool, &mut Store<Sandbox>) -> wasmtime::Result<T>,
) -> (Ending<T>, Option<u64>) {
    let limit = sandbox.limits.time;
    let mut store = match store(pre.engine(), execution, sandbox) {
        Ok(store) => store,
        Err(fault) => return (Ending::Fault(fault), None),
    };
    let calls = watch.follow(&mut store);
    let ended = {
        let run = async {
            let tool = pre.instantiate_async(&mut store).await?;
            watch.lap(|stages| &mut stages.instantiate);
            call(&tool, &mut store).await
        };
        // The time limit is outside everything that can wait, host calls
        // included; a guest that never waits yields at every epoch.
        tokio::time::timeout(limit, AssertUnwindSafe(run).catch_unwind()).await
    };
    watch.lap_of_guest(calls);
    let ending = match ended {
        Err(_elapsed) => Ending::Stopped(Stop::TimedOut(limit)),
        Ok(Err(panic)) => Ending::Fault(HostFault::panic(&*panic)),
        Ok(Ok(Ok(returned))) => Ending::Returned(returned),
        Ok(Ok(Err(error))) => classify(&error),
    };
    let fuel = fuel_used(&store);
    drop(store);
    watch.lap(|stages| &mut stages.teardown);
    (ending, fuel)
}

/// Texts of errors that the engine has no type for. A test meets each limit, so
/// that a change of these texts is noticed.
const UNTYPED_LIMITS: &[(&str, LimitKind)] = &[
    ("fuel allocated for hostcalls has been exhausted", LimitKind::Transfer),
    ("store handle limit exceeded", LimitKind::Handles),
    ("resource limit exceeded: ", LimitKind::Instances),
    ("requested len ", LimitKind::Random),
];

/// Tells why the engine stopped a guest.
fn classify<T>(error: &wasmtime::Error) -> Ending<T> {
    Ending::Stopped(if let Some(LimitReached(kind)) = error.downcast_ref::<LimitReached>() {
        Stop::Limit(*kind)
    } else if let Some(I32Exit(status)) = error.downcast_ref::<I32Exit>() {
        Stop::Exited(*status)
    } else if let Some(ResourceTableError::Full) = error.downcast_ref::<ResourceTableError>() {
        Stop::Limit(LimitKind::Handles)
    } else if let Some(trap) = error.downcast_ref::<Trap>() {
        stop_for(*trap)
    } else if let Some(not_on_record) = error.downcast_ref::<NotOnRecord>() {
        return Ending::Fault(HostFault(not_on_record.to_string()));
    } else if error.downcast_ref::<wasmtime::PoolConcurrencyLimitError>().is_some() {
        return Ending::Fault(HostFault(format!("{error:#}")));
    } else {
        let text = error.root_cause().to_string();
        let limit = UNTYPED_LIMITS.iter().find(|(part, _)| text.contains(part));
        limit.map_or(Stop::Trapped(text), |(_, kind)| Stop::Limit(*kind))
    })
}

fn stop_for(trap: Trap) -> Stop {
    match trap {
        Trap::StackOverflow => Stop::Limit(LimitKind::Stack),
        Trap::OutOfFuel => Stop::Limit(LimitKind::Fuel),
        Trap::AllocationTooLarge => Stop::Limit(LimitKind::Memory),
        other => Stop::Trapped(other.to_string()),
    }
}
