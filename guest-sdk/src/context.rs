//! What a tool may know of the call it serves.

use std::time::Duration;

use crate::bindings::mpp::tool::types as wit;

/// What a tool may know of the call it serves: the second argument of a tool
/// function, for the tools that want it.
///
/// Everything here is the same for equal calls, unless the package was granted
/// `clock` or `random`: a tool without them stays deterministic.
///
/// ```
/// # use mpp_guest::{Context};
/// /// Tells how long the tool may take.
/// #[mpp_guest::tool]
/// fn patience(context: &Context) -> String {
///     format!("{} ms", context.time_limit().as_millis())
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    invocation_id: Option<String>,
    agent: Option<String>,
    time_limit: Duration,
}

impl Context {
    /// A context for the tests of a tool. In a host, the host makes it.
    pub fn new(time_limit: Duration) -> Self {
        Self { invocation_id: None, agent: None, time_limit }
    }

    /// The same context with an agent.
    #[must_use]
    pub fn with_agent(mut self, agent: impl Into<String>) -> Self {
        self.agent = Some(agent.into());
        self
    }

    /// The same context with an invocation id.
    #[must_use]
    pub fn with_invocation_id(mut self, id: impl Into<String>) -> Self {
        self.invocation_id = Some(id.into());
        self
    }

    /// Identifies this call in the audit log (a UUID in text form). Absent
    /// unless the package was granted `clock` or `random`.
    pub fn invocation_id(&self) -> Option<&str> {
        self.invocation_id.as_deref()
    }

    /// Who calls, as the host knows it. A name to show, not a proof: nothing
    /// may be allowed because of it.
    pub fn agent(&self) -> Option<&str> {
        self.agent.as_deref()
    }

    /// Wall-clock limit of the whole call, host calls included. The host stops
    /// the call when it has passed.
    pub fn time_limit(&self) -> Duration {
        self.time_limit
    }
}

impl From<wit::Context> for Context {
    fn from(context: wit::Context) -> Self {
        let wit::Context { invocation_id, agent, time_limit_ms } = context;
        Self { invocation_id, agent, time_limit: Duration::from_millis(time_limit_ms) }
    }
}
