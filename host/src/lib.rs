//! The MPP host: runs signed tools so that each can do exactly what its manifest
//! declares and its operator granted, and leaves a record of every call.
//!
//! *Bytes become a [`Package`](mpp_package::Package); a
//! [`Keyring`](mpp_package::Keyring) makes it a
//! [`VerifiedPackage`](mpp_package::VerifiedPackage); the operator's policy turns
//! its declared permissions into a [`Grant`](mpp_policy::Grant); one invocation
//! spends the grant in a fresh store and always leaves a
//! [`Record`](mpp_audit::Record).*
//!
//! ```no_run
//! # async fn example(
//! #     keyring: mpp_package::Keyring,
//! #     log: std::sync::Arc<mpp_audit::Log>,
//! #     package: mpp_package::Package,
//! #     policy: mpp_policy::OperatorPolicy,
//! # ) -> Result<(), Box<dyn std::error::Error>> {
//! use mpp_host::Host;
//!
//! let host = Host::builder().keyring(keyring).audit(log).build()?;
//! let tool = host.load(package, &policy)?;
//! let answer = tool.invoke("text-stats", serde_json::json!({"text": "to be or not to be"})).await?;
//! # println!("{}", answer.text());
//! # Ok(())
//! # }
//! ```
//!
//! # What it promises
//!
//! - A package whose signature does not hold never runs; there is no way to ask
//!   for it.
//! - A component that imports what was not granted does not link: no code of it
//!   runs.
//! - Each call has a store and an instance of its own, and both are gone when it
//!   ends.
//! - Every call ends as one [`Outcome`], within its limits, time in host calls
//!   included.
//! - Every call is on record twice: nothing acts outside the sandbox before its
//!   intent is durable, and no output is released before its outcome is. Every
//!   package that was refused is on record, too.
//!
//! # What it does not do
//!
//! It prints nothing, reads no environment variable and no home directory, and
//! asks nobody: whoever embeds it supplies the keyring, the log, the policy and
//! the values, and decides.

mod attended;
mod bindings;
mod capability;
mod compiled;
mod describe;
mod effects;
mod engine;
mod error;
mod guest;
mod host;
mod imports;
mod invoke;
pub mod journal;
mod limiter;
pub mod outcome;
mod pipeline;
mod pool;
pub mod progress;
pub mod record;
pub mod response;
mod sandbox;
pub mod schema;
mod stages;
mod tool;

pub use compiled::{CompileCap, CompileCaps, CompiledCache, Compiler, compiler_worker};
pub use describe::{DescribeError, Inspection};
pub use engine::{EPOCH_TICK, Execution};
pub use error::{BuildError, HostFault, ImportError, LoadError};
pub use host::{DEFAULT_CONCURRENT_CALLS, Host, HostBuilder};
pub use imports::{Import, Need};
pub use invoke::{CallError, Input, Report, Request};
pub use outcome::Outcome;
pub use pool::Pool;
pub use progress::{Progress, Step};
pub use response::Response;
pub use stages::Stages;
pub use tool::Tool;

// Types that this crate's own API is made of, so that an embedder needs no
// dependency of its own to name them.
pub use mpp_audit as audit;
pub use mpp_package as package;
pub use mpp_policy as policy;
pub use rustls::RootCertStore;
