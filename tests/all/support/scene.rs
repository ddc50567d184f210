//! A host with a log of its own, one package, and what comes of its calls.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use mpp_host::audit::{
    Event, Log, OutcomeKind, Receipt, Record as Line, Refusal, Settings, SystemClock, verify_dir,
};
use mpp_host::outcome::ToolError;
use mpp_host::package::Keyring;
use mpp_host::policy::{
    GuestPath, IpNet, Limits, LimitsRequest, OperatorPolicy, PathMapping, Permission, Permissions,
};
use mpp_host::{
    CompiledCache, Execution, Host, HostBuilder, LoadError, Outcome, Report, Request, Response,
    RootCertStore, Tool,
};
use serde_json::Value;
use tempfile::TempDir;

use super::record::{self, Check, Denied, Record};
use super::{Draft, Guest, permissions, publisher, signing_key};

/// Calls at once in a test's host, unless it says otherwise. A host of the
/// default size reserves address space for sixty-four.
const CALLS: u32 = 4;

/// A host with a log of its own.
pub struct TestHost {
    pub host: Host,
    pub audit: Arc<Log>,
    directory: TempDir,
}

impl TestHost {
    /// A host that trusts the publisher of the tests, changed by `with`.
    pub fn new(with: impl FnOnce(HostBuilder) -> HostBuilder) -> Self {
        Self::with_log(Settings::default(), with)
    }

    /// As [`TestHost::new`], with a log that is kept as its owner chose.
    pub fn with_log(settings: Settings, with: impl FnOnce(HostBuilder) -> HostBuilder) -> Self {
        let directory = tempfile::tempdir().expect("a directory for the log");
        let log = directory.path().join("audit");
        let audit = Arc::new(Log::open_with(&log, SystemClock, settings).expect("a new log"));
        let mut keyring = Keyring::empty();
        keyring.pin(&publisher(), signing_key().public_key()).expect("room for a key");
        let builder = Host::builder()
            .keyring(keyring)
            .audit(Arc::clone(&audit))
            .concurrent_calls(CALLS)
            .compiled_cache(compiled_cache());
        let host = with(builder).build().expect("a host");
        Self { host, audit, directory }
    }

    /// Where its log is.
    pub fn log(&self) -> PathBuf {
        self.directory.path().join("audit")
    }

    /// Loads the bytes of a package.
    pub fn load(&self, package: Vec<u8>, policy: &OperatorPolicy) -> Result<Tool, LoadError> {
        self.host.load_bytes(package, policy)
    }

    /// Every call on record that has ended, and every other record, from a log
    /// that verifies.
    pub fn on_record(&self) -> (Vec<Record>, Vec<Line>) {
        let summary = verify_dir(&self.log(), &[]).expect("the log holds");
        assert!(summary.payloads.is_some(), "payloads are held against their records");
        record::read(&self.log())
    }

    /// Every call on record that has ended, from a log that verifies.
    pub fn calls(&self) -> Vec<Record> {
        self.on_record().0
    }

    /// Every event on record that is no call, from a log that verifies.
    pub fn events(&self) -> Vec<Event> {
        self.on_record().1.iter().filter_map(|record| record.event().cloned()).collect()
    }

    /// The one event on record.
    #[track_caller]
    pub fn only_event(&self) -> Event {
        let mut events = self.events();
        assert_eq!(events.len(), 1, "{events:#?}");
        events.remove(0)
    }
}

/// Compiled code is the same in every test and every run.
fn compiled_cache() -> CompiledCache {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("compiled");
    std::fs::create_dir_all(&directory).expect("a directory for compiled code");
    CompiledCache::new(directory, [0; 32])
}

type Change = Box<dyn FnOnce(HostBuilder) -> HostBuilder>;

/// One package on one host, before it is loaded.
pub struct Scene {
    draft: Draft,
    approved: Option<Permissions>,
    limits: Limits,
    mappings: Vec<PathMapping>,
    allowed_networks: Vec<IpNet>,
    log: Settings,
    host: Change,
}

impl Scene {
    /// A guest that declares nothing.
    pub async fn of(guest: Guest) -> Self {
        Self::of_draft(Draft::of_guest(guest).await)
    }

    /// A package in the making.
    pub fn of_draft(draft: Draft) -> Self {
        Self {
            draft,
            approved: None,
            limits: Limits::DEFAULT,
            mappings: Vec::new(),
            allowed_networks: Vec::new(),
            log: Settings::default(),
            host: Box::new(|builder| builder),
        }
    }

