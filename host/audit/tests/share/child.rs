//! The other process: this test program once more, which does what it is told line by line.

use std::collections::BTreeMap;
use std::io::{BufRead as _, Write as _};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake};
use std::thread::Thread;
use std::time::Duration;

use mpp_audit::share::NoSettings;
use mpp_audit::{
    Caller, Denied, Durability, Ended, Event, LogError, NewCall, OpenCall, OutcomeKind, PackageIdentity,
    Settings, Subject, SystemClock, Timestamp, TrustAction, TrustChange, TrustSubject, Usage, Writer,
    open_alone, open_or_ask, open_shared,
};

/// Says which directory the other process works in.
pub const DIRECTORY: &str = "MPP_AUDIT_SHARE_TEST_DIRECTORY";

/// What each answer begins with: the test harness writes to the same stream.
pub const ANSWER: &str = "answer: ";

/// No test: the other process begins here.
#[test]
fn other_process() {
    let Some(dir) = std::env::var_os(DIRECTORY) else { return };
    let mut child = Child { dir: dir.into(), writer: None, alone: None, calls: BTreeMap::new() };
    for line in std::io::stdin().lock().lines() {
        let line = line.expect("a line");
        let words: Vec<&str> = line.split(' ').collect();
        let answer = child.obey(&words).unwrap_or_else(|error| name(&error));
        let mut out = std::io::stdout().lock();
        writeln!(out, "\n{ANSWER}{answer}").and_then(|()| out.flush()).expect("somebody reads it");
    }
}

struct Child {
    dir: PathBuf,
    writer: Option<Writer>,
    alone: Option<mpp_audit::Log>,
    calls: BTreeMap<String, OpenCall>,
}

impl Child {
    fn obey(&mut self, words: &[&str]) -> Result<String, LogError> {
        let ok = || "ok".to_owned();
        match *words {
            ["share", patience] => self.writer = Some(share(&self.dir, millis(patience))?),
            ["ask", patience] => {
                let source = source(&self.dir);
                self.writer = Some(open_or_ask(&self.dir, SystemClock, source, millis(patience))?);
            }
            ["alone", patience] => {
                self.alone = Some(open_alone(&self.dir, SystemClock, Settings::default(), millis(patience))?);
            }
            ["close"] => (self.writer, self.alone) = (None, None),
            ["waits"] => return Ok(self.writer().waits().to_string()),
            ["threads"] => return Ok(threads().to_string()),
            ["head"] => return self.writer().head().map(|head| head.to_string()),
            ["append", name] => return self.writer().append(&event(name)).map(|at| at.to_string()),
            ["begin", id] => {
                let call = self.writer().begin(new_call(id))?;
                let intent = call.intent().to_string();
                self.calls.insert(id.to_owned(), call);
                return Ok(intent);
            }
            ["denied", id] => self.calls[id].denied(denied())?,
            ["durable", id] => self.calls[id].durable()?,
            ["end", id] => return self.calls[id].end(ended()).map(|at| at.to_string()),
            ["durably", id] => run(self.calls[id].durably())?,
            ["ending", id] => return run(self.calls[id].ending(ended())).map(|at| at.to_string()),
            ["ending-unheard", id] => drop(self.calls.remove(id).map(|call| call.ending(ended()))),
            ["forget", id] => drop(self.calls.remove(id)),
            ["many", callers, each] => many(self.writer(), number(callers), number(each))?,
            _ => panic!("nobody can do {words:?}"),
        }
        Ok(ok())
    }

    fn writer(&self) -> &Writer {
        self.writer.as_ref().expect("it has a writer")
    }
}

/// How many threads of this process belong to a log.
fn threads() -> usize {
    let names = std::fs::read_dir("/proc/self/task").expect("it is there").flatten();
    let names = names.filter_map(|thread| std::fs::read_to_string(thread.path().join("comm")).ok());
    names.filter(|name| name.starts_with("mpp-audit")).count()
}

