//! Logs and events to test with.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use mpp_audit::{
    CacheFault, CacheRejection, Caller, Clock, Ended, Event, FaultKind, Log, NewCall, OutcomeKind,
    PackageIdentity, ReadError, Receipt, Refusal, Settings, Stage, Subject, Summary, SystemClock, Timestamp,
    TrustAction, TrustChange, TrustEvidence, TrustSubject, Usage, verify,
};
use serde_json::json;
use tempfile::TempDir;

/// A directory for one test.
pub fn home() -> TempDir {
    tempfile::tempdir().expect("there is room for a directory")
}

/// The log file in a log directory.
pub fn file(dir: &Path) -> PathBuf {
    dir.join("log.jsonl")
}

pub fn open(dir: &Path) -> Log {
    Log::open(dir, SystemClock).expect("the log opens")
}

/// As a log is opened that signs only when it is told to, or closed.
pub fn quiet() -> Settings {
    Settings { checkpoint_every: HOUR, heartbeat_every: None, epochs: 8, ..Settings::default() }
}

const HOUR: Duration = Duration::from_secs(3600);

/// A log that signs only when it is told to, or closed.
pub fn open_quiet(dir: &Path) -> Log {
    Log::open_with(dir, SystemClock, quiet()).expect("the log opens")
}

/// Copies all files of a directory: what a crash at this moment would leave.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a directory");
    for entry in fs::read_dir(from).expect("it is there").flatten() {
        let target = to.join(entry.file_name());
        if entry.file_type().expect("it has one").is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("it can be copied");
        }
    }
}

/// All files in a directory, with what is in them.
pub fn everything(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(dir).expect("it is there").flatten() {
        if entry.file_type().expect("it has one").is_dir() {
            files.extend(everything(&entry.path()));
        } else {
            files.insert(entry.path(), fs::read(entry.path()).expect("it can be read"));
        }
    }
    files
}

/// What a crash at this moment would leave.
pub fn crashed(dir: &Path) -> TempDir {
    let copied = home();
    copy(dir, copied.path());
    copied
}

/// A clock that stands still, so many seconds after 1970.
pub fn at(seconds: u64) -> impl Clock {
    move || SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

pub fn package(name: &str) -> PackageIdentity {
    PackageIdentity {
        publisher: "com.example".to_owned(),
        name: name.to_owned(),
        version: "1.0.0".to_owned(),
        digest: "sha256:00".to_owned(),
        envelope_digest: Some("sha256:01".to_owned()),
        key_ids: vec!["sha256:02".to_owned()],
        trust: Some(TrustEvidence { sequence: 1, root_version: None, index_version: None, lapse: None }),
    }
}

/// An event like any other, which says what it is told to say.
pub fn event(code: &str, reason: &str) -> Event {
    Event::Refusal(Box::new(Refusal {
        presented: "sha256:03".to_owned(),
        package: Some(package("text-stats")),
        verified: true,
        agent: None,
        stage: Stage::Grant,
        code: code.to_owned(),
        reason: reason.to_owned(),
        cut_bytes: 0,
    }))
}

/// A call that is about to begin.
pub fn new_call(number: u64) -> NewCall {
    NewCall {
        id: crate::forge::id(number),
        subject: Subject::new(
            package("text-stats"),
            json!({"clock": false}).into(),
            json!({"clock": false}).into(),
            json!({"memory_bytes": 1}).into(),
        )
        .expect("it can be recorded"),
        tool: "text-stats".to_owned(),
        caller: Caller { agent: Some("planner".to_owned()), ..Caller::NOBODY },
        input: format!(r#"{{"text":"of call {number}"}}"#),
        started: Timestamp::from(SystemTime::UNIX_EPOCH),
    }
}

/// A call that has ended well.
pub fn ended(output: &str) -> Ended {
    Ended {
        output: Some(output.to_owned()),
        allowed: vec![],
        allowed_unlisted: 0,
        denied: 0,
        log: vec![],
        log_dropped: 0,
        usage: Usage::default(),
        kind: OutcomeKind::Ok,
        code: None,
        reason: None,
        ended: Timestamp::from(SystemTime::UNIX_EPOCH),
        cut_bytes: 0,
    }
}

/// A call from its beginning to its end; where its outcome stands.
pub fn call(log: &Arc<Log>, number: u64) -> Receipt {
    let call = log.begin(new_call(number)).expect("the call begins");
    call.durable().expect("it is on record");
    call.end(ended(r#"{"words":3}"#)).expect("its end is on record")
}

/// A package turned away.
pub fn refused(name: &str) -> Event {
    Event::Refusal(Box::new(Refusal {
        presented: "sha256:03".to_owned(),
        package: Some(package(name)),
        verified: false,
        agent: None,
        stage: Stage::Signature,
        code: "unsigned".to_owned(),
        reason: "the package has no signature".to_owned(),
        cut_bytes: 0,
    }))
}

/// A key pinned.
pub fn pinned(publisher: &str) -> Event {
    Event::TrustChange(TrustChange {
        action: TrustAction::Pin,
        publisher: Some(publisher.to_owned()),
        subject: TrustSubject::Key { id: "sha256:02".to_owned() },
        replaced_version: None,
        actor: None,
    })
}

/// The highest sequence of a package forgotten.
pub fn forgotten(name: &str) -> Event {
    Event::TrustChange(TrustChange {
        action: TrustAction::ForgetSequence,
        publisher: Some("com.example".to_owned()),
        subject: TrustSubject::Package { name: name.to_owned() },
        replaced_version: None,
        actor: None,
    })
}

/// Compiled code found and not loaded.
pub fn rejected(name: &str) -> Event {
    Event::Cache(Box::new(CacheRejection {
        package: package(name),
        entry: "00.cwasm".to_owned(),
        reason: CacheFault::NotAuthentic,
    }))
}

/// The bytes of a log of so many records, the header included, and its receipts.
pub fn written(records: usize) -> (Vec<u8>, Vec<Receipt>) {
    let home = home();
    let log = open_quiet(home.path());
    let mut receipts = vec![log.head()];
    for n in 1..records {
        let event = event("count", &format!("input number {n}"));
        receipts.push(log.append(&event).expect("the event is recorded"));
    }
    (fs::read(file(home.path())).expect("the log can be read"), receipts)
}

/// The lines of a log, each with its newline.
pub fn lines(log: &[u8]) -> Vec<Vec<u8>> {
    log.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()
}

pub fn verified(log: &[u8], receipts: &[Receipt]) -> Result<Summary, (u64, u64, FaultKind)> {
    match verify(log, receipts) {
        Ok(summary) => Ok(summary),
        Err(ReadError::Fault(fault)) => Err((fault.seq, fault.line, fault.kind)),
        Err(ReadError::Io(error)) => panic!("memory cannot be read: {error}"),
    }
}

/// The first fault of a log: number of the record, line, kind.
pub fn fault(log: &[u8]) -> (u64, u64, FaultKind) {
    verified(log, &[]).expect_err("the log does not hold")
}