    /// What its manifest declares, as in `mpp.yaml`.
    #[track_caller]
    pub fn declares(mut self, declared: Value) -> Self {
        self.draft.permissions = permissions(declared);
        self
    }

    /// Limits that its manifest asks for.
    pub fn requests(mut self, limits: LimitsRequest) -> Self {
        self.draft.limits = limits;
        self
    }

    /// What the operator approves; without it, whatever is declared.
    #[track_caller]
    pub fn approves(mut self, approved: Value) -> Self {
        self.approved = Some(permissions(approved));
        self
    }

    /// Puts a directory of this machine at a guest's path.
    pub fn maps(mut self, guest: &str, directory: &Path) -> Self {
        let guest = GuestPath::parse(guest).expect("a guest's path");
        self.mappings.push(PathMapping::new(guest, directory).expect("an absolute path"));
        self
    }

    /// Lets it dial a network that is not on the public internet.
    pub fn allows_network(mut self, network: &str) -> Self {
        self.allowed_networks.push(network.parse().expect("a network"));
        self
    }

    /// The operator's limits.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// How its owner keeps the log.
    pub fn log(mut self, settings: Settings) -> Self {
        self.log = settings;
        self
    }

    /// The value of an environment name on this host.
    pub fn environment(self, name: &'static str, value: &'static str) -> Self {
        self.host(move |builder| builder.environment(name, value))
    }

    /// The address of a name on this host.
    pub fn host_address(self, name: &'static str, address: SocketAddr) -> Self {
        self.host(move |builder| builder.host_address(name, address))
    }

    /// The certificate authorities that this host trusts.
    pub fn tls_roots(self, roots: RootCertStore) -> Self {
        self.host(move |builder| builder.tls_roots(roots))
    }

    /// How guests are interrupted on this host.
    pub fn execution(self, execution: Execution) -> Self {
        self.host(move |builder| builder.execution(execution))
    }

    /// Any other change to the host.
    pub fn host(mut self, change: impl FnOnce(HostBuilder) -> HostBuilder + 'static) -> Self {
        let before = self.host;
        self.host = Box::new(|builder| change(before(builder)));
        self
    }

    /// Loads the package.
    pub fn load(self) -> Loaded {
        let (host, loaded) = self.try_load();
        match loaded {
            Ok(tool) => Loaded { host, tool },
            Err(error) => panic!("it was not loaded: {error}"),
        }
    }

    /// Loads a package that is refused, and returns the refusal with its record.
    pub fn refused(self) -> (LoadError, Refusal) {
        let (host, loaded) = self.try_load();
        let Err(error) = loaded else { panic!("it was loaded") };
        let Event::Refusal(refusal) = host.only_event() else { panic!("the record is of another kind") };
        assert_eq!(refusal.code, error.kind());
        assert_eq!(refusal.reason, error.to_string());
        (error, *refusal)
    }

    fn try_load(self) -> (TestHost, Result<Tool, LoadError>) {
        let Self { draft, approved, limits, mappings, allowed_networks, log, host } = self;
        let approved = approved.unwrap_or_else(|| draft.permissions.clone());
        let policy = OperatorPolicy { approved, limits, mappings, allowed_networks };
        let host = TestHost::with_log(log, |builder| host(builder.largest_limits(limits)));
        let loaded = host.load(draft.signed(), &policy);
        (host, loaded)
    }
}

/// A package that was loaded.
pub struct Loaded {
    pub host: TestHost,
    pub tool: Tool,
}

impl Loaded {
    /// Calls a tool, and reads its record back from a log that verifies.
    pub async fn call(&self, tool: &str, input: Value) -> Ended {
        self.call_as(Request::new(tool, input)).await
    }

    /// As [`Loaded::call`], with everything that a request holds.
    pub async fn call_as(&self, request: Request) -> Ended {
        let report = self.tool.call(request).await.expect("the call is on record");
        let record = self.record(report.receipt);
        assert_eq!(record.id, report.id);
        assert_eq!(record.outcome.kind, report.outcome.kind());
        assert_eq!(record.outcome.code.as_deref(), report.outcome.code());
        assert_eq!(record.usage, report.usage);
        let ended = Ended { report, record };
        ended.is_in_order();
        ended
    }