/// Shares a log as this process does everywhere here.
pub fn share(dir: &Path, patience: Duration) -> Result<Writer, LogError> {
    open_shared(dir, SystemClock, source(dir), patience)
}

/// The operator's file, as far as it matters here: it is there where calls wait for nothing.
pub fn relaxed(dir: &Path) -> PathBuf {
    dir.with_extension("relaxed")
}

fn source(dir: &Path) -> impl Fn() -> Result<Settings, NoSettings> + Send + Sync + 'static {
    let file = relaxed(dir);
    move || {
        let durability = if file.exists() { Durability::Relaxed } else { Durability::Strict };
        Ok(Settings { durability, heartbeat_every: None, ..Settings::default() })
    }
}

/// So many calls by each of so many callers.
pub fn many(writer: &Writer, callers: usize, each: usize) -> Result<(), LogError> {
    let one = |caller: usize| {
        (0..each).try_for_each(|n| {
            let call = writer.begin(new_call(&format!("{}-{caller}-{n}", std::process::id())))?;
            call.denied(denied())?;
            call.durable()?;
            call.end(ended()).map(drop)
        })
    };
    std::thread::scope(|scope| {
        let callers: Vec<_> = (0..callers).map(|caller| scope.spawn(move || one(caller))).collect();
        callers.into_iter().try_for_each(|caller| caller.join().expect("no caller panics"))
    })
}

/// Waits for a task in this thread.
fn run<T>(task: impl Future<Output = T>) -> T {
    struct Unparks(Thread);
    impl Wake for Unparks {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Arc::new(Unparks(std::thread::current())).into();
    let mut task = pin!(task);
    loop {
        match task.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(done) => return done,
            Poll::Pending => std::thread::park(),
        }
    }
}

/// The variant of an error, which is all that a test asks for.
fn name(error: &LogError) -> String {
    let text = format!("{error:?}");
    text.split([' ', '(', '{']).next().unwrap_or_default().to_owned()
}

fn number(text: &str) -> usize {
    text.parse().expect("a number")
}

fn millis(text: &str) -> Duration {
    Duration::from_millis(text.parse().expect("a number"))
}

pub fn event(name: &str) -> Event {
    Event::TrustChange(TrustChange {
        action: TrustAction::Pin,
        publisher: Some(name.to_owned()),
        subject: TrustSubject::Key { id: "sha256:00".to_owned() },
        replaced_version: None,
        actor: None,
    })
}

pub fn new_call(id: &str) -> NewCall {
    NewCall {
        id: id.to_owned(),
        subject: Subject::new(
            PackageIdentity {
                publisher: "com.example".to_owned(),
                name: "tool".to_owned(),
                version: "1.0.0".to_owned(),
                digest: "sha256:00".to_owned(),
                envelope_digest: None,
                key_ids: Vec::new(),
                trust: None,
            },
            serde_json::json!({ "clock": false }).into(),
            serde_json::json!({ "clock": false }).into(),
            serde_json::json!({ "time_ms": 30_000 }).into(),
        )
        .expect("it can be recorded"),
        tool: "count".to_owned(),
        caller: Caller { agent: Some("planner".to_owned()), ..Caller::NOBODY },
        input: format!(r#"{{"input of":"{id}"}}"#),
        started: Timestamp::from(std::time::SystemTime::UNIX_EPOCH),
    }
}

pub fn denied() -> Denied {
    Denied {
        permission: "filesystem.read".to_owned(),
        code: "not-granted".to_owned(),
        resource: "/etc/passwd".to_owned(),
        reason: "the operator did not approve it".to_owned(),
    }
}

pub fn ended() -> Ended {
    Ended {
        output: Some("an output".to_owned()),
        allowed: Vec::new(),
        allowed_unlisted: 0,
        denied: 1,
        log: Vec::new(),
        log_dropped: 0,
        usage: Usage::default(),
        kind: OutcomeKind::Ok,
        code: None,
        reason: None,
        ended: Timestamp::from(std::time::SystemTime::UNIX_EPOCH),
        cut_bytes: 0,
    }
}
