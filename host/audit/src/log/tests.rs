//! Writes that go wrong half way, on real files.

use std::io::Write as _;

use super::*;
use crate::record::{TrustAction, TrustChange, TrustSubject};
use crate::{SystemClock, verify_dir};

/// A file that has room for so many bytes more and then is full.
struct Full {
    file: File,
    room: usize,
}

impl LogFile for Full {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let fits = bytes.len().min(self.room);
        self.file.write_all(&bytes[..fits])?;
        self.room -= fits;
        if fits == bytes.len() { Ok(()) } else { Err(io::ErrorKind::StorageFull.into()) }
    }
    fn sync(&mut self) -> io::Result<()> {
        self.file.sync()
    }
}

fn event(publisher: &str) -> Event {
    Event::TrustChange(TrustChange {
        action: TrustAction::Pin,
        publisher: Some(publisher.to_owned()),
        subject: TrustSubject::Key { id: "sha256:00".to_owned() },
        replaced_version: None,
        actor: None,
    })
}

#[test]
fn a_disk_that_fills_in_the_middle_loses_no_record_that_was_acknowledged() {
    let measure = tempfile::tempdir().expect("a directory");
    let log = Log::open(measure.path(), SystemClock).expect("a new log opens");
    let begun = fs::metadata(log.path()).expect("there is a log").len();
    log.append(&event("com.example")).expect("there is room");
    let line = (fs::metadata(log.path()).expect("there is a log").len() - begun) as usize;

    // Each end of the second line, and some places within.
    let within = (line + 2..2 * line - 2).step_by(83);
    for room in [line, line + 1, 2 * line - 2, 2 * line - 1, 2 * line].into_iter().chain(within) {
        let dir = tempfile::tempdir().expect("a directory");
        let log = Log::open_with(dir.path(), SystemClock, |file| Box::new(Full { file, room }))
            .expect("a new log opens");
        let acknowledged = log.append(&event("com.example")).expect("there is room for one");
        let second = log.append(&event("com.example"));
        let path = log.path().to_owned();
        drop(log);
        match (second, Log::open(dir.path(), SystemClock)) {
            (Ok(second), Ok(log)) => {
                assert_eq!(room, 2 * line);
                assert_eq!(log.head(), second);
            }
            (Err(LogError::Poisoned { .. }), Ok(log)) => {
                assert_eq!(room, line, "nothing of the second was written");
                assert_eq!(log.head(), acknowledged);
            }
            (Err(LogError::Poisoned { .. }), Err(LogError::Torn { seq: 2, keep, .. })) => {
                // What the message says to do.
                let file = fs::OpenOptions::new().write(true).open(&path).expect("the log is there");
                file.set_len(keep).expect("the log can be cut");
                let log = Log::open(dir.path(), SystemClock).expect("the log opens again");
                assert_eq!(log.head(), acknowledged);
            }
            (Err(LogError::Poisoned { .. }), Err(LogError::MissingNewline { seq: 2, .. })) => {
                assert_eq!(room, 2 * line - 1);
                let mut file = fs::OpenOptions::new().append(true).open(&path).expect("the log is there");
                file.write_all(b"\n").expect("the newline can be added");
                let log = Log::open(dir.path(), SystemClock).expect("the log opens again");
                assert_eq!(log.head().seq, 2);
            }
            other => panic!("with room for {room} bytes: {other:?}"),
        }
        let summary = verify_dir(dir.path(), &[acknowledged]).expect("the log holds");
        assert!(!summary.unfinished);
    }
}

#[test]
fn a_line_being_written_is_no_fault_while_its_writer_lives() {
    let dir = tempfile::tempdir().expect("a directory");
    let log = Log::open_with(dir.path(), SystemClock, |file| Box::new(Full { file, room: 10 }))
        .expect("a new log opens");
    let _ = log.append(&event("com.example")).expect_err("there is no room");
    let summary = verify_dir(dir.path(), &[]).expect("the log holds as far as it goes");
    assert!(summary.unfinished);
    assert_eq!(summary.records, 1);
    let shown = crate::show(dir.path(), &crate::Filter::default()).expect("the log can be read");
    assert_eq!((shown.records.len(), shown.fault), (1, None));

    drop(log);
    let fault = verify_dir(dir.path(), &[]).expect_err("nobody is writing any more");
    assert!(matches!(fault, ReadError::Fault(Fault { seq: 1, kind: FaultKind::Torn, .. })));
    let shown = crate::show(dir.path(), &crate::Filter::default()).expect("the log can be read");
    assert_eq!(shown.fault.map(|fault| fault.kind), Some(FaultKind::Torn));
}