    /// The call that ended at a place in the log, which verifies.
    pub fn record(&self, at: Receipt) -> Record {
        let summary = verify_dir(&self.host.log(), &[at]).expect("the log holds");
        assert_eq!(summary.receipts_checked, 1);
        let (calls, _) = record::read(&self.host.log());
        calls.into_iter().find(|call| call.end == at.seq).expect("a call ended there")
    }
}

/// How a call ended, and what is on record of it, as read back from the log.
pub struct Ended {
    pub report: Report,
    pub record: Record,
}

impl Ended {
    /// The answer of a call that completed; the record holds the same.
    #[track_caller]
    pub fn completed(&self) -> &Response {
        let Outcome::Completed(response) = &self.report.outcome else {
            panic!("{:?}\n{:#?}", self.report.outcome, self.report.log)
        };
        assert_eq!(self.record.outcome.kind, OutcomeKind::Ok);
        assert_eq!(self.record.output.as_ref(), Some(&response.to_json().to_string()));
        response
    }

    /// The structured part of the answer.
    #[track_caller]
    pub fn structured(&self) -> &Value {
        self.completed().structured.as_ref().expect("a structured answer")
    }

    /// The answer of a tool whose result is no object.
    #[track_caller]
    pub fn result(&self) -> &Value {
        self.structured().get("result").expect("the answer is `{\"result\": …}`")
    }

    /// The text of the answer.
    #[track_caller]
    pub fn text(&self) -> String {
        self.completed().text()
    }

    /// A call that ended because something was denied, by the tool's account
    /// and by the host's. Returns why.
    #[track_caller]
    pub fn denied(&self, permission: Permission, resource: &str) -> String {
        let Outcome::ToolError(ToolError::Denied(denial)) = &self.report.outcome else {
            panic!("{:?}\n{:#?}", self.report.outcome, self.record.checks)
        };
        assert_eq!(denial.permission, permission);
        assert_eq!(denial.resource, resource);
        assert_eq!(self.record.outcome.kind, OutcomeKind::Denied);
        assert_eq!(self.record.output, None);
        assert_eq!(self.denied_check(permission).reason, denial.reason);
        denial.reason.clone()
    }

    /// The error of a call that failed by the tool's own words.
    #[track_caller]
    pub fn failed(&self) -> &str {
        let Outcome::ToolError(ToolError::Failed(why)) = &self.report.outcome else {
            panic!("{:?}\n{:#?}", self.report.outcome, self.record.checks)
        };
        assert_eq!(self.record.outcome.kind, OutcomeKind::ToolError);
        assert_eq!(self.record.outcome.code.as_deref(), Some("failed"));
        if self.record.cut_bytes == 0 {
            assert_eq!(self.record.outcome.reason.as_deref(), Some(why.as_str()));
        }
        assert_eq!(self.record.output, None);
        why
    }

    /// The last denial of a permission on record.
    #[track_caller]
    pub fn denied_check(&self, permission: Permission) -> &Denied {
        let denied = self.record.denied(permission).next_back();
        denied.unwrap_or_else(|| panic!("no check was denied: {:#?}", self.record.checks))
    }

    /// The checks on record, as `verdict permission resource`: what was allowed,
    /// and after it what was denied.
    pub fn checks(&self) -> Vec<String> {
        let line = |check: &Check| {
            let verdict = if check.denial.is_none() { "allowed" } else { "denied" };
            format!("{verdict} {} {}", check.permission, check.resource)
        };
        self.record.checks.iter().map(line).collect()
    }

    /// The intent comes first and the outcome last, and both count what the
    /// caller is told of.
    #[track_caller]
    fn is_in_order(&self) {
        let Record { intent, end, checks, host_calls, .. } = &self.record;
        let denials = checks.iter().filter_map(|check| check.denial.as_ref()).map(|denied| denied.seq);
        let in_order: Vec<u64> = [*intent].into_iter().chain(denials).chain([*end]).collect();
        assert!(in_order.is_sorted_by(|before, after| before < after), "{in_order:?}");
        let told = |denied: bool| {
            let kind = self.report.checks.iter().filter(|check| check.denial.is_some() == denied);
            kind.map(|check| check.count).sum::<u64>()
        };
        assert_eq!(host_calls.0 + host_calls.1, told(false) + told(true) + self.report.checks_dropped);
    }

    /// The log lines on record, as `level: text`.
    pub fn log(&self) -> Vec<String> {
        self.record.log.iter().map(|line| format!("{}: {}", line.level, line.text)).collect()
    }
}
