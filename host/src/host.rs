//! A host: one engine, one keyring, one audit log, for any number of packages.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::SystemTime;

use mpp_audit::Writer;
use mpp_package::{Digest, Keyring, Manifest, Package, VerifiedPackage};
use mpp_policy::{Grant, Limits, OperatorPolicy};
use rustls::RootCertStore;
use tokio::sync::{Semaphore, watch};
use wasmtime::Engine;

use crate::capability::http::Network;
use crate::capability::{Capabilities, Supplies};
use crate::compiled::{CompiledCache, Compiler, Compiling};
use crate::engine::{Execution, PoolSize, Ticker, engine};
use crate::error::{BuildError, LoadError};
use crate::pool::{Places, Pool};
use crate::record;
use crate::tool::Tool;

/// Calls that run at once unless the builder says otherwise. More wait their
/// turn, first come first served. Bounds memory: each call may use up to its
/// memory limit.
pub const DEFAULT_CONCURRENT_CALLS: u32 = 64;

/// Calls that wait at a time for another process to put their intent on record. Each
/// has a thread meanwhile, of 512 that a Tokio runtime has unless it is told.
const MAX_BEGINNING: usize = 64;

/// Verifies, loads and runs packages. Cheap to clone; all clones are one host.
///
/// Loading and running need a Tokio runtime with time and I/O enabled.
#[derive(Clone)]
pub struct Host {
    pub(crate) shared: Arc<Shared>,
    keyring: Arc<Keyring>,
}

/// What a host is but for whom it trusts.
pub(crate) struct Shared {
    pub(crate) engine: Engine,
    pub(crate) execution: Execution,
    pub(crate) log: Writer,
    pub(crate) places: Arc<Places>,
    /// Calls that wait for another process to put their intent on record.
    pub(crate) beginning: Semaphore,
    /// Each call that is not over holds a receiver of it.
    pub(crate) open: watch::Sender<()>,
    environment: BTreeMap<String, String>,
    network: Network,
    compiling: Compiling,
    _ticker: Ticker,
}

/// Gathers what a [`Host`] is made of. See [`Host::builder`].
#[must_use]
pub struct HostBuilder {
    keyring: Keyring,
    log: Option<Writer>,
    environment: BTreeMap<String, String>,
    hosts: BTreeMap<String, SocketAddr>,
    roots: RootCertStore,
    execution: Execution,
    concurrent_calls: u32,
    largest: Limits,
    compiling: Compiling,
}

impl Host {
    /// Starts a host that trusts nobody, supplies nothing, and has no log yet.
    pub fn builder() -> HostBuilder {
        HostBuilder {
            keyring: Keyring::empty(),
            log: None,
            environment: BTreeMap::new(),
            hosts: BTreeMap::new(),
            roots: RootCertStore::empty(),
            execution: Execution::Timed,
            concurrent_calls: DEFAULT_CONCURRENT_CALLS,
            largest: Limits::DEFAULT,
            compiling: Compiling { cache: None, compiler: Compiler::in_process(), watch: None },
        }
    }

    /// The same host with another keyring, for packages that are loaded from now
    /// on: when the trust file has changed. Engine, pool, log, cache and all that
    /// the operator supplies are shared; what is loaded goes on as it was verified.
    #[must_use]
    pub fn with_keyring(&self, keyring: impl Into<Arc<Keyring>>) -> Self {
        Self { shared: Arc::clone(&self.shared), keyring: keyring.into() }
    }

    /// Returns once no call is open: each has its outcome on record, those that were
    /// cancelled, too. To be waited for before the runtime is let go.
    pub async fn idle(&self) {
        self.shared.open.closed().await;
    }

    /// Verifies a package, turns what it declares into a grant, and makes it
    /// ready to run. Blocks: a server calls this from a thread that may.
    ///
    /// What is not in the cache is compiled, which takes up to a second for a
    /// usual package and minutes for one that is made to take long. The thread
    /// waits for that in any case; where a [program](HostBuilder::compiler) does
    /// it, there is an end to it.
    ///
    /// # Errors
    ///
    /// See [`LoadError`]. Every refusal is on record before this returns, and so
    /// is compiled code that was found in the cache and not loaded. No guest code
    /// has run.
    pub fn load(&self, package: Package, policy: &OperatorPolicy) -> Result<Tool, LoadError> {
        let presented = package.digest();
        let claimed = package.manifest().clone();
        let verified = match self.keyring.verify(package, SystemTime::now()) {
            Ok(verified) => verified,
            Err(error) => return Err(self.refuse(presented, None, Some(&claimed), error.into())),
        };
        self.load_verified(&verified, policy)
            .map_err(|error| self.refuse(presented, Some(&verified), None, error))
    }

    /// As [`Host::load`], from the bytes of a package file.
    ///
    /// # Errors
    ///
    /// See [`LoadError`].
    pub fn load_bytes(&self, bytes: Vec<u8>, policy: &OperatorPolicy) -> Result<Tool, LoadError> {
        let presented = Digest::of(&bytes);
        match Package::parse(bytes) {
            Ok(package) => self.load(package, policy),
            Err(error) => Err(self.refuse(presented, None, None, error.into())),
        }
    }

    fn load_verified(&self, package: &VerifiedPackage, policy: &OperatorPolicy) -> Result<Tool, LoadError> {
        let manifest = package.manifest();
        let grant = Grant::new(manifest.permissions(), manifest.limits(), policy);
        let Shared { engine, execution, log, environment, network, compiling, .. } = &*self.shared;
        let component = compiling.component(engine, *execution, package, log)?;
        Tool::check_imports(&component, manifest, &grant)?;
        let capabilities = Capabilities::open(&grant, &Supplies { environment, network })?;
        Tool::link(Arc::clone(&self.shared), package.clone(), &component, Arc::new(capabilities))
    }

    /// Puts a refusal on record and hands it on; if the log does not take it,
    /// that is the graver error.
    fn refuse(
        &self,
        presented: Digest,
        verified: Option<&VerifiedPackage>,
        claimed: Option<&Manifest>,
        error: LoadError,
    ) -> LoadError {
        let event = record::refusal(presented, verified, claimed, &error);
        match self.shared.log.append(&event) {
            Ok(_) => error,
            Err(unavailable) => LoadError::Audit(unavailable),
        }
    }

    /// Whether compiled code of a package is kept, so that it need not be compiled to be
    /// loaded. What is kept is found good or not when it is loaded.
    #[must_use]
    pub fn has_compiled(&self, package: &Digest) -> bool {
        let Shared { engine, compiling, .. } = &*self.shared;
        compiling.is_kept(engine, package)
    }

    /// The engine, for benches that measure what it costs alone.
    #[doc(hidden)]
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.shared.engine
    }

    /// How full the pool is now.
    #[must_use]
    pub fn pool(&self) -> Pool {
        self.shared.places.look()
    }

    /// [`Host::pool`], for whoever watches this host and is not to keep it: when the
    /// host is gone, it tells of the pool as it was left.
    pub fn watch_pool(&self) -> impl Fn() -> Pool + Clone + Send + Sync + use<> {
        let places = Arc::clone(&self.shared.places);
        move || places.look()
    }

    /// Where this host puts things on record.
    #[must_use]
    pub fn audit_log(&self) -> &Writer {
        &self.shared.log
    }
}

impl HostBuilder {
    /// The publishers whose packages this host runs.
    pub fn keyring(self, keyring: Keyring) -> Self {
        Self { keyring, ..self }
    }

    /// The log that takes the records of every call, or the way to the process that
    /// has it. Needed.
    ///
    /// What calls wait for and what is kept of their payloads is chosen where the
    /// log is opened ([`Settings`](mpp_audit::Settings)): unless it is chosen
    /// otherwise, durability is [strict](mpp_audit::Durability::Strict) and
    /// everything is kept [whole](mpp_audit::Keeping::WHOLE).
    pub fn audit(self, log: impl Into<Writer>) -> Self {
        Self { log: Some(log.into()), ..self }
    }

    /// A value for an environment name. Only packages that were granted the
    /// name see it.
    pub fn environment(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.environment.insert(name.into(), value.into());
        self
    }

    /// The certificate roots for HTTPS. None unless given: no host is trusted.
    pub fn tls_roots(self, roots: RootCertStore) -> Self {
        Self { roots, ..self }
    }

    /// The address for a name, instead of asking the network: an entry of a
    /// hosts file. A port other than 0 is used where a URL names none. The
    /// address is checked like any other.
    pub fn host_address(mut self, name: impl Into<String>, address: SocketAddr) -> Self {
        self.hosts.insert(name.into(), address);
        self
    }

    /// Whether guests are interrupted by time or by fuel.
    pub fn execution(self, execution: Execution) -> Self {
        Self { execution, ..self }
    }

    /// How many calls may run at once.
    pub fn concurrent_calls(self, calls: u32) -> Self {
        Self { concurrent_calls: calls.max(1), ..self }
    }

    /// The largest limits that any [`OperatorPolicy`] of this host will set:
    /// the pool is laid out for them. [`Limits::DEFAULT`] unless given.
    ///
    /// A policy that sets more memory or tables than this gets no more than
    /// this: the growth fails in the guest. The size of the stack is the
    /// engine's, so this one holds for every call, whatever a policy says.
    pub fn largest_limits(self, limits: Limits) -> Self {
        Self { largest: limits, ..self }
    }

    /// Where compiled code is kept from one process to the next. What is found
    /// there and is not this host's own work is put on record, and the package
    /// compiled anew.
    pub fn compiled_cache(mut self, cache: CompiledCache) -> Self {
        self.compiling.cache = Some(cache);
        self
    }

    /// Who compiles packages. This process unless given, which is for packages of
    /// one's own: nothing bounds what compiling a stranger's takes.
    pub fn compiler(mut self, compiler: Compiler) -> Self {
        self.compiling.compiler = compiler;
        self
    }

    /// Called when a package is about to be compiled, because there is no code of
    /// it in the cache. What it returns is dropped when that is over: to show a
    /// person what is waited for.
    pub fn while_compiling<T: Send + 'static>(
        mut self,
        watch: impl Fn(&VerifiedPackage) -> T + Send + Sync + 'static,
    ) -> Self {
        self.compiling.watch = Some(Box::new(move |package| Box::new(watch(package))));
        self
    }

    /// Builds the host.
    ///
    /// # Errors
    ///
    /// [`BuildError`]: no log, or an engine or TLS that cannot be set up.
    pub fn build(self) -> Result<Host, BuildError> {
        let Self { keyring, log, environment, hosts, roots, execution, concurrent_calls, largest, compiling } =
            self;
        let log = log.ok_or(BuildError::NoAuditLog)?;
        let engine = engine(execution, &PoolSize { calls: concurrent_calls, limits: largest })?;
        let shared = Shared {
            _ticker: Ticker::start(&engine)?,
            network: Network::new(roots, hosts)?,
            places: Arc::new(Places::new(concurrent_calls)),
            beginning: Semaphore::new(MAX_BEGINNING),
            open: watch::Sender::new(()),
            engine,
            execution,
            log,
            environment,
            compiling,
        };
        Ok(Host { shared: Arc::new(shared), keyring: Arc::new(keyring) })
    }
}
